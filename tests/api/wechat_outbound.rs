//! What the desk answers, on its way to residents in WeChat.

use std::time::Duration;

use huhutong::demo::wechat::Fault;
use huhutong::messenger;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::support::county::{LIUHE, WANGLOU};
use crate::support::wechat::Wechat;
use crate::support::{TestApp, moment};

on_both_databases!(
    a_reply_reaches_the_phone_once_and_says_so,
    a_subscriber_sees_that_it_was_sent,
    a_message_of_the_household_allows_five,
    two_days_after_the_household_wrote_nothing_is_sent,
    messages_to_one_contact_do_not_overtake_each_other,
    a_long_text_is_sent_in_parts,
    a_text_that_does_not_fit_wholly_is_not_sent_in_part,
    what_turns_out_not_to_have_arrived_is_said,
    no_more_is_sent_in_a_minute_than_the_channel_allows,
    no_more_is_sent_at_once_to_many_than_the_channel_allows,
    what_the_service_says_of_itself_is_sent_too,
    a_welcome_comes_in_time_or_not_at_all,
    a_far_side_that_is_away_for_hours_gets_everything_afterwards,
    a_slow_account_delays_no_other,
    two_instances_send_each_message_once,
);

const DELIVERY: &str = "state reason parts sentParts queuedAt settledAt instead";

async fn a_reply_reaches_the_phone_once_and_says_so(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "新生儿上户口要带什么？").await;
    assert_eq!(wechat.left(&inquiry).await, "5 of 5");
    let wrote_at = app.now();
    app.advance(Duration::from_secs(60));
    let message = wechat.reply(&inquiry, "请带户口本、身份证和出生医学证明。").await;
    assert_eq!(wechat.state(&message).await, "");
    wechat.work().await;
    assert_eq!(wechat.received("wm1"), ["请带户口本、身份证和出生医学证明。"]);
    let document = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on Message {{ delivery {{ {DELIVERY} }} \
         inquiry {{ wechatWindow {{ of left until }} }} }} }} }}"
    );
    let answer = app.lead(LIUHE).query(&document, json!({ "id": message["id"] })).await;
    assert_eq!(
        answer.at("/node/delivery"),
        &json!({ "state": "SENT", "reason": null, "parts": 1, "sentParts": 1, "instead": [],
                 "queuedAt": moment(app.now()), "settledAt": moment(app.now()) })
    );
    let until = moment(wrote_at + Duration::from_secs(48 * 3600));
    assert_eq!(
        answer.at("/node/inquiry/wechatWindow"),
        &json!({ "of": 5, "left": 4, "until": until })
    );
    wechat.work().await;
    assert_eq!(wechat.calls("kf/send_msg"), 1);
    let (_, counts) = app.knock("GET", "/metrics", "").await;
    let counts = String::from_utf8_lossy(&counts);
    assert!(counts.contains("channel_messages_total{state=\"sent\"}"));
    assert!(!counts.contains("wm1") && !counts.contains("户口本"));
}

async fn a_subscriber_sees_that_it_was_sent(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "几点上班？").await;
    app.work_in_background().await;
    let document = "subscription { messageChanged { message { text delivery { state } inquiry { \
                    wechatWindow { left } } } } }";
    let mut events = app.lead(LIUHE).subscribe(document, json!({})).await;
    // Nobody calls for the work: it is done as the reply is written.
    let (_, event) = tokio::join!(wechat.reply(&inquiry, "八点半。"), events.next());
    assert_eq!(
        event["message"],
        json!({ "text": "八点半。", "delivery": { "state": "SENT" },
                "inquiry": { "wechatWindow": { "left": 4 } } })
    );
    assert_eq!(wechat.received("wm1"), ["八点半。"]);
}

async fn a_message_of_the_household_allows_five(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    for number in 1..=5 {
        let message = wechat.reply(&inquiry, &number.to_string()).await;
        wechat.work().await;
        assert_eq!(wechat.state(&message).await, "SENT");
        assert_eq!(wechat.left(&inquiry).await, format!("{} of 5", 5 - number));
    }
    let sixth = wechat.reply(&inquiry, "6").await;
    wechat.work().await;
    assert_eq!(wechat.state(&sixth).await, "EXPIRED LIMIT_REACHED");
    assert_eq!(wechat.calls("kf/send_msg"), 5);
    app.advance(Duration::from_secs(1));
    wechat.far.world().write("wm1", "还在");
    wechat.go_on().await;
    assert_eq!(wechat.left(&inquiry).await, "5 of 5");
    wechat.reply(&inquiry, "7").await;
    wechat.work().await;
    assert_eq!(wechat.received("wm1"), ["1", "2", "3", "4", "5", "7"]);
}

async fn two_days_after_the_household_wrote_nothing_is_sent(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    app.advance(Duration::from_secs(48 * 3600));
    let message = wechat.reply(&inquiry, "在的").await;
    wechat.work().await;
    let document = "query($id: ID!) { node(id: $id) { ... on Message { delivery { state reason instead } \
                    inquiry { wechatWindow { of left until } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": message["id"] })).await;
    assert_eq!(
        answer.at("/node"),
        &json!({ "delivery": { "state": "EXPIRED", "reason": "WINDOW_CLOSED",
                               "instead": ["PHONE", "AT_THE_DOOR"] },
                 "inquiry": { "wechatWindow": { "of": 5, "left": 0, "until": null } } })
    );
    assert_eq!(wechat.calls("kf/send_msg"), 0);
}

async fn messages_to_one_contact_do_not_overtake_each_other(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    wechat.far.world().misbehave("kf/send_msg", Fault::Refuse(-1), 1);
    for text in ["一", "二", "三"] {
        wechat.reply(&inquiry, text).await;
        app.advance(Duration::from_millis(1));
    }
    wechat.work().await;
    assert_eq!(wechat.received("wm1"), [""; 0]);
    app.advance(Duration::from_secs(3));
    wechat.work().await;
    assert_eq!(wechat.received("wm1"), ["一", "二", "三"]);
}

async fn a_long_text_is_sent_in_parts(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "要带什么？").await;
    let text = "请带户口本、身份证和😀照片。".repeat(100);
    // The first part arrives, and this side does not learn of it.
    wechat.far.world().misbehave("kf/send_msg", Fault::LoseAnswer, 1);
    let message = wechat.reply(&inquiry, &text).await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "QUEUED");
    app.advance(Duration::from_secs(3));
    wechat.work().await;
    let received = wechat.received("wm1");
    assert_eq!(received.concat(), text);
    assert!(received.iter().all(|part| part.len() <= 2048 && part.ends_with('。')));
    let document =
        "query($id: ID!) { node(id: $id) { ... on Message { delivery { parts sentParts } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": message["id"] })).await;
    let parts = received.len();
    assert_eq!(answer.at("/node/delivery"), &json!({ "parts": parts, "sentParts": parts }));
    assert_eq!(wechat.left(&inquiry).await, format!("{} of 5", 5 - parts));
}

async fn a_text_that_does_not_fit_wholly_is_not_sent_in_part(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "要带什么？").await;
    let message = wechat.reply(&inquiry, &"长".repeat(4000)).await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "EXPIRED LIMIT_REACHED");
    assert_eq!(wechat.received("wm1"), [""; 0]);
    assert_eq!(wechat.left(&inquiry).await, "5 of 5");
    let shorter = wechat.reply(&inquiry, "请看指南。").await;
    wechat.work().await;
    assert_eq!(wechat.state(&shorter).await, "SENT");
}

async fn what_turns_out_not_to_have_arrived_is_said(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    for (number, expected) in [
        (10, "FAILED REFUSED"),
        (4, "FAILED WINDOW_CLOSED"),
        (6, "FAILED LIMIT_REACHED"),
        (5, "FAILED SESSION_ELSEWHERE"),
        (99, "FAILED OTHER"),
    ] {
        let message = wechat.reply(&inquiry, "在的").await;
        wechat.work().await;
        assert_eq!(wechat.state(&message).await, "SENT");
        let msgid = wechat.far.world().phone("wm1").pop().unwrap().msgid;
        wechat.far.world().fail("wm1", &msgid, number);
        wechat.far.world().fail("wm1", "nothing-of-ours", number);
        wechat.go_on().await;
        assert_eq!(wechat.state(&message).await, expected);
    }
}

async fn no_more_is_sent_in_a_minute_than_the_channel_allows(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    let input = json!({ "channelId": wechat.channel["id"], "expectedVersion": 1, "perMinute": 4 });
    app.county_admin().mutate("updateChannel", input, "id").await.done();
    for number in 1..=5 {
        wechat.reply(&inquiry, &number.to_string()).await;
        app.advance(Duration::from_millis(1));
    }
    wechat.work().await;
    assert_eq!(wechat.received("wm1"), ["1", "2"]);
    app.advance(Duration::from_secs(61));
    wechat.work().await;
    assert_eq!(wechat.received("wm1"), ["1", "2", "3", "4"]);
}

async fn no_more_is_sent_at_once_to_many_than_the_channel_allows(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let names: Vec<String> = (1..=8).map(|number| format!("wm{number}")).collect();
    let mut inquiries = Vec::new();
    for name in &names {
        inquiries.push(wechat.asked(LIUHE, name, "在吗").await);
    }
    for inquiry in &inquiries {
        wechat.reply(inquiry, "在的").await;
    }
    let input = json!({ "channelId": wechat.channel["id"], "expectedVersion": 1, "perMinute": 4 });
    app.county_admin().mutate("updateChannel", input, "id").await.done();
    wechat.work().await;
    let sent = names.iter().filter(|name| !wechat.received(name).is_empty()).count();
    assert_eq!(sent, 2);
}

async fn what_the_service_says_of_itself_is_sent_too(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    wechat.asked(LIUHE, "wm1", "有人拿刀砍人，快来救命").await;
    wechat.far.world().write("wm2", "我是王楼的，想问低保");
    wechat.go_on().await;
    let (known, unknown) = (wechat.received("wm1"), wechat.received("wm2"));
    assert!(known.len() == 1 && known[0].contains("110"), "{known:?}");
    assert!(unknown.len() == 1 && unknown[0].contains("哪一户"), "{unknown:?}");
}

async fn a_welcome_comes_in_time_or_not_at_all(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    wechat.far.world().enter("wm1", "411481109204-01-001");
    wechat.go_on().await;
    let received = wechat.received("wm1");
    assert!(received.len() == 1 && received[0].contains("110"), "{received:?}");
    wechat.far.world().enter("wm2", "411481109204-01-002");
    app.advance(Duration::from_secs(21));
    wechat.go_on().await;
    assert_eq!(wechat.received("wm2"), [""; 0]);
    let waiting = "SELECT count(*) FROM message_delivery WHERE state = 'QUEUED'";
    assert_eq!(app.number(waiting).await, 0);
}

async fn a_far_side_that_is_away_for_hours_gets_everything_afterwards(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let mut messages = Vec::new();
    let names: Vec<String> = (1..=8).map(|number| format!("wm{number}")).collect();
    let mut inquiries = Vec::new();
    for name in &names {
        inquiries.push(wechat.asked(WANGLOU, name, "在吗").await);
    }
    wechat.far.world().misbehave("kf/send_msg", Fault::Close, 1000);
    for (name, inquiry) in names.iter().zip(&inquiries) {
        messages.push(wechat.reply(inquiry, &format!("{name}在的")).await);
    }
    for _ in 0..12 {
        wechat.work().await;
        app.advance(Duration::from_secs(700));
    }
    let waiting = "SELECT count(*) FROM message_delivery WHERE state = 'QUEUED'";
    assert_eq!(app.number(waiting).await, 8);
    wechat.far.world().behave();
    wechat.work().await;
    for (name, message) in names.iter().zip(&messages) {
        assert_eq!(wechat.received(name), [format!("{name}在的")]);
        assert_eq!(wechat.state(message).await, "SENT");
    }
}

async fn a_slow_account_delays_no_other(app: TestApp) {
    let slow = Wechat::start_as(&app, "wkSlow").await;
    let quick = Wechat::start_as(&app, "wkQuick").await;
    let waiting = slow.asked(LIUHE, "wm1", "在吗").await;
    let answered = quick.asked(WANGLOU, "wm2", "在吗").await;
    for path in ["kf/send_msg", "kf/sync_msg", "kf/service_state/get"] {
        slow.far.world().misbehave(path, Fault::Hang, 1000);
    }
    app.work_in_background().await;
    let stuck = slow.reply(&waiting, "慢").await;
    slow.deliver().await;
    let document = "subscription { messageChanged { message { text delivery { state } } } }";
    let mut events = app.lead(WANGLOU).subscribe(document, json!({})).await;
    for number in 1..=3 {
        let text = number.to_string();
        let (_, event) = tokio::join!(quick.reply(&answered, &text), events.next());
        let expected: Value = json!({ "text": text, "delivery": { "state": "SENT" } });
        assert_eq!(event["message"], expected);
    }
    assert_eq!(slow.state(&stuck).await, "QUEUED");
}

async fn two_instances_send_each_message_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let other = app.another_instance().await;
    let mut expected = Vec::new();
    for name in ["wm1", "wm2", "wm3"] {
        let inquiry = wechat.asked(LIUHE, name, "在吗").await;
        for number in 1..=3 {
            wechat.reply(&inquiry, &number.to_string()).await;
            app.advance(Duration::from_millis(1));
        }
        expected.push(name);
    }
    app.event_cursor().await;
    for _ in 0..3 {
        let both = tokio::join!(messenger::work(app.service()), messenger::work(other.service()));
        both.0.unwrap();
        both.1.unwrap();
    }
    wechat.work().await;
    for name in expected {
        assert_eq!(wechat.received(name), ["1", "2", "3"]);
    }
    assert_eq!(wechat.calls("kf/send_msg"), 9);
}

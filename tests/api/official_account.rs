//! Followers of an Official Account write, and are answered.

use std::time::Duration;

use axum::http::StatusCode;
use huhutong::channel::xml::Fields;
use huhutong::demo::wechat::{Callback, Fault};

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::official::Account;
use crate::support::{TestApp, Value, json};

on_both_databases!(
    what_a_follower_writes_becomes_a_message_and_is_answered,
    an_account_in_plain_mode_is_heard_as_well,
    an_account_that_seals_takes_nothing_in_plain,
    only_an_official_account_may_be_without_a_key,
    a_new_follower_is_greeted_in_the_answer_itself,
    a_follower_comes_in_by_the_scene_of_a_qr_code,
    what_is_delivered_three_times_is_heard_once,
    pictures_places_and_unknown_things_are_messages_too,
    who_has_left_is_not_written_to_until_they_write_again,
    after_five_answers_or_two_days_nothing_is_sent,
    a_far_side_that_fails_is_tried_again,
    a_token_that_ended_is_fetched_once_more,
    a_stranger_is_asked_once_and_told_of_110,
    an_account_says_what_it_can_do_and_what_is_wrong_with_it,
);

async fn what_a_follower_writes_becomes_a_message_and_is_answered(app: TestApp) {
    let account = Account::start(&app).await;
    let household = account.household(LIUHE, "oWang").await;
    let callback = account.far.world().write_to_account("oWang", "新生儿上户口要带什么？");
    account.go_on(callback).await;
    let (said, inquiry) = account.said(&household).await;
    assert_eq!(said, ["INBOUND WECHAT: 新生儿上户口要带什么？"]);
    account.answer(&inquiry, "请带户口本和身份证。").await;
    assert_eq!(account.far.world().said("oWang"), ["请带户口本和身份证。"]);
    assert_eq!(account.delivery(&inquiry).await, "SENT -");
    // No name of a follower lies there in plain.
    let document = "SELECT count(*) FROM wechat_message WHERE msgid LIKE '%oWang%'";
    assert_eq!(app.number(document).await, 0);
}

async fn an_account_in_plain_mode_is_heard_as_well(app: TestApp) {
    let account = Account::plain(&app).await;
    let household = account.household(LIUHE, "oWang").await;
    let callback = account.far.world().write_to_account("oWang", "在吗");
    account.go_on(callback.clone()).await;
    assert_eq!(account.said(&household).await.0, ["INBOUND WECHAT: 在吗"]);
    let Callback { query, body } = callback.unwrap();
    let forged = Callback { query: query.replace("signature=", "signature=0"), body };
    assert_eq!(account.deliver(Some(forged)).await.0, StatusCode::FORBIDDEN);
    let followed = account.far.world().follow("oNew", "");
    let (status, answer) = account.deliver(followed).await;
    assert_eq!(status, StatusCode::OK);
    assert!(Fields::read(&answer).unwrap().get("Content").unwrap().contains("110"));
    let check = Callback {
        query: format!("{}&echostr=7788", query.split("&echostr").next().unwrap()),
        body: String::new(),
    };
    let path = format!("/wechat/callback/{}", account.channel["id"].as_str().unwrap());
    let (status, body) = app.knock("GET", &format!("{path}?{}", check.query), "").await;
    assert_eq!((status, &body[..]), (StatusCode::OK, &b"7788"[..]));
}

async fn an_account_that_seals_takes_nothing_in_plain(app: TestApp) {
    let account = Account::start(&app).await;
    account.far.world().official.plain = true;
    let callback = account.far.world().write_to_account("oWang", "在吗");
    assert_eq!(account.deliver(callback).await.0, StatusCode::FORBIDDEN);
    assert_eq!(app.deliveries().await, 0);
}

async fn only_an_official_account_may_be_without_a_key(app: TestApp) {
    let admin = app.county_admin();
    for kind in ["WECHAT_KF", "WECOM_CONTACTS"] {
        let input = json!({ "idempotencyKey": kind, "kind": kind, "name": "a", "corpId": "ww1",
                            "callbackKeys": { "token": "abc" } });
        let outcome = admin.mutate("createChannel", input, "id").await.outcome();
        assert_eq!(outcome, "INVALID callbackKeys");
    }
    let account = Account::plain(&app).await;
    let (token, key) = {
        let world = account.far.world();
        (world.seal.token.clone(), world.seal.encoding_aes_key.clone())
    };
    // Going over to safe mode, plain callbacks are good until the old keys are retired.
    let input = json!({ "channelId": account.channel["id"], "expectedVersion": 1,
                        "callbackKeys": { "token": token, "aesKey": key } });
    let rotated = admin.mutate("rotateChannelKeys", input, "version").await.done();
    let plain = account.far.world().write_to_account("oWang", "一");
    assert_eq!(account.deliver(plain).await.0, StatusCode::OK);
    let input =
        json!({ "channelId": account.channel["id"], "expectedVersion": rotated["version"] });
    admin.mutate("retireOldChannelKeys", input, "id").await.done();
    let plain = account.far.world().write_to_account("oWang", "二");
    assert_eq!(account.deliver(plain).await.0, StatusCode::FORBIDDEN);
    account.far.world().official.plain = false;
    let sealed = account.far.world().write_to_account("oWang", "三");
    assert_eq!(account.deliver(sealed).await.0, StatusCode::OK);
}

async fn a_new_follower_is_greeted_in_the_answer_itself(app: TestApp) {
    let account = Account::start(&app).await;
    let callback = account.far.world().follow("oNew", "");
    // The answer may be lost: it is given each time.
    for _ in 0..3 {
        let (status, answer) = account.deliver(callback.clone()).await;
        assert_eq!(status, StatusCode::OK);
        let fields = account.opened(&answer);
        assert_eq!(fields.get("ToUserName"), Some("oNew"));
        assert_eq!(fields.get("FromUserName"), Some("gh_double"));
        assert_eq!(fields.get("MsgType"), Some("text"));
        assert!(fields.get("Content").unwrap().contains("110"));
    }
    account.work().await;
    assert_eq!(account.far.world().said("oNew"), Vec::<String>::new());
    assert_eq!(app.deliveries().await, 1);
}

async fn a_follower_comes_in_by_the_scene_of_a_qr_code(app: TestApp) {
    let account = Account::start(&app).await;
    let scene = format!("{LIUHE}-03-017");
    let callback = account.far.world().follow("oNew", &scene);
    account.deliver(callback).await;
    account.work().await;
    let by_scene = format!(
        "SELECT count(*) FROM channel_customer WHERE scene = '{scene}' AND village_code = '{LIUHE}'"
    );
    assert_eq!(app.number(&by_scene).await, 1);
    let callback = account.far.world().scan_again("oOld", &scene);
    account.go_on(callback).await;
    assert_eq!(app.number(&by_scene).await, 2);
}

async fn what_is_delivered_three_times_is_heard_once(app: TestApp) {
    let account = Account::start(&app).await;
    let household = account.household(LIUHE, "oWang").await;
    let first = account.far.world().write_to_account("oWang", "一");
    let second = account.far.world().write_to_account("oWang", "二");
    for callback in [&first, &second, &first, &second, &first] {
        account.go_on(callback.clone()).await;
    }
    let said = ["INBOUND WECHAT: 一", "INBOUND WECHAT: 二"];
    assert_eq!(account.said(&household).await.0, said);
}

async fn pictures_places_and_unknown_things_are_messages_too(app: TestApp) {
    let account = Account::start(&app).await;
    let household = account.household(LIUHE, "oWang").await;
    for (kind, more) in [
        ("image", "<PicUrl>http://x</PicUrl><MediaId>m1</MediaId>"),
        ("voice", "<MediaId>m2</MediaId><Format>amr</Format>"),
        ("shortvideo", "<MediaId>m3</MediaId>"),
        (
            "location",
            "<Location_X>33.9</Location_X><Location_Y>116.4</Location_Y><Scale>16</Scale>\
             <Label>刘河村委会</Label>",
        ),
        ("link", "<Title>t</Title><Url>http://x</Url>"),
        ("hologram", ""),
        ("text", "<Content></Content>"),
        ("text", "<Content><![CDATA[😀]]></Content>"),
    ] {
        let callback = account.far.world().send_to_account("oWang", kind, more);
        account.go_on(callback).await;
    }
    let event = account.far.world().scan_again("oWang", "");
    account.go_on(event).await;
    let said: Vec<String> = account.said(&household).await.0;
    let texts: Vec<&str> = said.iter().map(|line| line.rsplit_once(": ").unwrap().1).collect();
    let expected = [
        "[图片]",
        "[语音]",
        "[视频]",
        "[位置]  刘河村委会",
        "[链接]",
        "[暂不支持的消息]",
        "[空白消息]",
        "😀",
    ];
    assert_eq!(texts, expected);
}

async fn who_has_left_is_not_written_to_until_they_write_again(app: TestApp) {
    let account = Account::start(&app).await;
    let household = account.household(LIUHE, "oWang").await;
    let callback = account.far.world().write_to_account("oWang", "在吗");
    account.go_on(callback).await;
    let inquiry = account.said(&household).await.1;
    let callback = account.far.world().unfollow("oWang");
    account.go_on(callback).await;
    let document = "query($id: ID!) { inquiry(id: $id) { wechatWindow { left } } }";
    let window = app.chief(CHENJI).query(document, json!({ "id": inquiry })).await;
    let left = window.at("/inquiry/wechatWindow/left").clone();
    assert!(left == Value::Null || left == 0, "{left}");
    account.answer(&inquiry, "在的").await;
    assert!(!account.delivery(&inquiry).await.starts_with("SENT"));
    assert_eq!(account.far.world().calls.get("message/custom/send"), None);
    let callback = account.far.world().write_to_account("oWang", "我回来了");
    account.go_on(callback).await;
    account.answer(&inquiry, "欢迎").await;
    assert_eq!(account.delivery(&inquiry).await, "SENT -");
}

async fn after_five_answers_or_two_days_nothing_is_sent(app: TestApp) {
    let account = Account::start(&app).await;
    let household = account.household(LIUHE, "oWang").await;
    let callback = account.far.world().write_to_account("oWang", "在吗");
    account.go_on(callback).await;
    let inquiry = account.said(&household).await.1;
    for number in 0..5 {
        account.answer(&inquiry, &number.to_string()).await;
        assert_eq!(account.delivery(&inquiry).await, "SENT -");
    }
    account.answer(&inquiry, "5").await;
    assert_eq!(account.delivery(&inquiry).await, "EXPIRED LIMIT_REACHED");
    let callback = account.far.world().write_to_account("oWang", "好");
    account.go_on(callback).await;
    app.advance(Duration::from_secs(49 * 3600));
    account.answer(&inquiry, "6").await;
    assert_eq!(account.delivery(&inquiry).await, "EXPIRED WINDOW_CLOSED");
    assert_eq!(account.far.world().said("oWang").len(), 5);
}

async fn a_far_side_that_fails_is_tried_again(app: TestApp) {
    let account = Account::start(&app).await;
    let household = account.household(LIUHE, "oWang").await;
    let callback = account.far.world().write_to_account("oWang", "在吗");
    account.go_on(callback).await;
    let inquiry = account.said(&household).await.1;
    for fault in [Fault::Refuse(-1), Fault::Refuse(45009), Fault::Gateway] {
        account.far.world().misbehave("message/custom/send", fault, 1);
    }
    account.answer(&inquiry, "在的").await;
    assert_eq!(account.delivery(&inquiry).await, "QUEUED -");
    for _ in 0..4 {
        app.advance(Duration::from_secs(601));
        account.work().await;
    }
    assert_eq!(account.delivery(&inquiry).await, "SENT -");
    for (number, outcome) in [
        (45015, "EXPIRED WINDOW_CLOSED"),
        (45047, "EXPIRED LIMIT_REACHED"),
        (43019, "FAILED REFUSED"),
        (50005, "FAILED REFUSED"),
    ] {
        let callback = account.far.world().write_to_account("oWang", "再问");
        account.go_on(callback).await;
        account.far.world().misbehave("message/custom/send", Fault::Refuse(number), 1);
        account.answer(&inquiry, "再答").await;
        assert_eq!(account.delivery(&inquiry).await, outcome, "{number}");
    }
}

async fn a_token_that_ended_is_fetched_once_more(app: TestApp) {
    let account = Account::start(&app).await;
    let household = account.household(LIUHE, "oWang").await;
    let callback = account.far.world().write_to_account("oWang", "在吗");
    account.go_on(callback).await;
    let inquiry = account.said(&household).await.1;
    account.answer(&inquiry, "一").await;
    account.far.world().end_stable_token();
    account.answer(&inquiry, "二").await;
    assert_eq!(account.far.world().said("oWang"), ["一", "二"]);
    assert_eq!(account.far.world().calls["stable_token"], 2);
    assert_eq!(account.far.world().calls.get("gettoken"), None);
}

async fn a_stranger_is_asked_once_and_told_of_110(app: TestApp) {
    let account = Account::start(&app).await;
    for text in ["在吗", "有人持刀，救命", "喂"] {
        let callback = account.far.world().write_to_account("oWho", text);
        account.go_on(callback).await;
    }
    let said = account.far.world().said("oWho");
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|text| text.contains("110")));
}

async fn an_account_says_what_it_can_do_and_what_is_wrong_with_it(app: TestApp) {
    let account = Account::start(&app).await;
    let admin = app.county_admin();
    let document =
        "query($id: ID!) { channel(id: $id) { capabilities { hears answers noticesPerDay } } }";
    let answer = admin.query(document, json!({ "id": account.channel["id"] })).await;
    let can = json!({ "hears": true, "answers": true, "noticesPerDay": 100_000 });
    assert_eq!(answer.at("/channel/capabilities"), &can);
    for (fault, code) in [
        (Fault::Refuse(40125), "BAD_SECRET"),
        (Fault::Refuse(40013), "BAD_CORP_ID"),
        (Fault::Refuse(40164), "ADDRESS_NOT_TRUSTED"),
        (Fault::Gateway, "API_UNREACHABLE"),
    ] {
        account.far.world().misbehave("stable_token", fault, 1);
        let input = json!({ "channelId": account.channel["id"] });
        let check = admin.mutate("checkChannel", input, "findings { code }").await.done();
        let found = check["findings"].as_array().unwrap();
        assert!(found.iter().any(|one| one["code"] == code), "{code}: {check}");
    }
}

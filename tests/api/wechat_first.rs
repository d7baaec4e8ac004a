//! What a resident meets first in WeChat: whom they write to, when somebody is there, and what it is about.

use std::time::Duration;

use serde_json::json;

use crate::on_both_databases;
use crate::support::TestApp;
use crate::support::county::{CHENJI, LIUHE, station_id};
use crate::support::wechat::Wechat;

on_both_databases!(
    who_writes_at_night_is_told_once_when_somebody_is_there,
    who_writes_at_night_is_told_that_somebody_is_on_duty,
    of_an_emergency_at_night_is_answered_with_110_alone,
    who_asks_whether_the_account_is_real_is_told_where_to_ask,
    a_complaint_is_sealed_by_its_words_and_a_mention_is_not,
);

const HOUR: Duration = Duration::from_secs(3600);

async fn who_writes_at_night_is_told_once_when_somebody_is_there(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    // From Tuesday, 16:00, to 22:00.
    app.advance(6 * HOUR);
    for text in ["在吗", "睡了吗"] {
        wechat.far.world().write("wm1", text);
        wechat.go_on().await;
        app.advance(HOUR);
    }
    let received = wechat.received("wm1");
    assert_eq!(received.len(), 1, "{received:?}");
    assert!(received[0].contains("9月2日08:") && received[0].contains("110"), "{received:?}");
    let said = wechat.said(&household).await;
    assert_eq!(said[0][0], "IN: 在吗");
    assert!(said[0][1].starts_with("OUT: 【自动回复】") && said[0][2] == "IN: 睡了吗");
    let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { waitingOn \
                    messages(first: 9) { edges { node { automatic officer { id } } } } } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": household["id"] })).await;
    let inquiry = answer.at("/household/inquiries/edges/0/node");
    assert_eq!(inquiry["waitingOn"], "OFFICER");
    assert_eq!(
        inquiry["messages"]["edges"][1]["node"],
        json!({ "automatic": true, "officer": null })
    );
    // On Wednesday at 10:00 somebody is there, and at 22:00 nobody is again.
    app.advance(10 * HOUR);
    wechat.far.world().write("wm1", "早");
    wechat.go_on().await;
    assert_eq!(wechat.received("wm1").len(), 1);
    app.advance(12 * HOUR);
    wechat.far.world().write("wm1", "晚");
    wechat.go_on().await;
    assert!(wechat.received("wm1")[1].contains("9月3日08:"));
}

async fn who_writes_at_night_is_told_that_somebody_is_on_duty(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    // Until midnight on Tuesday, at the station.
    let night = json!({ "idempotencyKey": "night", "stationId": station_id(CHENJI), "officerId": app.lead(LIUHE).id(),
                        "validFrom": "2026-09-01", "everyDays": 7, "startMinute": 1080, "lengthMinutes": 360 });
    app.chief(CHENJI).mutate("planShift", night, "id").await.done();
    app.advance(6 * HOUR);
    for (name, hours, is_on_duty) in [("wm1", 3, true), ("wm2", 0, false)] {
        wechat.household(LIUHE, name).await;
        wechat.far.world().write(name, "在吗");
        wechat.go_on().await;
        let received = wechat.received(name);
        assert!(received.len() == 1 && received[0].contains("9月2日08:"), "{received:?}");
        assert!(received[0].contains("110"), "{received:?}");
        assert_eq!(received[0].contains("值班民警"), is_on_duty, "{received:?}");
        app.advance(hours * HOUR);
    }
}

async fn of_an_emergency_at_night_is_answered_with_110_alone(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    wechat.household(LIUHE, "wm1").await;
    app.advance(6 * HOUR);
    wechat.far.world().write("wm1", "有人拿刀砍人，快来救命");
    wechat.go_on().await;
    let received = wechat.received("wm1");
    assert!(received.len() == 1 && !received[0].contains("下班"), "{received:?}");
}

async fn who_asks_whether_the_account_is_real_is_told_where_to_ask(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    let input =
        json!({ "stationId": station_id(CHENJI), "expectedVersion": 1, "phone": "0370-5550110" });
    app.county_admin().mutate("updateStation", input, "id").await.done();
    wechat.far.world().write("wm1", " 验证 ");
    wechat.far.world().enter("wm2", &format!("{LIUHE}-01-001"));
    wechat.far.world().write("wm2", "验证");
    wechat.far.world().write("wm3", "验证");
    wechat.go_on().await;
    for name in ["wm1", "wm2"] {
        let received = wechat.received(name).pop().unwrap();
        for part in ["派出所", "03705550110", "验证码", "紧急情况"] {
            assert!(received.contains(part), "{received}");
        }
    }
    assert!(wechat.received("wm3")[0].contains("公示"));
    // It is no inquiry, and nobody is asked who they are for it.
    assert_eq!(wechat.said(&household).await.len(), 0);
    assert_eq!(app.number("SELECT count(*) FROM wechat_message WHERE state = 'HELD'").await, 0);
}

async fn a_complaint_is_sealed_by_its_words_and_a_mention_is_not(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    for (name, text, category, sealed) in [
        ("wm1", "我要投诉", "COMPLAINT", true),
        ("wm2", "举报赌博", "PUBLIC_SECURITY_LEAD", true),
        ("wm3", "和邻居有纠纷怎么办", "OTHER", false),
        ("wm4", "居住证怎么办", "RESIDENCE_PERMIT", false),
    ] {
        let household = wechat.household(LIUHE, name).await;
        wechat.far.world().write(name, text);
        wechat.go_on().await;
        let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { \
                        category sealed } } } } }";
        let answer = app.chief(CHENJI).query(document, json!({ "id": household["id"] })).await;
        let inquiry = answer.at("/household/inquiries/edges/0/node");
        assert_eq!(inquiry, &json!({ "category": category, "sealed": sealed }), "{text}");
    }
}

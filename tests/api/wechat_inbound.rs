//! What residents write in WeChat, on its way into inquiries.

use std::time::Duration;

use serde_json::json;

use crate::on_both_databases;
use crate::support::TestApp;
use crate::support::county::{LIUHE, WANGLOU};
use crate::support::wechat::Wechat;

on_both_databases!(
    a_text_of_a_contact_opens_an_inquiry_and_the_next_one_goes_into_it,
    after_an_inquiry_is_resolved_a_text_opens_another,
    what_is_not_known_yet_is_kept_and_stops_nothing,
    an_answer_from_the_wecom_client_is_the_desks_answer,
    a_message_that_is_taken_back_is_marked,
    what_somebody_unknown_wrote_waits_and_is_asked_about_once,
    an_emergency_in_wechat_is_answered_and_alerts_an_officer,
    no_text_or_identity_from_wechat_is_in_the_log_of_the_far_side_in_plain,
);

async fn a_text_of_a_contact_opens_an_inquiry_and_the_next_one_goes_into_it(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "新生儿上户口要带什么？");
    wechat.go_on().await;
    wechat.far.world().write("wm1", "孩子是上个月出生的");
    wechat.go_on().await;
    let said = wechat.said(&household).await;
    assert_eq!(said, [["IN: 新生儿上户口要带什么？", "IN: 孩子是上个月出生的"]]);
    let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { \
                    status subject waitingOn category messages(first: 1) { edges { node { via \
                    contact { name } officer { id } } } } } } } } }";
    let officer = app.lead(LIUHE);
    let answer = officer.query(document, json!({ "id": household["id"] })).await;
    let inquiry = answer.at("/household/inquiries/edges/0/node");
    assert_eq!(
        *inquiry,
        json!({ "status": "OPEN", "subject": "新生儿上户口要带什么？", "waitingOn": "OFFICER",
                "category": "BIRTH_REGISTRATION", "messages": { "edges": [{ "node": { "via": "WECHAT",
                "contact": { "name": "王建国" }, "officer": null } }] } })
    );
}

async fn after_an_inquiry_is_resolved_a_text_opens_another(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "身份证丢了怎么办？");
    wechat.go_on().await;
    let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { id version } } } } }";
    let admin = app.county_admin();
    let answer = admin.query(document, json!({ "id": household["id"] })).await;
    let inquiry = answer.at("/household/inquiries/edges/0/node");
    let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": inquiry["version"] });
    admin.mutate("resolveInquiry", input, "id").await.done();
    app.advance(Duration::from_secs(1));
    wechat.far.world().write("wm1", "还想问居住证");
    wechat.go_on().await;
    assert_eq!(wechat.said(&household).await, [["IN: 身份证丢了怎么办？"], ["IN: 还想问居住证"]]);
}

async fn what_is_not_known_yet_is_kept_and_stops_nothing(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    {
        let mut world = wechat.far.world();
        world.log(json!({ "nonsense": true }));
        world.log(json!({ "msgid": "x1", "msgtype": "event", "origin": 4,
                          "event": { "event_type": "servicer_status_change", "status": 1 } }));
        world.send("wm1", "hologram", json!({ "size": 3 }), "[hologram]");
        world.send("wm1", "location", json!({ "name": "村委会", "address": "刘河村" }), "[位置]");
        world.send_file("wm1", "voice", "audio/amr", vec![1]);
        world.write("wm1", "  \u{0}\u{7}😀 ");
        world.write("wm1", &"长".repeat(5000));
    }
    wechat.go_on().await;
    let said = wechat.said(&household).await.concat();
    assert_eq!(
        said[..4],
        ["IN: [暂不支持的消息]", "IN: [位置] 村委会 刘河村", "IN: [语音]", "IN: 😀"]
    );
    assert_eq!(said[4].chars().count(), 4004);
    let kept = app.number("SELECT count(*) FROM wechat_message WHERE state = 'DONE'").await;
    assert_eq!(kept, 6);
}

async fn an_answer_from_the_wecom_client_is_the_desks_answer(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "几点上班？");
    wechat.far.world().servicer_writes("wm1", "八点半");
    wechat.go_on().await;
    assert_eq!(wechat.said(&household).await, [["IN: 几点上班？", "OUT: 八点半"]]);
    let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { status } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": household["id"] })).await;
    assert_eq!(answer.at("/household/inquiries/edges/0/node/status"), "WAITING_FOR_RESIDENT");
    assert_eq!(wechat.far.world().received("wm1"), ["八点半"]);
}

async fn a_message_that_is_taken_back_is_marked(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    let wrong = wechat.far.world().write("wm1", "发错了");
    wechat.far.world().write("wm1", "请问几点上班");
    wechat.go_on().await;
    app.advance(Duration::from_secs(30));
    wechat.far.world().recall("wm1", &wrong);
    wechat.far.world().recall("wm1", "in999999");
    wechat.go_on().await;
    let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { \
                    messages(first: 9) { edges { node { recalledAt } } } } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": household["id"] })).await;
    let recalled = answer.nodes("/household/inquiries/edges/0/node/messages", "recalledAt");
    assert_eq!(recalled.len(), 2);
    assert!(
        recalled[0].starts_with("2026-09-01T08:00:30") && recalled[1] == "null",
        "{recalled:?}"
    );
}

async fn what_somebody_unknown_wrote_waits_and_is_asked_about_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(WANGLOU, "wm1").await;
    wechat.far.world().enter("wm2", "411481109204-01-001");
    wechat.far.world().write("wm2", "我是刘河村的");
    wechat.far.world().write("wm2", "想问低保");
    wechat.go_on().await;
    assert_eq!(wechat.said(&household).await.len(), 0);
    let held = app.number("SELECT count(*) FROM wechat_message WHERE state = 'HELD'").await;
    assert_eq!(held, 2);
    let asked = "SELECT count(*) FROM message_delivery WHERE automatic = 'WHICH_HOUSEHOLD'";
    assert_eq!(app.number(asked).await, 1);
    let village = "SELECT count(*) FROM channel_customer WHERE village_code = '411481109204'";
    assert_eq!(app.number(village).await, 1);
}

async fn an_emergency_in_wechat_is_answered_and_alerts_an_officer(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "有人拿刀砍人，快来救命");
    wechat.far.world().write("wm2", "着火了，快救命");
    wechat.go_on().await;
    let said = wechat.said(&household).await.concat();
    assert_eq!(said.len(), 2);
    assert!(said[1].starts_with("OUT: 【自动回复】") && said[1].contains("110"), "{said:?}");
    let alerts = app.lead(LIUHE).query("{ urgentAlerts { totalCount } }", json!({})).await;
    assert_eq!(*alerts.at("/urgentAlerts/totalCount"), json!(1));
    let answered = "SELECT count(*) FROM message_delivery WHERE automatic = 'EMERGENCY'";
    assert_eq!(app.number(answered).await, 1);
}

async fn no_text_or_identity_from_wechat_is_in_the_log_of_the_far_side_in_plain(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    wechat.far.world().name("wmSecretPerson", "秘密昵称");
    wechat.far.world().write("wmSecretPerson", "秘密内容");
    wechat.go_on().await;
    let raw = app.raw().await;
    use sea_orm::{ConnectionTrait, Statement};
    for table in ["wechat_message", "channel_customer", "message_delivery"] {
        let statement =
            Statement::from_string(raw.get_database_backend(), format!("SELECT * FROM {table}"));
        let rows = raw.query_all_raw(statement).await.unwrap();
        assert!(!rows.is_empty(), "{table}");
        let text = format!("{rows:?}");
        for secret in ["wmSecretPerson", "秘密内容", "秘密昵称"] {
            let blob = format!("{:?}", secret.as_bytes());
            assert!(!text.contains(secret), "{table}");
            assert!(!text.contains(blob.trim_matches(['[', ']'])), "{table}");
        }
    }
    raw.close().await.unwrap();
}

//! What is known of those who write in WeChat before it is known who they are: what they call themselves, and what they
//! sent.

use std::time::Duration;

use huhutong::demo::wechat::Fault;
use huhutong::worker;
use serde_json::json;

use crate::on_both_databases;
use crate::support::county::{LIUHE, WANGLOU};
use crate::support::wechat::Wechat;
use crate::support::{Actor, TestApp, Value, png, with};

on_both_databases!(
    who_writes_is_shown_by_the_name_that_they_have_in_wechat,
    names_are_asked_for_many_at_once_and_hold_nothing_up,
    with_the_consent_the_name_goes,
    what_a_stranger_sent_is_kept_and_comes_with_the_message_once_they_are_known,
    what_a_stranger_sent_is_thrown_away_with_what_they_wrote,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn sender(actor: &Actor) -> Value {
    let document = "{ unboundSenders(first: 1) { edges { node { id version nickname } } } }";
    let answer = actor.query(document, json!({})).await;
    answer.at("/unboundSenders/edges/0/node").clone()
}

async fn bind(app: &TestApp, household: &Value) -> Value {
    let sender = sender(&app.lead(LIUHE)).await;
    let input = json!({ "idempotencyKey": "b", "senderId": sender["id"],
                        "householdId": household["id"], "name": "李秀英" });
    let input = with(input, "consent", app.consent());
    app.lead(LIUHE).mutate("bindSender", input, "id contact { id }").await.done()
}

/// Somebody who came by a link of 刘河, and writes.
async fn stranger(wechat: &Wechat) {
    wechat.far.world().enter("wm2", &format!("{LIUHE}-01-001"));
    wechat.far.world().write("wm2", "我是村东头老李家的");
    wechat.go_on().await;
}

async fn who_writes_is_shown_by_the_name_that_they_have_in_wechat(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    wechat.far.world().name("wm2", "\u{202e}村东头\u{7}😀");
    stranger(&wechat).await;
    assert_eq!(sender(&app.lead(LIUHE)).await["nickname"], "村东头😀");
    assert_eq!(sender(&app.auditor()).await["nickname"], "村**");
    assert!(sender(&app.lead(WANGLOU)).await.is_null());
    // Who is known by now is shown as well.
    let household = app.household(LIUHE).await;
    let bound = bind(&app, &household).await;
    let document = "query($id: ID!) { node(id: $id) { ... on WechatSender { nickname } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": bound["id"] })).await;
    assert_eq!(answer.at("/node/nickname"), "村东头😀");
}

async fn names_are_asked_for_many_at_once_and_hold_nothing_up(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().misbehave("kf/customer/batchget", Fault::Refuse(-1), 1);
    wechat.far.world().misbehave("kf/customer/batchget", Fault::Close, 1);
    wechat.far.world().write("wm1", "在吗");
    for number in 0..149 {
        wechat.far.world().write(&format!("wmMany{number}"), "在吗");
    }
    wechat.go_on().await;
    assert_eq!(wechat.said(&household).await, [["IN: 在吗"]]);
    let named = "SELECT count(*) FROM channel_customer WHERE nickname IS NOT NULL";
    assert_eq!(app.number(named).await, 0);
    for _ in 0..4 {
        app.advance(Duration::from_secs(10));
        wechat.work().await;
    }
    assert_eq!(app.number(named).await, 150);
    let calls = wechat.calls("kf/customer/batchget");
    assert!((4..=5).contains(&calls), "{calls}");
    wechat.far.world().write("wm1", "还在吗");
    wechat.go_on().await;
    assert_eq!(wechat.calls("kf/customer/batchget"), calls);
}

async fn with_the_consent_the_name_goes(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = app.household(LIUHE).await;
    stranger(&wechat).await;
    let bound = bind(&app, &household).await;
    let named = "SELECT count(*) FROM channel_customer WHERE nickname IS NOT NULL";
    assert_eq!(app.number(named).await, 1);
    let input = json!({ "idempotencyKey": "bye", "contactId": bound["contact"]["id"] });
    app.county_admin().mutate("withdrawConsent", input, "id").await.done();
    wechat.work().await;
    assert_eq!(app.number(named).await, 0);
}

/// How many files there are whose contents can still be read.
const READABLE: &str = "SELECT count(*) FROM attachment WHERE object_key IS NOT NULL";

async fn what_a_stranger_sent_is_kept_and_comes_with_the_message_once_they_are_known(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = app.household(LIUHE).await;
    stranger(&wechat).await;
    wechat.far.world().send_file("wm2", "image", "image/png", png(4, 5));
    wechat.far.world().misbehave("media/get", Fault::Refuse(-1), 1);
    wechat.go_on().await;
    app.advance(Duration::from_secs(10));
    wechat.work().await;
    assert_eq!(app.number(READABLE).await, 1);
    // By now the far side has it no more.
    app.advance(5 * DAY);
    worker::sweep(app.service()).await.unwrap();
    wechat.far.world().forget_files();
    let bound = bind(&app, &household).await;
    wechat.work().await;
    let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { \
                    messages(first: 9) { edges { node { text attachments { name width url } } } } } } } } }";
    let officer = app.lead(LIUHE);
    let answer = officer.query(document, json!({ "id": household["id"] })).await;
    let messages = answer.at("/household/inquiries/edges/0/node/messages/edges");
    let file = &messages[1]["node"]["attachments"][0];
    assert_eq!((&file["name"], &file["width"]), (&json!("图片.png"), &json!(4)));
    let (status, _, body) = officer.had(&file["url"]).await;
    assert_eq!((status, body.is_empty()), (200, false));
    // It is the contact's now, and goes with the contact.
    let input = json!({ "idempotencyKey": "bye", "contactId": bound["contact"]["id"] });
    app.county_admin().mutate("withdrawConsent", input, "id").await.done();
    assert_eq!(app.number(READABLE).await, 0);
}

async fn what_a_stranger_sent_is_thrown_away_with_what_they_wrote(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    stranger(&wechat).await;
    let send = async || {
        let msgid = wechat.far.world().send_file("wm2", "image", "image/png", png(4, 5));
        wechat.go_on().await;
        assert_eq!(app.number(READABLE).await, 1);
        msgid
    };
    // Taken back.
    let msgid = send().await;
    wechat.far.world().recall("wm2", &msgid);
    wechat.go_on().await;
    assert_eq!(app.number(READABLE).await, 0);
    // Left aside by an officer.
    send().await;
    let left = sender(&app.lead(LIUHE)).await;
    let input = json!({ "senderId": left["id"], "expectedVersion": left["version"] });
    app.lead(LIUHE).mutate("dismissSender", input, "id").await.done();
    assert_eq!(app.number(READABLE).await, 0);
    // Nobody has cared for a month.
    app.advance(Duration::from_secs(60));
    send().await;
    app.advance(29 * DAY);
    worker::sweep(app.service()).await.unwrap();
    assert_eq!(app.number(READABLE).await, 1);
    app.advance(2 * DAY);
    worker::sweep(app.service()).await.unwrap();
    assert_eq!(app.number(READABLE).await, 0);
    assert_eq!(app.number("SELECT count(*) FROM attachment").await, 0);
}

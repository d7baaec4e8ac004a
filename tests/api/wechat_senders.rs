//! Who writes in WeChat and is not known: who sees that, and how it is found out.

use std::time::Duration;

use serde_json::json;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, WANGLOU};
use crate::support::wechat::Wechat;
use crate::support::{Actor, TestApp, Value, with};

on_both_databases!(
    officers_of_the_links_village_see_who_is_not_known,
    who_came_by_no_link_is_for_the_chiefs,
    what_a_new_contact_wrote_is_heard_in_order,
    a_contact_who_is_known_otherwise_is_recognised,
    a_sender_becomes_known_once_and_in_the_own_area,
    who_is_left_aside_comes_back_when_writing_again,
    who_is_given_the_identity_by_hand_is_heard_as_well,
);

const WANTED: &str = "id version scene door lastWroteAt dismissedAt contact { name } village { code } \
                      account messages { text } proposedHouseholds { id }";

async fn senders(actor: &Actor) -> Vec<Value> {
    let document =
        format!("{{ unboundSenders(first: 10) {{ totalCount edges {{ node {{ {WANTED} }} }} }} }}");
    let answer = actor.query(&document, json!({})).await;
    let edges = answer.at("/unboundSenders/edges").as_array().unwrap();
    assert_eq!(answer.at("/unboundSenders/totalCount"), edges.len());
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// Somebody who came by the link of a household of 刘河, and wrote twice.
async fn stranger(wechat: &Wechat, household: &Value) -> Value {
    let scene = format!("{LIUHE}-01-{:03}", household["door"].as_i64().unwrap());
    wechat.far.world().enter("wm2", &scene);
    wechat.far.world().write("wm2", "我是村东头老李家的");
    wechat.far.world().write("wm2", "想问低保");
    wechat.go_on().await;
    senders(&wechat.app.lead(LIUHE)).await.pop().expect("a sender")
}

fn binding(sender: &Value, household: &Value) -> Value {
    json!({ "idempotencyKey": "b", "senderId": sender["id"], "householdId": household["id"] })
}

fn newcomer(app: &TestApp, sender: &Value, household: &Value) -> Value {
    with(with(binding(sender, household), "name", "李秀英"), "consent", app.consent())
}

async fn officers_of_the_links_village_see_who_is_not_known(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    app.labelled(LIUHE, "1组-赵敏").await;
    let household = app.household(LIUHE).await;
    let sender = stranger(&wechat, &household).await;
    assert_eq!(
        sender,
        json!({ "id": sender["id"], "version": 1, "door": household["door"],
                "scene": format!("{LIUHE}-01-{:03}", household["door"].as_i64().unwrap()),
                "lastWroteAt": crate::support::moment(app.now()), "dismissedAt": null, "contact": null,
                "village": { "code": LIUHE }, "account": "户户通",
                "messages": [{ "text": "我是村东头老李家的" }, { "text": "想问低保" }],
                "proposedHouseholds": [{ "id": household["id"] }] })
    );
    assert_eq!(senders(&app.lead(WANGLOU)).await.len(), 0);
    assert_eq!(senders(&app.chief(MANGSHAN)).await.len(), 0);
    assert_eq!(senders(&app.chief(CHENJI)).await.len(), 1);
    let masked = senders(&app.auditor()).await;
    assert_eq!(masked[0]["messages"], json!([{ "text": null }, { "text": null }]));
    for actor in [app.analyst(), app.resident_of(&household).await, app.anonymous()] {
        let answer = actor.query("{ unboundSenders { totalCount } }", json!({})).await;
        assert!(["FORBIDDEN", "UNAUTHENTICATED"].contains(&answer.outcome().as_str()));
    }
}

async fn who_came_by_no_link_is_for_the_chiefs(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    wechat.far.world().write("wm2", "你好");
    // A link of a village that there is not.
    wechat.far.world().enter("wm3", "411481999999-01-001");
    wechat.far.world().write("wm3", "你好");
    wechat.go_on().await;
    assert_eq!(senders(&app.lead(LIUHE)).await.len(), 0);
    for actor in [app.chief(CHENJI), app.chief(MANGSHAN), app.county_admin()] {
        let seen = senders(&actor).await;
        assert_eq!(seen.len(), 2);
        assert!(seen.iter().all(|one| one["village"].is_null()));
        assert!(seen.iter().all(|one| one["proposedHouseholds"] == json!([])));
    }
}

async fn what_a_new_contact_wrote_is_heard_in_order(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = app.household(LIUHE).await;
    let sender = stranger(&wechat, &household).await;
    let officer = app.lead(LIUHE);
    let input = newcomer(&app, &sender, &household);
    let wanted = "version contact { name hasWechat }";
    let bound = officer.mutate("bindSender", input, wanted).await.done();
    assert_eq!(bound, json!({ "version": 2, "contact": { "name": "李秀英", "hasWechat": true } }));
    assert_eq!(senders(&officer).await.len(), 0);
    wechat.work().await;
    let said = [["IN: 我是村东头老李家的", "IN: 想问低保"]];
    assert_eq!(wechat.said(&household).await, said);
    let inquiry = wechat.inquiry_of(&household).await;
    let message = wechat.reply(&inquiry, "低保由民政办理").await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "SENT");
    let told =
        "SELECT count(*) FROM event WHERE kind = 'SENDER_BOUND' AND household_id IS NOT NULL";
    assert_eq!(app.number(told).await, 1);
}

async fn a_contact_who_is_known_otherwise_is_recognised(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "李秀英").await;
    let other = app.contact_of(&app.household(LIUHE).await, "赵敏").await;
    let sender = stranger(&wechat, &household).await;
    let officer = app.lead(LIUHE);
    let wrong = with(binding(&sender, &household), "contactId", other["id"].clone());
    let refused = officer.mutate("bindSender", wrong, "id").await;
    assert_eq!(refused.outcome(), "NOT_FOUND contactId");
    let input = with(binding(&sender, &household), "contactId", contact["id"].clone());
    officer.mutate("bindSender", input, "id").await.done();
    wechat.work().await;
    assert_eq!(wechat.said(&household).await.concat().len(), 2);
    wechat.far.world().write("wm2", "还有一个问题");
    wechat.go_on().await;
    assert_eq!(wechat.said(&household).await.concat()[2], "IN: 还有一个问题");
}

async fn a_sender_becomes_known_once_and_in_the_own_area(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = app.household(LIUHE).await;
    let elsewhere = app.household(WANGLOU).await;
    let sender = stranger(&wechat, &household).await;
    let input = newcomer(&app, &sender, &household);
    let officer = app.lead(LIUHE);
    for (actor, input, expected) in [
        (&app.lead(WANGLOU), input.clone(), "NOT_FOUND senderId"),
        (&officer, newcomer(&app, &sender, &elsewhere), "NOT_FOUND householdId"),
        (&officer, binding(&sender, &household), "BLANK name"),
        (&officer, with(binding(&sender, &household), "name", "李秀英"), "BLANK consent"),
        (&officer, with(input.clone(), "senderId", household["id"].clone()), "BAD_ID"),
    ] {
        let answer = actor.mutate("bindSender", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    officer.mutate("bindSender", input.clone(), "id").await.done();
    officer.mutate("bindSender", input.clone(), "id").await.done();
    let again = officer.mutate("bindSender", with(input, "idempotencyKey", "c"), "id").await;
    assert_eq!(again.outcome(), "WRONG_STATE senderId");
    let leave = json!({ "senderId": sender["id"], "expectedVersion": 2 });
    let answer = officer.mutate("dismissSender", leave, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE senderId");
    wechat.work().await;
    assert_eq!(wechat.said(&household).await.len(), 1);
}

async fn who_is_left_aside_comes_back_when_writing_again(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = app.household(LIUHE).await;
    let sender = stranger(&wechat, &household).await;
    let officer = app.lead(LIUHE);
    let input = json!({ "senderId": sender["id"], "expectedVersion": 7 });
    let answer = officer.mutate("dismissSender", input, "id").await;
    assert_eq!(answer.outcome(), "VERSION_CONFLICT expectedVersion");
    let input = json!({ "senderId": sender["id"], "expectedVersion": 1 });
    let left = officer.mutate("dismissSender", input, "version dismissedAt").await.done();
    assert_eq!(left, json!({ "version": 2, "dismissedAt": crate::support::moment(app.now()) }));
    assert_eq!(senders(&officer).await.len(), 0);
    let kept = "SELECT count(*) FROM wechat_message WHERE length(raw) > 0 AND kind = 'text'";
    assert_eq!(app.number(kept).await, 0);
    app.advance(Duration::from_secs(60));
    wechat.far.world().write("wm2", "有人吗");
    wechat.go_on().await;
    assert_eq!(senders(&officer).await[0]["messages"], json!([{ "text": "有人吗" }]));
}

async fn who_is_given_the_identity_by_hand_is_heard_as_well(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = app.household(LIUHE).await;
    stranger(&wechat, &household).await;
    let contact = app.contact_of(&household, "李秀英").await;
    let input = json!({ "contactId": contact["id"], "expectedVersion": contact["version"],
                        "wechatId": "wm2" });
    app.county_admin().mutate("updateContact", input, "id").await.done();
    wechat.far.world().write("wm2", "第三句");
    wechat.go_on().await;
    let said = [["IN: 我是村东头老李家的", "IN: 想问低保", "IN: 第三句"]];
    assert_eq!(wechat.said(&household).await, said);
    assert_eq!(senders(&app.lead(LIUHE)).await.len(), 0);
}

//! The menu of guides in WeChat: what is chosen there is answered at once, and is no inquiry.

use std::time::Duration;

use huhutong::demo::wechat::Fault;
use serde_json::json;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::guides::{content, list};
use crate::support::wechat::Wechat;
use crate::support::{TestApp, Value};

on_both_databases!(
    who_comes_in_is_greeted_with_the_guides_that_are_asked_for_most,
    what_is_chosen_leads_to_the_checklist_and_opens_no_inquiry,
    what_is_answered_is_of_the_version_in_force_and_says_which,
    in_the_middle_of_an_inquiry_the_checklist_is_kept_there,
    what_cannot_be_answered_is_heard_by_the_desk,
    no_more_is_sent_than_one_message_allows,
    a_stranger_is_answered_too_and_is_not_asked_who_they_are,
    a_checklist_whose_answer_is_lost_arrives_once,
);

const BOOKLET: &str = "户口簿补领、换领";

/// Somebody who asks for the menu.
async fn menu(wechat: &Wechat, name: &str) {
    wechat.far.world().write(name, "菜单");
    wechat.go_on().await;
}

/// Chooses what says so, and goes on.
async fn click(wechat: &Wechat, name: &str, label: &str) {
    let clicked = wechat.far.world().click(name, label);
    assert!(clicked.is_some(), "{label} of {:?}", wechat.far.world().offered(name));
    wechat.go_on().await;
}

fn last(wechat: &Wechat, name: &str) -> String {
    wechat.received(name).pop().unwrap_or_default()
}

async fn who_comes_in_is_greeted_with_the_guides_that_are_asked_for_most(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    wechat.household(LIUHE, "wm1").await;
    let scene = format!("{LIUHE}-01-001");
    wechat.far.world().enter("wm1", &scene);
    wechat.go_on().await;
    let greeting = last(&wechat, "wm1");
    assert!(greeting.contains("110") && greeting.contains("菜单"), "{greeting}");
    let offered = wechat.far.world().offered("wm1");
    assert_eq!((offered.len(), &*offered[0]), (10, "新生儿出生登记（上户口）"));
    // Passports are the last but few, until somebody asks for them.
    wechat.asked(LIUHE, "wm2", "护照怎么办理？").await;
    wechat.far.world().enter("wm3", &scene);
    wechat.go_on().await;
    assert_eq!(wechat.far.world().offered("wm3")[0], "普通护照");
    // What is in force no more is offered no more.
    let passport = "query { guide(slug: \"passport\") { current { id version } } }";
    let guide = app.county_admin().query(passport, json!({})).await;
    let version = guide.at("/guide/current");
    let input = json!({ "guideVersionId": version["id"], "expectedVersion": version["version"] });
    app.county_admin().mutate("retireGuide", input, "id").await.done();
    wechat.far.world().enter("wm4", &scene);
    wechat.go_on().await;
    assert!(!wechat.far.world().offered("wm4").contains(&"普通护照".to_owned()));
}

async fn what_is_chosen_leads_to_the_checklist_and_opens_no_inquiry(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    app.guide_in_force("dog").await;
    menu(&wechat, "wm1").await;
    assert!(last(&wechat, "wm1").contains("110"));
    click(&wechat, "wm1", BOOKLET).await;
    assert!(last(&wechat, "wm1").starts_with(&format!("【{BOOKLET}】")));
    wechat.asked(LIUHE, "wm2", "狗证怎么办？").await;
    menu(&wechat, "wm2").await;
    click(&wechat, "wm2", "犬只登记").await;
    assert!(last(&wechat, "wm2").starts_with("【犬只登记】狗有多高？"));
    assert_eq!(wechat.far.world().offered("wm2"), ["不到40厘米", "40厘米以上"]);
    click(&wechat, "wm2", "40厘米以上").await;
    let told = last(&wechat, "wm2");
    for part in ["大型犬", "免疫证明", "10.50元"] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(wechat.said(&household).await.len(), 0);
    assert_eq!(app.number("SELECT count(*) FROM wechat_message WHERE state <> 'DONE'").await, 0);
}

async fn what_is_answered_is_of_the_version_in_force_and_says_which(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    wechat.household(LIUHE, "wm1").await;
    let first = app.guide_in_force("dog").await;
    wechat.asked(LIUHE, "wm2", "狗证怎么办？").await;
    menu(&wechat, "wm1").await;
    click(&wechat, "wm1", "犬只登记").await;
    // While the resident reads the question, another version comes into force whose questions are others.
    let mut changed = content();
    changed["questions"] = json!([]);
    changed["checklists"] = json!([list("all", "所有犬只")]);
    let input =
        json!({ "idempotencyKey": "next", "guideId": first["guide"]["id"], "content": changed });
    let draft = app.chief(CHENJI).mutate("reviseGuide", input, "id version").await.done();
    app.published(&draft, Value::Null).await;
    click(&wechat, "wm1", "40厘米以上").await;
    assert!(last(&wechat, "wm1").contains("所有犬只"), "{}", last(&wechat, "wm1"));
    let versions = "SELECT count(DISTINCT guide_version_id) FROM message_delivery \
                    WHERE automatic = 'GUIDE' AND state = 'SENT'";
    assert_eq!(app.number(versions).await, 2);
}

/// What was said in a household's latest inquiry: text, way, whether by itself, and the guide that it is made from.
async fn lines(app: &TestApp, household: &Value) -> Vec<Value> {
    let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { waitingOn \
                    messages(first: 20) { edges { node { text via automatic delivery { state } \
                    guideVersion { guide { slug } } } } } } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": household["id"] })).await;
    let inquiry = answer.at("/household/inquiries/edges/0/node");
    assert_eq!(inquiry["waitingOn"], "OFFICER");
    let edges = inquiry["messages"]["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

async fn in_the_middle_of_an_inquiry_the_checklist_is_kept_there(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "户口簿丢了");
    wechat.go_on().await;
    menu(&wechat, "wm1").await;
    click(&wechat, "wm1", BOOKLET).await;
    let lines = lines(&app, &household).await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1]["text"].as_str().unwrap().starts_with(&format!("【{BOOKLET}】")));
    assert_eq!(lines[1]["guideVersion"]["guide"]["slug"], "household-booklet");
    assert_eq!(
        (&lines[1]["via"], &lines[1]["automatic"], &lines[1]["delivery"]["state"]),
        (&json!("WECHAT"), &json!(true), &json!("SENT"))
    );
    assert_eq!(wechat.received("wm1").len(), 2);
}

async fn what_cannot_be_answered_is_heard_by_the_desk(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    // Who has only come in has written nothing that lets anything be sent.
    wechat.far.world().enter("wm1", &format!("{LIUHE}-01-001"));
    wechat.go_on().await;
    let label = wechat.far.world().offered("wm1")[0].clone();
    click(&wechat, "wm1", &label).await;
    assert_eq!(wechat.said(&household).await, [[format!("IN: {label}")]]);
    assert_eq!(wechat.received("wm1").len(), 1);
    let inquiry = wechat.inquiry_of(&household).await;
    assert_eq!(wechat.left(&inquiry).await, "0 of 5");
    // What is written lets something be sent.
    app.advance(Duration::from_secs(1));
    wechat.far.world().write("wm1", "在吗");
    wechat.go_on().await;
    assert_eq!(wechat.left(&inquiry).await, "5 of 5");
    // After days an old menu is chosen from.
    app.advance(Duration::from_secs(49 * 3600));
    click(&wechat, "wm1", &label).await;
    let said = wechat.said(&household).await.concat();
    let heard = said.iter().filter(|said| **said == format!("IN: {label}"));
    assert_eq!(heard.count(), 2, "{said:?}");
    // A menu that is none of ours.
    let foreign = json!({ "content": "人工服务", "menu_id": "101" });
    wechat.far.world().send("wm1", "text", foreign, "人工服务");
    wechat.go_on().await;
    let said = wechat.said(&household).await.concat();
    assert!(said.contains(&"IN: 人工服务".to_owned()), "{said:?}");
}

async fn no_more_is_sent_than_one_message_allows(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    menu(&wechat, "wm1").await;
    for _ in 0..4 {
        click(&wechat, "wm1", BOOKLET).await;
        app.advance(Duration::from_secs(1));
    }
    assert_eq!(wechat.received("wm1").len(), 5);
    assert_eq!(wechat.said(&household).await.len(), 0);
    click(&wechat, "wm1", BOOKLET).await;
    assert_eq!(wechat.received("wm1").len(), 5);
    assert_eq!(wechat.said(&household).await, [[format!("IN: {BOOKLET}")]]);
    assert_eq!(wechat.calls("kf/send_msg"), 5);
}

async fn a_stranger_is_answered_too_and_is_not_asked_who_they_are(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    menu(&wechat, "wm2").await;
    click(&wechat, "wm2", BOOKLET).await;
    assert_eq!(wechat.received("wm2").len(), 2);
    assert!(last(&wechat, "wm2").starts_with(&format!("【{BOOKLET}】")));
    assert_eq!(app.number("SELECT count(*) FROM wechat_message WHERE state = 'HELD'").await, 0);
    let asked = "SELECT count(*) FROM message_delivery WHERE automatic = 'WHICH_HOUSEHOLD'";
    assert_eq!(app.number(asked).await, 0);
}

async fn a_checklist_whose_answer_is_lost_arrives_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    menu(&wechat, "wm1").await;
    wechat.far.world().misbehave("kf/send_msg", Fault::LoseAnswer, 1);
    wechat.far.world().misbehave("kf/send_msg", Fault::Refuse(-1), 1);
    wechat.far.world().delivering = huhutong::demo::wechat::Delivering::Thrice;
    click(&wechat, "wm1", BOOKLET).await;
    for _ in 0..3 {
        app.advance(Duration::from_secs(30));
        wechat.work().await;
    }
    assert_eq!(wechat.received("wm1").len(), 2);
    assert_eq!(wechat.said(&household).await.len(), 0);
}

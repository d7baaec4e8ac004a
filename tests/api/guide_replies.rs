//! Replies that are made from a guide, and who has to be told anew when it changes.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    a_reply_keeps_the_version_that_it_was_made_from,
    a_reply_is_made_from_what_is_in_force,
    a_resident_makes_no_reply_from_a_guide,
    who_was_told_by_an_old_version_is_listed_until_told_anew,
    a_guide_that_is_retired_has_to_be_told_too,
    outdated_replies_are_filtered,
    outdated_replies_come_in_pages,
);

const DAY: Duration = Duration::from_secs(86_400);
const LISTED: &str = "query($filter: OutdatedReplyFilter, $first: Int, $after: String) { \
    outdatedReplies(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } \
    edges { node { id text guideVersion { number } inquiry { id household { label } } } } } }";

fn reply(app: &TestApp, inquiry: &Value, version: &Value) -> Value {
    json!({ "idempotencyKey": app.service().new_id(), "inquiryId": inquiry["id"],
            "text": "请带免疫证明。", "guideVersionId": version["id"] })
}

async fn tell(app: &TestApp, village: &str, version: &Value) -> Value {
    let inquiry = app.inquiry(&app.household(village).await).await;
    tell_again(app, &inquiry, version).await;
    inquiry
}

async fn tell_again(app: &TestApp, inquiry: &Value, version: &Value) {
    let input = reply(app, inquiry, version);
    app.county_admin().mutate("replyToInquiry", input, "id").await.done();
}

async fn outdated(actor: &Actor, filter: Value) -> Vec<String> {
    let answer = actor.query(LISTED, json!({ "filter": filter, "first": 100 })).await;
    let edges = answer.at("/outdatedReplies/edges").as_array().unwrap().iter();
    let ids: Vec<String> =
        edges.map(|edge| edge["node"]["inquiry"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(answer.at("/outdatedReplies/totalCount"), ids.len());
    ids
}

async fn a_reply_keeps_the_version_that_it_was_made_from(app: TestApp) {
    let first = app.guide_in_force("dog").await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    app.advance(Duration::from_secs(1));
    let wanted = "guideVersion { id number content { title } guide { slug } }";
    let input = reply(&app, &inquiry, &first);
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let said = officer.mutate("replyToInquiry", input.clone(), wanted).await.done();
    assert_eq!(
        said["guideVersion"],
        json!({ "id": first["id"], "number": 1, "content": { "title": "犬只登记" }, "guide": { "slug": "dog" } })
    );
    assert_eq!(officer.mutate("replyToInquiry", input.clone(), wanted).await.done(), said);
    let other = app.guide(&officer, "passport", "current { id }").await;
    let reused = with(input, "guideVersionId", other["current"]["id"].clone());
    let answer = officer.mutate("replyToInquiry", reused, "id").await;
    assert_eq!(answer.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
    app.published(&app.revised(&first["guide"]).await, Value::Null).await;
    let document = "query($id: ID!) { inquiry(id: $id) { messages { edges { node { guideVersion { number } } } } } }";
    let seen = officer.query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(seen.nodes("/inquiry/messages", "guideVersion"), ["null", "{\"number\":1}"]);
}

async fn a_reply_is_made_from_what_is_in_force(app: TestApp) {
    let draft = app.drafted("dog").await;
    let first = app.guide_in_force("cat").await;
    let scheduled = app.published(&app.revised(&first["guide"]).await, "2026-09-02".into()).await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let try_it = async |id: Value| {
        let input = with(reply(&app, &inquiry, &first), "guideVersionId", id);
        app.lead(LIUHE).mutate("replyToInquiry", input, "id").await.outcome()
    };
    assert_eq!(try_it(draft["id"].clone()).await, "NOT_FOUND guideVersionId");
    assert_eq!(try_it(first["guide"]["id"].clone()).await, "BAD_ID");
    assert_eq!(try_it("".into()).await, "BAD_ID");
    assert_eq!(try_it(scheduled["id"].clone()).await, "WRONG_STATE guideVersionId");
    assert_eq!(try_it(first["id"].clone()).await, "ok");
    app.advance(DAY);
    assert_eq!(try_it(first["id"].clone()).await, "WRONG_STATE guideVersionId");
    assert_eq!(try_it(scheduled["id"].clone()).await, "ok");
}

async fn a_resident_makes_no_reply_from_a_guide(app: TestApp) {
    let version = app.guide_in_force("dog").await;
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let resident = app.resident_of(&household).await;
    let answer = resident.mutate("replyToInquiry", reply(&app, &inquiry, &version), "id").await;
    assert_eq!(answer.outcome(), "INVALID guideVersionId");
    // What the household was told, it sees with the version.
    tell_again(&app, &inquiry, &version).await;
    let document =
        "query($id: ID!) { inquiry(id: $id) { lastMessage { guideVersion { number } } } }";
    let seen = resident.query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(seen.at("/inquiry/lastMessage/guideVersion/number"), 1);
}

async fn who_was_told_by_an_old_version_is_listed_until_told_anew(app: TestApp) {
    let first = app.guide_in_force("dog").await;
    let other = app.guide_in_force("cat").await;
    let asked = tell(&app, LIUHE, &first).await;
    let elsewhere = tell(&app, OTHER_LIUHE, &first).await;
    tell(&app, LIUHE, &other).await;
    let (officer, admin) = (app.officer_posted_to(&[LIUHE]).await, app.county_admin());
    assert_eq!(outdated(&officer, Value::Null).await, [""; 0]);
    let second = app.published(&app.revised(&first["guide"]).await, "2026-09-02".into()).await;
    assert_eq!(outdated(&officer, Value::Null).await, [""; 0]);
    app.advance(DAY);
    assert_eq!(outdated(&officer, Value::Null).await, [asked["id"].as_str().unwrap()]);
    assert_eq!(outdated(&app.chief(CHENJI), Value::Null).await.len(), 1);
    assert_eq!(outdated(&admin, Value::Null).await.len(), 2);
    let nobody = app.officer_posted_to(&[WANGLOU]).await;
    assert_eq!(outdated(&nobody, Value::Null).await, [""; 0]);
    for actor in [app.analyst(), app.auditor()] {
        assert_eq!(actor.query(LISTED, json!({})).await.outcome(), "FORBIDDEN");
    }
    tell_again(&app, &asked, &second).await;
    assert_eq!(outdated(&officer, Value::Null).await, [""; 0]);
    assert_eq!(outdated(&admin, Value::Null).await, [elsewhere["id"].as_str().unwrap()]);
}

async fn a_guide_that_is_retired_has_to_be_told_too(app: TestApp) {
    let version = app.guide_in_force("dog").await;
    let asked = tell(&app, LIUHE, &version).await;
    // Told twice, listed once.
    app.advance(Duration::from_secs(1));
    tell_again(&app, &asked, &version).await;
    let input = json!({ "guideVersionId": version["id"], "expectedVersion": version["version"] });
    app.county_admin().mutate("retireGuide", input, "id").await.done();
    assert_eq!(outdated(&app.lead(LIUHE), Value::Null).await.len(), 1);
}

async fn outdated_replies_are_filtered(app: TestApp) {
    let (dog, cat) = (app.guide_in_force("dog").await, app.guide_in_force("cat").await);
    tell(&app, LIUHE, &dog).await;
    app.advance(DAY * 20);
    tell(&app, OTHER_LIUHE, &dog).await;
    tell(&app, LIUHE, &cat).await;
    for version in [&dog, &cat] {
        app.published(&app.revised(&version["guide"]).await, Value::Null).await;
    }
    app.advance(DAY * 15);
    let admin = app.county_admin();
    for (filter, count) in [
        (json!({}), 2),
        (json!({ "days": 34 }), 2),
        (json!({ "days": 35 }), 3),
        (json!({ "days": 365, "guideId": dog["guide"]["id"] }), 2),
        (json!({ "days": 365, "areaCode": LIUHE }), 2),
        (json!({ "days": 365, "areaCode": CHENJI, "guideId": cat["guide"]["id"] }), 1),
        (json!({ "days": 14 }), 0),
    ] {
        assert_eq!(outdated(&admin, filter.clone()).await.len(), count, "{filter}");
    }
    for (filter, expected) in [
        (json!({ "days": 0 }), "BAD_USER_INPUT"),
        (json!({ "days": -1 }), "BAD_USER_INPUT"),
        (json!({ "days": 366 }), "BAD_USER_INPUT"),
        (json!({ "areaCode": "41148" }), "BAD_USER_INPUT"),
        (json!({ "guideId": dog["id"] }), "BAD_ID"),
    ] {
        let answer = admin.query(LISTED, json!({ "filter": filter })).await;
        assert_eq!(answer.outcome(), expected, "{filter}");
    }
    assert_eq!(admin.query(LISTED, json!({ "first": 101 })).await.outcome(), "BAD_USER_INPUT");
    assert_eq!(admin.query(LISTED, json!({ "after": "户" })).await.outcome(), "BAD_CURSOR");
}

async fn outdated_replies_come_in_pages(app: TestApp) {
    let version = app.guide_in_force("dog").await;
    for _ in 0..5 {
        app.advance(Duration::from_secs(1));
        tell(&app, LIUHE, &version).await;
    }
    app.published(&app.revised(&version["guide"]).await, Value::Null).await;
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let (mut after, mut seen) = (Value::Null, Vec::new());
    loop {
        let page = json!({ "first": 2, "after": after });
        let (statements, answer) = app.statements(officer.query(LISTED, page)).await;
        assert_eq!(statements, 4);
        seen.extend(answer.nodes("/outdatedReplies", "id"));
        after = answer.at("/outdatedReplies/pageInfo/endCursor").clone();
        if answer.at("/outdatedReplies/pageInfo/hasNextPage") == &json!(false) {
            break;
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count, seen.len()), (5, 5));
}

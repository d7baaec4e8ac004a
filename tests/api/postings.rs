//! Who looks after which village, and from when until when.

use std::time::Duration;

use chrono::TimeDelta;
use huhutong::id::{GlobalId, Kind};

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, WANGLOU, posting_of_lead};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    an_officer_is_posted_and_sees_the_village_at_once,
    posting_twice_with_one_key_posts_once,
    a_posting_begins_when_it_says,
    a_posting_that_ended_a_minute_ago_gives_nothing,
    the_last_officer_of_an_inhabited_village_cannot_leave,
    the_last_officer_of_an_empty_village_can_leave,
    one_of_two_officers_can_leave_but_not_both_at_once,
    a_posting_ends_once,
);

fn posting_id(village: &str) -> String {
    GlobalId::new(Kind::Posting, posting_of_lead(village)).to_string()
}

fn posting(key: &str, officer: &Actor, village: &str) -> Value {
    json!({ "idempotencyKey": key, "officerId": officer.id(), "villageCode": village,
            "duty": "AUXILIARY" })
}

async fn villages(actor: &Actor) -> Vec<String> {
    let document = "{ viewer { villages { edges { node { code } } } } }";
    actor.query(document, json!({})).await.nodes("/viewer/villages", "code")
}

async fn an_officer_is_posted_and_sees_the_village_at_once(app: TestApp) {
    let officer = app.officer_posted_to(&[]).await;
    assert_eq!(villages(&officer).await, [""; 0]);
    let wanted = "duty version endsAt officer { id } village { code }";
    let input = posting("a", &officer, LIUHE);
    let posted = app.chief(CHENJI).mutate("postOfficer", input, wanted).await.done();
    assert_eq!(
        posted,
        json!({ "duty": "AUXILIARY", "version": 1, "endsAt": null,
                "officer": { "id": officer.id() }, "village": { "code": LIUHE } })
    );
    assert_eq!(villages(&officer).await, [LIUHE]);
}

async fn posting_twice_with_one_key_posts_once(app: TestApp) {
    let officer = app.officer_posted_to(&[]).await;
    let admin = app.county_admin();
    let first = admin.mutate("postOfficer", posting("a", &officer, LIUHE), "id").await.done();
    let second = admin.mutate("postOfficer", posting("a", &officer, LIUHE), "id").await.done();
    assert_eq!(first, second);
    let other = admin.mutate("postOfficer", posting("a", &officer, WANGLOU), "id").await;
    assert_eq!(other.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn a_posting_begins_when_it_says(app: TestApp) {
    let officer = app.officer_posted_to(&[]).await;
    let tomorrow = app.now() + TimeDelta::days(1);
    let input = with(posting("a", &officer, LIUHE), "startsAt", tomorrow.to_rfc3339());
    app.county_admin().mutate("postOfficer", input, "id").await.done();
    assert_eq!(villages(&officer).await, [""; 0]);
    app.advance(Duration::from_secs(86_400));
    assert_eq!(villages(&officer).await, [LIUHE]);
}

async fn a_posting_that_ended_a_minute_ago_gives_nothing(app: TestApp) {
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let officer = app.officer_posted_to(&[]).await;
    let admin = app.county_admin();
    let posted = admin.mutate("postOfficer", posting("a", &officer, LIUHE), "id").await.done();
    let ends_at = (app.now() + TimeDelta::minutes(10)).to_rfc3339();
    let end = json!({ "postingId": posted["id"], "expectedVersion": 1, "endsAt": ends_at });
    admin.mutate("endPosting", end, "id").await.done();
    let reply = |key: &str| json!({ "idempotencyKey": key, "inquiryId": inquiry["id"], "text": "请带户口本。" });
    officer.mutate("replyToInquiry", reply("a"), "id").await.done();
    app.advance(Duration::from_secs(11 * 60));
    let answer = officer.mutate("replyToInquiry", reply("b"), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND inquiryId");
    let document = "query($id: ID!) { household(id: $id) { label } }";
    let answer = officer.query(document, json!({ "id": household["id"] })).await;
    assert_eq!(answer.outcome(), "NOT_FOUND");
}

async fn the_last_officer_of_an_inhabited_village_cannot_leave(app: TestApp) {
    app.household(LIUHE).await;
    let input = json!({ "postingId": posting_id(LIUHE), "expectedVersion": 1 });
    let answer = app.county_admin().mutate("endPosting", input, "id").await;
    assert_eq!(answer.outcome(), "WITHOUT_OFFICER");
    assert_eq!(villages(&app.lead(LIUHE)).await, [LIUHE]);
}

async fn the_last_officer_of_an_empty_village_can_leave(app: TestApp) {
    let input = json!({ "postingId": posting_id(LIUHE), "expectedVersion": 1 });
    let ended = app.county_admin().mutate("endPosting", input, "version").await.done();
    assert_eq!(ended["version"], 2);
    assert_eq!(villages(&app.lead(LIUHE)).await, [""; 0]);
}

async fn one_of_two_officers_can_leave_but_not_both_at_once(app: TestApp) {
    app.household(LIUHE).await;
    let (admin, officer) = (app.county_admin(), app.officer_posted_to(&[]).await);
    let second = admin.mutate("postOfficer", posting("a", &officer, LIUHE), "id").await.done();
    let end = |id: Value| json!({ "postingId": id, "expectedVersion": 1 });
    let (first, second) = tokio::join!(
        admin.mutate("endPosting", end(posting_id(LIUHE).into()), "id"),
        admin.mutate("endPosting", end(second["id"].clone()), "id"),
    );
    let mut outcomes = [first.outcome(), second.outcome()];
    outcomes.sort();
    assert_eq!(outcomes, ["WITHOUT_OFFICER", "ok"]);
}

async fn a_posting_ends_once(app: TestApp) {
    let admin = app.county_admin();
    let end = |version: i32| json!({ "postingId": posting_id(LIUHE), "expectedVersion": version });
    let (first, second) = tokio::join!(
        admin.mutate("endPosting", end(1), "id"),
        admin.mutate("endPosting", end(1), "id")
    );
    let mut outcomes = [first.outcome(), second.outcome()];
    outcomes.sort();
    assert_eq!(outcomes[1], "ok");
    app.advance(Duration::from_secs(1));
    let answer = admin.mutate("endPosting", end(2), "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE endsAt");
}

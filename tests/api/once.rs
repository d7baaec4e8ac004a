//! Nothing is done twice, and nobody overwrites what somebody else did meanwhile.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    submitting_twice_with_one_key_makes_one_inquiry,
    submitting_the_same_key_at_once_makes_one_inquiry,
    a_key_is_refused_for_another_text,
    replying_twice_with_one_key_writes_one_message,
    a_key_of_another_mutation_is_refused,
    a_key_is_remembered_for_ninety_days,
    two_officers_resolve_at_once_and_exactly_one_wins,
    each_change_of_an_old_version_is_refused,
);

fn text(key: &str, inquiry: &Value, text: &str) -> Value {
    json!({ "idempotencyKey": key, "inquiryId": inquiry["id"], "text": text })
}

fn version(inquiry: &Value, version: i32) -> Value {
    json!({ "inquiryId": inquiry["id"], "expectedVersion": version })
}

fn submission(key: &str, household: &Value) -> Value {
    json!({ "idempotencyKey": key, "householdId": household["id"], "text": "身份证丢了怎么办？" })
}

async fn submitting_twice_with_one_key_makes_one_inquiry(app: TestApp) {
    let household = app.household(LIUHE).await;
    let admin = app.county_admin();
    let wanted = "id subject version household { label } lastMessage { id text }";
    let first = admin.mutate("submitInquiry", submission("a", &household), wanted).await.done();
    let second = admin.mutate("submitInquiry", submission("a", &household), wanted).await.done();
    assert_eq!(first, second);
    assert_eq!(app.number("SELECT count(*) FROM message").await, 1);
}

async fn submitting_the_same_key_at_once_makes_one_inquiry(app: TestApp) {
    let household = app.household(LIUHE).await;
    let (here, there) = (app.county_admin(), app.county_admin().at(&app.another_instance().await));
    let (first, second) = tokio::join!(
        here.mutate("submitInquiry", submission("a", &household), "id"),
        there.mutate("submitInquiry", submission("a", &household), "id"),
    );
    assert_eq!(first.done(), second.done());
    assert_eq!(app.number("SELECT count(*) FROM inquiry").await, 1);
}

async fn a_key_is_refused_for_another_text(app: TestApp) {
    let household = app.household(LIUHE).await;
    let admin = app.county_admin();
    admin.mutate("submitInquiry", submission("a", &household), "id").await.done();
    let other = with(submission("a", &household), "text", "别的事");
    let answer = admin.mutate("submitInquiry", other, "id").await;
    assert_eq!(answer.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn replying_twice_with_one_key_writes_one_message(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let officer = app.lead(LIUHE);
    let send = || officer.mutate("replyToInquiry", text("a", &inquiry, "好的"), "id");
    let (first, second) = tokio::join!(send(), send());
    assert_eq!(first.done(), second.done());
    let third = officer.mutate("replyToInquiry", text("a", &inquiry, "不行"), "id").await;
    assert_eq!(third.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
    assert_eq!(app.number("SELECT count(*) FROM message").await, 2);
}

async fn a_key_of_another_mutation_is_refused(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let officer = app.lead(LIUHE);
    officer.mutate("replyToInquiry", text("a", &inquiry, "好的"), "id").await.done();
    let note = officer.mutate("addInternalNote", text("a", &inquiry, "好的"), "id").await;
    assert_eq!(note.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn two_officers_resolve_at_once_and_exactly_one_wins(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let (one, other) = (app.lead(LIUHE), app.chief(CHENJI).at(&app.another_instance().await));
    let (first, second) = tokio::join!(
        one.mutate("resolveInquiry", version(&inquiry, 1), "status"),
        other.mutate("resolveInquiry", version(&inquiry, 1), "status"),
    );
    let won = [&first, &second].iter().filter(|answer| answer.outcome() == "ok").count();
    assert_eq!(won, 1, "{} {}", first.json, second.json);
    assert_eq!(app.number("SELECT count(*) FROM event WHERE kind = 'INQUIRY_CHANGED'").await, 1);
}

async fn each_change_of_an_old_version_is_refused(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let officer = app.lead(LIUHE);
    for (name, input) in [
        ("resolveInquiry", version(&inquiry, 0)),
        ("assignInquiry", version(&inquiry, 2)),
        ("recategorizeInquiry", with(version(&inquiry, 7), "category", "DISPUTE")),
    ] {
        let answer = officer.mutate(name, input, "id").await;
        assert_eq!(answer.outcome(), "VERSION_CONFLICT expectedVersion", "{name}");
    }
}

async fn a_key_is_remembered_for_ninety_days(app: TestApp) {
    let household = app.household(LIUHE).await;
    let submit = async || {
        let admin = app.county_admin();
        admin.mutate("submitInquiry", submission("a", &household), "id").await.done()
    };
    let first = submit().await;
    app.advance(Duration::from_secs(90 * 24 * 3600));
    huhutong::worker::sweep(app.service()).await.unwrap();
    assert_eq!(submit().await, first);
    app.advance(Duration::from_secs(1));
    huhutong::worker::sweep(app.service()).await.unwrap();
    assert_ne!(submit().await, first);
}

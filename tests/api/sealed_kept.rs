//! What is written down of looks at sealed inquiries, and how long these are kept.

use std::time::Duration;

use huhutong::worker;

use crate::api::sealed::{ask, sees};
use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    every_look_of_staff_is_written_down,
    what_cannot_be_written_down_is_not_shown,
    what_was_written_in_a_sealed_inquiry_is_erased_when_its_time_is_over,
);

async fn looks(app: &TestApp) -> i64 {
    app.number("SELECT count(*) FROM access_log WHERE inquiry_id IS NOT NULL").await
}

async fn every_look_of_staff_is_written_down(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let inquiry = ask(&app, &resident, &household, json!({})).await;
    app.inquiry(&household).await;
    assert_eq!(looks(&app).await, 0);
    let document = "query($id: ID!) { inquiry(id: $id) { subject } }";
    let of = |inquiry: &Value| json!({ "id": inquiry["id"] });
    resident.query(document, of(&inquiry)).await.data();
    app.officer_posted_to(&[LIUHE]).await.query(document, of(&inquiry)).await;
    assert_eq!(looks(&app).await, 0);
    let lead = app.lead(LIUHE);
    let (statements, _) = app.statements(lead.query(document, of(&inquiry))).await;
    assert_eq!((statements, looks(&app).await), (2, 1));
    lead.query(document, of(&inquiry)).await.data();
    assert_eq!(looks(&app).await, 2);
    let all = "{ inquiries { edges { node { id lastMessage { text } } } } }";
    assert_eq!(lead.query(all, json!({})).await.nodes("/inquiries", "id").len(), 2);
    // The inquiry, and what was written.
    assert_eq!(looks(&app).await, 4);
}

async fn what_cannot_be_written_down_is_not_shown(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let inquiry = ask(&app, &resident, &household, json!({})).await;
    app.sql("ALTER TABLE access_log RENAME TO access_log_away").await;
    let document = "query($id: ID!) { inquiry(id: $id) { subject } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(answer.code(), Some("INTERNAL"));
    assert!(answer.json["data"].is_null());
    app.sql("ALTER TABLE access_log_away RENAME TO access_log").await;
    app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await.data();
}

async fn what_was_written_in_a_sealed_inquiry_is_erased_when_its_time_is_over(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let (lead, chief) = (app.lead(LIUHE), app.chief(CHENJI));
    let sealed = ask(&app, &resident, &household, json!({})).await;
    let usual = app.inquiry(&household).await;
    let open = ask(&app, &resident, &household, json!({})).await;
    app.referral_by(&chief, &sealed).await;
    for inquiry in [&sealed, &usual] {
        let resolve = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1 });
        lead.mutate("resolveInquiry", resolve, "id").await.done();
        let rate = json!({ "inquiryId": inquiry["id"], "score": 4, "text": "还行" });
        resident.mutate("rateInquiry", rate, "id").await.done();
    }
    let document = "query($id: ID!) { inquiry(id: $id) { subject erasedAt rating { score text } \
        readers { since } messages { edges { node { text } } } referrals { edges { node { note } } } } }";
    let read = async |inquiry: &Value| {
        chief.query(document, json!({ "id": inquiry["id"] })).await.at("/inquiry").clone()
    };
    let before = [read(&sealed).await, read(&usual).await, read(&open).await];
    app.advance(Duration::from_secs(180 * 24 * 3600));
    worker::sweep(app.service()).await.unwrap();
    assert_eq!(read(&sealed).await, before[0], "not a day too early");
    app.advance(Duration::from_secs(60));
    worker::sweep(app.service()).await.unwrap();
    let after = read(&sealed).await;
    assert_eq!(after["subject"], "");
    assert_eq!(after["rating"], json!({ "score": 4, "text": null }));
    assert_eq!(after["readers"], json!([]));
    assert_eq!(after["messages"]["edges"], json!([{ "node": { "text": "" } }]));
    assert_eq!(after["referrals"]["edges"], json!([{ "node": { "note": null } }]));
    assert!(after["erasedAt"].is_string());
    assert_eq!([read(&usual).await, read(&open).await], before[1..]);
    assert!(!sees(&lead, &sealed).await && sees(&resident, &sealed).await);
    let gone = "SELECT count(*) FROM message WHERE text LIKE '%占了%'";
    assert_eq!(app.number(gone).await, 1, "the open one's");
}

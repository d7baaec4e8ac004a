//! How long files are kept, and what takes them away.

use std::time::Duration;

use huhutong::worker;

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::{TestApp, jpeg, json};

on_both_databases!(
    a_file_in_no_message_is_gone_after_a_day,
    a_file_goes_with_the_consent_of_who_sent_it,
    a_merge_keeps_the_files,
);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn a_file_in_no_message_is_gone_after_a_day(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let loose = officer.bring("a.jpg", jpeg()).await;
    let kept = officer.bring("b.jpg", jpeg()).await;
    officer.announce("never sent.jpg", 1).await;
    officer.ask_with(&household, &[&kept]).await;
    app.advance(DAY - Duration::from_secs(1));
    worker::sweep(app.service()).await.unwrap();
    assert_eq!(app.stored_files().await, 2);
    app.advance(Duration::from_secs(2));
    worker::sweep(app.service()).await.unwrap();
    assert_eq!(app.stored_files().await, 1);
    assert_eq!(app.number("SELECT count(*) FROM attachment").await, 1);
    let input = json!({ "idempotencyKey": "late", "householdId": household["id"], "text": "看",
                        "attachmentIds": [loose] });
    let late = officer.mutate("submitInquiry", input, "id").await;
    assert_eq!(late.outcome(), "NOT_FOUND attachmentIds");
}

async fn a_file_goes_with_the_consent_of_who_sent_it(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let resident = app.resident(&contact);
    let officer = app.lead(LIUHE);
    let file = resident.bring("王建国的身份证.jpg", jpeg()).await;
    let inquiry = resident.ask_with(&household, &[&file]).await;
    let other = officer.bring("b.jpg", jpeg()).await;
    officer.ask_with(&household, &[&other]).await;
    let waiting = resident.announce("c.jpg", jpeg().len()).await;
    let url = &inquiry["lastMessage"]["attachments"][0]["url"];
    let read = "query($id: ID!) { inquiry(id: $id) { lastMessage { attachments { url } } } }";
    let shown = officer.query(read, json!({ "id": inquiry["id"] })).await;
    let officers = shown.at("/inquiry/lastMessage/attachments/0/url").clone();
    assert_eq!(officer.had(&officers).await.0, 200);
    let bye = json!({ "idempotencyKey": "bye", "contactId": contact["id"] });
    officer.mutate("withdrawConsent", bye, "id").await.done();
    assert_eq!(officer.had(&officers).await.0, 404);
    assert_eq!(officer.had(url).await.0, 404);
    let shown = officer.query(read, json!({ "id": inquiry["id"] })).await;
    assert_eq!(shown.at("/inquiry/lastMessage/attachments"), &json!([]));
    assert_eq!(officer.send(&waiting, jpeg()).await.code(), Some("NOT_FOUND"));
    let readable =
        "SELECT count(*) FROM attachment WHERE name IS NOT NULL OR object_key IS NOT NULL";
    assert_eq!(app.number(readable).await, 1, "names and keys are gone at once");
    worker::sweep(app.service()).await.unwrap();
    assert_eq!(app.stored_files().await, 1, "and the contents with the next sweep");
}

async fn a_merge_keeps_the_files(app: TestApp) {
    let (one, other) =
        (app.labelled(LIUHE, "1组-王建国").await, app.labelled(LIUHE, "1组-王建囯").await);
    let officer = app.lead(LIUHE);
    let file = officer.bring("a.jpg", jpeg()).await;
    let inquiry = officer.ask_with(&other, &[&file]).await;
    let input = json!({ "idempotencyKey": "merge", "survivorId": one["id"],
        "survivorVersion": one["version"], "mergedId": other["id"], "mergedVersion": other["version"] });
    officer.mutate("mergeHouseholds", input, "survivor { id }").await.done();
    let url = &inquiry["lastMessage"]["attachments"][0]["url"];
    assert_eq!(officer.had(url).await.0, 200);
}

//! Who looked at what is kept about a household.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, station_id};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    a_household_sees_who_looked_at_its_number_and_address,
    who_looks_again_within_the_hour_appears_once,
    only_what_is_told_in_full_is_written_down,
    looks_at_a_sealed_inquiry_appear_each,
    a_file_that_was_taken_out_appears_for_every_household_in_it,
    a_household_sees_its_own_history_only,
    the_auditor_sees_the_whole_log_and_filters_it,
    looking_at_many_takes_one_statement_more,
    what_cannot_be_written_down_is_not_told,
);

const HISTORY: &str = "{ accessHistory { totalCount edges { node { id lookedAt role at officer { id } \
    station { id } household { id } inquiry { id } } } } }";

async fn history(resident: &Actor) -> Vec<Value> {
    let answer = resident.query(HISTORY, json!({})).await;
    let edges = answer.at("/accessHistory/edges").as_array().unwrap().clone();
    assert_eq!(answer.at("/accessHistory/totalCount"), edges.len());
    edges.into_iter().map(|edge| edge["node"].clone()).collect()
}

/// A household with an address, and its contact.
async fn home(app: &TestApp) -> (Value, Actor) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let change =
        json!({ "householdId": household["id"], "expectedVersion": 2, "address": "刘河村3组8号" });
    app.county_admin().mutate("updateHousehold", change, "id").await.done();
    // Who enrols a contact is told the number as well.
    app.sql("DELETE FROM access_log").await;
    (household, resident)
}

async fn look(actor: &Actor, household: &Value, wanted: &str) -> Value {
    let document = format!("query($id: ID!) {{ household(id: $id) {{ {wanted} }} }}");
    actor.query(&document, json!({ "id": household["id"] })).await.at("/household").clone()
}

const NUMBER: &str = "primaryContact { phone }";

async fn a_household_sees_who_looked_at_its_number_and_address(app: TestApp) {
    let (household, resident) = home(&app).await;
    assert_eq!(history(&resident).await, [] as [Value; 0]);
    look(&app.lead(LIUHE), &household, NUMBER).await;
    let expected = json!({ "lookedAt": "CONTACT", "role": "OFFICER", "officer": null,
        "station": { "id": station_id(CHENJI) }, "household": { "id": household["id"] },
        "inquiry": null, "at": "2026-09-01T08:00:00+00:00" });
    let mut found = history(&resident).await;
    assert_eq!(found.len(), 1);
    found[0].as_object_mut().unwrap().remove("id");
    assert_eq!(found[0], expected);
    app.advance(Duration::from_secs(60));
    look(&app.county_admin(), &household, "address").await;
    let found = history(&resident).await;
    assert_eq!(found.len(), 2);
    assert_eq!((&found[0]["role"], &found[0]["station"]), (&json!("COUNTY_ADMIN"), &Value::Null));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let answer = resident.query(node, json!({ "id": found[0]["id"] })).await;
    assert_eq!(answer.at("/node/id"), &found[0]["id"]);
}

async fn who_looks_again_within_the_hour_appears_once(app: TestApp) {
    let (household, resident) = home(&app).await;
    for _ in 0..3 {
        look(&app.lead(LIUHE), &household, "address primaryContact { phone }").await;
    }
    assert_eq!(history(&resident).await.len(), 1);
    look(&app.chief(CHENJI), &household, NUMBER).await;
    assert_eq!(history(&resident).await.len(), 2);
    app.advance(Duration::from_secs(3600));
    look(&app.lead(LIUHE), &household, NUMBER).await;
    assert_eq!(history(&resident).await.len(), 3);
}

async fn only_what_is_told_in_full_is_written_down(app: TestApp) {
    let (household, resident) = home(&app).await;
    look(&app.lead(LIUHE), &household, "label primaryContact { name hasWechat }").await;
    look(&resident, &household, "address primaryContact { phone }").await;
    let masked = look(&app.auditor(), &household, "address primaryContact { phone }").await;
    assert!(masked["address"].is_null());
    assert_eq!(history(&resident).await, [] as [Value; 0]);
}

async fn looks_at_a_sealed_inquiry_appear_each(app: TestApp) {
    let (household, resident) = home(&app).await;
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"],
                        "category": "DISPUTE", "text": "邻居占了我家的地" });
    let inquiry = resident.mutate("submitInquiry", input, "id").await.done();
    let document = "query($id: ID!) { inquiry(id: $id) { messages { edges { node { text } } } } }";
    for _ in 0..2 {
        app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await.data();
    }
    let found = history(&resident).await;
    let looked: Vec<_> = found.iter().map(|one| one["lookedAt"].as_str().unwrap()).collect();
    assert_eq!(looked.iter().filter(|one| **one == "INQUIRY").count(), 2);
    assert_eq!(looked.iter().filter(|one| **one == "MESSAGES").count(), 2);
    assert!(found.iter().all(|one| one["inquiry"]["id"] == inquiry["id"]));
}

async fn take(app: &TestApp, by: &Actor, content: &str) {
    let input = json!({ "idempotencyKey": app.service().new_id(), "content": content,
                        "format": "CSV", "purpose": "核对" });
    let export = by.mutate("requestExport", input, "path").await.done();
    assert_eq!(app.get(by, export["path"].as_str().unwrap()).await.0, 200);
}

async fn a_file_that_was_taken_out_appears_for_every_household_in_it(app: TestApp) {
    let (_, resident) = home(&app).await;
    let (household, other) = home(&app).await;
    take(&app, &app.lead(LIUHE), "HOUSEHOLDS").await;
    for resident in [&resident, &other] {
        let found = history(resident).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["lookedAt"], "EXPORT");
    }
    app.inquiry(&household).await;
    take(&app, &app.auditor(), "INQUIRIES").await;
    assert_eq!((history(&resident).await.len(), history(&other).await.len()), (1, 2));
}

async fn a_household_sees_its_own_history_only(app: TestApp) {
    let (household, resident) = home(&app).await;
    let (_, stranger) = home(&app).await;
    look(&app.lead(LIUHE), &household, NUMBER).await;
    let entry = history(&resident).await.remove(0);
    assert_eq!(history(&stranger).await, [] as [Value; 0]);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let answer = stranger.query(node, json!({ "id": entry["id"] })).await;
    assert_eq!(answer.code(), Some("NOT_FOUND"));
    for who in [app.lead(LIUHE), app.chief(CHENJI), app.county_admin(), app.analyst()] {
        assert_eq!(who.query(HISTORY, json!({})).await.code(), Some("FORBIDDEN"));
        let log = who.query("{ accessLog { totalCount } }", json!({})).await;
        assert_eq!(log.code(), Some("FORBIDDEN"));
    }
    let log = resident.query("{ accessLog { totalCount } }", json!({})).await;
    assert_eq!(log.code(), Some("FORBIDDEN"));
}

async fn the_auditor_sees_the_whole_log_and_filters_it(app: TestApp) {
    let (household, _) = home(&app).await;
    let (other, _) = home(&app).await;
    let (lead, chief) = (app.lead(LIUHE), app.chief(CHENJI));
    look(&lead, &household, NUMBER).await;
    app.advance(Duration::from_secs(60));
    look(&chief, &household, NUMBER).await;
    look(&chief, &other, NUMBER).await;
    let document = "query($filter: AccessLogFilter) { accessLog(filter: $filter) { totalCount \
                    edges { node { officer { id } } } } }";
    for (filter, count) in [
        (json!({}), 3),
        (json!({ "householdId": household["id"] }), 2),
        (json!({ "officerId": chief.id() }), 2),
        (json!({ "lookedAt": ["EXPORT"] }), 0),
        (json!({ "since": "2026-09-01T08:00:01Z" }), 2),
        (json!({ "before": "2026-09-01T08:00:01Z" }), 1),
    ] {
        let answer = app.auditor().query(document, json!({ "filter": filter })).await;
        assert_eq!(answer.at("/accessLog/totalCount"), count, "{filter}");
    }
    let mine = json!({ "filter": { "officerId": lead.id() } });
    let answer = app.auditor().query(document, mine).await;
    assert_eq!(answer.at("/accessLog/edges/0/node/officer/id"), &json!(lead.id()));
    let bad = json!({ "filter": { "officerId": household["id"] } });
    assert_eq!(app.auditor().query(document, bad).await.code(), Some("BAD_ID"));
}

async fn looking_at_many_takes_one_statement_more(app: TestApp) {
    let wanted = |field: &str| {
        format!("{{ households {{ edges {{ node {{ primaryContact {{ {field} }} }} }} }} }}")
    };
    let lead = app.lead(LIUHE);
    for number in 1..=2 {
        home(&app).await;
        let (without, _) = app.statements(lead.query(&wanted("name"), json!({}))).await;
        let (with, answer) = app.statements(lead.query(&wanted("phone"), json!({}))).await;
        assert_eq!(answer.at("/households/edges").as_array().unwrap().len(), number);
        assert_eq!(with, without + 1);
    }
}

async fn what_cannot_be_written_down_is_not_told(app: TestApp) {
    let (household, _) = home(&app).await;
    app.sql("ALTER TABLE access_log RENAME TO access_log_away").await;
    let document = format!("query($id: ID!) {{ household(id: $id) {{ {NUMBER} }} }}");
    let answer = app.lead(LIUHE).query(&document, json!({ "id": household["id"] })).await;
    assert_eq!(answer.code(), Some("INTERNAL"));
    assert!(answer.json["data"].is_null());
}

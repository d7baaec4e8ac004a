//! What tests of owners do with inquiries.

use std::time::Duration;

use serde_json::{Value, json};

use super::actor::Actor;
use super::app::TestApp;
use super::county::{CHENJI, LIUHE, station_id};

pub const HOUR: u64 = 3600;
pub const DAY: u64 = 24 * HOUR;
pub const OWNER: &str =
    "owner { reason since until text officer { id } by { id } covers { id } shift { id } }";

/// At 08:00 in China, on the second of September.
pub async fn morning(app: &TestApp) -> Value {
    app.advance(Duration::from_secs(16 * HOUR));
    app.household(LIUHE).await
}

/// A shift each day, from an hour in China on.
pub async fn shift(
    app: &TestApp,
    village: Option<&str>,
    officer: &Actor,
    hours: (i32, i32),
) -> Value {
    let input = json!({ "idempotencyKey": app.service().new_id(), "stationId": station_id(CHENJI),
        "villageCode": village, "officerId": officer.id(), "validFrom": "2026-09-02", "everyDays": 1,
        "startMinute": hours.0 * 60, "lengthMinutes": (hours.1 - hours.0) * 60 });
    app.chief(CHENJI).mutate("planShift", input, "id").await.done()["id"].clone()
}

/// A leave of so many hours from now on.
pub async fn leave(app: &TestApp, who: &Actor, cover: &Actor, hours: i64) {
    let ends = app.now() + chrono::TimeDelta::hours(hours);
    let input = json!({ "idempotencyKey": app.service().new_id(), "officerId": who.id(),
        "coverOfficerId": cover.id(), "startsAt": app.now(), "endsAt": ends });
    app.county_admin().mutate("planLeave", input, "id").await.done();
}

pub async fn wrote(actor: &Actor, inquiry: &Value, text: &str) {
    let input = json!({ "idempotencyKey": text, "inquiryId": inquiry["id"], "text": text });
    actor.mutate("replyToInquiry", input, "id").await.done();
}

pub async fn claim(officer: &Actor, inquiry: &Value) {
    officer.mutate("claimInquiry", json!({ "inquiryId": inquiry["id"] }), "id").await.done();
}

pub async fn read(actor: &Actor, inquiry: &Value, wanted: &str) -> Value {
    let document = format!("query($id: ID!) {{ inquiry(id: $id) {{ version {wanted} }} }}");
    actor.query(&document, json!({ "id": inquiry["id"] })).await.at("/inquiry").clone()
}

/// Gives an inquiry to an officer, or back to the desk.
pub async fn assign(actor: &Actor, inquiry: &Value, to: Option<&Actor>) {
    let version = read(actor, inquiry, "").await["version"].clone();
    let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": version,
                        "assigneeId": to.map(Actor::id) });
    actor.mutate("assignInquiry", input, "id").await.done();
}

pub async fn change(actor: &Actor, name: &str, inquiry: &Value) {
    let version = read(actor, inquiry, "").await["version"].clone();
    let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": version });
    actor.mutate(name, input, "id").await.done();
}

pub async fn assert_owner(app: &TestApp, inquiry: &Value, officer: &Actor, reason: &str) {
    let owner = read(&app.county_admin(), inquiry, OWNER).await["owner"].clone();
    assert_eq!((&owner["officer"]["id"], &owner["reason"]), (&json!(officer.id()), &json!(reason)));
    assert_eq!(owner["until"], Value::Null);
    assert!(!owner["text"].as_str().unwrap().is_empty());
}

/// The officers and reasons of those before, latest first.
pub async fn past(actor: &Actor, inquiry: &Value) -> Vec<(String, String)> {
    let wanted = "pastOwners { reason since until officer { id } }";
    let read = read(actor, inquiry, wanted).await;
    let owners = read["pastOwners"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    owners.iter().map(|one| (text(&one["officer"]["id"]), text(&one["reason"]))).collect()
}

pub fn was(officer: &Actor, reason: &str) -> (String, String) {
    (officer.id(), reason.to_owned())
}

/// What is in a tab and how many that are.
pub async fn tab(officer: &Actor, tab: &str) -> Vec<String> {
    let document = format!(
        "{{ inbox {{ counts {{ mine }} inquiries(tab: {tab}) {{ edges {{ node {{ id }} }} }} }} }}"
    );
    let answer = officer.query(&document, json!({})).await;
    let found = answer.nodes("/inbox/inquiries", "id");
    if tab == "MINE" {
        assert_eq!(answer.at("/inbox/counts/mine"), &json!(found.len()));
    }
    found
}

pub fn ids(inquiries: &[&Value]) -> Vec<String> {
    inquiries.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// An inquiry that is to be answered within ten minutes.
pub async fn pressing(app: &TestApp, household: &Value) -> Value {
    let target = json!({ "category": "BIRTH_REGISTRATION", "priority": "NORMAL", "firstReplyMinutes": 10,
        "resolutionMinutes": 600, "escalationMinutes": 30, "hours": "ROUND_THE_CLOCK" });
    app.county_admin().mutate("setDeadlineTarget", target, "category").await.done();
    app.inquiry(household).await
}

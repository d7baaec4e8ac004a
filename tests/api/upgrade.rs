//! A database of before inquiries had owners and were sealed: nothing of it is lost, and all of it follows the new rules.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use huhutong::id::{GlobalId, Kind};
use huhutong::tally;
use migration::{Migrator, MigratorTrait};
use sea_orm::prelude::Expr;
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection, Value as Cell};
use serde_json::Value;
use uuid::Uuid;

use crate::on_both_databases;
use crate::support::county::{self, CHENJI, LIUHE, WANGLOU};
use crate::support::{Actor, Place, TestApp, json};

on_both_databases!(an_old_database_is_sealed_owned_and_counted_and_loses_nothing);

/// So many changes had landed by then.
const BEFORE: u32 = 28;
const SEALED: [&str; 3] = ["DISPUTE", "PUBLIC_SECURITY_LEAD", "COMPLAINT"];
const STATUSES: [&str; 4] = ["OPEN", "WAITING_FOR_RESIDENT", "WAITING_FOR_OFFICER", "RESOLVED"];
/// Who helps in both villages, and wrote in one inquiry of each status and category.
const HELPER: Uuid = Uuid::from_u128(500);

/// Writes a row as the program of then did.
async fn put<const N: usize>(raw: &DatabaseConnection, table: &str, row: [(&str, Cell); N]) {
    let mut insert = Query::insert();
    let (names, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
    insert.into_table(Alias::new(table)).columns(names.into_iter().map(Alias::new));
    insert.values_panic(values.into_iter().map(Expr::value));
    raw.execute(&insert).await.unwrap();
}

/// A village with a household, and in it an inquiry of each status, of a sealed and of another category, taken on by its
/// lead officer or by nobody. Numbers its keys from `first` on.
async fn village(raw: &DatabaseConnection, code: &str, first: u128, at: DateTime<Utc>) {
    let household = Uuid::from_u128(first);
    let place = || [("village_code", Cell::from(code)), ("township_code", CHENJI.into())];
    let [village, township] = place();
    let row = [
        village,
        township,
        ("id", household.into()),
        ("group_code", format!("{code}-01").into()),
        ("door", 1.into()),
        ("label", "刘河村1组-王建国".into()),
        ("people_count", 3.into()),
        ("status", "VISITED".into()),
        ("reachable", false.into()),
        ("search_text", "".into()),
        ("version", 1.into()),
        ("created_at", at.into()),
        ("updated_at", at.into()),
    ];
    put(raw, "household", row).await;
    let counted =
        json!({ "status": "VISITED", "people": 3, "reachable": false, "confirmedOn": null });
    event(raw, code, (household, household), "HOUSEHOLD_REGISTERED", counted, at).await;
    let mut key = first;
    for category in [SEALED[0], SEALED[1], SEALED[2], "ID_CARD"] {
        for status in STATUSES {
            for assignee in [None, Some(county::lead(code))] {
                key += 10;
                inquiry(raw, code, household, key, (category, status, assignee), at).await;
            }
        }
    }
}

async fn inquiry(
    raw: &DatabaseConnection,
    code: &str,
    household: Uuid,
    key: u128,
    (category, status, assignee): (&str, &str, Option<Uuid>),
    at: DateTime<Utc>,
) {
    let id = Uuid::from_u128(key);
    let resolved = status == "RESOLVED";
    let row = [
        ("id", id.into()),
        ("household_id", household.into()),
        ("village_code", code.into()),
        ("township_code", CHENJI.into()),
        ("category", category.into()),
        ("status", status.into()),
        ("subject", "地界".into()),
        ("assignee_id", assignee.into()),
        ("last_message_id", Uuid::from_u128(key + 2).into()),
        ("version", 3.into()),
        ("opened_at", at.into()),
        ("updated_at", at.into()),
        ("waiting_since", at.into()),
        ("resolved_at", resolved.then_some(at).into()),
    ];
    put(raw, "inquiry", row).await;
    // The helper wrote where nobody had taken it on.
    let author = if assignee.is_none() { HELPER } else { county::lead(code) };
    for (number, direction, author) in [(1, "INBOUND", None), (2, "OUTBOUND", Some(author))] {
        let row = [
            ("id", Uuid::from_u128(key + number).into()),
            ("inquiry_id", id.into()),
            ("direction", direction.into()),
            ("officer_id", author.into()),
            ("text", format!("第{number}句").into()),
            ("sent_at", (at + TimeDelta::minutes(number as i64)).into()),
        ];
        put(raw, "message", row).await;
    }
    event(raw, code, (household, id), "INQUIRY_SUBMITTED", json!({ "status": "OPEN" }), at).await;
    let changed = json!({ "before": "OPEN", "after": status });
    event(raw, code, (household, id), "INQUIRY_CHANGED", changed, at).await;
}

async fn event(
    raw: &DatabaseConnection,
    code: &str,
    (household, subject): (Uuid, Uuid),
    kind: &str,
    detail: Value,
    at: DateTime<Utc>,
) {
    let row = [
        ("at", at.into()),
        ("kind", kind.into()),
        ("village_code", code.into()),
        ("township_code", CHENJI.into()),
        ("household_id", household.into()),
        ("subject_id", subject.into()),
        ("detail", detail.into()),
    ];
    put(raw, "event", row).await;
}

/// What was counted of a village by then, as of its only day: everything that the log has so far.
async fn counted(raw: &DatabaseConnection, code: &str, at: DateTime<Utc>) {
    let day: NaiveDate = huhutong::clock::day(at);
    let numbers = "people, unvisited, visited, enrolled, declined, moved_away, no_smartphone, vacant, reachable, \
        open_inquiries";
    let values = "3, 0, 1, 0, 0, 0, 0, 0, 0, 24";
    for sql in [
        format!(
            "INSERT INTO village_tally (village_code, township_code, {numbers}, updated_at) \
             VALUES ('{code}', '{CHENJI}', {values}, '{}')",
            at.to_rfc3339()
        ),
        format!(
            "INSERT INTO tally_day (village_code, township_code, day, {numbers}, recently_confirmed) \
             VALUES ('{code}', '{CHENJI}', '{day}', {values}, 0)"
        ),
        "INSERT INTO checkpoint (reader, \"transaction\", sequence) \
         SELECT 'tally', \"transaction\", sequence FROM event ORDER BY sequence DESC LIMIT 1"
            .to_owned(),
    ] {
        raw.execute_unprepared(&sql).await.unwrap();
    }
}

/// An appointment that belongs to an inquiry.
async fn appointment(raw: &DatabaseConnection, household: u128, inquiry: u128, at: DateTime<Utc>) {
    let window = Uuid::from_u128(700);
    let row = [
        ("id", window.into()),
        ("station_id", county::station(CHENJI).into()),
        ("township_code", CHENJI.into()),
        ("name", "户籍窗口".into()),
        ("slot_minutes", 30.into()),
        ("capacity", 1.into()),
        ("bookable_days", 30.into()),
        ("lead_minutes", 60.into()),
        ("hours", "[]".into()),
        ("closures", "[]".into()),
        ("version", 1.into()),
        ("created_at", at.into()),
        ("updated_at", at.into()),
    ];
    put(raw, "service_window", row).await;
    let id = Uuid::from_u128(701);
    let row = [
        ("id", id.into()),
        ("window_id", window.into()),
        ("household_id", Uuid::from_u128(household).into()),
        ("inquiry_id", Uuid::from_u128(inquiry).into()),
        ("starts_at", at.into()),
        ("ends_at", (at + TimeDelta::minutes(30)).into()),
        ("place", 1.into()),
        ("status", "ATTENDED".into()),
        ("displaced", false.into()),
        ("version", 1.into()),
        ("booked_at", at.into()),
        ("updated_at", at.into()),
    ];
    put(raw, "appointment", row).await;
    let row = [
        ("id", id.into()),
        ("window_id", window.into()),
        ("starts_at", at.into()),
        ("place", 1.into()),
        ("appointment_id", id.into()),
    ];
    put(raw, "slot_place", row).await;
}

/// The service on a database that has gone through it all.
async fn upgraded(app: &TestApp) -> TestApp {
    let place = Place::empty(app.backend()).await;
    let raw = sea_orm::Database::connect(place.url()).await.unwrap();
    Migrator::up(&raw, Some(BEFORE)).await.unwrap();
    // What the change tells of, it tells of today.
    let at = app.now() - TimeDelta::days(20);
    county::seed(&raw, at).await;
    let station = Some(county::station(CHENJI));
    let helper = county::staff(HELPER, "helper", entity::officer::Role::Officer, station, at);
    county::add(&raw, helper).await;
    for (number, code) in [(501, LIUHE), (502, WANGLOU)] {
        county::add(&raw, county::posted(Uuid::from_u128(number), HELPER, code, at)).await;
    }
    village(&raw, LIUHE, 10_000, at).await;
    counted(&raw, LIUHE, at).await;
    // Nobody came to count these.
    village(&raw, WANGLOU, 20_000, at).await;
    appointment(&raw, 10_000, 10_010, at).await;
    raw.close().await.unwrap();
    TestApp::upgrade(place).await
}

async fn all(actor: &Actor, wanted: &str) -> Vec<Value> {
    let document =
        format!("{{ inquiries(first: 100) {{ totalCount edges {{ node {{ id {wanted} }} }} }} }}");
    let answer = actor.query(&document, json!({})).await;
    let edges = answer.at("/inquiries/edges").as_array().unwrap();
    assert_eq!(answer.at("/inquiries/totalCount"), edges.len());
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

async fn an_old_database_is_sealed_owned_and_counted_and_loses_nothing(app: TestApp) {
    let app = upgraded(&app).await;
    let chief = app.chief(CHENJI);
    let found = all(
        &chief,
        "category status sealed subject household { label } assignee { id } \
         owner { reason officer { id } since } openedAt readers { reason officer { id } } \
         messages(first: 5) { edges { node { text } } }",
    )
    .await;
    assert_eq!(found.len(), 2 * 4 * 4 * 2);
    let helper = app.officer(HELPER);
    for one in &found {
        let sealed = SEALED.contains(&one["category"].as_str().unwrap());
        assert_eq!(one["sealed"], sealed, "{one}");
        assert_eq!(
            (&one["subject"], &one["household"]["label"]),
            (&json!("地界"), &json!("刘河村1组-王建国"))
        );
        let texts: Vec<_> = one["messages"]["edges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|edge| &edge["node"]["text"])
            .collect();
        assert_eq!(texts, ["第1句", "第2句"]);
        let handles = one["assignee"].clone();
        let owner = match &handles {
            Value::Null => Value::Null,
            officer => {
                json!({ "reason": "ASSIGNED", "officer": officer, "since": one["openedAt"] })
            }
        };
        assert_eq!(one["owner"], owner);
        let handles = if handles.is_null() { json!({ "id": helper.id() }) } else { handles };
        let readers =
            if sealed { json!([{ "reason": "HANDLES", "officer": handles }]) } else { json!([]) };
        assert_eq!(one["readers"], readers, "{one}");
    }
    // Each sees what is not sealed in the own villages, and what he or she had in hand or wrote in.
    assert_eq!(all(&app.lead(LIUHE), "").await.len(), 8 + 12);
    assert_eq!(all(&helper, "").await.len(), 16 + 24);
    assert_eq!(all(&app.county_admin(), "").await.len(), 16);

    app.count_events().await;
    let service = app.service();
    let wrong = tally::verify(&service.database, service.confirmed_days, app.now()).await.unwrap();
    assert_eq!(wrong, []);
    for code in [LIUHE, WANGLOU] {
        let kept = format!(
            "SELECT open_inquiries * 100 + sealed_inquiries FROM village_tally WHERE village_code = '{code}'"
        );
        assert_eq!(app.number(&kept).await, 2418);
        let document = "query($code: DivisionCode!) { village(code: $code) { openInquiryCount } }";
        let answer = chief.query(document, json!({ "code": code })).await;
        assert_eq!(answer.at("/village/openInquiryCount"), 6);
    }

    let household = GlobalId::new(Kind::Household, Uuid::from_u128(10_000)).to_string();
    let document = "query($id: ID!) { household(id: $id) { appointments(first: 5) { edges { node { status inquiry { sealed } } } } } }";
    let answer = chief.query(document, json!({ "id": household })).await;
    let kept = json!([{ "node": { "status": "ATTENDED", "inquiry": { "sealed": true } } }]);
    assert_eq!(answer.at("/household/appointments/edges"), &kept);
}

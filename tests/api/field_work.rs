//! What was done where there was no network, handed in later: in any order, as often as the connection
//! breaks.

use std::time::Duration;

use chrono::TimeDelta;

use crate::on_both_databases;
use crate::support::county::{LIUHE, OTHER_LIUHE};
use crate::support::{Actor, Answer, TestApp, Value, json, with};

on_both_databases!(
    visits_enrolments_and_edits_are_done_in_the_order_of_the_device,
    what_is_sent_again_is_done_once,
    the_same_request_twice_at_once_is_done_once,
    a_key_is_not_used_for_something_else,
    a_good_item_lands_among_bad_ones,
    an_item_at_which_the_service_fails_stops_no_other,
    times_that_cannot_be_are_answered,
    requests_of_no_items_and_of_very_many_are_refused,
    a_hundred_items_are_done_at_once,
);

pub const DAY: Duration = Duration::from_secs(24 * 3600);
pub const HOUR: Duration = Duration::from_secs(3600);

const RESULTS: &str = "idempotencyKey outcome conflicts { value base mine theirs } \
    userErrors { code field } household { id label door status version } visit { at outcome } \
    contact { name phone version }";

pub fn item(app: &TestApp, key: &str, work: Value) -> Value {
    json!({ "idempotencyKey": key, "madeAt": app.now(), "work": work })
}

pub fn visit(household: &Value, outcome: &str) -> Value {
    json!({ "visit": { "householdId": household["id"], "outcome": outcome } })
}

pub fn enrolment(app: &TestApp, household: &Value, name: &str) -> Value {
    json!({ "enrolment": { "householdId": household["id"], "name": name, "standing": "PRIMARY",
        "consent": app.consent() } })
}

pub fn edit(household: &Value, version: i32, base: Value, mine: Value) -> Value {
    json!({ "householdEdit": { "householdId": household["id"], "baseVersion": version, "base": base,
        "mine": mine } })
}

pub async fn send(actor: &Actor, items: &[Value]) -> Answer {
    let document = format!(
        "mutation($input: SyncFieldWorkInput!) {{ syncFieldWork(input: $input) {{ \
         object: results {{ {RESULTS} }} userErrors {{ code field message }} }} }}"
    );
    actor.query(&document, json!({ "input": { "items": items } })).await
}

pub async fn sync(actor: &Actor, items: &[Value]) -> Vec<Value> {
    send(actor, items).await.done().as_array().expect("results").clone()
}

/// How each item went: its outcome, and the code and field of why it was refused.
pub fn outcomes(results: &[Value]) -> Vec<String> {
    let one = |result: &Value| {
        let outcome = result["outcome"].as_str().unwrap().to_owned();
        let Some(error) = result["userErrors"].get(0) else { return outcome };
        let path: Vec<&str> =
            error["field"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("{outcome} {} {}", error["code"].as_str().unwrap(), path.join("."))
    };
    results.iter().map(one).collect()
}

pub async fn seen(app: &TestApp, household: &Value, wanted: &str) -> Value {
    let document = format!("query($id: ID!) {{ household(id: $id) {{ {wanted} }} }}");
    let answer = app.county_admin().query(&document, json!({ "id": household["id"] })).await;
    answer.at("/household").clone()
}

pub async fn change(app: &TestApp, household: &Value, version: i32, change: Value) {
    let mut input = json!({ "householdId": household["id"], "expectedVersion": version });
    for (field, value) in change.as_object().unwrap() {
        input[field] = value.clone();
    }
    app.county_admin().mutate("updateHousehold", input, "id").await.done();
}

async fn visits_enrolments_and_edits_are_done_in_the_order_of_the_device(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.advance(HOUR);
    let met = item(&app, "1", visit(&household, "MET"));
    app.advance(HOUR);
    let joined = item(&app, "2", enrolment(&app, &household, "王建国"));
    app.advance(HOUR);
    let moved = edit(&household, 3, json!({ "door": household["door"] }), json!({ "door": 9 }));
    let moved = item(&app, "3", moved);
    app.advance(HOUR);
    let confirmed = item(&app, "4", visit(&household, "CONTACT_CONFIRMED"));
    let at = confirmed["madeAt"].clone();
    app.advance(DAY);
    let results = sync(&app.lead(LIUHE), &[confirmed, moved, joined, met]).await;
    assert_eq!(outcomes(&results), ["APPLIED"; 4]);
    assert_eq!(results[0]["idempotencyKey"], "4");
    assert_eq!(results[0]["visit"]["outcome"], "CONTACT_CONFIRMED");
    assert_eq!(results[2]["contact"]["name"], "王建国");
    let now = seen(&app, &household, "status door confirmedAt statusHistory { totalCount }").await;
    assert_eq!((&now["status"], &now["door"]), (&json!("ENROLLED"), &json!(9)));
    let confirmed_at = chrono::DateTime::parse_from_rfc3339(now["confirmedAt"].as_str().unwrap());
    let at = chrono::DateTime::parse_from_rfc3339(at.as_str().unwrap());
    assert_eq!(confirmed_at, at);
    assert_eq!(now["statusHistory"]["totalCount"], 2);
}

async fn what_is_sent_again_is_done_once(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let items = [
        item(&app, "v", visit(&household, "NOBODY_HOME")),
        item(&app, "e", enrolment(&app, &household, "王建国")),
        item(
            &app,
            "h",
            edit(&household, 3, json!({ "peopleCount": 4 }), json!({ "peopleCount": 5 })),
        ),
    ];
    assert_eq!(outcomes(&sync(&officer, &items).await), ["APPLIED"; 3]);
    let version = seen(&app, &household, "version").await;
    let again = sync(&officer, &items).await;
    assert_eq!(outcomes(&again), ["ALREADY_APPLIED"; 3]);
    assert_eq!(again[1]["contact"]["name"], "王建国");
    assert_eq!(again[2]["household"]["id"], household["id"]);
    assert_eq!(seen(&app, &household, "version").await, version);
    let twice = item(&app, "w", visit(&household, "MET"));
    let twice = sync(&officer, &[twice.clone(), twice]).await;
    assert_eq!(outcomes(&twice), ["APPLIED", "ALREADY_APPLIED"]);
    // It has landed, wherever the household is now.
    let input = json!({ "idempotencyKey": "m", "villageCode": OTHER_LIUHE,
        "householdIds": [household["id"]], "groupNumber": 1 });
    app.county_admin().mutate("moveHouseholds", input, "id").await.done();
    let again = sync(&officer, &items).await;
    assert_eq!(outcomes(&again), ["ALREADY_APPLIED"; 3]);
    assert_eq!((&again[0]["visit"], &again[0]["household"]), (&Value::Null, &Value::Null));
}

async fn the_same_request_twice_at_once_is_done_once(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let items = [
        item(&app, "v", visit(&household, "MET")),
        item(&app, "h", edit(&household, 2, json!({ "door": 1 }), json!({ "door": 5 }))),
    ];
    let (one, other) = tokio::join!(sync(&officer, &items), sync(&officer, &items));
    for place in 0..2 {
        let mut both = [outcomes(&one)[place].clone(), outcomes(&other)[place].clone()];
        both.sort();
        assert_eq!(both, ["ALREADY_APPLIED", "APPLIED"]);
    }
    assert_eq!(app.number("SELECT count(*) FROM visit").await, 1);
}

async fn a_key_is_not_used_for_something_else(app: TestApp) {
    let household = app.household(LIUHE).await;
    let results = sync(
        &app.lead(LIUHE),
        &[
            item(&app, "a", visit(&household, "MET")),
            item(&app, "a", visit(&household, "VACANT")),
            item(&app, " ", visit(&household, "VACANT")),
        ],
    )
    .await;
    assert_eq!(
        outcomes(&results),
        [
            "APPLIED",
            "REFUSED IDEMPOTENCY_KEY_REUSED idempotencyKey",
            "REFUSED BLANK idempotencyKey"
        ]
    );
}

async fn a_good_item_lands_among_bad_ones(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let wrong_id = json!({ "id": officer.id() });
    let cases = [
        (visit(&wrong_id, "MET"), "REFUSED INVALID work.visit.householdId"),
        (visit(&json!({ "id": "户" }), "MET"), "REFUSED INVALID work.visit.householdId"),
        (visit(&household, "CONTACT_CONFIRMED"), "REFUSED WRONG_STATE work.visit.outcome"),
        (enrolment(&app, &household, ""), "REFUSED BLANK work.enrolment.name"),
        (enrolment(&app, &household, &"长".repeat(41)), "REFUSED TOO_LONG work.enrolment.name"),
        (
            edit(&household, 1, json!({ "door": 1 }), json!({ "door": -1 })),
            "REFUSED INVALID work.householdEdit.mine.door",
        ),
        (
            edit(&household, 1, json!({ "status": "VISITED" }), json!({ "status": "ENROLLED" })),
            "REFUSED WRONG_STATE work.householdEdit.mine.status",
        ),
        (
            edit(&household, 1, json!({ "status": "VISITED" }), json!({ "status": "VACANT" })),
            "REFUSED BLANK work.householdEdit.statusReason",
        ),
        (edit(&household, 1, json!({}), json!({})), "APPLIED"),
    ];
    let mut items: Vec<Value> = cases
        .iter()
        .enumerate()
        .map(|(n, (work, _))| item(&app, &format!("bad {n}"), work.clone()))
        .collect();
    items.insert(3, item(&app, "good", visit(&household, "NOBODY_HOME")));
    let mut expected: Vec<&str> = cases.iter().map(|(_, outcome)| *outcome).collect();
    expected.insert(3, "APPLIED");
    let results = sync(&officer, &items).await;
    let last = expected.len() - 1;
    expected[last] = "MERGED";
    assert_eq!(outcomes(&results), expected);
    assert_eq!(seen(&app, &household, "version").await["version"], 2);
}

async fn an_item_at_which_the_service_fails_stops_no_other(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.sql("ALTER TABLE visit RENAME TO lost").await;
    let items = [
        item(&app, "v", visit(&household, "MET")),
        item(&app, "h", edit(&household, 1, json!({ "door": 1 }), json!({ "door": 5 }))),
    ];
    let answer = send(&app.lead(LIUHE), &items).await;
    assert_eq!(answer.code(), Some("INTERNAL"));
    assert_eq!(answer.json["errors"][0]["path"], json!(["syncFieldWork", "object", 0]));
    let results = &answer.json["data"]["syncFieldWork"]["object"];
    assert_eq!((&results[0], &results[1]["outcome"]), (&Value::Null, &json!("APPLIED")));
    // Nothing of it was kept: it is done as soon as it can be.
    app.sql("ALTER TABLE lost RENAME TO visit").await;
    let results = sync(&app.lead(LIUHE), &items).await;
    assert_eq!(outcomes(&results), ["APPLIED", "ALREADY_APPLIED"]);
}

async fn times_that_cannot_be_are_answered(app: TestApp) {
    let household = app.household(LIUHE).await;
    let now = app.now();
    let cases = [
        (now + TimeDelta::minutes(4), "APPLIED"),
        (now + TimeDelta::minutes(6), "REFUSED INVALID madeAt"),
        (now + TimeDelta::days(36_500), "REFUSED INVALID madeAt"),
        (now - TimeDelta::days(1), "REFUSED INVALID madeAt"),
        (now - TimeDelta::days(90), "REFUSED INVALID madeAt"),
        (chrono::DateTime::UNIX_EPOCH, "REFUSED INVALID madeAt"),
        (chrono::DateTime::<chrono::Utc>::MIN_UTC + TimeDelta::days(1), "REFUSED INVALID madeAt"),
    ];
    let items: Vec<Value> = cases
        .iter()
        .enumerate()
        .map(|(n, (at, _))| {
            with(item(&app, &n.to_string(), visit(&household, "MET")), "madeAt", json!(at))
        })
        .collect();
    let results = sync(&app.lead(LIUHE), &items).await;
    let early = json!(now - TimeDelta::minutes(1));
    let works = [
        enrolment(&app, &household, "王建国"),
        edit(&household, 2, json!({ "door": 1 }), json!({ "door": 2 })),
    ];
    for work in works {
        let early = with(item(&app, "early", work), "madeAt", early.clone());
        let refused = outcomes(&sync(&app.lead(LIUHE), &[early]).await);
        assert_eq!(refused, ["REFUSED INVALID madeAt"]);
    }
    let expected: Vec<&str> = cases.iter().map(|(_, outcome)| *outcome).collect();
    assert_eq!(outcomes(&results), expected);
    assert_eq!(results[0]["visit"]["at"], crate::support::moment(now));
}

async fn requests_of_no_items_and_of_very_many_are_refused(app: TestApp) {
    let household = app.household(LIUHE).await;
    let items: Vec<Value> =
        (0..101).map(|n| item(&app, &n.to_string(), visit(&household, "MET"))).collect();
    for items in [&[][..], &items] {
        assert_eq!(send(&app.lead(LIUHE), items).await.outcome(), "INVALID items");
    }
    for stranger in [app.auditor(), app.analyst()] {
        assert_eq!(send(&stranger, &items[..1]).await.outcome(), "FORBIDDEN");
    }
    assert_eq!(send(&app.anonymous(), &items[..1]).await.outcome(), "UNAUTHENTICATED");
}

async fn a_hundred_items_are_done_at_once(app: TestApp) {
    let mut items = Vec::new();
    for n in 0..20 {
        let household = app.labelled(LIUHE, &format!("1组-{n}")).await;
        app.advance(Duration::from_secs(60));
        for round in 0..5 {
            let key = format!("{n} {round}");
            let work = if round == 2 {
                enrolment(&app, &household, "王建国")
            } else {
                let mut work = visit(&household, "MET");
                work["visit"]["note"] = json!("长".repeat(500));
                work
            };
            items.push(item(&app, &key, work));
        }
    }
    let officer = app.lead(LIUHE);
    let (statements, results) = app.statements(sync(&officer, &items)).await;
    assert_eq!(outcomes(&results), ["APPLIED"; 100]);
    // What is answered of all of them is read at once: households, visits, contacts.
    assert!(statements < 100 * 16, "{statements} statements");
    let (again, results) = app.statements(sync(&officer, &items)).await;
    assert_eq!(outcomes(&results), ["ALREADY_APPLIED"; 100]);
    assert!(again < 100 * 4 + 10, "{again} statements");
}

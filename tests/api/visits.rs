//! What officers find at the door, and how a household's status follows.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json, moment, with};

on_both_databases!(
    a_visit_changes_the_household_and_is_kept,
    a_visit_that_is_told_late_is_kept_and_changes_nothing,
    what_was_said_by_hand_after_a_visit_stays,
    a_visit_says_which_field_is_wrong,
    the_same_key_records_one_visit,
    an_officer_visits_in_the_own_villages_only,
    a_village_is_walked_by_a_list,
    households_are_found_by_whether_they_can_be_reached,
    every_change_of_a_status_is_kept,
    a_status_that_ends_the_work_needs_a_reason,
    nobody_goes_back_to_unvisited,
    who_declines_at_the_door_is_not_messaged,
    confirming_at_the_door_needs_somebody_to_confirm,
    notes_and_reasons_are_sealed_and_masked,
    many_visits_take_as_many_statements_as_one,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

fn visit(household: &Value, key: &str, outcome: &str) -> Value {
    json!({ "idempotencyKey": key, "householdId": household["id"], "outcome": outcome })
}

async fn seen(app: &TestApp, household: &Value, wanted: &str) -> Value {
    let document = format!("query($id: ID!) {{ household(id: $id) {{ {wanted} }} }}");
    let answer = app.county_admin().query(&document, json!({ "id": household["id"] })).await;
    answer.at("/household").clone()
}

async fn a_visit_changes_the_household_and_is_kept(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"], "outcome": "NOBODY_HOME",
        "note": "门口有狗 🐕", "nextVisitOn": "2026-09-08", "peopleCount": 3 });
    let wanted = "outcome note at recordedAt nextVisitOn officer { id } \
                  household { status nextVisitOn peopleCount version reachable }";
    let visit = officer.mutate("recordVisit", input, wanted).await.done();
    assert_eq!(
        visit,
        json!({ "outcome": "NOBODY_HOME", "note": "门口有狗 🐕", "at": moment(app.now()),
                "recordedAt": moment(app.now()), "nextVisitOn": "2026-09-08", "officer": { "id": officer.id() },
                "household": { "status": "VISITED", "nextVisitOn": "2026-09-08", "peopleCount": 3,
                               "version": 2, "reachable": false } })
    );
    let kept = seen(&app, &household, "visits { totalCount } lastVisit { outcome }").await;
    assert_eq!(
        kept,
        json!({ "visits": { "totalCount": 1 }, "lastVisit": { "outcome": "NOBODY_HOME" } })
    );
}

async fn a_visit_that_is_told_late_is_kept_and_changes_nothing(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.advance(DAY);
    let yesterday = app.now();
    app.advance(DAY);
    let newer = with(visit(&household, "newer", "VACANT"), "nextVisitOn", "2026-12-01");
    app.lead(LIUHE).mutate("recordVisit", newer, "id").await.done();
    let before = seen(&app, &household, "status nextVisitOn peopleCount version").await;
    let mut older = visit(&household, "older", "DECLINED");
    older["visitedAt"] = json!(yesterday);
    older["peopleCount"] = json!(9);
    app.lead(LIUHE).mutate("recordVisit", older, "id").await.done();
    assert_eq!(seen(&app, &household, "status nextVisitOn peopleCount version").await, before);
    let kept =
        seen(&app, &household, "lastVisit { outcome } visits { edges { node { outcome } } }").await;
    assert_eq!(
        kept,
        json!({ "lastVisit": { "outcome": "VACANT" }, "visits": { "edges": [
            { "node": { "outcome": "VACANT" } }, { "node": { "outcome": "DECLINED" } }] } })
    );
}

async fn what_was_said_by_hand_after_a_visit_stays(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.advance(DAY);
    let at_the_door = app.now();
    app.advance(DAY);
    app.contact_of(&household, "王建国").await;
    let mut late = with(visit(&household, "late", "MOVED_AWAY"), "nextVisitOn", "2026-10-01");
    late["visitedAt"] = json!(at_the_door);
    app.lead(LIUHE).mutate("recordVisit", late, "id").await.done();
    let now = seen(&app, &household, "status reachable nextVisitOn").await;
    assert_eq!(
        now,
        json!({ "status": "ENROLLED", "reachable": true, "nextVisitOn": "2026-10-01" })
    );
}

async fn a_visit_says_which_field_is_wrong(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.advance(DAY);
    let before = app.now() - 2 * DAY;
    let cases: [(&str, Value, &str); 9] = [
        ("visitedAt", json!(app.now() + DAY), "INVALID visitedAt"),
        ("visitedAt", json!(before), "INVALID visitedAt"),
        ("nextVisitOn", "2026-09-01".into(), "INVALID nextVisitOn"),
        ("peopleCount", (-1).into(), "INVALID peopleCount"),
        ("peopleCount", 100.into(), "INVALID peopleCount"),
        ("note", "长".repeat(501).into(), "TOO_LONG note"),
        ("note", " ".into(), "BLANK note"),
        ("note", "a\u{0}".into(), "INVALID note"),
        ("idempotencyKey", "".into(), "BLANK idempotencyKey"),
    ];
    for (field, value, expected) in cases {
        let input = with(visit(&household, "a", "MET"), field, value);
        let answer = app.lead(LIUHE).mutate("recordVisit", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    assert_eq!(app.number("SELECT count(*) FROM visit").await, 0);
}

async fn the_same_key_records_one_visit(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let send = async || officer.mutate("recordVisit", visit(&household, "a", "MET"), "id").await;
    let (a, b) = tokio::join!(send(), send());
    assert_eq!(a.done(), b.done());
    assert_eq!(app.number("SELECT count(*) FROM visit").await, 1);
    let other = officer.mutate("recordVisit", visit(&household, "a", "VACANT"), "id").await;
    assert_eq!(other.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn an_officer_visits_in_the_own_villages_only(app: TestApp) {
    let household = app.household(OTHER_LIUHE).await;
    let answer = app.lead(LIUHE).mutate("recordVisit", visit(&household, "a", "MET"), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND householdId");
    let officer = app.lead(OTHER_LIUHE);
    let made = officer.mutate("recordVisit", visit(&household, "a", "MET"), "id").await.done();
    let document = "query($id: ID!) { node(id: $id) { id } }";
    let found = app.lead(LIUHE).query(document, json!({ "id": made["id"] })).await;
    assert_eq!(found.code(), Some("NOT_FOUND"));
    let found = officer.query(document, json!({ "id": made["id"] })).await;
    assert_eq!(found.at("/node/id"), &made["id"]);
}

async fn labels(actor: &Actor, filter: Value) -> Vec<String> {
    let document = "query($filter: HouseholdFilter) { households(filter: $filter) { edges { node { label } } } }";
    actor.query(document, json!({ "filter": filter })).await.nodes("/households", "label")
}

async fn a_village_is_walked_by_a_list(app: TestApp) {
    let officer = app.lead(LIUHE);
    for (key, group, door) in [("b", 2, 1), ("a2", 1, 2), ("a1", 1, 1), ("a3", 1, 3)] {
        let input = json!({ "idempotencyKey": key, "villageCode": LIUHE, "groupNumber": group,
            "door": door, "label": key, "peopleCount": 1 });
        let household = officer.mutate("registerHousehold", input, "id").await.done();
        if key.starts_with("a2") || key == "a3" {
            let day = if key == "a2" { "2026-09-05" } else { "2026-09-06" };
            let input = with(visit(&household, day, "MET"), "nextVisitOn", day);
            officer.mutate("recordVisit", input, "id").await.done();
        }
    }
    app.labelled(WANGLOU, "elsewhere").await;
    let due = |day: &str| json!({ "villageCode": LIUHE, "visitDueBy": day });
    assert_eq!(labels(&officer, due("2026-09-04")).await, ["a1", "b"]);
    assert_eq!(labels(&officer, due("2026-09-05")).await, ["a1", "a2", "b"]);
    assert_eq!(labels(&officer, due("2026-09-06")).await, ["a1", "a2", "a3", "b"]);
    let document = "query($code: DivisionCode!) { village(code: $code) { \
        households(filter: { visitDueBy: \"2026-09-05\" }) { totalCount edges { node { label } } } } }";
    let answer = officer.query(document, json!({ "code": LIUHE })).await;
    assert_eq!(answer.nodes("/village/households", "label"), ["a1", "a2", "b"]);
    assert_eq!(answer.at("/village/households/totalCount"), 3);
}

async fn households_are_found_by_whether_they_can_be_reached(app: TestApp) {
    let early = app.labelled(LIUHE, "早").await;
    app.contact_of(&early, "王建国").await;
    app.advance(DAY);
    let late = app.labelled(LIUHE, "晚").await;
    app.contact_of(&late, "李秀英").await;
    app.labelled(LIUHE, "无").await;
    let admin = app.county_admin();
    assert_eq!(labels(&admin, json!({ "reachable": true })).await, ["早", "晚"]);
    assert_eq!(labels(&admin, json!({ "reachable": false })).await, ["无"]);
    assert_eq!(labels(&admin, json!({ "confirmedBefore": app.now() })).await, ["早"]);
}

async fn every_change_of_a_status_is_kept(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    app.advance(DAY);
    officer.mutate("recordVisit", visit(&household, "a", "MET"), "id").await.done();
    app.advance(DAY);
    let input = json!({ "householdId": household["id"], "expectedVersion": 2, "status": "DECLINED",
        "statusReason": "王建国说暂时不加" });
    officer.mutate("updateHousehold", input, "id").await.done();
    app.advance(DAY);
    app.contact_of(&household, "王建国").await;
    let wanted =
        "statusHistory { edges { node { from to cause reason changedAt officer { id } } } }";
    let history = seen(&app, &household, wanted).await;
    let change = |from: &str, to: &str, cause: &str, reason: Value, days: u32, officer: &Actor| {
        json!({ "node": { "from": from, "to": to, "cause": cause, "reason": reason,
            "changedAt": moment(app.now() - days * DAY), "officer": { "id": officer.id() } } })
    };
    let expected = [
        change("DECLINED", "ENROLLED", "ENROLMENT", Value::Null, 0, &app.county_admin()),
        change("VISITED", "DECLINED", "BY_HAND", "王建国说暂时不加".into(), 1, &officer),
        change("UNVISITED", "VISITED", "VISIT", Value::Null, 2, &officer),
    ];
    assert_eq!(history["statusHistory"]["edges"], json!(expected));
}

async fn a_status_that_ends_the_work_needs_a_reason(app: TestApp) {
    let household = app.household(LIUHE).await;
    let input = |status: Value, reason: Value| {
        json!({ "householdId": household["id"], "expectedVersion": 1, "status": status,
                "statusReason": reason })
    };
    let admin = app.county_admin();
    for (status, reason, expected) in [
        ("DECLINED".into(), Value::Null, "BLANK statusReason"),
        ("MOVED_AWAY".into(), " ".into(), "BLANK statusReason"),
        ("NO_SMARTPHONE".into(), "长".repeat(201).into(), "TOO_LONG statusReason"),
        ("VACANT".into(), Value::Null, "BLANK statusReason"),
        (Value::Null, "没有状态".into(), "INVALID statusReason"),
        ("VISITED".into(), Value::Null, "ok"),
    ] {
        let answer = admin.mutate("updateHousehold", input(status, reason), "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let register = json!({ "idempotencyKey": "a", "villageCode": LIUHE, "groupNumber": 1,
        "label": "空房", "peopleCount": 0, "status": "VACANT" });
    let answer = admin.mutate("registerHousehold", register.clone(), "id").await;
    assert_eq!(answer.outcome(), "BLANK statusReason");
    let register = with(register, "statusReason", "无人居住");
    let made = admin.mutate("registerHousehold", register, "statusHistory { totalCount }").await;
    assert_eq!(made.done()["statusHistory"]["totalCount"], 1);
}

async fn nobody_goes_back_to_unvisited(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.contact_of(&household, "王建国").await;
    for status in ["UNVISITED", "VISITED"] {
        let input =
            json!({ "householdId": household["id"], "expectedVersion": 2, "status": status });
        let answer = app.county_admin().mutate("updateHousehold", input, "id").await;
        assert_eq!(answer.outcome(), "WRONG_STATE status");
    }
}

async fn who_declines_at_the_door_is_not_messaged(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.contact_of(&household, "王建国").await;
    app.advance(DAY);
    let visit = visit(&household, "a", "DECLINED");
    let wanted = "household { status reachable }";
    let visit = app.lead(LIUHE).mutate("recordVisit", visit, wanted).await.done();
    assert_eq!(visit["household"], json!({ "status": "DECLINED", "reachable": false }));
}

async fn confirming_at_the_door_needs_somebody_to_confirm(app: TestApp) {
    let household = app.household(LIUHE).await;
    let confirm = |key: &str| visit(&household, key, "CONTACT_CONFIRMED");
    let answer = app.lead(LIUHE).mutate("recordVisit", confirm("a"), "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE outcome");
    app.contact_of(&household, "王建国").await;
    app.advance(DAY);
    let wanted = "household { status confirmedAt }";
    let visit = app.lead(LIUHE).mutate("recordVisit", confirm("b"), wanted).await.done();
    assert_eq!(
        visit["household"],
        json!({ "status": "ENROLLED", "confirmedAt": moment(app.now()) })
    );
}

async fn notes_and_reasons_are_sealed_and_masked(app: TestApp) {
    let household = app.household(LIUHE).await;
    let secret = "儿子王小明在外打工";
    let noted = with(visit(&household, "a", "MET"), "note", secret);
    app.lead(LIUHE).mutate("recordVisit", noted, "id").await.done();
    app.advance(DAY);
    let input = json!({ "householdId": household["id"], "expectedVersion": 2, "status": "MOVED_AWAY",
        "statusReason": secret });
    app.lead(LIUHE).mutate("updateHousehold", input, "id").await.done();
    let document = "query($id: ID!) { household(id: $id) { visits { edges { node { note } } } \
                    statusHistory { edges { node { reason } } } } }";
    let variables = json!({ "id": household["id"] });
    for (actor, shown) in [(app.lead(LIUHE), secret.into()), (app.auditor(), Value::Null)] {
        let answer = actor.query(document, variables.clone()).await;
        assert_eq!(answer.at("/household/visits/edges/0/node/note"), &shown);
        assert_eq!(answer.at("/household/statusHistory/edges/0/node/reason"), &shown);
    }
    let resident = app.resident_of(&household).await;
    let answer = resident.query(document, variables).await;
    assert_eq!(answer.json["data"]["household"]["visits"], Value::Null);
    assert_eq!(answer.code(), Some("FORBIDDEN"));
}

async fn many_visits_take_as_many_statements_as_one(app: TestApp) {
    let officer = app.lead(LIUHE);
    for nth in 0..5 {
        let household = app.household(LIUHE).await;
        for time in 0..3 {
            let input = visit(&household, &format!("{nth} {time}"), "MET");
            officer.mutate("recordVisit", input, "id").await.done();
        }
    }
    let list = |first: u8| {
        format!(
            "{{ households(first: {first}) {{ edges {{ node {{ lastVisit {{ outcome officer {{ name }} }} \
             visits(first: 3) {{ edges {{ node {{ at }} }} }} \
             statusHistory(first: 3) {{ edges {{ node {{ to officer {{ name }} }} }} }} }} }} }} }}"
        )
    };
    let (one, answer) = app.statements(officer.query(&list(1), json!({}))).await;
    answer.data();
    let (many, answer) = app.statements(officer.query(&list(50), json!({}))).await;
    answer.data();
    assert_eq!(one, many);
}

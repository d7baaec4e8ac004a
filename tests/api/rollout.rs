//! The rollout: what is planned for each township, and how far it is.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, SHIYUAN, WANGLOU};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    a_plan_is_made_and_changed,
    a_plan_that_makes_no_sense_is_refused,
    a_board_sets_what_is_beside_what_was_planned,
    a_village_without_progress_is_named,
    a_village_without_an_officer_is_named,
    a_board_of_a_past_day_shows_that_day,
    a_chief_sees_the_own_township_only,
    a_board_takes_as_many_statements_for_many_households,
);

const DAY: Duration = Duration::from_secs(24 * 3600);
const PLAN: &str = "stage targetPercent startsOn targetOn version";

fn plan(version: i32) -> Value {
    json!({ "townshipCode": CHENJI, "expectedVersion": version, "stage": "ROLLING",
            "targetPercent": 80, "startsOn": "2026-09-01", "targetOn": "2026-09-29" })
}

/// A plan with one field changed.
fn with(field: &str, value: Value) -> Value {
    let mut plan = plan(0);
    plan[field] = value;
    plan
}

const BOARD: &str = "query($day: Date, $stale: Int! = 14) { rolloutBoard(asOf: $day, staleDays: $stale) { \
    asOf staleDays townships { township { code } rollout { stage } plannedPercent neededPerWeek enrolledPerWeek \
    coverage { numerator denominator percent recentlyConfirmed change(since: \"2026-08-31\") { denominator } } \
    staleVillageCount staleVillages { code name } villageWithoutOfficerCount villagesWithoutOfficer { code } } } }";

/// The line of a township on the board.
async fn line(actor: &Actor, township: &str, variables: Value) -> Value {
    let answer = actor.query(BOARD, variables).await;
    let lines = answer.at("/rolloutBoard/townships").as_array().unwrap().clone();
    lines.into_iter().find(|line| line["township"]["code"] == township).unwrap()
}

async fn a_plan_is_made_and_changed(app: TestApp) {
    let admin = app.county_admin();
    let document = format!("{{ township(code: \"{CHENJI}\") {{ rollout {{ {PLAN} }} }} }}");
    let planned = async || admin.query(&document, json!({})).await.at("/township/rollout").clone();
    assert_eq!(planned().await, Value::Null);
    admin.mutate("planRollout", plan(0), PLAN).await.done();
    let expected = json!({ "stage": "ROLLING", "targetPercent": 80, "startsOn": "2026-09-01",
                           "targetOn": "2026-09-29", "version": 1 });
    assert_eq!(planned().await, expected);
    assert_eq!(
        admin.mutate("planRollout", plan(0), PLAN).await.outcome(),
        "VERSION_CONFLICT expectedVersion"
    );
    admin.mutate("planRollout", plan(1), PLAN).await.done();
    assert_eq!(planned().await["version"], 2);
}

async fn a_plan_that_makes_no_sense_is_refused(app: TestApp) {
    let admin = app.county_admin();
    for (field, value, code) in [
        ("targetPercent", json!(0), "INVALID targetPercent"),
        ("targetPercent", json!(101), "INVALID targetPercent"),
        ("targetPercent", json!(-2_147_483_648_i64), "INVALID targetPercent"),
        ("targetOn", json!("2026-09-01"), "INVALID targetOn"),
        ("startsOn", json!("9999-12-31"), "INVALID targetOn"),
        ("expectedVersion", json!(-1), "VERSION_CONFLICT expectedVersion"),
        ("townshipCode", json!("411481999"), "NOT_FOUND townshipCode"),
        ("townshipCode", json!("陈集🏘"), "BAD_USER_INPUT"),
    ] {
        let answer = admin.mutate("planRollout", with(field, value.clone()), PLAN).await;
        assert_eq!(answer.outcome(), code, "{field}: {value}");
    }
    for stale in [0, -1, 366, i32::MAX] {
        let answer = admin.query(BOARD, json!({ "stale": stale })).await;
        assert_eq!(answer.outcome(), "BAD_USER_INPUT", "{stale}");
    }
    let answer = admin.query(BOARD, json!({ "day": "2026-09-02" })).await;
    assert_eq!(answer.outcome(), "BAD_USER_INPUT", "a day to come");
}

async fn a_board_sets_what_is_beside_what_was_planned(app: TestApp) {
    let admin = app.county_admin();
    admin.mutate("planRollout", plan(0), PLAN).await.done();
    for _ in 0..9 {
        app.household(LIUHE).await;
    }
    let household = app.household(LIUHE).await;
    app.advance(DAY * 14);
    app.contact_of(&household, "王建国").await;
    app.count_events().await;
    let line = line(&app.county_admin(), CHENJI, json!({})).await;
    assert_eq!(line["plannedPercent"], 40.0, "half of the time to 80 percent has gone by");
    assert_eq!(line["coverage"]["percent"], 10.0);
    assert_eq!(line["coverage"]["recentlyConfirmed"], 1);
    assert_eq!(line["coverage"]["change"]["denominator"], 10);
    assert_eq!(line["neededPerWeek"], 3.5, "7 households in two weeks");
    assert_eq!(line["enrolledPerWeek"], 0.3, "one in four weeks");
    let other = self::line(&admin, MANGSHAN, json!({})).await;
    assert_eq!((&other["rollout"], &other["plannedPercent"]), (&Value::Null, &Value::Null));
    app.advance(DAY * 15);
    let late = self::line(&admin, CHENJI, json!({})).await;
    assert_eq!((&late["plannedPercent"], &late["neededPerWeek"]), (&json!(80.0), &Value::Null));
}

async fn a_village_without_progress_is_named(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.household(LIUHE).await;
    app.household(WANGLOU).await;
    app.count_events().await;
    let admin = app.county_admin();
    assert_eq!(line(&admin, CHENJI, json!({})).await["staleVillageCount"], 0, "all is new");
    app.advance(DAY * 14);
    app.contact_of(&household, "王建国").await;
    app.count_events().await;
    let board = line(&admin, CHENJI, json!({})).await;
    assert_eq!(board["staleVillages"], json!([{ "code": WANGLOU, "name": "王楼村委会" }]));
    assert_eq!(line(&admin, CHENJI, json!({ "stale": 15 })).await["staleVillageCount"], 0);
}

async fn a_village_without_an_officer_is_named(app: TestApp) {
    app.household(LIUHE).await;
    app.count_events().await;
    let admin = app.county_admin();
    assert_eq!(line(&admin, CHENJI, json!({})).await["villageWithoutOfficerCount"], 0);
    app.sql(&format!("DELETE FROM posting WHERE village_code IN ('{LIUHE}', '{WANGLOU}')")).await;
    let board = line(&admin, CHENJI, json!({})).await;
    assert_eq!(board["villageWithoutOfficerCount"], 1, "where nobody lives, nobody is missing");
    assert_eq!(board["villagesWithoutOfficer"], json!([{ "code": LIUHE }]));
}

async fn a_board_of_a_past_day_shows_that_day(app: TestApp) {
    app.household(LIUHE).await;
    app.advance(DAY * 3);
    app.household(LIUHE).await;
    app.count_events().await;
    let past = line(&app.auditor(), CHENJI, json!({ "day": "2026-09-02" })).await;
    assert_eq!(past["coverage"]["denominator"], 1);
    assert_eq!(past["villageWithoutOfficerCount"], 0);
}

async fn a_chief_sees_the_own_township_only(app: TestApp) {
    app.household(LIUHE).await;
    app.household(SHIYUAN).await;
    app.count_events().await;
    let answer = app.chief(CHENJI).query(BOARD, json!({})).await;
    let lines = answer.at("/rolloutBoard/townships").as_array().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["township"]["code"], CHENJI);
    assert_eq!(lines[0]["coverage"]["denominator"], 1);
    assert_eq!(app.lead(LIUHE).query(BOARD, json!({})).await.outcome(), "FORBIDDEN");
}

async fn a_board_takes_as_many_statements_for_many_households(app: TestApp) {
    let analyst = app.analyst();
    let count = async || {
        app.count_events().await;
        let (count, answer) = app.statements(analyst.query(BOARD, json!({}))).await;
        answer.data();
        count
    };
    app.household(LIUHE).await;
    let few = count().await;
    for village in [SHIYUAN, WANGLOU, LIUHE, LIUHE] {
        app.household(village).await;
    }
    assert_eq!(count().await, few);
    // Five of the board; townships, villages, today's numbers and those of the day before one each.
    assert!(few <= 9, "{few} statements");
}

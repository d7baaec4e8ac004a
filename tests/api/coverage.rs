//! Coverage of every level and day: what was stays as it was, and everything adds up.

use std::time::Duration;

use huhutong::tally::{self, Source};

use super::tallies::bustle;
use crate::on_both_databases;
use crate::support::county::{
    CHENJI, COUNTY, LIUHE, MANGSHAN, SHIYUAN, TOWNSHIPS, VILLAGES, WANGLOU,
};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    a_past_day_keeps_its_numbers,
    a_day_without_a_change_is_like_the_one_before,
    a_day_to_come_is_refused,
    before_the_first_record_there_is_nothing,
    a_change_is_the_difference_to_a_day,
    a_confirmation_lapses_by_itself,
    a_household_that_moves_leaves_the_past_where_it_was,
    an_event_that_comes_late_counts_for_its_day,
    a_county_is_the_sum_of_its_townships_and_these_of_their_villages,
    kept_numbers_equal_a_recount_and_the_log,
    a_wrong_number_is_found,
    coverage_never_looks_at_households,
    a_chief_sees_no_other_township_on_any_day,
);

const DAY: Duration = Duration::from_secs(24 * 3600);
const NUMBERS: &str = "numerator denominator peopleCount unvisited visited declined movedAway \
                       noSmartphone vacant reachable recentlyConfirmed remaining";
/// The day on which the tests begin.
const FIRST: &str = "2026-09-01";

/// The numbers of a division, on a day or now.
async fn coverage(actor: &Actor, code: &str, day: Option<&str>) -> Value {
    let kind = match code.len() {
        6 => "county",
        9 => "township",
        _ => "village",
    };
    let document = format!(
        "query($code: DivisionCode!, $day: Date) {{ {kind}(code: $code) {{ \
         coverage(asOf: $day) {{ {NUMBERS} percent asOf }} }} }}"
    );
    let answer = actor.query(&document, json!({ "code": code, "day": day })).await;
    answer.at(&format!("/{kind}/coverage")).clone()
}

async fn verify(app: &TestApp) -> Vec<tally::Difference> {
    let service = app.service();
    tally::verify(&service.database, service.confirmed_days, app.now()).await.unwrap()
}

async fn a_past_day_keeps_its_numbers(app: TestApp) {
    let admin = app.county_admin();
    let household = app.household(LIUHE).await;
    app.count_events().await;
    let first = coverage(&admin, LIUHE, None).await;
    app.advance(DAY);
    app.contact_of(&household, "王建国").await;
    app.household(LIUHE).await;
    app.count_events().await;
    for code in [LIUHE, CHENJI, COUNTY] {
        let then = coverage(&admin, code, Some(FIRST)).await;
        assert_eq!((&then["numerator"], &then["denominator"]), (&json!(0), &json!(1)), "{code}");
        assert_eq!(then["unvisited"], first["unvisited"]);
        assert_eq!(then["asOf"], "2026-09-01T16:00:00+00:00", "the midnight of China");
        let now = coverage(&admin, code, None).await;
        assert_eq!((&now["numerator"], &now["denominator"]), (&json!(1), &json!(2)), "{code}");
        assert_eq!(coverage(&admin, code, Some("2026-09-02")).await, now, "today is now");
    }
}

async fn a_day_without_a_change_is_like_the_one_before(app: TestApp) {
    app.household(LIUHE).await;
    app.count_events().await;
    app.advance(DAY * 9);
    let quiet = coverage(&app.county_admin(), CHENJI, Some("2026-09-07")).await;
    assert_eq!(quiet["denominator"], 1);
    assert_eq!(quiet["peopleCount"], 4);
}

async fn a_day_to_come_is_refused(app: TestApp) {
    let document = "query($day: Date) { township(code: \"411481109\") { coverage(asOf: $day) { \
                    change(since: \"9999-12-31\") { numerator } } } }";
    for day in [json!("2026-09-02"), json!("9999-12-31"), Value::Null] {
        let answer = app.analyst().query(document, json!({ "day": day })).await;
        assert_eq!(answer.outcome(), "BAD_USER_INPUT", "{day}");
    }
}

async fn before_the_first_record_there_is_nothing(app: TestApp) {
    app.household(LIUHE).await;
    app.count_events().await;
    for day in ["2026-08-31", "0001-01-01"] {
        let before = coverage(&app.county_admin(), COUNTY, Some(day)).await;
        assert_eq!(before["denominator"], 0);
        assert_eq!((&before["percent"], &before["asOf"]), (&Value::Null, &Value::Null));
    }
}

async fn a_change_is_the_difference_to_a_day(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.advance(DAY);
    app.contact_of(&household, "王建国").await;
    app.household(WANGLOU).await;
    app.count_events().await;
    let document = format!(
        "{{ townships {{ edges {{ node {{ code coverage {{ change(since: \"{FIRST}\") {{ \
         since {NUMBERS} }} }} }} }} }} }}"
    );
    let answer = app.county_admin().query(&document, json!({})).await;
    let change = answer.at("/townships/edges/2/node/coverage/change");
    let expected = json!({ "since": FIRST, "numerator": 1, "denominator": 1, "peopleCount": 4,
        "unvisited": 0, "visited": 0, "declined": 0, "movedAway": 0, "noSmartphone": 0, "vacant": 0,
        "reachable": 1, "recentlyConfirmed": 1, "remaining": 0 });
    assert_eq!(change, &expected);
    assert_eq!(answer.at("/townships/edges/0/node/coverage/change/denominator"), 0);
}

async fn a_confirmation_lapses_by_itself(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.contact_of(&household, "王建国").await;
    app.count_events().await;
    let recent = async |day: Option<&str>| {
        coverage(&app.county_admin(), CHENJI, day).await["recentlyConfirmed"].clone()
    };
    app.advance(DAY * 89);
    assert_eq!(recent(None).await, 1);
    app.advance(DAY);
    assert_eq!(recent(None).await, 0, "90 days have gone by");
    assert_eq!(recent(Some("2026-11-28")).await, 1, "the day before keeps it");
    assert_eq!(verify(&app).await, []);
}

/// Writes an event by hand: the household of `LIUHE` moved to `SHIYUAN` on this day.
async fn moves(app: &TestApp, at: &str) {
    let side = |village: &str| {
        json!({ "village": village, "township": &village[..9], "status": "UNVISITED", "people": 4,
                "reachable": false, "confirmedOn": null })
    };
    let detail = json!({ "before": side(LIUHE), "after": side(SHIYUAN) });
    app.sql(&format!(
        "INSERT INTO event (at, kind, village_code, township_code, subject_id, detail) \
         SELECT '{at}', 'HOUSEHOLD_CHANGED', '{SHIYUAN}', '{MANGSHAN}', id, '{detail}' FROM household"
    ))
    .await;
}

async fn a_household_that_moves_leaves_the_past_where_it_was(app: TestApp) {
    app.household(LIUHE).await;
    app.advance(DAY);
    moves(&app, "2026-09-02T08:00:00+00:00").await;
    app.count_events().await;
    let admin = app.county_admin();
    for (code, then, now) in [(CHENJI, 1, 0), (LIUHE, 1, 0), (MANGSHAN, 0, 1), (COUNTY, 1, 1)] {
        assert_eq!(coverage(&admin, code, Some(FIRST)).await["denominator"], then, "{code}");
        assert_eq!(coverage(&admin, code, None).await["denominator"], now, "{code}");
    }
}

async fn an_event_that_comes_late_counts_for_its_day(app: TestApp) {
    app.household(LIUHE).await;
    app.advance(DAY * 3);
    app.household(SHIYUAN).await;
    app.count_events().await;
    app.sql("DELETE FROM household WHERE village_code = '411481101201'").await;
    moves(&app, "2026-09-02T08:00:00+00:00").await;
    app.count_events().await;
    let admin = app.county_admin();
    for (day, chenji, mangshan) in [(FIRST, 1, 0), ("2026-09-02", 0, 1), ("2026-09-04", 0, 2)] {
        assert_eq!(coverage(&admin, CHENJI, Some(day)).await["denominator"], chenji, "{day}");
        assert_eq!(coverage(&admin, MANGSHAN, Some(day)).await["denominator"], mangshan, "{day}");
    }
}

/// The sums of the numbers of these divisions.
async fn sum(actor: &Actor, codes: &[&str], day: Option<&str>) -> Vec<i64> {
    let mut sums = vec![0; NUMBERS.split_whitespace().count()];
    for code in codes {
        let numbers = coverage(actor, code, day).await;
        for (sum, name) in sums.iter_mut().zip(NUMBERS.split_whitespace()) {
            *sum += numbers[name].as_i64().unwrap();
        }
    }
    sums
}

/// Bustle on three days, a week apart.
async fn bustle_on_three_days(app: &TestApp) {
    for day in 1..=3 {
        bustle(app, day).await;
        app.count_events().await;
        app.advance(DAY * 7);
    }
}

async fn a_county_is_the_sum_of_its_townships_and_these_of_their_villages(app: TestApp) {
    bustle_on_three_days(&app).await;
    let admin = app.county_admin();
    let days = [None, Some("2026-08-31"), Some(FIRST), Some("2026-09-09"), Some("2026-09-20")];
    for day in days {
        let county = sum(&admin, &[COUNTY], day).await;
        assert_eq!(county, sum(&admin, &TOWNSHIPS, day).await, "{day:?}");
        assert_eq!(county, sum(&admin, &VILLAGES, day).await, "{day:?}");
    }
    assert_eq!(sum(&admin, &[COUNTY], None).await[1], 72, "households");
}

async fn kept_numbers_equal_a_recount_and_the_log(app: TestApp) {
    let other = app.another_instance().await;
    let count = async |app: &TestApp| {
        for _ in 0..60 {
            tally::project(&app.service().database, 90, app.now()).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(bustle_on_three_days(&app), count(&app), count(&other));
    app.count_events().await;
    assert_eq!(verify(&app).await, []);
    let admin = app.county_admin();
    let mut days = Vec::new();
    for day in [FIRST, "2026-09-08", "2026-09-15"] {
        days.push(sum(&admin, &VILLAGES, Some(day)).await);
    }
    tally::rebuild(&app.service().database, 90, app.now()).await.unwrap();
    app.count_events().await;
    assert_eq!(verify(&app).await, []);
    for (before, day) in days.iter().zip([FIRST, "2026-09-08", "2026-09-15"]) {
        assert_eq!(before, &sum(&admin, &VILLAGES, Some(day)).await, "{day}");
    }
    app.advance(DAY * 100);
    assert_eq!(verify(&app).await, [], "after the confirmations have lapsed");
}

async fn coverage_never_looks_at_households(app: TestApp) {
    bustle(&app, 5).await;
    app.count_events().await;
    let board =
        "{ rolloutBoard { townships { stale: staleVillageCount coverage { numerator } } } }";
    let asked = async || {
        let mut seen = Vec::new();
        for code in [COUNTY, CHENJI, LIUHE] {
            for day in [None, Some(FIRST)] {
                seen.push(coverage(&app.county_admin(), code, day).await);
            }
        }
        seen.push(app.county_admin().query(board, json!({})).await.data().clone());
        seen
    };
    let before = asked().await;
    for table in ["household", "event", "inquiry"] {
        app.sql(&format!("ALTER TABLE {table} RENAME TO hidden_{table}")).await;
    }
    assert_eq!(asked().await, before);
}

async fn a_wrong_number_is_found(app: TestApp) {
    app.household(LIUHE).await;
    app.count_events().await;
    app.sql("UPDATE tally_day SET visited = visited + 1").await;
    let wrong = verify(&app).await;
    let found = wrong.iter().map(|one| (one.code.as_str(), one.number, one.source));
    let expected = [COUNTY, CHENJI, LIUHE].map(|code| (code, "visited", Source::Today));
    assert_eq!(found.collect::<Vec<_>>(), expected);
    app.sql("UPDATE tally_day SET visited = 0").await;
    app.sql("UPDATE village_tally SET people = 5").await;
    assert_eq!(verify(&app).await.len(), 9, "with the tables, the log and today");
}

async fn a_chief_sees_no_other_township_on_any_day(app: TestApp) {
    app.household(LIUHE).await;
    app.household(SHIYUAN).await;
    app.count_events().await;
    app.advance(DAY);
    let chief = app.chief(CHENJI);
    for (code, seen) in [(COUNTY, 1), (CHENJI, 1), (LIUHE, 1)] {
        assert_eq!(coverage(&chief, code, Some(FIRST)).await["denominator"], seen, "{code}");
    }
    assert_eq!(coverage(&chief, SHIYUAN, Some(FIRST)).await["denominator"], 0);
}

//! The rules that never bend, whatever is done in whatever order: no household disappears from the
//! denominator, none is without an officer at any moment, numbers add up, and the past stays as it was.
//! `PROPTEST_CASES` says how many sequences are tried; a failing one is shortened.

mod mutation;
mod step;

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use huhutong::{clock, tally};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::county::{COUNTY, VILLAGES};
use crate::support::{Backend, TestApp, Value, json, run};
use step::{HOURS, Step, What, step, take};

#[test]
fn the_rules_hold_through_any_sequence_on_sqlite() {
    try_sequences(Backend::Sqlite);
}

#[test]
fn the_rules_hold_through_any_sequence_on_postgres() {
    try_sequences(Backend::Postgres);
}

type Outcomes = BTreeMap<What, BTreeMap<String, usize>>;

fn try_sequences(backend: Backend) {
    let cases = std::env::var("PROPTEST_CASES").map_or(3, |cases| cases.parse().unwrap());
    let config =
        Config { cases, max_shrink_iters: 50, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcomes = RefCell::new(Outcomes::new());
    let tried = TestRunner::new_with_rng(config, random).run(&vec(step(), 1..240), |steps| {
        run(backend, async |app| walk(&app, &steps, &outcomes).await);
        Ok(())
    });
    let outcomes = outcomes.into_inner();
    tried.unwrap_or_else(|failure| panic!("{failure}\nso far: {outcomes:#?}"));
    let rare = outcomes.iter().filter(|(_, outcomes)| !outcomes.contains_key("ok"));
    assert_eq!(rare.collect::<Vec<_>>(), [], "every step succeeds at times");
}

async fn walk(app: &TestApp, steps: &[Step], outcomes: &RefCell<Outcomes>) {
    for village in VILLAGES {
        app.household(village).await;
    }
    for _ in 0..2 {
        app.officer_posted_to(&[]).await;
    }
    let mut households = VILLAGES.len() as i64;
    let mut past = Vec::new();
    for step in steps {
        if step.what == What::Pass {
            let today = clock::day(app.now());
            past.push((today, numbers(app, today).await));
        }
        let done = take(app, *step).await;
        assert_ne!(done.outcome, "INTERNAL", "{step:?}");
        households += done.more;
        app.count_events().await;
        assert_eq!(
            app.number("SELECT count(*) FROM household").await,
            households,
            "after {step:?}, {}",
            done.outcome
        );
        for later in 0..3 {
            let at = app.now() + TimeDelta::hours(HOURS * later * 4);
            assert_eq!(left_alone(app, at).await, 0, "after {step:?}, at {at}");
        }
        add_up(app, households, step).await;
        let mut outcomes = outcomes.borrow_mut();
        *outcomes.entry(step.what).or_default().entry(done.outcome).or_default() += 1;
    }
    for later in 0..60 {
        let at = app.now() + TimeDelta::hours(HOURS * later);
        assert_eq!(left_alone(app, at).await, 0, "at {at}");
    }
    // A day is over with its last numbers.
    let last: BTreeMap<_, _> = past.into_iter().collect();
    for (day, seen) in last.into_iter().filter(|(day, _)| *day < clock::day(app.now())) {
        assert_eq!(numbers(app, day).await, seen, "the past of {day} has changed");
    }
}

/// How many villages with households have nobody at a moment: counted plainly, by SQL of the test's own.
async fn left_alone(app: &TestApp, at: DateTime<Utc>) -> i64 {
    let at = at.to_rfc3339_opts(SecondsFormat::AutoSi, false);
    app.number(&format!(
        "SELECT count(DISTINCT h.village_code) FROM household AS h WHERE NOT EXISTS (SELECT 1 \
         FROM posting AS p INNER JOIN officer AS o ON o.id = p.officer_id \
         WHERE p.village_code = h.village_code AND o.deactivated_at IS NULL AND p.starts_at <= '{at}' \
         AND (p.ends_at IS NULL OR p.ends_at > '{at}') AND NOT EXISTS (SELECT 1 FROM leave AS l \
         WHERE l.officer_id = p.officer_id AND l.cancelled_at IS NULL \
         AND l.starts_at <= '{at}' AND l.ends_at > '{at}'))"
    ))
    .await
}

const COVERAGE: &str = "coverage(asOf: $day) { numerator denominator peopleCount unvisited visited declined \
    movedAway noSmartphone vacant reachable recentlyConfirmed }";

/// What is told of a day: the county, its townships and the villages of then, with their names.
async fn numbers(app: &TestApp, day: chrono::NaiveDate) -> Value {
    let document = format!(
        "query($day: Date) {{ county(code: \"{COUNTY}\") {{ {COVERAGE} }} \
         townships(first: 10) {{ edges {{ node {{ code name {COVERAGE} }} }} }} \
         villages(first: 100, filter: {{ asOf: $day }}) {{ edges {{ node {{ code name {COVERAGE} }} }} }} }}"
    );
    app.county_admin().query(&document, json!({ "day": day })).await.data().clone()
}

/// Every level is the sum of the one below and of its parts, and equals a count of the tables and of the log.
async fn add_up(app: &TestApp, households: i64, step: &Step) {
    let service = app.service();
    let wrong = tally::verify(&service.database, service.confirmed_days, app.now()).await.unwrap();
    assert_eq!(wrong, [], "after {step:?}");
    let told = numbers(app, clock::day(app.now())).await;
    let county = &told["county"]["coverage"];
    assert_eq!(county["denominator"], households, "after {step:?}");
    for (name, value) in county.as_object().unwrap() {
        for level in ["townships", "villages"] {
            let parts = told[level]["edges"].as_array().unwrap().iter();
            let sum: i64 = parts.map(|edge| edge["node"]["coverage"][name].as_i64().unwrap()).sum();
            assert_eq!(value, &json!(sum), "{name} of {level} after {step:?}");
        }
    }
    let parts =
        ["numerator", "unvisited", "visited", "declined", "movedAway", "noSmartphone", "vacant"];
    let sum: i64 = parts.iter().map(|part| county[part].as_i64().unwrap()).sum();
    assert_eq!(sum, households, "after {step:?}");
    let astray = "SELECT count(*) FROM household h JOIN village v ON v.code = h.village_code \
        JOIN village_group g ON g.code = h.group_code WHERE v.ended_on IS NOT NULL OR g.ended_on IS NOT \
        NULL OR g.village_code <> h.village_code OR v.township_code <> h.township_code";
    assert_eq!(app.number(astray).await, 0, "after {step:?}");
}

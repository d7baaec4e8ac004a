//! No household without an officer, at any moment, whatever is done in whatever order.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::on_both_databases;
use crate::support::county::{CHENJI_VILLAGE, LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(no_village_with_households_is_ever_without_an_officer);

const VILLAGES: [&str; 3] = [CHENJI_VILLAGE, LIUHE, WANGLOU];
/// Everything happens at whole hours of these.
const HOURS: i64 = 6;

#[derive(Clone, Debug)]
enum Step {
    Post(usize, usize, i64),
    End(usize, i64),
    HandOver(usize, usize, Vec<usize>, i64),
    CancelHandover(usize),
    Leave(usize, usize, i64, i64),
    CancelLeave(usize),
    Deactivate(usize),
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let (officer, village) = (0..5_usize, 0..VILLAGES.len());
    prop_oneof![
        2 => (officer.clone(), village.clone(), 0..12_i64).prop_map(|(o, v, t)| Step::Post(o, v, t)),
        5 => (0..40_usize, 0..12_i64).prop_map(|(n, t)| Step::End(n, t)),
        4 => (officer.clone(), officer.clone(), proptest::collection::vec(village, 1..3), 0..16_i64)
            .prop_map(|(a, b, v, t)| Step::HandOver(a, b, v, t)),
        2 => (0..9_usize).prop_map(Step::CancelHandover),
        5 => (officer.clone(), officer.clone(), 0..12_i64, 1..12_i64)
            .prop_map(|(a, b, t, n)| Step::Leave(a, b, t, n)),
        2 => (0..9_usize).prop_map(Step::CancelLeave),
        1 => officer.prop_map(Step::Deactivate),
        3 => (1..6_i64).prop_map(Step::Pass),
    ]
}

/// What there is, with versions, newest state.
async fn all(admin: &Actor) -> Value {
    let document = "{ officers(filter: { roles: [OFFICER] }, first: 20) { edges { node { id version \
        postings(first: 40) { edges { node { id version } } } \
        leaves(first: 40) { edges { node { id version } } } } } } \
        handovers(first: 40) { edges { node { id version } } } }";
    admin.query(document, json!({})).await.data().clone()
}

/// One of the objects of this kind of all officers.
fn pick(all: &Value, kind: &str, number: usize) -> Option<Value> {
    let officers = all["officers"]["edges"].as_array().unwrap();
    let edges: Vec<&Value> = match kind {
        "handovers" => all[kind]["edges"].as_array().unwrap().iter().collect(),
        _ => {
            officers.iter().flat_map(|one| one["node"][kind]["edges"].as_array().unwrap()).collect()
        }
    };
    (!edges.is_empty()).then(|| edges[number % edges.len()]["node"].clone())
}

async fn take(app: &TestApp, officers: &[Actor], step: Step) -> String {
    let admin = app.county_admin();
    let later = |steps: i64| (app.now() + TimeDelta::hours(HOURS * steps)).to_rfc3339();
    let key = app.service().new_id().to_string();
    let all = all(&admin).await;
    let (name, input) = match step {
        Step::Pass(steps) => {
            app.advance(Duration::from_secs((HOURS * steps).unsigned_abs() * 3600));
            return "ok".to_owned();
        }
        Step::Post(officer, village, start) => (
            "postOfficer",
            json!({ "idempotencyKey": key, "officerId": officers[officer].id(), "duty": "AUXILIARY",
                    "villageCode": VILLAGES[village], "startsAt": later(start) }),
        ),
        Step::End(number, end) => {
            let Some(one) = pick(&all, "postings", number) else { return "ok".to_owned() };
            let input = json!({ "postingId": one["id"], "expectedVersion": one["version"],
                                "endsAt": later(end) });
            ("endPosting", input)
        }
        Step::HandOver(from, to, villages, overlap) => {
            let codes: Vec<&str> = villages.into_iter().map(|one| VILLAGES[one]).collect();
            let input = json!({ "idempotencyKey": key, "fromOfficerId": officers[from].id(),
                "toOfficerId": officers[to].id(), "villageCodes": codes,
                "overlapUntil": later(overlap) });
            ("handOver", input)
        }
        Step::CancelHandover(number) => {
            let Some(one) = pick(&all, "handovers", number) else { return "ok".to_owned() };
            let input = json!({ "handoverId": one["id"], "expectedVersion": one["version"] });
            ("cancelHandover", input)
        }
        Step::Leave(officer, cover, start, length) => (
            "planLeave",
            json!({ "idempotencyKey": key, "officerId": officers[officer].id(),
                    "coverOfficerId": officers[cover].id(), "startsAt": later(start),
                    "endsAt": later(start + length) }),
        ),
        Step::CancelLeave(number) => {
            let Some(one) = pick(&all, "leaves", number) else { return "ok".to_owned() };
            ("cancelLeave", json!({ "leaveId": one["id"], "expectedVersion": one["version"] }))
        }
        Step::Deactivate(officer) => (
            "deactivateOfficer",
            json!({ "officerId": officers[officer].id(), "expectedVersion": 1 }),
        ),
    };
    admin.mutate(name, input, "id").await.outcome()
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

async fn no_village_with_households_is_ever_without_an_officer(app: TestApp) {
    let mut officers: Vec<Actor> = VILLAGES.map(|village| app.lead(village)).into();
    officers.push(app.officer_posted_to(&[]).await);
    officers.push(app.officer_posted_to(&[]).await);
    for village in VILLAGES {
        app.household(village).await;
    }
    let mut runner = TestRunner::deterministic();
    let mut tally = std::collections::BTreeMap::new();
    for _ in 0..100 {
        let step = step().new_tree(&mut runner).unwrap().current();
        let said = format!("{step:?}");
        let outcome = take(&app, &officers, step).await;
        assert_ne!(outcome, "INTERNAL", "{said}");
        let done = format!("{} {outcome}", said.split('(').next().unwrap_or_default());
        *tally.entry(done).or_insert(0) += 1;
        for steps in 0..3 {
            let at = app.now() + TimeDelta::hours(HOURS * steps * 4);
            assert_eq!(left_alone(&app, at).await, 0, "after {said}, at {at}; so far {tally:?}");
        }
    }
    for steps in 0..60 {
        let at = app.now() + TimeDelta::hours(HOURS * steps);
        assert_eq!(left_alone(&app, at).await, 0, "at {at}");
    }
    assert!(tally.get("HandOver ok").is_some_and(|n| *n > 2), "{tally:?}");
    assert!(tally.get("Leave ok").is_some_and(|n| *n > 2), "{tally:?}");
}

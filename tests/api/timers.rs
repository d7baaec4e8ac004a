//! Timers that run out by the thousand: killed in the middle, each step is taken once; and none is looked for in vain.

use huhutong::desk;

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::{Backend, Program, TestApp};

on_both_databases!(
    every_step_is_taken_once_however_often_the_program_is_killed,
    timers_are_found_by_their_index,
);

/// Inquiries that were to be answered long ago; they go up to the chief and to the county.
const OVERDUE: i64 = 2000;
const TOLD: &str = "SELECT count(*) FROM event WHERE kind = 'INQUIRY_ESCALATED'";

/// Makes so many inquiries out of one, whose timers have run out, or have not.
async fn overdue(app: &TestApp, count: i64, year: &str) {
    app.inquiry(&app.household(LIUHE).await).await;
    let (id, clock) = match app.backend() {
        Backend::Postgres => {
            ("gen_random_uuid()", "replace(stopwatch::text, '2026-', '{year}-')::jsonb")
        }
        Backend::Sqlite => ("randomblob(16)", "replace(stopwatch, '2026-', '{year}-')"),
    };
    let clock = clock.replace("{year}", year);
    app.sql(&format!(
        "UPDATE inquiry SET stopwatch = {clock}, due_at = '{year}-09-02T00:00:00+00:00', \
         timer_at = '{year}-09-02T00:00:00+00:00'"
    ))
    .await;
    let columns = "household_id, village_code, township_code, category, status, subject, assignee_id, \
        last_message_id, version, opened_at, updated_at, resolved_at, priority, waiting_since, due_at, timer_at, \
        escalation, stopwatch, due_calendar, owner_id, owner_reason, owner_since";
    app.sql(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {}) \
         INSERT INTO inquiry (id, {columns}) SELECT {id}, {columns} FROM inquiry, numbers",
        count - 1
    ))
    .await;
    app.sql("ANALYZE").await;
}

async fn every_step_is_taken_once_however_often_the_program_is_killed(app: TestApp) {
    overdue(&app, OVERDUE, "2020").await;
    let mut taken = 0;
    for _ in 0..4 {
        let mut program = Program::serve(&app.url());
        // In the middle: something was done since the last time, and much is left.
        let before = taken;
        while taken == before {
            taken = app.number(TOLD).await;
        }
        program.kill();
        taken = app.number(TOLD).await;
        assert!(taken < 2 * OVERDUE, "it was over before it was killed");
    }
    let both = (Program::serve(&app.url()), Program::serve(&app.url()));
    while app.number("SELECT count(*) FROM inquiry WHERE timer_at IS NOT NULL").await > 0 {}
    drop(both);
    assert_eq!(app.number(TOLD).await, 2 * OVERDUE);
    let level = match app.backend() {
        Backend::Postgres => "detail ->> 'after'",
        Backend::Sqlite => "json_extract(detail, '$.after')",
    };
    let once = format!(
        "SELECT count(*) FROM (SELECT DISTINCT subject_id, {level} FROM event WHERE kind = 'INQUIRY_ESCALATED') AS one"
    );
    assert_eq!(app.number(&once).await, 2 * OVERDUE);
    let up =
        "SELECT count(*) FROM inquiry WHERE escalation = 'COUNTY' AND owner_reason = 'ESCALATED'";
    assert_eq!(app.number(up).await, OVERDUE);
    let kept =
        "SELECT count(*) FROM inquiry_ownership WHERE reason IN ('LEAD_POSTING', 'ESCALATED')";
    assert_eq!(app.number(kept).await, 2 * OVERDUE);
}

async fn timers_are_found_by_their_index(app: TestApp) {
    overdue(&app, 20_000, "2036").await;
    let plan = desk::plan(app.service()).await.unwrap();
    let (found, scanned) = match app.backend() {
        Backend::Postgres => ("Index Scan using inquiry_timer on inquiry", "Seq Scan on inquiry"),
        Backend::Sqlite => ("SEARCH inquiry USING INDEX inquiry_timer", "SCAN inquiry"),
    };
    assert!(plan.contains(found) && !plan.contains(scanned), "{plan}");
}

//! Timers that run out by the thousand: killed in the middle, each step is taken once; and none is looked for in vain.

use futures_util::future::join_all;
use huhutong::{appointment, desk};

use crate::on_both_databases;
use crate::support::appointments::september;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::plan::{pages, rows};
use crate::support::{Backend, Program, TestApp, json};

on_both_databases!(
    every_step_is_taken_once_however_often_the_program_is_killed,
    several_instances_at_once_take_each_step_once,
    timers_are_found_by_their_index,
    what_is_due_at_windows_is_found_by_its_index,
    a_tick_does_as_much_whatever_is_not_due,
    a_hundred_are_found_among_a_hundred_thousand_open_deadlines,
);

/// Inquiries that were to be answered long ago; they go up to the chief and to the county.
const OVERDUE: i64 = 2000;
const TOLD: &str = "SELECT count(*) FROM event WHERE kind = 'INQUIRY_ESCALATED'";
const LEFT: &str = "SELECT count(*) FROM inquiry WHERE timer_at IS NOT NULL";

/// Makes so many inquiries out of one, whose timers have run out, or have not.
async fn overdue(app: &TestApp, count: i64, year: &str) {
    app.inquiry(&app.household(LIUHE).await).await;
    let clock = match app.backend() {
        Backend::Postgres => "replace(stopwatch::text, '2026-', '{year}-')::jsonb",
        Backend::Sqlite => "replace(stopwatch, '2026-', '{year}-')",
    };
    let clock = clock.replace("{year}", year);
    app.sql(&format!(
        "UPDATE inquiry SET stopwatch = {clock}, due_at = '{year}-09-02T00:00:00+00:00', \
         timer_at = '{year}-09-02T00:00:00+00:00'"
    ))
    .await;
    multiply(app, count - 1).await;
}

/// Adds so many copies of each inquiry that lies at the desk.
async fn multiply(app: &TestApp, copies: i64) {
    let id = match app.backend() {
        Backend::Postgres => "gen_random_uuid()",
        Backend::Sqlite => "randomblob(16)",
    };
    let columns = "household_id, village_code, township_code, category, status, subject, assignee_id, \
        last_message_id, version, opened_at, updated_at, resolved_at, priority, waiting_since, due_at, timer_at, \
        escalation, stopwatch, due_calendar, owner_id, owner_reason, owner_since";
    app.sql(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {copies}) \
         INSERT INTO inquiry (id, {columns}) SELECT {id}, {columns} FROM inquiry, numbers \
         WHERE escalation = 'DESK'"
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
    while app.number(LEFT).await > 0 {}
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
    let plans = desk::plans(app.service()).await.unwrap();
    for (plan, index) in plans.iter().zip(["inquiry_timer", "inquiry_due_calendar"]) {
        assert_found(&app, plan, "inquiry", index);
    }
}

/// Whether rows of a table are found by this index, and none is read that is not meant.
fn assert_found(app: &TestApp, plan: &str, table: &str, index: &str) {
    let (found, scanned) = match app.backend() {
        Backend::Postgres => {
            (format!("Index Scan using {index} on {table}"), format!("Seq Scan on {table} "))
        }
        Backend::Sqlite => (format!("SEARCH {table} USING INDEX {index}"), format!("SCAN {table}")),
    };
    // All that stands in an index that has nothing but what is due.
    let in_order = format!("SCAN {table} USING INDEX {index}");
    let is_found = plan.contains(&found) || plan.contains(&in_order);
    assert!(is_found && !plan.replace(&in_order, "").contains(&scanned), "{plan}");
}

/// Many appointments that nobody is to be reminded of yet, and many who wait or are offered a place until then.
async fn booked_long_ahead(app: &TestApp) {
    let (window, household) = (app.window(CHENJI, 1).await, app.household(LIUHE).await);
    app.appointment(&window, &household, &september(4, "09:00")).await;
    let waits = json!({ "idempotencyKey": "w", "windowId": window["id"], "householdId": household["id"],
                        "from": "2026-09-05", "until": "2026-09-06" });
    app.county_admin().mutate("joinWaitingList", waits, "id").await.done();
    let id = match app.backend() {
        Backend::Postgres => "gen_random_uuid()",
        Backend::Sqlite => "randomblob(16)",
    };
    let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)";
    let far = "'2036-09-02T00:00:00+00:00'";
    let appointment = "window_id, household_id, starts_at, ends_at, place, status, displaced, version, booked_at, updated_at";
    app.sql(&format!(
        "{numbers} INSERT INTO appointment (id, {appointment}, remind_at) \
         SELECT {id}, {appointment}, {far} FROM appointment, numbers"
    ))
    .await;
    app.sql("UPDATE waiting_place SET until_day = '2036-09-02'").await;
    let waiting = "window_id, household_id, from_day, until_day, version, joined_at, updated_at";
    for (status, expires) in [("WAITING", "NULL"), ("OFFERED", far), ("EXPIRED", far)] {
        app.sql(&format!(
            "{numbers} INSERT INTO waiting_place (id, {waiting}, status, offer_expires_at) \
             SELECT {id}, {waiting}, '{status}', {expires} FROM numbers, \
             (SELECT {waiting} FROM waiting_place LIMIT 1) AS one"
        ))
        .await;
    }
    app.sql("ANALYZE").await;
}

async fn what_is_due_at_windows_is_found_by_its_index(app: TestApp) {
    let (few, done) = app.statements(appointment::work(app.service())).await;
    done.unwrap();
    booked_long_ahead(&app).await;
    let plans = appointment::plans(app.service()).await.unwrap();
    for (plan, (table, index)) in plans.iter().zip([
        ("waiting_place", "waiting_place_offer"),
        ("waiting_place", "waiting_place_until"),
        ("waiting_place", "waiting_place_to_tell"),
        ("waiting_place", "waiting_place_to_tell_again"),
        ("appointment", "appointment_reminder"),
    ]) {
        assert_found(&app, plan, table, index);
    }
    let (many, done) = app.statements(appointment::work(app.service())).await;
    done.unwrap();
    assert_eq!(few, many, "nothing is due");
}

async fn several_instances_at_once_take_each_step_once(app: TestApp) {
    overdue(&app, 500, "2020").await;
    let others = [app.another_instance().await, app.another_instance().await];
    let instances = [&app, &others[0], &others[1]];
    loop {
        let fired = join_all(instances.map(|instance| desk::fire(instance.service()))).await;
        let fired: usize = fired.into_iter().map(Result::unwrap).sum();
        if fired == 0 {
            break;
        }
    }
    assert_eq!(app.number(TOLD).await, 2 * 500);
    assert_eq!(app.number(LEFT).await, 0);
    for other in others {
        other.service().database.close().await;
    }
}

async fn a_tick_does_as_much_whatever_is_not_due(app: TestApp) {
    let tick = async || {
        let (statements, fired) = app.statements(desk::fire(app.service())).await;
        assert_eq!(fired.unwrap(), 0);
        statements
    };
    tick().await;
    let few = tick().await;
    overdue(&app, 5000, "2036").await;
    assert_eq!(tick().await, few);
}

async fn a_hundred_are_found_among_a_hundred_thousand_open_deadlines(app: TestApp) {
    overdue(&app, 1000, "2036").await;
    let due = async || {
        app.sql(
            "UPDATE inquiry SET timer_at = '2026-08-31T00:00:00+00:00' WHERE id IN \
             (SELECT id FROM inquiry WHERE escalation = 'DESK' ORDER BY id LIMIT 100)",
        )
        .await;
        let [timers, _] = desk::plans(app.service()).await.unwrap();
        let (statements, fired) = app.statements(desk::fire(app.service())).await;
        assert_eq!(fired.unwrap(), 100);
        (timers, statements)
    };
    let (few, statements) = due().await;
    multiply(&app, 110).await;
    assert!(app.number(LEFT).await > 99_000);
    let (many, as_many_statements) = due().await;
    assert_eq!(statements, as_many_statements);
    assert_found(&app, &many, "inquiry", "inquiry_timer");
    if app.backend() == Backend::Postgres {
        assert_eq!(rows(&many, "inquiry_timer"), 100, "{many}");
        let (few, many) = (pages(&few), pages(&many));
        assert!(few > 0 && many < 2 * few, "{few} pages among 1,000, {many} among 100,000");
    }
}

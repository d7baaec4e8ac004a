//! Deadlines: when an inquiry is due and why, and who is told when it was left lying.

use std::time::Duration;

use entity::{event, inquiry};
use futures_util::future::join_all;
use huhutong::calendar::Calendar;
use huhutong::deadline::{self, Step, Stopwatch};
use huhutong::desk;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{Actor, Backend, TestApp, Value, json, uuid_of, with};

on_both_databases!(
    a_deadline_says_when_and_why,
    the_clock_stands_still_while_the_household_is_waited_for,
    another_category_or_priority_has_another_deadline,
    the_county_decides_how_soon,
    another_calendar_moves_what_is_due_by_it,
    what_was_resolved_in_time_was_met,
    a_deadline_that_runs_out_goes_to_the_chief_and_then_to_the_county,
    the_chief_hears_of_it,
    an_answer_brings_an_inquiry_back_to_the_desk,
    several_instances_escalate_once,
    an_escalation_that_was_cut_off_is_made_up_for,
    only_what_is_due_is_read,
    the_clock_follows_from_the_log,
);

const DEADLINE: &str = "version escalation priority deadline { dueAt kind state firstReplyDueAt \
    firstRepliedAt resolutionDueAt firstReplyMinutes resolutionMinutes hours \
    reasons { from to paused countedSeconds calendarVersion text } }";

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

async fn ask(app: &TestApp, household: &Value, category: &str) -> Value {
    let input = json!({ "idempotencyKey": app.service().new_id(), "householdId": household["id"],
                        "category": category, "text": "请问" });
    app.county_admin().mutate("submitInquiry", input, &format!("id {DEADLINE}")).await.done()
}

async fn said(officer: &Actor, inquiry: &Value, text: &str) {
    let input = json!({ "idempotencyKey": text, "inquiryId": inquiry["id"], "text": text });
    officer.mutate("replyToInquiry", input, "id").await.done();
}

async fn read(officer: &Actor, inquiry: &Value) -> Value {
    let document = format!("query($id: ID!) {{ inquiry(id: $id) {{ {DEADLINE} }} }}");
    officer.query(&document, json!({ "id": inquiry["id"] })).await.at("/inquiry").clone()
}

async fn a_deadline_says_when_and_why(app: TestApp) {
    // Tuesday, 16:00 in China: two hours of work are left today.
    let household = app.household(LIUHE).await;
    let inquiry = ask(&app, &household, "ID_CARD").await;
    let deadline = &inquiry["deadline"];
    assert_eq!(deadline["dueAt"], "2026-09-02T02:30:00+00:00");
    assert_eq!(deadline["kind"], "FIRST_REPLY");
    assert_eq!(deadline["state"], "RUNNING");
    assert_eq!(deadline["hours"], "WORKING");
    assert_eq!(
        (&deadline["firstReplyMinutes"], &deadline["resolutionMinutes"]),
        (&json!(240), &json!(1260))
    );
    let reason = &deadline["reasons"][0];
    assert_eq!(reason["paused"], false);
    assert!(reason["calendarVersion"].is_number());
    assert!(reason["text"].as_str().unwrap().contains("工作日历"));
    let english = read(&app.lead(LIUHE).in_english(), &inquiry).await;
    assert!(english["deadline"]["reasons"][0]["text"].as_str().unwrap().contains("working hours"));
    app.advance(Duration::from_secs(18 * HOUR + 1800));
    assert_eq!(read(&app.lead(LIUHE), &inquiry).await["deadline"]["state"], "RUNNING");
    app.advance(Duration::from_secs(1));
    assert_eq!(read(&app.lead(LIUHE), &inquiry).await["deadline"]["state"], "OVERDUE");
    // Somebody who may have been a victim of fraud does not wait until morning.
    let fraud = ask(&app, &household, "FRAUD_ADVICE").await;
    assert_eq!(fraud["deadline"]["hours"], "ROUND_THE_CLOCK");
    assert!(fraud["deadline"]["reasons"][0]["calendarVersion"].is_null());
}

async fn the_clock_stands_still_while_the_household_is_waited_for(app: TestApp) {
    let household = app.household(LIUHE).await;
    let (officer, resident) = (app.lead(LIUHE), app.resident_of(&household).await);
    let inquiry = ask(&app, &household, "DISPUTE").await;
    assert_eq!(inquiry["deadline"]["resolutionDueAt"], "2026-09-08T08:00:00+00:00");
    app.advance(Duration::from_secs(HOUR));
    said(&officer, &inquiry, "说说经过").await;
    let paused = read(&officer, &inquiry).await;
    assert_eq!(paused["deadline"]["state"], "PAUSED");
    assert_eq!(paused["deadline"]["dueAt"], Value::Null);
    app.advance(Duration::from_secs(3 * DAY));
    said(&resident, &inquiry, "是这样").await;
    let goes_on = read(&officer, &inquiry).await;
    assert_eq!(goes_on["deadline"]["dueAt"], "2026-09-11T08:00:00+00:00");
    assert_eq!(goes_on["deadline"]["kind"], "RESOLUTION");
    let reasons = goes_on["deadline"]["reasons"].as_array().unwrap();
    let told: Vec<_> = reasons.iter().map(|one| (&one["paused"], &one["countedSeconds"])).collect();
    assert_eq!(
        told,
        [(&json!(false), &json!(3600)), (&json!(true), &json!(0)), (&json!(false), &Value::Null)]
    );
}

async fn another_category_or_priority_has_another_deadline(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let inquiry = ask(&app, &household, "OTHER").await;
    let mut version = 1;
    let mut sort = async |name: &str, field: &str, value: &str| {
        let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": version, field: value });
        version += 1;
        let wanted = "deadline { resolutionDueAt resolutionMinutes hours }";
        officer.mutate(name, input, wanted).await.done()["deadline"].clone()
    };
    let dispute = sort("recategorizeInquiry", "category", "DISPUTE").await;
    assert_eq!(dispute["resolutionDueAt"], "2026-09-08T08:00:00+00:00");
    let presses = sort("prioritizeInquiry", "priority", "HIGH").await;
    assert_eq!(presses["resolutionDueAt"], "2026-09-02T08:00:00+00:00");
    let complicated = sort("prioritizeInquiry", "priority", "LOW").await;
    assert_eq!(complicated["resolutionMinutes"], 20 * 1440);
    let stale = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1, "priority": "LOW" });
    let refused = officer.mutate("prioritizeInquiry", stale, "id").await;
    assert_eq!(refused.outcome(), "VERSION_CONFLICT expectedVersion");
}

fn target(minutes: i32) -> Value {
    json!({ "category": "OTHER", "priority": "NORMAL", "firstReplyMinutes": minutes,
            "resolutionMinutes": 100, "escalationMinutes": 30, "hours": "ROUND_THE_CLOCK" })
}

async fn the_county_decides_how_soon(app: TestApp) {
    let household = app.household(LIUHE).await;
    let before = ask(&app, &household, "OTHER").await;
    let admin = app.county_admin();
    for bad in [0, -1, 144_001] {
        let refused = admin.mutate("setDeadlineTarget", target(bad), "category").await;
        assert_eq!(refused.outcome(), "INVALID firstReplyMinutes");
    }
    admin.mutate("setDeadlineTarget", target(10), "category").await.done();
    let after = ask(&app, &household, "OTHER").await;
    assert_eq!(after["deadline"]["dueAt"], "2026-09-01T08:10:00+00:00");
    let still = read(&admin, &before).await;
    assert_eq!(still["deadline"]["dueAt"], before["deadline"]["dueAt"]);
    let all =
        admin.query("{ deadlineTargets { category priority firstReplyMinutes } }", json!({})).await;
    let all = all.at("/deadlineTargets").as_array().unwrap().clone();
    assert_eq!(all.len(), 17 * 3);
    assert!(
        all.contains(
            &json!({ "category": "OTHER", "priority": "NORMAL", "firstReplyMinutes": 10 })
        )
    );
    admin.mutate("setDeadlineTarget", target(20), "category").await.done();
    let later = ask(&app, &household, "OTHER").await;
    assert_eq!(later["deadline"]["firstReplyMinutes"], 20);
    let chief = app.chief(CHENJI).mutate("setDeadlineTarget", target(30), "category").await;
    assert_eq!(chief.outcome(), "FORBIDDEN");
}

async fn another_calendar_moves_what_is_due_by_it(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let (working, round) =
        (ask(&app, &household, "ID_CARD").await, ask(&app, &household, "FRAUD_ADVICE").await);
    let ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260902\r\n\
               SUMMARY:放假\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let version = &working["deadline"]["reasons"][0]["calendarVersion"];
    let input = json!({ "expectedVersion": version, "ics": ics });
    app.county_admin().mutate("importCalendar", input, "added").await.done();
    assert_eq!(desk::follow_calendar(app.service()).await.unwrap(), 1);
    assert_eq!(desk::follow_calendar(app.service()).await.unwrap(), 0);
    let moved = read(&officer, &working).await;
    assert_eq!(moved["deadline"]["dueAt"], "2026-09-03T02:30:00+00:00");
    assert_ne!(&moved["deadline"]["reasons"][0]["calendarVersion"], version);
    assert_eq!(read(&officer, &round).await["deadline"]["dueAt"], round["deadline"]["dueAt"]);
}

async fn what_was_resolved_in_time_was_met(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let (soon, late) =
        (ask(&app, &household, "DISPUTE").await, ask(&app, &household, "DISPUTE").await);
    let resolve = async |inquiry: &Value| {
        let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1 });
        officer.mutate("resolveInquiry", input, "deadline { state }").await.done()["deadline"]["state"].clone()
    };
    assert_eq!(resolve(&soon).await, "MET");
    app.advance(Duration::from_secs(DAY + 1));
    assert_eq!(resolve(&late).await, "MISSED");
}

/// An inquiry that has to be answered within ten minutes, and of which the county hears after half an hour more.
async fn pressing(app: &TestApp, household: &Value) -> Value {
    app.county_admin().mutate("setDeadlineTarget", target(10), "category").await.done();
    ask(app, household, "OTHER").await
}

async fn a_deadline_that_runs_out_goes_to_the_chief_and_then_to_the_county(app: TestApp) {
    let household = app.household(LIUHE).await;
    let inquiry = pressing(&app, &household).await;
    let chief = app.chief(CHENJI);
    let mut levels = Vec::new();
    for seconds in [599, 1, 1799, 1, 10_000] {
        app.advance(Duration::from_secs(seconds));
        let fired = desk::fire(app.service()).await.unwrap();
        levels
            .push((fired, read(&chief, &inquiry).await["escalation"].as_str().unwrap().to_owned()));
    }
    let expected = [(0, "DESK"), (1, "CHIEF"), (0, "CHIEF"), (1, "COUNTY"), (0, "COUNTY")];
    assert_eq!(levels, expected.map(|(fired, level)| (fired, level.to_owned())));
    let tab = "{ inbox { counts { escalated overdue } inquiries(tab: ESCALATED) { edges { node { id } } } } }";
    let inbox = chief.query(tab, json!({})).await;
    assert_eq!(inbox.at("/inbox/counts"), &json!({ "escalated": 1, "overdue": 1 }));
    assert_eq!(inbox.nodes("/inbox/inquiries", "id"), [inquiry["id"].as_str().unwrap()]);
    // Somebody's change that was based on the version before goes through: time alone changes no version.
    assert_eq!(read(&chief, &inquiry).await["version"], 1);
}

async fn the_chief_hears_of_it(app: TestApp) {
    app.work_in_background().await;
    let household = app.household(LIUHE).await;
    let inquiry = pressing(&app, &household).await;
    let cursor = app.event_cursor().await;
    let document = "subscription($after: String) { inquiryChanged(after: $after) { inquiry { id escalation } } }";
    let mut events = app.chief(CHENJI).subscribe(document, json!({ "after": cursor })).await;
    app.advance(Duration::from_secs(601));
    let told = events.next().await;
    assert_eq!(told["inquiry"], json!({ "id": inquiry["id"], "escalation": "CHIEF" }));
}

async fn an_answer_brings_an_inquiry_back_to_the_desk(app: TestApp) {
    let household = app.household(LIUHE).await;
    let inquiry = pressing(&app, &household).await;
    let officer = app.lead(LIUHE);
    app.advance(Duration::from_secs(601));
    assert_eq!(desk::fire(app.service()).await.unwrap(), 1);
    said(&officer, &inquiry, "好").await;
    assert_eq!(read(&officer, &inquiry).await["escalation"], "DESK");
    app.advance(Duration::from_secs(DAY));
    assert_eq!(desk::fire(app.service()).await.unwrap(), 0);
}

async fn several_instances_escalate_once(app: TestApp) {
    let household = app.household(LIUHE).await;
    for _ in 0..12 {
        pressing(&app, &household).await;
    }
    app.advance(Duration::from_secs(601));
    let other = app.another_instance().await;
    let tries = (0..6).map(|nth| {
        let service = if nth % 2 == 0 { app.service().clone() } else { other.service().clone() };
        async move { desk::fire(&service).await.unwrap() }
    });
    let fired: usize = join_all(tries).await.into_iter().sum();
    let left = desk::fire(app.service()).await.unwrap();
    assert_eq!(fired + left, 12);
    let told = "SELECT count(*) FROM event WHERE kind = 'INQUIRY_ESCALATED'";
    assert_eq!(app.number(told).await, 12);
    let twice = "SELECT count(*) FROM (SELECT subject_id FROM event WHERE kind = 'INQUIRY_ESCALATED' \
                 GROUP BY subject_id HAVING count(*) > 1) AS twice";
    assert_eq!(app.number(twice).await, 0);
    other.service().database.close().await;
}

async fn an_escalation_that_was_cut_off_is_made_up_for(app: TestApp) {
    let household = app.household(LIUHE).await;
    let inquiry = pressing(&app, &household).await;
    app.advance(Duration::from_secs(601));
    for nanoseconds in [1, 1000, 100_000, 1_000_000, 3_000_000] {
        // The work is dropped wherever it is, as when the program is killed.
        let cut =
            tokio::time::timeout(Duration::from_nanos(nanoseconds), desk::fire(app.service()));
        let _ = cut.await;
    }
    let _ = desk::fire(app.service()).await.unwrap();
    assert_eq!(read(&app.chief(CHENJI), &inquiry).await["escalation"], "CHIEF");
    assert_eq!(app.number("SELECT count(*) FROM event WHERE kind = 'INQUIRY_ESCALATED'").await, 1);
}

async fn only_what_is_due_is_read(app: TestApp) {
    let household = app.household(LIUHE).await;
    for _ in 0..3 {
        pressing(&app, &household).await;
    }
    let (idle, _) = app.statements(desk::fire(app.service())).await;
    app.advance(Duration::from_secs(601));
    let (busy, fired) = app.statements(desk::fire(app.service())).await;
    assert_eq!(fired.unwrap(), 3);
    // They are read, written, and told of with who had them before.
    let most = match app.backend() {
        Backend::Postgres => 3,
        Backend::Sqlite => 4,
    };
    assert!(idle <= 1 && busy <= most, "{idle} statements with nothing to do, {busy} for three");
}

async fn the_clock_follows_from_the_log(app: TestApp) {
    let household = app.household(LIUHE).await;
    let (officer, resident) = (app.lead(LIUHE), app.resident_of(&household).await);
    let inquiry = ask(&app, &household, "OTHER").await;
    app.advance(Duration::from_secs(HOUR));
    said(&officer, &inquiry, "一").await;
    app.advance(Duration::from_secs(2 * HOUR));
    said(&resident, &inquiry, "二").await;
    app.advance(Duration::from_secs(HOUR));
    let sort = json!({ "inquiryId": inquiry["id"], "expectedVersion": 3 });
    officer
        .mutate("recategorizeInquiry", with(sort.clone(), "category", "DISPUTE"), "id")
        .await
        .done();
    app.advance(Duration::from_secs(DAY));
    officer.mutate("resolveInquiry", with(sort.clone(), "expectedVersion", 4), "id").await.done();
    app.advance(Duration::from_secs(DAY));
    officer.mutate("reopenInquiry", with(sort, "expectedVersion", 5), "id").await.done();
    let id = uuid_of(&inquiry);
    let raw = app.raw().await;
    let kept = inquiry::Entity::find_by_id(id).one(&raw).await.unwrap().unwrap();
    let kept: Stopwatch = serde_json::from_value(kept.stopwatch.unwrap()).unwrap();
    let events = event::Entity::find()
        .filter(event::Column::SubjectId.eq(id))
        .filter(event::Column::Kind.ne("MESSAGE_ADDED"))
        .order_by_asc(event::Column::Sequence)
        .all(&raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    let policy = deadline::policy(app.service()).await.unwrap();
    assert_eq!(replayed(events, &policy.calendar), kept);
    assert_eq!(kept.counted(), i64::try_from(2 * HOUR + DAY).unwrap());
}

/// The clock that the events of an inquiry tell of.
fn replayed(events: Vec<event::Model>, calendar: &Calendar) -> Stopwatch {
    let targets = |event: &event::Model| {
        let targets = event.detail.pointer("/sorted/targets")?;
        Some(serde_json::from_value(targets.clone()).unwrap())
    };
    let mut events = events.into_iter();
    let opened = events.next().unwrap();
    assert_eq!(opened.kind, "INQUIRY_SUBMITTED");
    let mut clock = Stopwatch::start(targets(&opened).unwrap(), opened.at, calendar);
    for event in events {
        if let Some(targets) = targets(&event) {
            clock = clock.after(Step::Sorted(targets), event.at, calendar);
        }
        let step = match (
            event.detail["before"].as_str().unwrap(),
            event.detail["after"].as_str().unwrap(),
        ) {
            ("RESOLVED", "WAITING_FOR_OFFICER") => Step::Reopened,
            (before, after) if before == after => continue,
            (_, "RESOLVED") => Step::Resolved,
            (_, "WAITING_FOR_RESIDENT") => Step::Replied,
            _ => Step::ResidentWrote,
        };
        clock = clock.after(step, event.at, calendar);
    }
    clock
}

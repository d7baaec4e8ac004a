//! The working calendar: the shipped year, imports, and its versions.

use crate::on_both_databases;
use crate::support::roster::ics;
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    the_year_that_the_state_council_announced_comes_with_the_program,
    a_file_is_imported_and_nothing_beside_its_days_changes,
    a_dry_run_changes_nothing,
    what_was_so_in_an_older_version_can_be_looked_up,
    somebody_elses_change_is_not_overwritten,
    bad_files_and_hours_are_refused,
    shipping_again_adds_nothing,
);

async fn days(actor: &Actor, from: &str, to: &str) -> Vec<String> {
    let document = "query($from: Date!, $to: Date!) { calendar(from: $from, to: $to) { days { day kind name } } }";
    let answer = actor.query(document, json!({ "from": from, "to": to })).await;
    let days = answer.at("/calendar/days").as_array().cloned().unwrap();
    let text = |one: &Value| format!("{} {} {}", one["day"], one["kind"], one["name"]);
    days.iter().map(|one| text(one).replace('"', "")).collect()
}

async fn import(app: &TestApp, version: i32, days: &[(&str, &str)], dry_run: bool) -> Value {
    let input = json!({ "expectedVersion": version, "ics": ics(days), "dryRun": dry_run });
    let wanted = "added changed removed unchanged calendar { version days { day } }";
    app.county_admin().mutate("importCalendar", input, wanted).await.done()
}

async fn the_year_that_the_state_council_announced_comes_with_the_program(app: TestApp) {
    let household = app.household(crate::support::county::LIUHE).await;
    let resident = app.resident(&app.contact_of(&household, "王建国").await);
    let autumn = days(&resident, "2026-09-20", "2026-10-10").await;
    let expected = [
        "2026-09-20 WORKDAY 国庆节调休上班",
        "2026-09-25 HOLIDAY 中秋节",
        "2026-09-26 HOLIDAY 中秋节",
        "2026-09-27 HOLIDAY 中秋节",
        "2026-10-01 HOLIDAY 国庆节",
    ];
    assert_eq!(autumn[..5], expected);
    assert_eq!(autumn[10..], ["2026-10-07 HOLIDAY 国庆节", "2026-10-10 WORKDAY 国庆节调休上班"]);
    assert_eq!(days(&resident, "2026-01-01", "2026-12-31").await.len(), 39);
    let document = "{ calendar(from: \"2026-08-01\", to: \"2026-08-01\") { version hours { start end } days { name } } }";
    let answer = resident.query(document, json!({})).await;
    let hours = json!([{ "start": 510, "end": 720 }, { "start": 870, "end": 1080 }]);
    assert_eq!(*answer.at("/calendar"), json!({ "version": 1, "hours": hours, "days": [] }));
}

async fn a_file_is_imported_and_nothing_beside_its_days_changes(app: TestApp) {
    let new = [("20270101", "元旦"), ("20270102", "元旦补班"), ("20270104", "元旦")];
    let done = import(&app, 1, &new, false).await;
    assert_eq!([&done["added"], &done["calendar"]["version"]], [&json!(3), &json!(2)]);
    let again = [("20270101", "元旦"), ("20270104", "元旦调休上班")];
    let done = import(&app, 2, &again, false).await;
    let counts = ["added", "changed", "removed", "unchanged"].map(|name| done[name].clone());
    assert_eq!(counts, [0, 1, 1, 1].map(Value::from));
    let expected = ["2027-01-01 HOLIDAY 元旦", "2027-01-04 WORKDAY 元旦调休上班"];
    assert_eq!(days(&app.auditor(), "2027-01-01", "2027-12-31").await, expected);
    assert_eq!(days(&app.auditor(), "2026-01-01", "2026-12-31").await.len(), 39);
    // A file that says what is known makes no version.
    assert_eq!(import(&app, 3, &again, false).await["calendar"]["version"], 3);
}

async fn a_dry_run_changes_nothing(app: TestApp) {
    let done = import(&app, 1, &[("20270101", "元旦")], true).await;
    let expected = json!({ "version": 1, "days": [{ "day": "2027-01-01" }] });
    assert_eq!((&done["added"], &done["calendar"]), (&json!(1), &expected));
    assert_eq!(days(&app.auditor(), "2027-01-01", "2027-12-31").await, [""; 0]);
}

async fn what_was_so_in_an_older_version_can_be_looked_up(app: TestApp) {
    import(&app, 1, &[("20261001", "国庆补班")], false).await;
    let input = json!({ "expectedVersion": 2, "hours": [{ "start": 480, "end": 1020 }] });
    let wanted = "version hours { start } days { day }";
    let set = app.county_admin().mutate("updateWorkingHours", input, wanted).await.done();
    assert_eq!((&set["version"], &set["hours"]), (&json!(3), &json!([{ "start": 480 }])));
    assert_eq!(set["days"].as_array().map(Vec::len), Some(39));
    let document = "query($version: Int) { calendar(from: \"2026-10-01\", to: \"2026-10-01\", version: $version) \
                    { days { kind } hours { start } } }";
    let seen = async |version: Value| {
        let answer = app.auditor().query(document, json!({ "version": version })).await;
        let calendar = answer.at("/calendar");
        (calendar["days"][0]["kind"].clone(), calendar["hours"][0]["start"].clone())
    };
    for (version, kind, start) in [
        (json!(1), "HOLIDAY", 510),
        (json!(2), "WORKDAY", 510),
        (json!(3), "WORKDAY", 480),
        (Value::Null, "WORKDAY", 480),
    ] {
        assert_eq!(seen(version).await, (json!(kind), json!(start)));
    }
    for unknown in [-1, 4] {
        let answer = app.auditor().query(document, json!({ "version": unknown })).await;
        assert_eq!(answer.outcome(), "NOT_FOUND");
    }
}

async fn somebody_elses_change_is_not_overwritten(app: TestApp) {
    import(&app, 1, &[("20270101", "元旦")], false).await;
    let input = json!({ "expectedVersion": 1, "ics": ics(&[("20270102", "元旦")]) });
    let late = app.county_admin().mutate("importCalendar", input, "added").await;
    assert_eq!(late.outcome(), "VERSION_CONFLICT expectedVersion");
    let input = json!({ "expectedVersion": 1, "hours": [{ "start": 0, "end": 1440 }] });
    let late = app.county_admin().mutate("updateWorkingHours", input, "version").await;
    assert_eq!(late.outcome(), "VERSION_CONFLICT expectedVersion");
}

async fn bad_files_and_hours_are_refused(app: TestApp) {
    let admin = app.county_admin();
    let spring: Vec<String> = (1..=30).map(|day| format!("202703{day:02}")).collect();
    let spring: Vec<(&str, &str)> = spring.iter().map(|day| (day.as_str(), "假")).collect();
    for (ics, expected) in [
        ("你好".to_owned(), "INVALID ics"),
        (ics(&[]), "INVALID ics"),
        ("a".repeat(210_000), "TOO_LONG ics"),
        // With the Saturday and Sunday before, nobody would work for 31 days, or for 32.
        (ics(&spring[..29]), "ok"),
        (ics(&spring), "INVALID ics"),
    ] {
        let input = json!({ "expectedVersion": 1, "ics": ics, "dryRun": true });
        let answer = admin.mutate("importCalendar", input, "added").await;
        assert_eq!(answer.outcome(), expected);
    }
    let span = |start: u16, end: u16| json!({ "start": start, "end": end });
    for hours in [
        json!([]),
        json!([span(600, 600)]),
        json!([span(600, 1441)]),
        json!([span(600, 700), span(700, 800)]),
        json!([span(700, 800), span(100, 200)]),
        json!([span(0, 1), span(2, 3), span(4, 5), span(6, 7), span(8, 9)]),
    ] {
        let input = json!({ "expectedVersion": 1, "hours": hours });
        let answer = admin.mutate("updateWorkingHours", input, "version").await;
        assert_eq!(answer.outcome(), "INVALID hours");
    }
    for (from, to) in [("2026-01-02", "2026-01-01"), ("2026-01-01", "2029-01-01")] {
        let document =
            "query($from: Date!, $to: Date!) { calendar(from: $from, to: $to) { version } }";
        let answer = admin.query(document, json!({ "from": from, "to": to })).await;
        assert_eq!(answer.outcome(), "BAD_USER_INPUT");
    }
}

async fn shipping_again_adds_nothing(app: TestApp) {
    let database = &app.service().database;
    assert_eq!(huhutong::calendar::ship(database, app.now()).await.unwrap(), 0);
    import(&app, 1, &[("20260101", "元旦补班")], false).await;
    assert_eq!(huhutong::calendar::ship(database, app.now()).await.unwrap(), 0);
    app.sql("DELETE FROM calendar_day").await;
    app.sql("DELETE FROM calendar").await;
    assert_eq!(huhutong::calendar::ship(database, app.now()).await.unwrap(), 1);
    assert_eq!(days(&app.analyst(), "2026-01-01", "2026-12-31").await.len(), 39);
}

//! Who is on duty day by day, and when nobody is.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, WANGLOU, station_id};
use crate::support::owners::shift;
use crate::support::{Actor, Answer, TestApp, Value, json};

on_both_databases!(
    a_day_shows_its_shifts_and_its_gaps,
    swaps_leaves_and_nights_are_shown,
    a_station_has_a_calendar_of_its_own,
    a_calendar_is_for_the_own_area_and_for_62_days,
    days_do_not_cost_statements,
);

async fn calendar(actor: &Actor, of: Value, days: (&str, &str)) -> Answer {
    let document = "query($of: DutyCalendarOf!, $from: Date!, $to: Date!) { dutyCalendar(of: $of, from: $from, \
        to: $to) { day isWorkday hasGap spans { startsAt endsAt officer { id } reasons { kind } } } }";
    actor.query(document, json!({ "of": of, "from": days.0, "to": days.1 })).await
}

/// The parts of a day: when it begins in UTC, who, and by which steps.
fn spans(answer: &Answer, day: usize) -> Vec<(String, Option<String>, String)> {
    let spans = answer.at(&format!("/dutyCalendar/{day}/spans")).as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    spans
        .iter()
        .map(|span| {
            let officer = span["officer"]["id"].as_str().map(str::to_owned);
            let steps = span["reasons"].as_array().unwrap().iter().map(|step| text(&step["kind"]));
            (
                text(&span["startsAt"])[5..16].to_owned(),
                officer,
                steps.collect::<Vec<_>>().join(" "),
            )
        })
        .collect()
}

fn span(start: &str, officer: Option<&Actor>, steps: &str) -> (String, Option<String>, String) {
    (start.to_owned(), officer.map(Actor::id), steps.to_owned())
}

async fn a_day_shows_its_shifts_and_its_gaps(app: TestApp) {
    let (lead, other) = (app.lead(LIUHE), app.lead(WANGLOU));
    shift(&app, None, &other, (8, 18)).await;
    shift(&app, Some(LIUHE), &lead, (9, 12)).await;
    let days = ("2026-09-01", "2026-09-05");
    let answer = calendar(&app.chief(CHENJI), json!({ "villageCode": LIUHE }), days).await;
    // No shift began on the first.
    assert_eq!(spans(&answer, 0), [span("08-31T16:00", None, "")]);
    assert_eq!(
        spans(&answer, 1),
        [
            span("09-01T16:00", None, ""),
            span("09-02T00:00", Some(&other), "STATION_SHIFT"),
            span("09-02T01:00", Some(&lead), "VILLAGE_SHIFT"),
            span("09-02T04:00", Some(&other), "STATION_SHIFT"),
            span("09-02T10:00", None, ""),
        ]
    );
    let day = answer.at("/dutyCalendar/4");
    assert_eq!((&day["day"], &day["isWorkday"]), (&json!("2026-09-05"), &json!(false)));
    assert_eq!(day["hasGap"], true);
    assert_eq!(answer.at("/dutyCalendar").as_array().unwrap().len(), 5);
}

async fn swaps_leaves_and_nights_are_shown(app: TestApp) {
    let (a, b, chief) = (app.lead(LIUHE), app.lead(WANGLOU), app.chief(CHENJI));
    // From 20:00 to 20:00 each day: no gap from the second on.
    let day = shift(&app, None, &a, (20, 44)).await;
    let swap =
        json!({ "idempotencyKey": "s", "shiftId": day, "day": "2026-09-03", "officerId": b.id() });
    chief.mutate("swapShift", swap, "id").await.done();
    let leave = json!({ "idempotencyKey": "l", "officerId": a.id(), "coverOfficerId": b.id(),
        "startsAt": "2026-09-05T00:00:00Z", "endsAt": "2026-09-05T04:00:00Z" });
    chief.mutate("planLeave", leave, "id").await.done();
    let days = ("2026-09-03", "2026-09-05");
    let answer = calendar(&chief, json!({ "villageCode": WANGLOU }), days).await;
    assert_eq!(
        spans(&answer, 0),
        [
            span("09-02T16:00", Some(&a), "STATION_SHIFT"),
            span("09-03T12:00", Some(&b), "STATION_SHIFT SWAP"),
        ]
    );
    assert_eq!(
        spans(&answer, 2),
        [
            span("09-04T16:00", Some(&a), "STATION_SHIFT"),
            span("09-05T00:00", Some(&b), "STATION_SHIFT LEAVE"),
            span("09-05T04:00", Some(&a), "STATION_SHIFT"),
            span("09-05T12:00", Some(&a), "STATION_SHIFT"),
        ]
    );
    assert_eq!(answer.at("/dutyCalendar/2/hasGap"), false);
}

async fn a_station_has_a_calendar_of_its_own(app: TestApp) {
    let (lead, other) = (app.lead(LIUHE), app.lead(WANGLOU));
    shift(&app, Some(LIUHE), &lead, (8, 18)).await;
    shift(&app, None, &other, (0, 12)).await;
    let days = ("2026-09-02", "2026-09-02");
    let of = json!({ "stationId": station_id(CHENJI) });
    let answer = calendar(&app.auditor(), of, days).await;
    let expected =
        [span("09-01T16:00", Some(&other), "STATION_SHIFT"), span("09-02T04:00", None, "")];
    assert_eq!(spans(&answer, 0), expected);
}

async fn a_calendar_is_for_the_own_area_and_for_62_days(app: TestApp) {
    let (chief, village) = (app.chief(CHENJI), json!({ "villageCode": LIUHE }));
    let longest = calendar(&chief, village.clone(), ("2026-09-01", "2026-11-01")).await;
    assert_eq!(longest.at("/dutyCalendar").as_array().unwrap().len(), 62);
    for days in
        [("2026-09-01", "2026-11-02"), ("2026-09-02", "2026-09-01"), ("0001-01-01", "9999-12-31")]
    {
        let answer = calendar(&chief, village.clone(), days).await;
        assert_eq!(answer.code(), Some("BAD_USER_INPUT"), "{days:?}");
    }
    for days in [("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")] {
        let answer = calendar(&chief, village.clone(), days).await;
        assert_eq!(answer.at("/dutyCalendar/1/hasGap"), true, "{days:?}");
    }
    let day = ("2026-09-02", "2026-09-02");
    let elsewhere =
        [json!({ "stationId": station_id(MANGSHAN) }), json!({ "villageCode": "411481999999" })];
    for of in elsewhere {
        assert_eq!(calendar(&chief, of, day).await.code(), Some("NOT_FOUND"));
    }
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    assert_eq!(calendar(&resident, village.clone(), day).await.code(), Some("FORBIDDEN"));
    for of in [json!({}), json!({ "villageCode": LIUHE, "stationId": station_id(CHENJI) })] {
        assert!(calendar(&chief, of, day).await.code().is_some());
    }
}

async fn days_do_not_cost_statements(app: TestApp) {
    shift(&app, None, &app.lead(LIUHE), (8, 18)).await;
    let chief = app.chief(CHENJI);
    for last in ["2026-09-02", "2026-10-31"] {
        let asked = calendar(&chief, json!({ "villageCode": LIUHE }), ("2026-09-02", last));
        let (count, answer) = app.statements(asked).await;
        assert_eq!(answer.at("/dutyCalendar/0/hasGap"), true);
        // The roster, and the officers.
        assert_eq!(count, 2, "{last}");
    }
}

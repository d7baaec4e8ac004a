//! Appointments are moved, looked at before, and written down after.

use huhutong::appointment;

use crate::on_both_databases;
use crate::support::appointments::{APPOINTMENT, september, slots};
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, SHIYUAN, WANGLOU};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    a_moved_appointment_frees_its_place,
    an_appointment_that_cannot_be_moved_stays_where_it_is,
    a_displaced_appointment_is_moved_to_another_window,
    what_has_begun_is_neither_moved_nor_cancelled,
    an_officer_looks_at_the_papers_before,
    what_came_of_it_is_written_down_and_put_right,
    attendance_is_not_written_down_too_early,
    a_wasted_trip_has_a_reason,
    the_chief_sees_in_numbers_why_people_came_in_vain,
    who_takes_a_village_over_has_its_appointments,
    merged_households_bring_their_appointments_along,
);

fn to(appointment: &Value, version: i32, starts_at: &str) -> Value {
    json!({ "appointmentId": appointment["id"], "expectedVersion": version, "startsAt": starts_at })
}

async fn a_moved_appointment_frees_its_place(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let booked = app.appointment(&window, &household, &september(2, "09:00")).await;
    let input = to(&booked, 1, &september(2, "10:00"));
    let moved = resident.mutate("rescheduleAppointment", input.clone(), APPOINTMENT).await.done();
    assert_eq!(moved["startsAt"], "2026-09-02T02:00:00+00:00");
    assert_eq!(moved["endsAt"], "2026-09-02T02:30:00+00:00");
    assert_eq!((&moved["id"], moved["version"].as_i64()), (&booked["id"], Some(2)));
    let free = slots(&resident, &window, ("2026-09-02", "2026-09-02")).await;
    assert_eq!(free, ["02. 09:00 1", "02. 09:30 1", "02. 10:00 0", "02. 10:30 1"]);
    let stale = resident.mutate("rescheduleAppointment", input, "id").await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    let same = to(&booked, 2, &september(2, "10:00"));
    let same = resident.mutate("rescheduleAppointment", same, "id").await;
    assert_eq!(same.outcome(), "INVALID startsAt");
}

async fn an_appointment_that_cannot_be_moved_stays_where_it_is(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let (household, other) = (app.household(LIUHE).await, app.household(WANGLOU).await);
    let booked = app.appointment(&window, &household, &september(2, "09:00")).await;
    app.appointment(&window, &other, &september(2, "10:00")).await;
    app.appointment(&window, &household, &september(3, "09:00")).await;
    let elsewhere = app.window(MANGSHAN, 1).await;
    let good = to(&booked, 1, &september(2, "10:00"));
    let second = app.window(CHENJI, 1).await;
    let beside = with(good.clone(), "windowId", second["id"].clone());
    for (input, expected) in [
        (good.clone(), "TAKEN startsAt"),
        (to(&booked, 1, &september(2, "12:00")), "INVALID startsAt"),
        (with(good.clone(), "windowId", elsewhere["id"].clone()), "INVALID windowId"),
        (with(beside, "startsAt", september(3, "09:00")), "TAKEN householdId"),
        (with(good, "appointmentId", window["id"].clone()), "BAD_ID"),
    ] {
        let answer = app.lead(LIUHE).mutate("rescheduleAppointment", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let document = "query($id: ID!) { node(id: $id) { ... on Appointment { startsAt version } } }";
    let seen = app.lead(LIUHE).query(document, json!({ "id": booked["id"] })).await;
    assert_eq!(seen.at("/node"), &json!({ "startsAt": "2026-09-02T01:00:00+00:00", "version": 1 }));
    assert_eq!(app.number("SELECT count(*) FROM slot_place").await, 3);
}

async fn a_displaced_appointment_is_moved_to_another_window(app: TestApp) {
    let (window, other) = (app.window(CHENJI, 1).await, app.window(CHENJI, 1).await);
    let household = app.household(LIUHE).await;
    let booked = app.appointment(&window, &household, &september(3, "09:00")).await;
    let retire = json!({ "windowId": window["id"], "expectedVersion": 1, "retired": true, "confirmDisplacing": true });
    app.chief(CHENJI).mutate("updateServiceWindow", retire, "id").await.done();
    let input = with(to(&booked, 2, &september(3, "09:00")), "windowId", other["id"].clone());
    let wanted = "displaced version window { id } startsAt";
    let moved = app.lead(LIUHE).mutate("rescheduleAppointment", input, wanted).await.done();
    let expected = json!({ "displaced": false, "version": 3, "window": { "id": other["id"] },
                           "startsAt": "2026-09-03T01:00:00+00:00" });
    assert_eq!(moved, expected);
}

async fn what_has_begun_is_neither_moved_nor_cancelled(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let booked =
        app.appointment(&window, &app.household(LIUHE).await, &september(2, "09:00")).await;
    app.advance_to(&september(2, "09:00"));
    let officer = app.lead(LIUHE);
    let input = to(&booked, 1, &september(3, "10:00"));
    let moved = officer.mutate("rescheduleAppointment", input, "id").await;
    assert_eq!(moved.outcome(), "WRONG_STATE appointmentId");
    let cancel = json!({ "appointmentId": booked["id"], "expectedVersion": 1 });
    let cancelled = officer.mutate("cancelAppointment", cancel, "id").await;
    assert_eq!(cancelled.outcome(), "WRONG_STATE appointmentId");
}

async fn an_officer_looks_at_the_papers_before(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let household = app.household(LIUHE).await;
    let (officer, resident) = (app.lead(LIUHE), app.resident_of(&household).await);
    let booked = app.appointment(&window, &household, &september(2, "09:00")).await;
    let check = |version: i32, missing: Value| {
        json!({ "appointmentId": booked["id"], "expectedVersion": version,
                                                       "missingPapers": missing })
    };
    let wanted = "readiness missingPapers checkedAt checkedBy { id } version";
    let missing = check(1, json!(["出生医学证明", " 结婚证 "]));
    let found = officer.mutate("checkAppointment", missing, wanted).await.done();
    let expected = json!({ "readiness": "PAPERS_MISSING", "missingPapers": ["出生医学证明", "结婚证"],
        "checkedAt": app.now().to_rfc3339(), "checkedBy": { "id": officer.id() }, "version": 2 });
    assert_eq!(found, expected);
    let document = "{ appointments { edges { node { readiness missingPapers } } } }";
    let seen = resident.query(document, json!({})).await;
    assert_eq!(
        seen.at("/appointments/edges/0/node/missingPapers"),
        &json!(["出生医学证明", "结婚证"])
    );
    let masked = app.auditor().query(document, json!({})).await;
    assert_eq!(masked.at("/appointments/edges/0/node/missingPapers"), &json!([]));
    let ready = officer.mutate("checkAppointment", check(2, json!([])), wanted).await.done();
    assert_eq!((&ready["readiness"], &ready["missingPapers"]), (&json!("READY"), &json!([])));
    for (missing, expected) in [
        (json!([""]), "BLANK missingPapers"),
        (json!(["证".repeat(61)]), "TOO_LONG missingPapers"),
        (json!(vec!["证"; 21]), "INVALID missingPapers"),
    ] {
        let answer = officer.mutate("checkAppointment", check(3, missing), "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let own = resident.mutate("checkAppointment", check(3, json!([])), "id").await;
    assert_eq!(own.outcome(), "FORBIDDEN");
}

async fn what_came_of_it_is_written_down_and_put_right(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let booked =
        app.appointment(&window, &app.household(LIUHE).await, &september(2, "09:00")).await;
    app.advance_to(&september(2, "09:40"));
    let record = |version: i32, outcome: &str| {
        json!({ "appointmentId": booked["id"],
        "expectedVersion": version, "outcome": outcome })
    };
    let (officer, wanted) = (app.lead(LIUHE), "status wastedReason note version");
    let missed = officer.mutate("recordAttendance", record(1, "MISSED"), wanted).await.done();
    assert_eq!(missed["status"], "MISSED");
    let wasted =
        with(with(record(2, "WASTED_TRIP"), "wastedReason", "SYSTEM_DOWN"), "note", "省厅系统升级");
    let wasted = officer.mutate("recordAttendance", wasted, wanted).await.done();
    let expected = json!({ "status": "WASTED_TRIP", "wastedReason": "SYSTEM_DOWN", "note": "省厅系统升级", "version": 3 });
    assert_eq!(wasted, expected);
    let came = officer.mutate("recordAttendance", record(3, "ATTENDED"), wanted).await.done();
    assert_eq!(
        came,
        json!({ "status": "ATTENDED", "wastedReason": null, "note": null, "version": 4 })
    );
    let check = json!({ "appointmentId": booked["id"], "expectedVersion": 4, "missingPapers": [] });
    let late = officer.mutate("checkAppointment", check, "id").await;
    assert_eq!(late.outcome(), "WRONG_STATE appointmentId");
    let document =
        "query($s: [AppointmentStatus!]) { appointments(filter: { statuses: $s }) { totalCount } }";
    let listed = officer.query(document, json!({ "s": ["ATTENDED"] })).await;
    assert_eq!(listed.at("/appointments/totalCount"), 1);
}

async fn attendance_is_not_written_down_too_early(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let booked =
        app.appointment(&window, &app.household(LIUHE).await, &september(2, "09:00")).await;
    let record = |outcome: &str| json!({ "appointmentId": booked["id"], "expectedVersion": 1, "outcome": outcome });
    let officer = app.lead(LIUHE);
    let attempt =
        async |outcome| officer.mutate("recordAttendance", record(outcome), "id").await.outcome();
    assert_eq!(attempt("ATTENDED").await, "WRONG_STATE outcome");
    app.advance_to(&september(2, "08:50"));
    assert_eq!(attempt("MISSED").await, "WRONG_STATE outcome");
    assert_eq!(attempt("ATTENDED").await, "ok");
}

async fn a_wasted_trip_has_a_reason(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let household = app.household(LIUHE).await;
    let booked = app.appointment(&window, &household, &september(2, "09:00")).await;
    let cancelled = app.appointment(&window, &household, &september(2, "10:00")).await;
    let cancel = json!({ "appointmentId": cancelled["id"], "expectedVersion": 1 });
    app.lead(LIUHE).mutate("cancelAppointment", cancel, "id").await.done();
    app.advance_to(&september(2, "10:30"));
    let wasted =
        json!({ "appointmentId": booked["id"], "expectedVersion": 1, "outcome": "WASTED_TRIP" });
    let attended = with(with(wasted.clone(), "outcome", "ATTENDED"), "wastedReason", "OTHER");
    let gone = with(
        with(attended.clone(), "appointmentId", cancelled["id"].clone()),
        "wastedReason",
        Value::Null,
    );
    for (input, expected) in [
        (wasted, "INVALID wastedReason"),
        (attended, "INVALID wastedReason"),
        (with(gone, "expectedVersion", 2), "WRONG_STATE appointmentId"),
    ] {
        let answer = app.lead(LIUHE).mutate("recordAttendance", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
}

async fn the_chief_sees_in_numbers_why_people_came_in_vain(app: TestApp) {
    let window = app.window(CHENJI, 9).await;
    let officer = app.lead(LIUHE);
    let mut booked = Vec::new();
    for _ in 0..6 {
        booked.push(
            app.appointment(&window, &app.household(LIUHE).await, &september(2, "09:00")).await,
        );
    }
    let cancel = json!({ "appointmentId": booked[0]["id"], "expectedVersion": 1 });
    officer.mutate("cancelAppointment", cancel, "id").await.done();
    app.advance_to(&september(2, "10:30"));
    for (appointment, (outcome, reason)) in booked[1..].iter().zip([
        ("WASTED_TRIP", json!("PAPERS_MISSING")),
        ("WASTED_TRIP", json!("PAPERS_MISSING")),
        ("WASTED_TRIP", json!("SYSTEM_DOWN")),
        ("ATTENDED", Value::Null),
    ]) {
        let input = json!({ "appointmentId": appointment["id"], "expectedVersion": 1,
                            "outcome": outcome, "wastedReason": reason });
        officer.mutate("recordAttendance", input, "id").await.done();
    }
    let other = app.window(MANGSHAN, 1).await;
    app.appointment(&other, &app.household(SHIYUAN).await, &september(3, "09:00")).await;
    let document = "query($area: DivisionCode, $since: Date!, $until: Date!) { \
        appointmentOutcomes(areaCode: $area, since: $since, until: $until) { booked attended missed cancelled \
        wastedTrips wastedTripReasons { reason count } } }";
    let days = |since: &str, until: &str| json!({ "since": since, "until": until });
    let month = days("2026-09-01", "2026-09-30");
    let chief = app.chief(CHENJI);
    let names = ["PAPERS_MISSING", "WINDOW_CLOSED", "SYSTEM_DOWN", "WRONG_OFFICE", "OTHER"];
    let reasons = names.iter().zip([2, 0, 1, 0, 0]);
    let reasons = reasons.map(|(reason, count)| json!({ "reason": reason, "count": count }));
    let expected = json!({ "booked": 1, "attended": 1, "missed": 0, "cancelled": 1, "wastedTrips": 3,
                           "wastedTripReasons": Value::from_iter(reasons) });
    let (statements, seen) = app.statements(chief.query(document, month.clone())).await;
    assert_eq!((statements, seen.at("/appointmentOutcomes")), (1, &expected));
    let booked = async |who: &Actor, variables: Value| {
        who.query(document, variables).await.at("/appointmentOutcomes/booked").clone()
    };
    let admin = app.county_admin();
    assert_eq!(booked(&admin, month.clone()).await, 2, "the county is all of it");
    assert_eq!(booked(&admin, with(month.clone(), "area", SHIYUAN)).await, 1);
    assert_eq!(booked(&chief, with(month.clone(), "area", MANGSHAN)).await, 0);
    assert_eq!(booked(&chief, days("2026-09-02", "2026-09-02")).await, 1);
    assert_eq!(booked(&chief, days("2026-09-03", "2026-09-03")).await, 0);
    for bad in [days("2026-09-02", "2026-09-01"), days("2026-01-01", "2027-01-02")] {
        assert_eq!(chief.query(document, bad).await.code(), Some("BAD_USER_INPUT"));
    }
    for who in [officer, app.analyst(), app.auditor()] {
        assert_eq!(who.query(document, month.clone()).await.code(), Some("FORBIDDEN"));
    }
}

async fn who_takes_a_village_over_has_its_appointments(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let booking = app.booking(&window, &household, &september(4, "09:00"));
    let booking = with(booking, "inquiryId", inquiry["id"].clone());
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let booked = from.mutate("bookAppointment", booking, "id").await.done();
    let packet = json!({ "idempotencyKey": "a", "fromOfficerId": from.id(), "toOfficerId": to.id(),
                         "villageCodes": [LIUHE], "overlapUntil": september(2, "00:00") });
    app.chief(CHENJI).mutate("handOver", packet, "id").await.done();
    app.advance_to(&september(3, "08:00"));
    let check = json!({ "appointmentId": booked["id"], "expectedVersion": 1, "missingPapers": [] });
    let gone = from.mutate("checkAppointment", check.clone(), "id").await;
    assert_eq!(gone.outcome(), "NOT_FOUND appointmentId");
    let wanted = "readiness bookedBy { id } checkedBy { id } inquiry { id }";
    let checked = to.mutate("checkAppointment", check, wanted).await.done();
    let expected = json!({ "readiness": "READY", "bookedBy": { "id": from.id() },
                           "checkedBy": { "id": to.id() }, "inquiry": { "id": inquiry["id"] } });
    assert_eq!(checked, expected);
    app.advance_to(&september(3, "09:00"));
    appointment::work(app.service()).await.unwrap();
    let document = "query($id: ID!) { inquiry(id: $id) { messages { totalCount } } }";
    let seen = to.query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(seen.at("/inquiry/messages/totalCount"), 2, "and it is reminded of");
}

async fn merged_households_bring_their_appointments_along(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let (kept, merged) = (app.household(LIUHE).await, app.household(LIUHE).await);
    // Both at the same time: one family in two entries.
    for household in [&kept, &merged] {
        app.appointment(&window, household, &september(2, "09:00")).await;
    }
    let officer = app.lead(LIUHE);
    let input = json!({ "idempotencyKey": "m", "survivorId": kept["id"], "survivorVersion": 1,
                        "mergedId": merged["id"], "mergedVersion": 1 });
    let wanted = "survivor { appointments { totalCount } } record { id }";
    let done = officer.mutate("mergeHouseholds", input, wanted).await;
    let done = done.done();
    assert_eq!(done["survivor"]["appointments"]["totalCount"], 2);
    let undo = json!({ "mergeId": done["record"]["id"] });
    officer.mutate("undoMerge", undo, "id").await.done();
    let document = "query($id: ID!) { household(id: $id) { appointments { totalCount } } }";
    for household in [&kept, &merged] {
        let seen = officer.query(document, json!({ "id": household["id"] })).await;
        assert_eq!(seen.at("/household/appointments/totalCount"), 1);
    }
}

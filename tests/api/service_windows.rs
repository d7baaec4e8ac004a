//! Service windows are kept, and no change of one drops an appointment.

use crate::on_both_databases;
use crate::support::appointments::{september, slots, window_input};
use crate::support::county::{CHENJI, COUNTY, LIUHE, MANGSHAN, station_id};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    a_chief_opens_windows_of_the_own_station,
    windows_are_listed_by_area_and_station,
    a_window_says_which_value_is_wrong,
    an_opening_that_leaves_no_room_is_refused,
    what_a_closure_displaces_has_to_be_confirmed,
    a_cancelled_closure_opens_the_window_again,
    a_closure_that_has_begun_ends_now,
    a_window_opens_on_a_saturday_that_is_worked,
    an_opening_that_cannot_be_says_why,
    what_was_booked_in_an_opening_stays_when_it_is_cancelled,
    fewer_places_move_together_before_anybody_is_displaced,
    many_move_together_with_as_many_statements_as_one,
    other_hours_displace_what_no_longer_fits,
    a_retired_window_offers_nothing,
    a_stale_change_is_refused,
);

const WANTED: &str = "id version closures { startsAt endsAt reason } retiredAt";

fn update(window: &Value, version: i32, change: Value) -> Value {
    let mut input = json!({ "windowId": window["id"], "expectedVersion": version });
    for (name, value) in change.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn closure(window: &Value, day: u32) -> Value {
    json!({ "windowId": window["id"], "startsAt": september(day, "00:00"), "endsAt": september(day + 1, "00:00"),
            "reason": "全员培训" })
}

/// The starts of the appointments that no longer fit.
async fn displaced(actor: &Actor) -> Vec<String> {
    let document =
        "{ appointments(filter: { displaced: true }) { edges { node { startsAt status } } } }";
    actor.query(document, json!({})).await.nodes("/appointments", "startsAt")
}

async fn a_chief_opens_windows_of_the_own_station(app: TestApp) {
    let chief = app.chief(CHENJI);
    let input = window_input(&app, CHENJI, 2);
    let wanted = "name slotMinutes capacity bookableDays leadMinutes version retiredAt \
                  hours { weekday opens closes } closures { reason } station { id }";
    let made = chief.mutate("createServiceWindow", input.clone(), wanted).await.done();
    assert_eq!(
        made["hours"][0],
        json!({ "weekday": "MONDAY", "opens": "09:00", "closes": "11:00" })
    );
    assert_eq!(made["hours"].as_array().map(Vec::len), Some(5));
    assert_eq!((made["slotMinutes"].as_i64(), made["capacity"].as_i64()), (Some(30), Some(2)));
    assert_eq!(made["station"]["id"], station_id(CHENJI));
    assert_eq!(chief.mutate("createServiceWindow", input, wanted).await.done(), made);
    assert_eq!(app.number("SELECT count(*) FROM service_window").await, 1);
    let foreign = window_input(&app, MANGSHAN, 1);
    let answer = chief.mutate("createServiceWindow", foreign, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND stationId");
}

async fn windows_are_listed_by_area_and_station(app: TestApp) {
    let (here, _) = (app.window(CHENJI, 1).await, app.window(MANGSHAN, 1).await);
    let resident = app.resident_of(&app.household(LIUHE).await).await;
    let document = "query($filter: ServiceWindowFilter) { serviceWindows(filter: $filter) { totalCount edges { node { id } } } }";
    for (filter, count) in [
        (json!({}), 2),
        (json!({ "areaCode": COUNTY }), 2),
        (json!({ "areaCode": CHENJI }), 1),
        (json!({ "retired": true }), 0),
    ] {
        let answer = resident.query(document, json!({ "filter": filter })).await;
        assert_eq!(answer.at("/serviceWindows/totalCount"), count, "{filter}");
    }
    let bad = resident.query(document, json!({ "filter": { "areaCode": "1" } })).await;
    assert_eq!(bad.outcome(), "BAD_USER_INPUT");
    let document = "query($code: DivisionCode!) { township(code: $code) { station { serviceWindows { edges { node { id \
                    appointments { totalCount } } } } } } }";
    let seen = resident.query(document, json!({ "code": CHENJI })).await;
    assert_eq!(
        seen.nodes("/township/station/serviceWindows", "id"),
        [here["id"].as_str().unwrap()]
    );
}

async fn a_window_says_which_value_is_wrong(app: TestApp) {
    let good = window_input(&app, CHENJI, 1);
    let admin = app.county_admin();
    for (field, value, expected) in [
        ("name", json!(" "), "BLANK name"),
        ("name", json!("窗".repeat(41)), "TOO_LONG name"),
        ("slotMinutes", json!(4), "INVALID slotMinutes"),
        ("slotMinutes", json!(241), "INVALID slotMinutes"),
        ("capacity", json!(0), "INVALID capacity"),
        ("capacity", json!(101), "INVALID capacity"),
        ("bookableDays", json!(-1), "INVALID bookableDays"),
        ("bookableDays", json!(181), "INVALID bookableDays"),
        ("leadMinutes", json!(10_081), "INVALID leadMinutes"),
        ("leadMinutes", json!(i32::MIN), "INVALID leadMinutes"),
        ("stationId", json!("😀"), "BAD_ID"),
    ] {
        let input = with(good.clone(), field, value.clone());
        let answer = admin.mutate("createServiceWindow", input, "id").await;
        assert_eq!(answer.outcome(), expected, "{value}");
    }
}

async fn an_opening_that_leaves_no_room_is_refused(app: TestApp) {
    let good = window_input(&app, CHENJI, 1);
    let opening = |opens: &str, closes: &str| json!({ "weekday": "MONDAY", "opens": opens, "closes": closes });
    for (hours, expected) in [
        (json!([]), "INVALID hours"),
        (json!([opening("09:00", "09:29")]), "INVALID hours"),
        (json!([opening("17:00", "09:00")]), "INVALID hours"),
        (json!([opening("09:00", "11:00"), opening("10:30", "12:00")]), "INVALID hours"),
        (json!(vec![opening("09:00", "11:00"); 29]), "INVALID hours"),
        (json!([opening("9:00", "11:00")]), "BAD_USER_INPUT"),
        (json!([opening("09:00", "24:01")]), "BAD_USER_INPUT"),
        (json!([opening("09:60", "11:00")]), "BAD_USER_INPUT"),
        (
            json!([
                opening("14:00", "24:00"),
                opening("00:00", "11:00"),
                opening("11:00", "12:00")
            ]),
            "ok",
        ),
    ] {
        let input = with(good.clone(), "hours", hours.clone());
        let answer = app.county_admin().mutate("createServiceWindow", input, "id").await;
        assert_eq!(answer.outcome(), expected, "{hours}");
    }
}

async fn what_a_closure_displaces_has_to_be_confirmed(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let chief = app.chief(CHENJI);
    for (day, time) in [(3, "09:00"), (3, "10:30"), (4, "09:00")] {
        app.appointment(&window, &app.household(LIUHE).await, &september(day, time)).await;
    }
    let refused =
        chief.clone().in_english().mutate("closeServiceWindow", closure(&window, 3), "id").await;
    assert_eq!(refused.outcome(), "WRONG_STATE confirmDisplacing");
    assert!(refused.message().starts_with("2 booked appointments"), "{}", refused.message());
    assert_eq!(displaced(&chief).await, [""; 0]);
    let confirmed = with(closure(&window, 3), "confirmDisplacing", true);
    let closed = chief.mutate("closeServiceWindow", confirmed.clone(), WANTED).await.done();
    assert_eq!(closed["version"], 2);
    assert_eq!(closed["closures"][0]["reason"], "全员培训");
    assert_eq!(displaced(&chief).await, ["2026-09-03T01:00:00+00:00", "2026-09-03T02:30:00+00:00"]);
    let again = chief.mutate("closeServiceWindow", confirmed.clone(), WANTED).await.done();
    assert_eq!(again, closed);
    let longer = with(confirmed, "endsAt", september(5, "00:00"));
    let longer = chief.mutate("closeServiceWindow", longer, "id").await;
    assert_eq!(longer.outcome(), "TAKEN startsAt");
    assert_eq!(slots(&chief, &window, ("2026-09-03", "2026-09-03")).await, [""; 0]);
    for (field, value, expected) in [
        ("endsAt", september(3, "00:00"), "INVALID endsAt"),
        ("endsAt", "2026-08-31T00:00:00Z".to_owned(), "INVALID endsAt"),
        ("reason", String::new(), "BLANK reason"),
        ("windowId", "AAAA".to_owned(), "BAD_ID"),
    ] {
        let input = with(closure(&window, 3), field, value);
        assert_eq!(chief.mutate("closeServiceWindow", input, "id").await.outcome(), expected);
    }
    let other = app.chief(MANGSHAN).mutate("closeServiceWindow", closure(&window, 9), "id").await;
    assert_eq!(other.outcome(), "NOT_FOUND windowId");
}

async fn a_cancelled_closure_opens_the_window_again(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let chief = app.chief(CHENJI);
    app.appointment(&window, &app.household(LIUHE).await, &september(3, "09:00")).await;
    let confirmed = with(closure(&window, 3), "confirmDisplacing", true);
    chief.mutate("closeServiceWindow", confirmed, WANTED).await.done();
    assert_eq!(displaced(&chief).await.len(), 1);
    let cancel = |day| json!({ "windowId": window["id"], "startsAt": september(day, "00:00") });
    let unknown = chief.mutate("cancelClosure", cancel(4), "id").await;
    assert_eq!(unknown.outcome(), "NOT_FOUND startsAt");
    let open = chief.mutate("cancelClosure", cancel(3), WANTED).await.done();
    assert_eq!(open["closures"], json!([]));
    assert_eq!(displaced(&chief).await, [""; 0]);
    assert_eq!(slots(&chief, &window, ("2026-09-03", "2026-09-03")).await[0], "03. 09:00 1");
}

fn opening(window: &Value, day: u32, from: &str, until: &str) -> Value {
    json!({ "windowId": window["id"], "startsAt": september(day, from), "endsAt": september(day, until),
            "reason": "调休上班" })
}

const OPENED: &str = "id version openings { startsAt endsAt reason }";

async fn a_window_opens_on_a_saturday_that_is_worked(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let chief = app.chief(CHENJI);
    let saturday = ("2026-09-05", "2026-09-05");
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let booking = app.booking(&window, &household, &september(5, "09:30"));
    let early = resident.mutate("bookAppointment", booking.clone(), "id").await;
    assert_eq!(early.outcome(), "INVALID startsAt");
    let waits = json!({ "idempotencyKey": "w", "windowId": window["id"], "householdId": household["id"],
                        "from": "2026-09-05", "until": "2026-09-06" });
    resident.mutate("joinWaitingList", waits, "id").await.done();
    let input = opening(&window, 5, "09:00", "10:10");
    let open = chief.mutate("openServiceWindow", input.clone(), OPENED).await.done();
    assert_eq!(open["openings"][0]["reason"], "调休上班");
    assert_eq!(chief.mutate("openServiceWindow", input, OPENED).await.done(), open);
    // Who waited for that day is offered a place at once.
    assert_eq!(slots(&chief, &window, saturday).await, ["05. 09:00 1", "05. 09:30 2"]);
    let booking = with(booking, "idempotencyKey", "again");
    resident.mutate("bookAppointment", booking, "id").await.done();
    // Beside its hours too, in the order of time.
    let friday = opening(&window, 4, "08:00", "08:30");
    chief.mutate("openServiceWindow", friday, OPENED).await.done();
    let all = slots(&chief, &window, ("2026-09-04", "2026-09-04")).await;
    assert_eq!(all[..2], ["04. 08:00 2", "04. 09:00 2"]);
    let closed = closure(&window, 4);
    chief.mutate("closeServiceWindow", closed, "id").await.done();
    assert_eq!(slots(&chief, &window, ("2026-09-04", "2026-09-04")).await, [""; 0]);
}

async fn an_opening_that_cannot_be_says_why(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let chief = app.chief(CHENJI);
    let good = opening(&window, 5, "09:00", "11:00");
    chief.mutate("openServiceWindow", good.clone(), "id").await.done();
    let time = |from: (u32, &str), until: (u32, &str)| json!({ "startsAt": september(from.0, from.1), "endsAt": september(until.0, until.1) });
    for (change, expected) in [
        (time((4, "10:30"), (4, "11:30")), "TAKEN startsAt"),
        (time((5, "10:30"), (5, "11:30")), "TAKEN startsAt"),
        (time((5, "09:00"), (5, "12:00")), "TAKEN startsAt"),
        (time((6, "09:00"), (6, "09:29")), "INVALID endsAt"),
        (time((6, "23:00"), (7, "00:30")), "INVALID endsAt"),
        (time((6, "10:00"), (6, "09:00")), "INVALID endsAt"),
        (
            json!({ "startsAt": "2026-08-29T01:00:00Z", "endsAt": "2026-08-29T02:00:00Z" }),
            "INVALID endsAt",
        ),
        (json!({ "reason": " " }), "BLANK reason"),
        (json!({ "windowId": "AAAA" }), "BAD_ID"),
    ] {
        let fields = change.as_object().unwrap();
        let input = fields
            .iter()
            .fold(good.clone(), |input, (name, value)| with(input, name, value.clone()));
        let answer = chief.mutate("openServiceWindow", input, "id").await;
        assert_eq!(answer.outcome(), expected, "{change}");
    }
    let day = json!({ "weekday": "SATURDAY", "opens": "10:00", "closes": "12:00" });
    let hours = update(&window, 2, json!({ "hours": [day] }));
    let answer = chief.mutate("updateServiceWindow", hours, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE hours");
    let other = app.chief(MANGSHAN).mutate("openServiceWindow", good, "id").await;
    assert_eq!(other.outcome(), "NOT_FOUND windowId");
}

async fn what_was_booked_in_an_opening_stays_when_it_is_cancelled(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let chief = app.chief(CHENJI);
    let input = opening(&window, 5, "09:00", "11:00");
    chief.mutate("openServiceWindow", input, "id").await.done();
    app.appointment(&window, &app.household(LIUHE).await, &september(5, "09:00")).await;
    let cancel = json!({ "windowId": window["id"], "startsAt": september(5, "09:00") });
    let refused = chief.mutate("cancelOpening", cancel.clone(), "id").await;
    assert_eq!(refused.outcome(), "WRONG_STATE confirmDisplacing");
    let confirmed = with(cancel, "confirmDisplacing", true);
    let without = chief.mutate("cancelOpening", confirmed.clone(), OPENED).await.done();
    assert_eq!(without["openings"], json!([]));
    assert_eq!(displaced(&chief).await, ["2026-09-05T01:00:00+00:00"]);
    let again = chief.mutate("cancelOpening", confirmed, "id").await;
    assert_eq!(again.outcome(), "NOT_FOUND startsAt");
}

async fn a_closure_that_has_begun_ends_now(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let chief = app.chief(CHENJI);
    chief.mutate("closeServiceWindow", closure(&window, 3), WANTED).await.done();
    app.advance_to(&september(3, "08:00"));
    let cancel = json!({ "windowId": window["id"], "startsAt": september(3, "00:00") });
    let open = chief.mutate("cancelClosure", cancel.clone(), WANTED).await.done();
    assert_eq!(open["closures"][0]["endsAt"], "2026-09-03T00:00:00+00:00");
    let again = chief.mutate("cancelClosure", cancel, WANTED).await;
    assert_eq!(again.outcome(), "WRONG_STATE startsAt");
    assert_eq!(slots(&chief, &window, ("2026-09-03", "2026-09-03")).await.len(), 4);
}

async fn fewer_places_move_together_before_anybody_is_displaced(app: TestApp) {
    let window = app.window(CHENJI, 3).await;
    let chief = app.chief(CHENJI);
    let mut booked = Vec::new();
    for _ in 0..3 {
        booked.push(
            app.appointment(&window, &app.household(LIUHE).await, &september(3, "09:00")).await,
        );
    }
    let cancel = json!({ "appointmentId": booked[0]["id"], "expectedVersion": 1 });
    chief.mutate("cancelAppointment", cancel, "id").await.done();
    // Two remain, with the numbers 2 and 3: both fit.
    let fewer = update(&window, 1, json!({ "capacity": 2 }));
    chief.mutate("updateServiceWindow", fewer, WANTED).await.done();
    assert_eq!(displaced(&chief).await, [""; 0]);
    assert_eq!(app.number("SELECT count(*) FROM slot_place WHERE place > 2").await, 0);
    let one = update(&window, 2, json!({ "capacity": 1 }));
    let refused = chief.mutate("updateServiceWindow", one.clone(), WANTED).await;
    assert_eq!(refused.outcome(), "WRONG_STATE confirmDisplacing");
    let confirmed = with(one, "confirmDisplacing", true);
    chief.mutate("updateServiceWindow", confirmed, WANTED).await.done();
    assert_eq!(displaced(&chief).await.len(), 1);
    // It keeps its place until it is moved, and the slot is full.
    assert_eq!(slots(&chief, &window, ("2026-09-03", "2026-09-03")).await[0], "03. 09:00 0");
    let more = update(&window, 3, json!({ "capacity": 2 }));
    chief.mutate("updateServiceWindow", more, WANTED).await.done();
    assert_eq!(displaced(&chief).await, [""; 0]);
}

async fn many_move_together_with_as_many_statements_as_one(app: TestApp) {
    let chief = app.chief(CHENJI);
    let mut counts = Vec::new();
    for days in [&[3][..], &[3, 4, 7, 8, 9]] {
        let window = app.window(CHENJI, 2).await;
        for day in days {
            let at = september(*day, "09:00");
            let first = app.appointment(&window, &app.household(LIUHE).await, &at).await;
            app.appointment(&window, &app.household(LIUHE).await, &at).await;
            let cancel = json!({ "appointmentId": first["id"], "expectedVersion": 1 });
            chief.mutate("cancelAppointment", cancel, "id").await.done();
        }
        let fewer = update(&window, 1, json!({ "capacity": 1 }));
        let change = chief.mutate("updateServiceWindow", fewer, "capacity");
        let (count, answer) = app.statements(change).await;
        assert_eq!(answer.done(), json!({ "capacity": 1 }));
        counts.push(count);
    }
    assert_eq!(app.number("SELECT count(*) FROM slot_place WHERE place = 1").await, 6);
    assert_eq!(counts[0], counts[1]);
}

async fn other_hours_displace_what_no_longer_fits(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let chief = app.chief(CHENJI);
    for time in ["09:00", "09:30", "10:00"] {
        app.appointment(&window, &app.household(LIUHE).await, &september(3, time)).await;
    }
    let hours = json!([{ "weekday": "THURSDAY", "opens": "09:00", "closes": "10:00" }]);
    let change = update(&window, 1, json!({ "hours": hours, "confirmDisplacing": true }));
    chief.mutate("updateServiceWindow", change, WANTED).await.done();
    assert_eq!(displaced(&chief).await, ["2026-09-03T02:00:00+00:00"]);
    // Slots of another length begin at the same times and end at others.
    let longer = update(&window, 2, json!({ "slotMinutes": 60, "confirmDisplacing": true }));
    chief.mutate("updateServiceWindow", longer, WANTED).await.done();
    assert_eq!(displaced(&chief).await.len(), 3);
    assert_eq!(slots(&chief, &window, ("2026-09-03", "2026-09-03")).await, ["03. 09:00 0"]);
}

async fn a_retired_window_offers_nothing(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let chief = app.chief(CHENJI);
    let household = app.household(LIUHE).await;
    let retire = update(&window, 1, json!({ "retired": true }));
    let retired = chief.mutate("updateServiceWindow", retire, WANTED).await.done();
    assert!(retired["retiredAt"].is_string());
    assert_eq!(slots(&chief, &window, ("2026-09-02", "2026-09-08")).await, [""; 0]);
    let input = app.booking(&window, &household, &september(3, "09:00"));
    let answer = chief.mutate("bookAppointment", input.clone(), "id").await;
    assert_eq!(answer.outcome(), "INVALID startsAt");
    let document = "{ serviceWindows { totalCount } retired: serviceWindows(filter: { retired: true }) { totalCount } }";
    let seen = chief.query(document, json!({})).await;
    assert_eq!(
        (seen.at("/serviceWindows/totalCount"), seen.at("/retired/totalCount")),
        (&json!(0), &json!(1))
    );
    let back = update(&window, 2, json!({ "retired": false, "name": "新户籍窗口" }));
    chief.mutate("updateServiceWindow", back, WANTED).await.done();
    chief.mutate("bookAppointment", input, "id").await.done();
}

async fn a_stale_change_is_refused(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let chief = app.chief(CHENJI);
    let change = update(&window, 1, json!({ "name": "一号窗口" }));
    chief.mutate("updateServiceWindow", change.clone(), WANTED).await.done();
    let stale = chief.mutate("updateServiceWindow", change, WANTED).await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    let other = update(&window, 2, json!({ "name": "二号窗口" }));
    let answer = app.chief(MANGSHAN).mutate("updateServiceWindow", other, WANTED).await;
    assert_eq!(answer.outcome(), "NOT_FOUND windowId");
}

//! The appointments of a window are moved together, and each has a result of its own.

use std::time::Duration;

use huhutong::appointment;

use crate::on_both_databases;
use crate::support::appointments::{september, slots};
use crate::support::county::{CHENJI, LIUHE, MANGSHAN};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    the_appointments_of_a_closed_day_are_moved_to_the_next,
    at_another_window_they_keep_their_time_while_a_place_is_free,
    only_the_displaced_ones_are_moved_when_asked_so,
    what_finds_no_place_stays_and_says_why,
    a_household_is_moved_to_no_time_at_which_it_is_elsewhere,
    a_household_is_told_once_and_reminded_at_the_new_time,
    who_moves_the_own_appointment_is_not_told,
    who_waits_is_offered_what_becomes_free,
    a_repeated_move_moves_nothing_again,
    what_cannot_be_moved_says_what_is_wrong,
    two_who_move_at_once_give_no_place_twice,
    a_hundred_are_moved_at_once,
    many_are_moved_with_as_many_statements_as_one,
);

const MOVED: &str = "appointmentId appointment { startsAt place displaced version window { id } } \
                     userErrors { code field }";

/// From the third of September to the fourth, at the same window.
fn to_the_fourth(app: &TestApp, window: &Value) -> Value {
    json!({ "idempotencyKey": app.service().new_id(), "windowId": window["id"],
            "startsSince": september(3, "00:00"), "startsBefore": september(4, "00:00"),
            "toSince": september(4, "00:00"), "toBefore": september(5, "00:00") })
}

/// Where each went, as `day time place` or why it stayed.
fn each(results: &Value) -> Vec<String> {
    let one = |one: &Value| match one["userErrors"].get(0) {
        Some(error) => format!("{} {}", error["code"].as_str().unwrap(), error["field"][0]),
        None => {
            let now = &one["appointment"];
            let at: chrono::DateTime<chrono::Utc> =
                now["startsAt"].as_str().unwrap().parse().unwrap();
            let local = at + chrono::TimeDelta::hours(8);
            format!("{} {}", local.format("%d. %H:%M"), now["place"])
        }
    };
    results.as_array().unwrap().iter().map(one).collect()
}

async fn moved(actor: &Actor, input: Value) -> Value {
    actor.mutate("moveAppointments", input, MOVED).await.done()
}

/// Appointments of as many households at these times of the third.
async fn booked(app: &TestApp, window: &Value, times: &[&str]) -> Vec<Value> {
    let mut booked = Vec::new();
    for time in times {
        let household = app.household(LIUHE).await;
        booked.push(app.appointment(window, &household, &september(3, time)).await);
    }
    booked
}

async fn close_third(app: &TestApp, window: &Value) {
    let closure = json!({ "windowId": window["id"], "startsAt": september(3, "00:00"), "reason": "停电",
                          "endsAt": september(4, "00:00"), "confirmDisplacing": true });
    app.chief(CHENJI).mutate("closeServiceWindow", closure, "id").await.done();
}

async fn the_appointments_of_a_closed_day_are_moved_to_the_next(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let booked = booked(&app, &window, &["09:00", "09:00", "10:30"]).await;
    app.appointment(&window, &app.household(LIUHE).await, &september(4, "09:00")).await;
    let other = app.appointment(&window, &app.household(LIUHE).await, &september(7, "09:00")).await;
    close_third(&app, &window).await;
    let results = moved(&app.chief(CHENJI), to_the_fourth(&app, &window)).await;
    assert_eq!(each(&results), ["04. 09:00 2", "04. 09:30 1", "04. 10:30 1"]);
    assert_eq!(results[0]["appointmentId"], booked[0]["id"]);
    let expected = json!({ "startsAt": "2026-09-04T01:00:00+00:00", "place": 2, "displaced": false, "version": 3,
                           "window": { "id": window["id"] } });
    assert_eq!(results[0]["appointment"], expected);
    assert_eq!(
        slots(&app.chief(CHENJI), &window, ("2026-09-03", "2026-09-04")).await,
        ["04. 09:00 0", "04. 09:30 1", "04. 10:00 2", "04. 10:30 1"]
    );
    let document = "query($id: ID!) { node(id: $id) { ... on Appointment { startsAt version } } }";
    let stays = app.chief(CHENJI).query(document, json!({ "id": other["id"] })).await;
    assert_eq!(stays.at("/node/version"), 1);
    assert_eq!(app.number("SELECT count(*) FROM slot_place").await, 5);
}

async fn at_another_window_they_keep_their_time_while_a_place_is_free(app: TestApp) {
    let (window, other) = (app.window(CHENJI, 3).await, app.window(CHENJI, 1).await);
    booked(&app, &window, &["09:00", "09:00", "10:00", "10:30", "10:30"]).await;
    let input = json!({ "idempotencyKey": "a", "windowId": window["id"], "toWindowId": other["id"],
                        "toSince": september(3, "00:00"), "toBefore": september(4, "00:00") });
    let results = moved(&app.chief(CHENJI), input).await;
    assert_eq!(
        each(&results),
        ["03. 09:00 1", "03. 09:30 1", "03. 10:00 1", "03. 10:30 1", "TAKEN \"toSince\""]
    );
    assert_eq!(results[0]["appointment"]["window"]["id"], other["id"]);
    assert_eq!(results[4]["appointment"]["window"]["id"], window["id"]);
}

async fn only_the_displaced_ones_are_moved_when_asked_so(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    booked(&app, &window, &["09:00", "10:30"]).await;
    let hours = json!([{ "weekday": "THURSDAY", "opens": "09:00", "closes": "10:30" }]);
    let input = json!({ "windowId": window["id"], "expectedVersion": 1, "hours": hours,
                        "confirmDisplacing": true });
    let chief = app.chief(CHENJI);
    chief.mutate("updateServiceWindow", input, "id").await.done();
    let input = json!({ "idempotencyKey": "a", "windowId": window["id"], "displacedOnly": true,
                        "toSince": september(3, "00:00"), "toBefore": september(4, "00:00") });
    assert_eq!(each(&moved(&chief, input).await), ["03. 10:00 1"]);
}

async fn what_finds_no_place_stays_and_says_why(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    booked(&app, &window, &["09:00", "09:30"]).await;
    let input = with(to_the_fourth(&app, &window), "toBefore", september(4, "09:30"));
    let results = moved(&app.chief(CHENJI), input).await;
    assert_eq!(each(&results), ["04. 09:00 1", "TAKEN \"toSince\""]);
    let stays = &results[1]["appointment"];
    assert_eq!(
        (&stays["startsAt"], &stays["version"]),
        (&json!("2026-09-03T01:30:00+00:00"), &json!(1))
    );
    // A household goes to no station but its own.
    let far = app.window(MANGSHAN, 5).await;
    let input = with(to_the_fourth(&app, &window), "toWindowId", far["id"].clone());
    let results = moved(&app.county_admin(), input).await;
    assert_eq!(each(&results), ["INVALID \"toWindowId\""]);
}

async fn a_household_is_moved_to_no_time_at_which_it_is_elsewhere(app: TestApp) {
    let (window, other) = (app.window(CHENJI, 2).await, app.window(CHENJI, 2).await);
    let household = app.household(LIUHE).await;
    app.appointment(&window, &household, &september(3, "09:00")).await;
    app.appointment(&window, &household, &september(3, "09:30")).await;
    app.appointment(&other, &household, &september(4, "09:30")).await;
    let results = moved(&app.chief(CHENJI), to_the_fourth(&app, &window)).await;
    assert_eq!(each(&results), ["04. 09:00 1", "04. 10:00 1"]);
}

/// An inquiry, and an appointment on the third that belongs to it.
async fn asked(app: &TestApp, window: &Value, household: &Value) -> (Value, Value) {
    let inquiry = app.inquiry(household).await;
    let input = app.booking(window, household, &september(3, "09:00"));
    let input = with(input, "inquiryId", inquiry["id"].clone());
    let booked = app.county_admin().mutate("bookAppointment", input, "id version").await.done();
    app.advance(Duration::from_secs(1));
    (inquiry, booked)
}

async fn told(app: &TestApp, inquiry: &Value) -> Vec<String> {
    appointment::work(app.service()).await.unwrap();
    let document = "query($id: ID!) { inquiry(id: $id) { messages { edges { node { text } } } } }";
    let seen = app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await;
    seen.nodes("/inquiry/messages", "text").split_off(1)
}

async fn a_household_is_told_once_and_reminded_at_the_new_time(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let (inquiry, booked) = asked(&app, &window, &app.household(LIUHE).await).await;
    moved(&app.chief(CHENJI), to_the_fourth(&app, &window)).await;
    // Moved again before it was told, it is told of both at once.
    let again = json!({ "appointmentId": booked["id"], "expectedVersion": 2, "startsAt": september(7, "10:00") });
    app.lead(LIUHE).mutate("rescheduleAppointment", again, "id").await.done();
    let text = "【预约变更】您原定9月3日（周四）09:00的预约已改为9月7日（周一）10:00到永城市公安局陈集镇派出所户籍窗口\
                办理，序号1。不便前来请及时取消或改约。";
    assert_eq!(told(&app, &inquiry).await, [text]);
    for (at, count) in [
        (september(2, "09:00"), 1),
        (september(3, "07:00"), 1),
        (september(6, "10:00"), 2),
        (september(7, "08:00"), 3),
    ] {
        app.advance_to(&at);
        assert_eq!(told(&app, &inquiry).await.len(), count, "{at}");
    }
}

async fn who_moves_the_own_appointment_is_not_told(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let household = app.household(LIUHE).await;
    let (inquiry, booked) = asked(&app, &window, &household).await;
    let input = json!({ "appointmentId": booked["id"], "expectedVersion": 1, "startsAt": september(7, "10:00") });
    let resident = app.resident_of(&household).await;
    resident.mutate("rescheduleAppointment", input, "id").await.done();
    assert_eq!(told(&app, &inquiry).await, [""; 0]);
    // Nor is anybody told of a move that was called off.
    moved(
        &app.chief(CHENJI),
        with(
            with(to_the_fourth(&app, &window), "startsBefore", september(8, "00:00")),
            "toWindowId",
            app.window(CHENJI, 1).await["id"].clone(),
        ),
    )
    .await;
    let input = json!({ "appointmentId": booked["id"], "expectedVersion": 3 });
    resident.mutate("cancelAppointment", input, "id").await.done();
    assert_eq!(told(&app, &inquiry).await, [""; 0]);
}

async fn who_waits_is_offered_what_becomes_free(app: TestApp) {
    let mut input = crate::support::appointments::window_input(&app, CHENJI, 1);
    input["hours"] = json!([{ "weekday": "THURSDAY", "opens": "09:00", "closes": "09:30" }]);
    let window = app.county_admin().mutate("createServiceWindow", input, "id version").await.done();
    booked(&app, &window, &["09:00"]).await;
    let waiter = app.household(LIUHE).await;
    let waits = json!({ "idempotencyKey": "w", "windowId": window["id"], "householdId": waiter["id"],
                        "from": "2026-09-03", "until": "2026-09-03" });
    app.county_admin().mutate("joinWaitingList", waits, "id").await.done();
    app.advance(Duration::from_secs(1));
    let input = json!({ "idempotencyKey": "a", "windowId": window["id"], "startsBefore": september(4, "00:00"),
                        "toSince": september(4, "00:00") });
    assert_eq!(each(&moved(&app.chief(CHENJI), input).await), ["10. 09:00 1"]);
    let offered = "SELECT count(*) FROM waiting_place WHERE status = 'OFFERED'";
    assert_eq!(app.number(offered).await, 1);
}

async fn a_repeated_move_moves_nothing_again(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    booked(&app, &window, &["09:00", "09:30"]).await;
    let input = with(to_the_fourth(&app, &window), "toBefore", september(4, "09:30"));
    let chief = app.chief(CHENJI);
    let first = moved(&chief, input.clone()).await;
    booked(&app, &window, &["09:00"]).await;
    assert_eq!(moved(&chief, input.clone()).await, first);
    assert_eq!(each(&first), ["04. 09:00 1", "TAKEN \"toSince\""]);
    let events = "SELECT count(*) FROM event WHERE kind = 'APPOINTMENT_CHANGED'";
    assert_eq!(app.number(events).await, 4);
    let other = with(input, "toBefore", september(5, "00:00"));
    let reused = chief.mutate("moveAppointments", other, MOVED).await;
    assert_eq!(reused.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn what_cannot_be_moved_says_what_is_wrong(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let foreign = app.window(MANGSHAN, 1).await;
    let lone = app.household(LIUHE).await;
    booked(&app, &window, &["09:00"]).await;
    let good = to_the_fourth(&app, &window);
    let chief = app.chief(CHENJI);
    for (field, value, expected) in [
        ("idempotencyKey", json!(""), "BLANK idempotencyKey"),
        ("windowId", lone["id"].clone(), "BAD_ID"),
        ("windowId", foreign["id"].clone(), "NOT_FOUND windowId"),
        ("toWindowId", foreign["id"].clone(), "NOT_FOUND toWindowId"),
        ("startsBefore", json!(september(3, "00:00")), "INVALID startsBefore"),
        ("toBefore", json!(september(4, "00:00")), "INVALID toBefore"),
        ("toSince", json!(september(3, "23:59")), "INVALID toSince"),
        ("startsBefore", Value::Null, "INVALID toSince"),
        ("toSince", json!("+10000-01-01T00:00:00Z"), "BAD_USER_INPUT"),
    ] {
        let answer =
            chief.mutate("moveAppointments", with(good.clone(), field, value.clone()), MOVED).await;
        assert_eq!(answer.outcome(), expected, "{field} {value}");
    }
    let officer = app.lead(LIUHE).mutate("moveAppointments", good.clone(), MOVED).await;
    assert_eq!(officer.outcome(), "FORBIDDEN");
    // Nothing was done, and the key is not taken.
    assert_eq!(each(&moved(&chief, good).await), ["04. 09:00 1"]);
    // Where nothing is booked, nothing is moved.
    assert_eq!(each(&moved(&chief, to_the_fourth(&app, &window)).await), [""; 0]);
}

async fn two_who_move_at_once_give_no_place_twice(app: TestApp) {
    let (one, two) = (app.window(CHENJI, 4).await, app.window(CHENJI, 4).await);
    let target = app.window(CHENJI, 2).await;
    booked(&app, &one, &["09:00", "09:00", "09:30", "09:30"]).await;
    booked(&app, &two, &["09:00", "09:00", "09:30", "09:30"]).await;
    let chief = app.chief(CHENJI);
    let there = app.chief(CHENJI).at(&app.another_instance().await);
    let to = |window| with(to_the_fourth(&app, window), "toWindowId", target["id"].clone());
    let (here, again, other) =
        tokio::join!(moved(&chief, to(&one)), moved(&there, to(&one)), moved(&there, to(&two)),);
    let mut places: Vec<String> = [here, again, other].iter().flat_map(each).collect();
    places.sort();
    let expected: Vec<String> = ["09:00", "09:30", "10:00", "10:30"]
        .iter()
        .flat_map(|time| [format!("04. {time} 1"), format!("04. {time} 2")])
        .collect();
    assert_eq!(places, expected);
}

async fn a_hundred_are_moved_at_once(app: TestApp) {
    let window = app.window(CHENJI, 100).await;
    booked(&app, &window, &["09:00"; 51]).await;
    booked(&app, &window, &["09:30"; 51]).await;
    let document = "mutation($input: MoveAppointmentsInput!) { moveAppointments(input: $input) { hasMore \
                    results { userErrors { code } } } }";
    let chief = app.chief(CHENJI);
    for (count, more) in [(100, true), (2, false), (0, false)] {
        let input = json!({ "input": to_the_fourth(&app, &window) });
        let answer = chief.query(document, input).await;
        let results = answer.at("/moveAppointments/results").as_array().unwrap().len();
        assert_eq!((results, answer.at("/moveAppointments/hasMore")), (count, &json!(more)));
    }
}

async fn many_are_moved_with_as_many_statements_as_one(app: TestApp) {
    let window = app.window(CHENJI, 10).await;
    let chief = app.chief(CHENJI);
    let mut counts = Vec::new();
    for number in [1, 6] {
        for _ in 0..number {
            asked(&app, &window, &app.household(LIUHE).await).await;
        }
        let input = to_the_fourth(&app, &window);
        let wanted = "appointment { version } userErrors { code }";
        let (count, answer) = app.statements(chief.mutate("moveAppointments", input, wanted)).await;
        assert_eq!(answer.done().as_array().unwrap().len(), number);
        counts.push(count);
    }
    assert_eq!(counts[0], counts[1]);
}

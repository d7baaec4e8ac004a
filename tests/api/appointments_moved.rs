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
);

pub const MOVED: &str = "appointmentId appointment { startsAt place displaced version window { id } } \
                     userErrors { code field }";

/// From the third of September to the fourth, at the same window.
pub fn to_the_fourth(app: &TestApp, window: &Value) -> Value {
    json!({ "idempotencyKey": app.service().new_id(), "windowId": window["id"],
            "startsSince": september(3, "00:00"), "startsBefore": september(4, "00:00"),
            "toSince": september(4, "00:00"), "toBefore": september(5, "00:00") })
}

/// Where each went, as `day time place` or why it stayed.
pub fn each(results: &Value) -> Vec<String> {
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

pub async fn moved(actor: &Actor, input: Value) -> Value {
    actor.mutate("moveAppointments", input, MOVED).await.done()
}

/// Appointments of as many households at these times of the third.
pub async fn booked(app: &TestApp, window: &Value, times: &[&str]) -> Vec<Value> {
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
pub async fn asked(app: &TestApp, window: &Value, household: &Value) -> (Value, Value) {
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

//! Service windows and appointments.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::actor::Actor;
use super::app::TestApp;
use super::county::{station_id, township_of};

/// What the tests look at.
pub const APPOINTMENT: &str = "id status startsAt endsAt place displaced version";

/// A moment of a day of September 2026, in China.
pub fn september(day: u32, time: &str) -> String {
    let at = format!("2026-09-{day:02}T{time}:00+08:00");
    at.parse::<DateTime<Utc>>().unwrap().to_rfc3339()
}

/// Open in the mornings from Monday to Friday, with slots of half an hour.
pub fn window_input(app: &TestApp, township: &str, capacity: i32) -> Value {
    let day = |weekday| json!({ "weekday": weekday, "opens": "09:00", "closes": "11:00" });
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"].map(day);
    json!({ "idempotencyKey": app.service().new_id(), "stationId": station_id(township), "name": "户籍窗口",
            "capacity": capacity, "hours": days })
}

impl TestApp {
    /// A window in a township: id, version.
    pub async fn window(&self, township: &str, capacity: i32) -> Value {
        let input = window_input(self, township, capacity);
        let wanted = "id version";
        self.county_admin().mutate("createServiceWindow", input, wanted).await.done()
    }

    /// What books an appointment of a household.
    pub fn booking(&self, window: &Value, household: &Value, starts_at: &str) -> Value {
        json!({ "idempotencyKey": self.service().new_id(), "windowId": window["id"],
                "householdId": household["id"], "startsAt": starts_at })
    }

    /// An appointment of a household.
    pub async fn appointment(&self, window: &Value, household: &Value, starts_at: &str) -> Value {
        let input = self.booking(window, household, starts_at);
        self.county_admin().mutate("bookAppointment", input, APPOINTMENT).await.done()
    }

    /// Lets the clock stand at a moment that is still ahead.
    pub fn advance_to(&self, at: &str) {
        let at: DateTime<Utc> = at.parse().unwrap();
        self.advance((at - self.now()).to_std().expect("a moment ahead"));
    }

    /// What the access test tries: a booked appointment of a household, at a window of its township.
    pub async fn subject_of_booking(&self, village: &str, household: &Value, field: &str) -> Value {
        let about =
            ["indow", "ppointment", "losure", "pening", "ttendance", "ait", "Offer", "lots"];
        if !about.iter().any(|word| field.contains(word)) {
            return Value::Null;
        }
        let window = self.window(township_of(village), 2).await;
        let booked = self.appointment(&window, household, &september(3, "09:00")).await;
        // On a weekend there is nothing to be had. Who joins the line is not there yet.
        let waiter = match field {
            "joinWaitingList" => self.household(village).await,
            _ => household.clone(),
        };
        let waits = json!({ "idempotencyKey": self.service().new_id(), "windowId": window["id"],
                            "householdId": waiter["id"], "from": "2026-09-05", "until": "2026-09-06" });
        let waits = self.county_admin().mutate("joinWaitingList", waits, "id").await.done();
        json!({ "window": window["id"], "appointment": booked["id"], "household": household["id"],
                "waiting": waits["id"] })
    }
}

/// The input of a mutation about appointments, good but for who sends it.
pub fn access_input(app: &TestApp, mutation: &str, village: &str, on: &Value, key: &str) -> Value {
    let (window, appointment) = (&on["window"], &on["appointment"]);
    match mutation {
        "createServiceWindow" => window_input(app, township_of(village), 1),
        "updateServiceWindow" => json!({ "windowId": window, "expectedVersion": 99 }),
        "closeServiceWindow" => json!({ "windowId": window, "reason": "停电",
            "startsAt": september(4, "09:00"), "endsAt": september(4, "10:00") }),
        "cancelClosure" => json!({ "windowId": window, "startsAt": september(4, "09:00") }),
        "openServiceWindow" => json!({ "windowId": window, "reason": "调休",
            "startsAt": september(5, "09:00"), "endsAt": september(5, "10:00") }),
        "cancelOpening" => json!({ "windowId": window, "startsAt": september(5, "09:00") }),
        "bookAppointment" => json!({ "idempotencyKey": key, "windowId": window,
            "householdId": on["household"], "startsAt": september(4, "09:30") }),
        "rescheduleAppointment" => json!({ "appointmentId": appointment, "expectedVersion": 99,
            "startsAt": september(4, "09:30") }),
        "moveAppointments" => json!({ "idempotencyKey": key, "windowId": window,
            "startsBefore": september(4, "00:00"), "toSince": september(4, "09:00") }),
        "checkAppointment" => json!({ "appointmentId": appointment, "expectedVersion": 99,
            "missingPapers": [] }),
        "recordAttendance" => json!({ "appointmentId": appointment, "expectedVersion": 99,
            "outcome": "MISSED" }),
        "cancelAppointment" => json!({ "appointmentId": appointment, "expectedVersion": 99 }),
        "joinWaitingList" => json!({ "idempotencyKey": key, "windowId": window,
            "householdId": on["household"], "from": "2026-09-05", "until": "2026-09-06" }),
        "leaveWaitingList" => json!({ "waitingPlaceId": on["waiting"], "expectedVersion": 99 }),
        "acceptOffer" => json!({ "idempotencyKey": key, "waitingPlaceId": on["waiting"] }),
        _ => json!({}),
    }
}

/// The free places of a window's slots, as `startsAt free`, in the order of time.
pub async fn slots(actor: &Actor, window: &Value, days: (&str, &str)) -> Vec<String> {
    let document = "query($id: ID!, $from: Date, $to: Date) { availableSlots(windowId: $id, from: $from, to: $to) { \
                    startsAt endsAt free } }";
    let variables = json!({ "id": window["id"], "from": days.0, "to": days.1 });
    let answer = actor.query(document, variables).await;
    let slots = answer.at("/availableSlots").as_array().expect("slots").iter();
    slots
        .map(|slot| {
            let starts_at: DateTime<Utc> = slot["startsAt"].as_str().unwrap().parse().unwrap();
            let local = (starts_at + TimeDelta::hours(8)).format("%d. %H:%M");
            format!("{local} {}", slot["free"])
        })
        .collect()
}

//! Whatever is done at a window, and in whichever order: each place has one holder, and nobody is reminded late.

use std::time::Duration;

use huhutong::appointment;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::on_both_databases;
use crate::support::appointments::september;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(places_add_up_whatever_is_done);

const STEPS: usize = 150;

/// Something that somebody tries. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Book(usize, u32, usize),
    Move(usize, u32, usize),
    Cancel(usize),
    Check(usize),
    Attend(usize),
    Join(usize, u32),
    Leave(usize),
    Accept(usize),
    Close(u32),
    Open(u32),
    Capacity(i32),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (who, day, slot) = (0_usize..6, 2_u32..9, 0_usize..2);
    prop_oneof![
        6 => (who.clone(), day.clone(), slot.clone()).prop_map(|(who, day, slot)| Step::Book(who, day, slot)),
        3 => (0_usize..50, day.clone(), slot).prop_map(|(which, day, slot)| Step::Move(which, day, slot)),
        3 => (0_usize..50).prop_map(Step::Cancel),
        1 => (0_usize..50).prop_map(Step::Check),
        1 => (0_usize..50).prop_map(Step::Attend),
        4 => (who, day.clone()).prop_map(|(who, day)| Step::Join(who, day)),
        1 => (0_usize..50).prop_map(Step::Leave),
        3 => (0_usize..50).prop_map(Step::Accept),
        1 => day.clone().prop_map(Step::Close),
        1 => day.prop_map(Step::Open),
        1 => (1_i32..3).prop_map(Step::Capacity),
        2 => (1_u64..600).prop_map(Step::Pass),
    ]
}

struct Desk {
    app: TestApp,
    admin: Actor,
    window: Value,
    households: Vec<Value>,
}

impl Desk {
    async fn open(app: TestApp) -> Self {
        let mut input = crate::support::appointments::window_input(&app, CHENJI, 1);
        for opening in input["hours"].as_array_mut().unwrap() {
            opening["closes"] = "10:00".into();
        }
        let admin = app.county_admin();
        let window = admin.mutate("createServiceWindow", input, "id").await.done();
        let mut households = Vec::new();
        for _ in 0..6 {
            households.push(app.household(LIUHE).await);
        }
        Self { app, admin, window, households }
    }

    /// One of the objects of a list of a household: id and version.
    async fn one(&self, list: &str, nth: usize) -> Value {
        let household = &self.households[nth % self.households.len()];
        let document = format!(
            "query($id: ID!) {{ household(id: $id) {{ {list}(first: 9) {{ edges {{ node {{ id version }} }} }} }} }}"
        );
        let answer = self.admin.query(&document, json!({ "id": household["id"] })).await;
        let edges = answer.at("/household")[list]["edges"].as_array().unwrap().clone();
        let chosen = edges.get(nth / self.households.len() % edges.len().max(1));
        chosen.map_or(Value::Null, |edge| edge["node"].clone())
    }

    async fn attempt(&self, mutation: &str, input: Value) {
        let outcome = self.admin.mutate(mutation, input, "id").await.outcome();
        assert!(!["INTERNAL", "UNAVAILABLE"].contains(&outcome.as_str()), "{mutation}: {outcome}");
    }

    async fn about(&self, mutation: &str, nth: usize, mut input: Value) {
        let appointment = self.one("appointments", nth).await;
        if appointment.is_null() {
            return;
        }
        input["appointmentId"] = appointment["id"].clone();
        input["expectedVersion"] = appointment["version"].clone();
        self.attempt(mutation, input).await;
    }

    async fn take(&self, step: Step) {
        let at = |day, slot: usize| september(day, ["09:00", "09:30"][slot]);
        let key = self.app.service().new_id();
        let window = &self.window["id"];
        match step {
            Step::Book(who, day, slot) => {
                let input = self.app.booking(&self.window, &self.households[who], &at(day, slot));
                self.attempt("bookAppointment", input).await;
            }
            Step::Move(nth, day, slot) => {
                let input = json!({ "startsAt": at(day, slot) });
                self.about("rescheduleAppointment", nth, input).await;
            }
            Step::Cancel(nth) => self.about("cancelAppointment", nth, json!({})).await,
            Step::Check(nth) => {
                self.about("checkAppointment", nth, json!({ "missingPapers": ["户口簿"] })).await;
            }
            Step::Attend(nth) => {
                self.about("recordAttendance", nth, json!({ "outcome": "ATTENDED" })).await;
            }
            Step::Join(who, day) => {
                let day = format!("2026-09-{day:02}");
                let input = json!({ "idempotencyKey": key, "windowId": window, "from": day, "until": day,
                                    "householdId": self.households[who]["id"] });
                self.attempt("joinWaitingList", input).await;
            }
            Step::Leave(nth) | Step::Accept(nth) => {
                let waiting = self.one("waitingPlaces", nth).await;
                if waiting.is_null() {
                    return;
                }
                if matches!(step, Step::Leave(_)) {
                    let input = json!({ "waitingPlaceId": waiting["id"], "expectedVersion": waiting["version"] });
                    self.attempt("leaveWaitingList", input).await;
                } else {
                    let input = json!({ "idempotencyKey": key, "waitingPlaceId": waiting["id"] });
                    self.attempt("acceptOffer", input).await;
                }
            }
            Step::Close(day) => {
                let input = json!({ "windowId": window, "startsAt": september(day, "00:00"), "reason": "停电",
                                    "endsAt": september(day + 1, "00:00"), "confirmDisplacing": true });
                self.attempt("closeServiceWindow", input).await;
            }
            Step::Open(day) => {
                let input = json!({ "windowId": window, "startsAt": september(day, "00:00") });
                self.attempt("cancelClosure", input).await;
            }
            Step::Capacity(capacity) => {
                let document =
                    "query($id: ID!) { node(id: $id) { ... on ServiceWindow { version } } }";
                let answer = self.admin.query(document, json!({ "id": window })).await;
                let input = json!({ "windowId": window, "capacity": capacity, "confirmDisplacing": true,
                                    "expectedVersion": answer.at("/node/version") });
                self.attempt("updateServiceWindow", input).await;
            }
            Step::Pass(minutes) => {
                self.app.advance(Duration::from_secs(minutes * 60));
                appointment::work(self.app.service()).await.unwrap();
            }
        }
    }

    /// What must always be so.
    async fn check(&self, steps: &[Step]) {
        for (rule, sql) in [
            (
                "who is expected or came has the place that stands there",
                "SELECT count(*) FROM appointment AS a WHERE (a.status <> 'CANCELLED') <> EXISTS (SELECT 1 FROM \
                 slot_place AS p WHERE p.appointment_id = a.id AND p.window_id = a.window_id \
                 AND p.starts_at = a.starts_at AND p.place = a.place)",
            ),
            (
                "an offer holds the place that it offers, and nothing else does",
                "SELECT count(*) FROM waiting_place AS w WHERE (w.status = 'OFFERED') <> EXISTS (SELECT 1 FROM \
                 slot_place AS p WHERE p.waiting_place_id = w.id AND p.window_id = w.window_id \
                 AND p.starts_at = w.offered_starts_at)",
            ),
            (
                "a place has one holder",
                "SELECT count(*) FROM slot_place WHERE (appointment_id IS NULL) = (waiting_place_id IS NULL)",
            ),
            (
                "only what is booked has a reminder ahead, and that before it begins",
                "SELECT count(*) FROM appointment WHERE remind_at IS NOT NULL \
                 AND (status <> 'BOOKED' OR remind_at >= starts_at)",
            ),
            (
                "nobody is reminded after the beginning",
                "SELECT count(*) FROM appointment AS a, event AS e WHERE e.kind = 'APPOINTMENT_REMINDED' \
                 AND e.subject_id = a.id AND a.status IN ('BOOKED', 'ATTENDED') AND e.at >= a.starts_at",
            ),
        ] {
            assert_eq!(self.app.number(sql).await, 0, "{rule}: after {steps:?}");
        }
    }
}

async fn places_add_up_whatever_is_done(app: TestApp) {
    let desk = Desk::open(app).await;
    // The same steps each time.
    let mut runner = TestRunner::deterministic();
    let mut steps = Vec::with_capacity(STEPS);
    for _ in 0..STEPS {
        let step = step().new_tree(&mut runner).unwrap().current();
        desk.take(step.clone()).await;
        steps.push(step);
        desk.check(&steps).await;
    }
    // The steps were of a kind that reaches every part.
    for kind in ["APPOINTMENT_CHANGED", "WAITING_PLACE_CHANGED", "SERVICE_WINDOW_CHANGED"] {
        let sql = format!("SELECT count(*) FROM event WHERE kind = '{kind}'");
        assert!(desk.app.number(&sql).await > 0, "{kind}");
    }
}

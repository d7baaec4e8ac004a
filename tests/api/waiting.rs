//! Who waits is offered what becomes free, first come, first served.

use std::time::Duration;

use futures_util::future::join_all;
use huhutong::appointment;

use crate::on_both_databases;
use crate::support::appointments::{september, slots};
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, WANGLOU};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    the_first_in_line_is_offered_a_cancelled_place_and_books_it,
    what_is_offered_is_written_into_the_inquiry_once,
    an_offer_that_is_taken_back_is_told_too,
    an_offer_that_is_not_accepted_goes_to_the_next,
    who_declines_or_leaves_gives_way,
    a_moved_appointment_and_more_places_are_offered_too,
    only_days_that_suit_are_offered,
    nobody_waits_for_what_is_free,
    who_is_elsewhere_at_that_time_is_passed_over,
    a_closure_takes_an_offer_back,
    what_ends_too_soon_is_not_offered,
    an_offer_is_accepted_once,
    who_left_the_service_waits_no_longer,
    a_waiting_says_what_is_wrong,
);

const WANTED: &str = "id status from until offeredStartsAt offeredEndsAt offerExpiresAt version";

/// A window that is open on the third only, with one slot of one place, and who has it.
async fn full(app: &TestApp) -> (Value, Value) {
    let mut input = crate::support::appointments::window_input(app, CHENJI, 1);
    input["hours"] = json!([{ "weekday": "THURSDAY", "opens": "09:00", "closes": "09:30" }]);
    let window = app.county_admin().mutate("createServiceWindow", input, "id version").await.done();
    let booked =
        app.appointment(&window, &app.household(LIUHE).await, &september(3, "09:00")).await;
    (window, booked)
}

fn joining(app: &TestApp, window: &Value, household: &Value) -> Value {
    json!({ "idempotencyKey": app.service().new_id(), "windowId": window["id"], "householdId": household["id"],
            "from": "2026-09-01", "until": "2026-09-05" })
}

async fn join(app: &TestApp, window: &Value, household: &Value) -> Value {
    let input = joining(app, window, household);
    let joined = app.county_admin().mutate("joinWaitingList", input, WANTED).await.done();
    app.advance(Duration::from_secs(1));
    joined
}

async fn cancel(app: &TestApp, appointment: &Value) {
    let input =
        json!({ "appointmentId": appointment["id"], "expectedVersion": appointment["version"] });
    app.county_admin().mutate("cancelAppointment", input, "id").await.done();
}

/// How the waiting of a household stands, last joined first.
async fn waiting(app: &TestApp, household: &Value) -> Value {
    let document = format!(
        "query($id: ID!) {{ household(id: $id) {{ waitingPlaces {{ edges {{ node {{ {WANTED} }} }} }} }} }}"
    );
    let answer = app.county_admin().query(&document, json!({ "id": household["id"] })).await;
    answer.at("/household/waitingPlaces/edges/0/node").clone()
}

fn accepting(app: &TestApp, waiting: &Value) -> Value {
    json!({ "idempotencyKey": app.service().new_id(), "waitingPlaceId": waiting["id"] })
}

async fn free(actor: &Actor, window: &Value) -> Vec<String> {
    slots(actor, window, ("2026-09-01", "2026-09-05")).await
}

async fn the_first_in_line_is_offered_a_cancelled_place_and_books_it(app: TestApp) {
    let (window, booked) = full(&app).await;
    let (first, second) = (app.household(LIUHE).await, app.household(WANGLOU).await);
    let resident = app.resident_of(&first).await;
    let input = joining(&app, &window, &first);
    let joined = resident.mutate("joinWaitingList", input.clone(), WANTED).await.done();
    assert_eq!((&joined["status"], &joined["offeredStartsAt"]), (&json!("WAITING"), &Value::Null));
    assert_eq!(resident.mutate("joinWaitingList", input, WANTED).await.done(), joined);
    app.advance(Duration::from_secs(1));
    join(&app, &window, &second).await;
    let early = resident.mutate("acceptOffer", accepting(&app, &joined), "id").await;
    assert_eq!(early.outcome(), "WRONG_STATE waitingPlaceId");
    cancel(&app, &booked).await;
    let offered = waiting(&app, &first).await;
    assert_eq!(offered["status"], "OFFERED");
    assert_eq!(offered["offeredStartsAt"], "2026-09-03T01:00:00+00:00");
    assert_eq!(waiting(&app, &second).await["status"], "WAITING");
    // The offer holds the place: nobody else can take it.
    assert_eq!(free(&resident, &window).await, ["03. 09:00 0"]);
    let snatch = app.booking(&window, &app.household(LIUHE).await, &september(3, "09:00"));
    let snatched = app.county_admin().mutate("bookAppointment", snatch, "id").await;
    assert_eq!(snatched.outcome(), "TAKEN startsAt");
    let accept = accepting(&app, &offered);
    let wanted = "id status startsAt place household { id } bookedBy { id }";
    let made = resident.mutate("acceptOffer", accept.clone(), wanted).await.done();
    assert_eq!(made["household"]["id"], first["id"]);
    assert_eq!((&made["startsAt"], made["place"].as_i64()), (&offered["offeredStartsAt"], Some(1)));
    assert_eq!(resident.mutate("acceptOffer", accept, wanted).await.done(), made);
    assert_eq!(waiting(&app, &first).await["status"], "BOOKED");
    assert_eq!(app.number("SELECT count(*) FROM slot_place").await, 1);
}

async fn what_is_offered_is_written_into_the_inquiry_once(app: TestApp) {
    let (window, booked) = full(&app).await;
    let (first, second) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let inquiry = app.inquiry(&first).await;
    let resident = app.resident_of(&first).await;
    let foreign = with(joining(&app, &window, &second), "inquiryId", inquiry["id"].clone());
    let refused = app.lead(LIUHE).mutate("joinWaitingList", foreign, "id").await;
    assert_eq!(refused.outcome(), "NOT_FOUND inquiryId");
    let input = with(joining(&app, &window, &first), "inquiryId", inquiry["id"].clone());
    let wanted = "id inquiry { id }";
    let joined = resident.mutate("joinWaitingList", input, wanted).await.done();
    assert_eq!(joined["inquiry"]["id"], inquiry["id"]);
    app.advance(Duration::from_secs(1));
    join(&app, &window, &second).await;
    let written = async || {
        let document = "query($id: ID!) { inquiry(id: $id) { waitingOn messages { edges { node { text } } } } }";
        let seen = resident.query(document, json!({ "id": inquiry["id"] })).await;
        assert_eq!(seen.at("/inquiry/waitingOn"), "OFFICER", "it answers nothing");
        seen.nodes("/inquiry/messages", "text")[1..].to_vec()
    };
    appointment::work(app.service()).await.unwrap();
    assert_eq!(written().await, [""; 0]);
    // Whoever frees the place need not see the other household.
    cancel(&app, &booked).await;
    let another = app.another_instance().await;
    let works = [&app, &another, &app].map(|instance| appointment::work(instance.service()));
    join_all(works).await.into_iter().for_each(Result::unwrap);
    let told = "【候补到号】永城市公安局陈集镇派出所户籍窗口9月3日（周四）09:00有空位，已为您保留。请在9月1日（周二）20:00前确认，逾期将让给下一位。";
    assert_eq!(written().await, [told]);
    let made = resident.mutate("acceptOffer", accepting(&app, &joined), wanted).await.done();
    assert_eq!(made["inquiry"]["id"], inquiry["id"]);
    appointment::work(app.service()).await.unwrap();
    assert_eq!(written().await, [told]);
    another.service().database.close().await;
}

async fn an_offer_that_is_taken_back_is_told_too(app: TestApp) {
    let (window, booked) = full(&app).await;
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let input = with(joining(&app, &window, &household), "inquiryId", inquiry["id"].clone());
    app.lead(LIUHE).mutate("joinWaitingList", input, "id").await.done();
    cancel(&app, &booked).await;
    let beginnings = async || {
        appointment::work(app.service()).await.unwrap();
        app.advance(Duration::from_secs(1));
        let document =
            "query($id: ID!) { inquiry(id: $id) { messages { edges { node { text } } } } }";
        let seen = app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await;
        let texts = seen.nodes("/inquiry/messages", "text");
        texts[1..].iter().map(|text| text.chars().take(6).collect()).collect::<Vec<String>>()
    };
    app.advance(Duration::from_secs(1));
    assert_eq!(beginnings().await, ["【候补到号】"]);
    let closure = json!({ "windowId": window["id"], "startsAt": september(3, "00:00"), "reason": "停电",
                          "endsAt": september(4, "00:00") });
    let chief = app.chief(CHENJI);
    chief.mutate("closeServiceWindow", closure, "id").await.done();
    assert_eq!(beginnings().await, ["【候补到号】", "【候补变更】"]);
    assert_eq!(beginnings().await.len(), 2, "once");
    let open = json!({ "windowId": window["id"], "startsAt": september(3, "00:00") });
    chief.mutate("cancelClosure", open, "id").await.done();
    assert_eq!(beginnings().await, ["【候补到号】", "【候补变更】", "【候补到号】"]);
}

async fn an_offer_that_is_not_accepted_goes_to_the_next(app: TestApp) {
    let (window, booked) = full(&app).await;
    let (first, second) = (app.household(LIUHE).await, app.household(LIUHE).await);
    join(&app, &window, &first).await;
    join(&app, &window, &second).await;
    cancel(&app, &booked).await;
    let offered = waiting(&app, &first).await;
    app.advance_to(offered["offerExpiresAt"].as_str().unwrap());
    let late = app.lead(LIUHE).mutate("acceptOffer", accepting(&app, &offered), "id").await;
    assert_eq!(late.outcome(), "WRONG_STATE waitingPlaceId");
    let other = app.another_instance().await;
    let works = [&app, &other, &app].map(|instance| appointment::work(instance.service()));
    for done in join_all(works).await {
        done.unwrap();
    }
    other.service().database.close().await;
    assert_eq!(waiting(&app, &first).await["status"], "EXPIRED");
    assert_eq!(waiting(&app, &second).await["status"], "OFFERED");
    // When the last one lets it pass, anybody can have it.
    let offered = waiting(&app, &second).await;
    let expires_at = offered["offerExpiresAt"].as_str().unwrap();
    // Offered at eight in the evening, it stands through the night.
    assert!(expires_at.starts_with("2026-09-02T03:00:"), "{expires_at}");
    app.advance_to(expires_at);
    appointment::work(app.service()).await.unwrap();
    assert_eq!(waiting(&app, &second).await["status"], "EXPIRED");
    assert_eq!(free(&app.county_admin(), &window).await, ["03. 09:00 1"]);
}

async fn who_declines_or_leaves_gives_way(app: TestApp) {
    let (window, booked) = full(&app).await;
    let households =
        [app.household(LIUHE).await, app.household(LIUHE).await, app.household(LIUHE).await];
    for household in &households {
        join(&app, &window, household).await;
    }
    let officer = app.lead(LIUHE);
    let leave = |waiting: &Value| json!({ "waitingPlaceId": waiting["id"], "expectedVersion": waiting["version"] });
    let second = waiting(&app, &households[1]).await;
    let left = officer.mutate("leaveWaitingList", leave(&second), WANTED).await.done();
    assert_eq!(left["status"], "LEFT");
    cancel(&app, &booked).await;
    let first = waiting(&app, &households[0]).await;
    let stale =
        officer.mutate("leaveWaitingList", with(leave(&first), "expectedVersion", 1), "id").await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    officer.mutate("leaveWaitingList", leave(&first), "id").await.done();
    assert_eq!(waiting(&app, &households[2]).await["status"], "OFFERED");
    let again = officer.mutate("leaveWaitingList", leave(&left), "id").await;
    assert_eq!(again.outcome(), "WRONG_STATE waitingPlaceId");
    assert_eq!(
        app.number("SELECT count(*) FROM event WHERE kind = 'WAITING_PLACE_CHANGED'").await,
        7
    );
}

async fn a_moved_appointment_and_more_places_are_offered_too(app: TestApp) {
    let (window, booked) = full(&app).await;
    let (first, second) = (app.household(LIUHE).await, app.household(LIUHE).await);
    join(&app, &window, &first).await;
    join(&app, &window, &second).await;
    let later = json!({ "appointmentId": booked["id"], "expectedVersion": 1, "startsAt": september(10, "09:00") });
    app.lead(LIUHE).mutate("rescheduleAppointment", later, "id").await.done();
    assert_eq!(waiting(&app, &first).await["status"], "OFFERED");
    let more = json!({ "windowId": window["id"], "expectedVersion": 1, "capacity": 2 });
    app.chief(CHENJI).mutate("updateServiceWindow", more, "id").await.done();
    assert_eq!(waiting(&app, &second).await["status"], "OFFERED");
    assert_eq!(app.number("SELECT count(*) FROM slot_place").await, 3);
}

async fn only_days_that_suit_are_offered(app: TestApp) {
    let (window, booked) = full(&app).await;
    let next = app.appointment(&window, &app.household(LIUHE).await, &september(10, "09:00")).await;
    let household = app.household(LIUHE).await;
    let input = with(joining(&app, &window, &household), "from", "2026-09-04");
    let input = with(input, "until", "2026-09-10");
    app.county_admin().mutate("joinWaitingList", input, WANTED).await.done();
    cancel(&app, &booked).await;
    assert_eq!(waiting(&app, &household).await["status"], "WAITING");
    cancel(&app, &next).await;
    assert_eq!(waiting(&app, &household).await["offeredStartsAt"], "2026-09-10T01:00:00+00:00");
}

async fn who_is_elsewhere_at_that_time_is_passed_over(app: TestApp) {
    let (window, booked) = full(&app).await;
    let (first, second) = (app.household(LIUHE).await, app.household(LIUHE).await);
    join(&app, &window, &first).await;
    join(&app, &window, &second).await;
    let other = app.window(CHENJI, 1).await;
    app.appointment(&other, &first, &september(3, "09:00")).await;
    cancel(&app, &booked).await;
    assert_eq!(waiting(&app, &first).await["status"], "WAITING");
    assert_eq!(waiting(&app, &second).await["status"], "OFFERED");
}

async fn nobody_waits_for_what_is_free(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let input = joining(&app, &window, &app.household(LIUHE).await);
    let answer = app.lead(LIUHE).mutate("joinWaitingList", input, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE windowId");
}

async fn a_closure_takes_an_offer_back(app: TestApp) {
    let (window, booked) = full(&app).await;
    let household = app.household(LIUHE).await;
    join(&app, &window, &household).await;
    cancel(&app, &booked).await;
    let closure = json!({ "windowId": window["id"], "startsAt": september(3, "00:00"), "reason": "停电",
                          "endsAt": september(4, "00:00") });
    app.chief(CHENJI).mutate("closeServiceWindow", closure, "id").await.done();
    let waits = waiting(&app, &household).await;
    assert_eq!((&waits["status"], &waits["offeredStartsAt"]), (&json!("WAITING"), &Value::Null));
    assert_eq!(app.number("SELECT count(*) FROM slot_place").await, 0);
    let open = json!({ "windowId": window["id"], "startsAt": september(3, "00:00") });
    app.chief(CHENJI).mutate("cancelClosure", open, "id").await.done();
    assert_eq!(waiting(&app, &household).await["status"], "OFFERED");
    // Waiting for days that are over is over.
    app.advance(Duration::from_secs(5 * 86_400));
    appointment::work(app.service()).await.unwrap();
    assert_eq!(waiting(&app, &household).await["status"], "EXPIRED");
}

async fn what_ends_too_soon_is_not_offered(app: TestApp) {
    let (window, booked) = full(&app).await;
    let household = app.household(LIUHE).await;
    join(&app, &window, &household).await;
    // Bookable until an hour before; an offer stands for half an hour at least.
    app.advance_to(&september(3, "07:31"));
    cancel(&app, &booked).await;
    assert_eq!(waiting(&app, &household).await["status"], "WAITING");
    assert_eq!(free(&app.county_admin(), &window).await, ["03. 09:00 1"]);
}

async fn an_offer_is_accepted_once(app: TestApp) {
    let (window, booked) = full(&app).await;
    let household = app.household(LIUHE).await;
    join(&app, &window, &household).await;
    cancel(&app, &booked).await;
    let offered = waiting(&app, &household).await;
    let officer = app.lead(LIUHE);
    let inputs: Vec<Value> = (0..8).map(|_| accepting(&app, &offered)).collect();
    let tries = inputs.into_iter().map(|input| officer.mutate("acceptOffer", input, "id"));
    let outcomes: Vec<String> =
        join_all(tries).await.iter().map(crate::support::Answer::outcome).collect();
    assert_eq!(outcomes.iter().filter(|one| *one == "ok").count(), 1, "{outcomes:?}");
    assert_eq!(app.number("SELECT count(*) FROM appointment WHERE status = 'BOOKED'").await, 1);
}

async fn who_left_the_service_waits_no_longer(app: TestApp) {
    let (window, booked) = full(&app).await;
    let (first, second) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let resident = app.resident_of(&first).await;
    join(&app, &window, &first).await;
    join(&app, &window, &second).await;
    cancel(&app, &booked).await;
    let withdraw = json!({ "idempotencyKey": "w", "contactId": resident.contact_id() });
    resident.mutate("withdrawConsent", withdraw, "id").await.done();
    assert_eq!(waiting(&app, &first).await["status"], "LEFT");
    assert_eq!(waiting(&app, &second).await["status"], "OFFERED");
}

async fn a_waiting_says_what_is_wrong(app: TestApp) {
    let (window, _) = full(&app).await;
    let household = app.household(LIUHE).await;
    let good = joining(&app, &window, &household);
    let elsewhere = app.window(MANGSHAN, 1).await;
    for (field, value, expected) in [
        ("until", json!("2026-08-31"), "INVALID until"),
        ("until", json!("2026-10-02"), "INVALID until"),
        ("from", json!("2026-09-06"), "INVALID until"),
        ("windowId", elsewhere["id"].clone(), "INVALID windowId"),
        ("windowId", household["id"].clone(), "BAD_ID"),
    ] {
        let input = with(good.clone(), field, value);
        let answer = app.lead(LIUHE).mutate("joinWaitingList", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let stranger = app.lead(WANGLOU).mutate("joinWaitingList", good.clone(), "id").await;
    assert_eq!(stranger.outcome(), "NOT_FOUND householdId");
    let joined = app.lead(LIUHE).mutate("joinWaitingList", good.clone(), WANTED).await.done();
    let twice = with(good, "idempotencyKey", "t");
    let twice = app.lead(LIUHE).mutate("joinWaitingList", twice, "id").await;
    assert_eq!(twice.outcome(), "TAKEN windowId");
    let leave = json!({ "waitingPlaceId": joined["id"], "expectedVersion": 1 });
    let stranger = app.lead(WANGLOU).mutate("leaveWaitingList", leave, "id").await;
    assert_eq!(stranger.outcome(), "NOT_FOUND waitingPlaceId");
}

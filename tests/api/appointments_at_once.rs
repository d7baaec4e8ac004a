//! However many try at once, a place is given once.

use futures_util::future::join_all;

use crate::on_both_databases;
use crate::support::appointments::{APPOINTMENT, september};
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    of_two_hundred_at_once_one_gets_the_place,
    as_many_get_a_place_as_there_are,
    the_database_itself_refuses_a_place_that_is_taken,
    of_many_who_move_to_one_place_at_once_one_gets_it,
);

const TRIES: usize = 200;

/// Tries again with the same key as long as the service is too busy to answer, as a client does.
async fn book(app: &TestApp, input: Value) -> String {
    loop {
        let answer = app.county_admin().mutate("bookAppointment", input.clone(), APPOINTMENT).await;
        match answer.outcome().as_str() {
            "UNAVAILABLE" => tokio::task::yield_now().await,
            outcome => return outcome.to_owned(),
        }
    }
}

/// Households that live in a village, as quickly as they can be made.
async fn households(app: &TestApp, count: usize) -> Vec<Value> {
    let mut made = Vec::with_capacity(count);
    for _ in 0..count {
        made.push(app.household(LIUHE).await);
    }
    made
}

/// Books one slot for each of these households at once, half of them at a second instance, and counts what came of it.
async fn all_at_once(app: &TestApp, window: &Value, households: &[Value]) -> (usize, usize) {
    let other = app.another_instance().await;
    let at = september(2, "09:00");
    let tries = households.iter().enumerate().map(|(number, household)| {
        let instance = if number % 2 == 0 { app } else { &other };
        book(instance, app.booking(window, household, &at))
    });
    let outcomes = join_all(tries).await;
    other.service().database.close().await;
    let count = |outcome: &str| outcomes.iter().filter(|one| *one == outcome).count();
    (count("ok"), count("TAKEN startsAt"))
}

async fn of_two_hundred_at_once_one_gets_the_place(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let households = households(&app, TRIES).await;
    assert_eq!(all_at_once(&app, &window, &households).await, (1, TRIES - 1));
    assert_eq!(app.number("SELECT count(*) FROM appointment").await, 1);
    assert_eq!(app.number("SELECT count(*) FROM slot_place").await, 1);
    assert_eq!(
        app.number("SELECT count(*) FROM event WHERE kind = 'APPOINTMENT_CHANGED'").await,
        1
    );
}

async fn as_many_get_a_place_as_there_are(app: TestApp) {
    let window = app.window(CHENJI, 7).await;
    let households = households(&app, 40).await;
    assert_eq!(all_at_once(&app, &window, &households).await, (7, 33));
    assert_eq!(app.number("SELECT count(DISTINCT place) FROM appointment").await, 7);
    assert_eq!(app.number("SELECT count(*) FROM appointment WHERE place > 7").await, 0);
}

async fn the_database_itself_refuses_a_place_that_is_taken(app: TestApp) {
    use sea_orm::ConnectionTrait;
    let window = app.window(CHENJI, 1).await;
    app.appointment(&window, &app.household(LIUHE).await, &september(2, "09:00")).await;
    let id = match app.backend() {
        crate::support::Backend::Postgres => "gen_random_uuid()",
        crate::support::Backend::Sqlite => "randomblob(16)",
    };
    let raw = app.raw().await;
    let again = format!(
        "INSERT INTO slot_place (id, window_id, starts_at, place) SELECT {id}, window_id, starts_at, place FROM slot_place"
    );
    let refused = raw.execute_unprepared(&again).await.unwrap_err();
    assert!(refused.to_string().to_lowercase().contains("unique"), "{refused}");
    raw.close().await.unwrap();
}

async fn of_many_who_move_to_one_place_at_once_one_gets_it(app: TestApp) {
    let window = app.window(CHENJI, 20).await;
    let narrow = app.window(CHENJI, 1).await;
    let mut moves = Vec::new();
    for household in households(&app, 20).await {
        let booked = app.appointment(&window, &household, &september(2, "09:00")).await;
        moves.push(
            json!({ "appointmentId": booked["id"], "expectedVersion": 1, "windowId": narrow["id"],
                           "startsAt": september(2, "10:00") }),
        );
    }
    let admin = app.county_admin();
    let tries = moves.into_iter().map(|input| admin.mutate("rescheduleAppointment", input, "id"));
    let outcomes: Vec<String> =
        join_all(tries).await.iter().map(crate::support::Answer::outcome).collect();
    assert_eq!(outcomes.iter().filter(|one| *one == "ok").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|one| *one == "TAKEN startsAt").count(), 19);
    assert_eq!(app.number("SELECT count(*) FROM slot_place").await, 20);
}

//! Appointments that are moved together: twice, wrongly, at once and in numbers.

use super::appointments_moved::{MOVED, asked, booked, each, moved, to_the_fourth};
use crate::on_both_databases;
use crate::support::appointments::september;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    a_repeated_move_moves_nothing_again,
    what_cannot_be_moved_says_what_is_wrong,
    two_who_move_at_once_give_no_place_twice,
    a_hundred_are_moved_at_once,
    many_are_moved_with_as_many_statements_as_one,
);

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

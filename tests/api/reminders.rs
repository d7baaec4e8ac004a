//! Households are reminded of their appointments: before they begin, never after, and once.

use std::time::Duration;

use futures_util::future::join_all;
use huhutong::appointment;

use crate::on_both_databases;
use crate::support::appointments::{APPOINTMENT, september};
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    a_household_is_reminded_a_day_and_two_hours_before,
    who_books_late_is_reminded_of_what_is_still_ahead,
    a_reminder_whose_time_nobody_ran_is_not_sent_late,
    a_cancelled_appointment_is_not_reminded_of,
    a_moved_appointment_is_reminded_of_at_its_new_time,
    a_displaced_appointment_is_not_reminded_of_until_it_fits_again,
    many_instances_send_each_reminder_once,
    a_reminder_is_written_into_the_inquiry_and_answers_nothing,
    a_reminder_comes_also_when_the_matter_is_resolved,
    the_worker_sends_reminders,
);

const HOUR: Duration = Duration::from_secs(3600);

async fn work(app: &TestApp) {
    appointment::work(app.service()).await.unwrap();
}

/// How many reminders were sent.
async fn sent(app: &TestApp) -> i64 {
    app.number("SELECT count(*) FROM event WHERE kind = 'APPOINTMENT_REMINDED'").await
}

/// An appointment on Friday, the fourth, at nine.
async fn on_friday(app: &TestApp) -> Value {
    let window = app.window(CHENJI, 1).await;
    app.appointment(&window, &app.household(LIUHE).await, &september(4, "09:00")).await
}

async fn a_household_is_reminded_a_day_and_two_hours_before(app: TestApp) {
    let booked = on_friday(&app).await;
    work(&app).await;
    app.advance_to(&september(3, "08:59"));
    work(&app).await;
    assert_eq!(sent(&app).await, 0);
    app.advance_to(&september(3, "09:00"));
    work(&app).await;
    work(&app).await;
    assert_eq!(sent(&app).await, 1);
    app.advance_to(&september(4, "07:10"));
    work(&app).await;
    assert_eq!(sent(&app).await, 2);
    app.advance_to(&september(5, "09:00"));
    work(&app).await;
    assert_eq!(sent(&app).await, 2);
    let document =
        "query($id: ID!) { node(id: $id) { ... on Appointment { remindedAt version } } }";
    let seen = app.lead(LIUHE).query(document, json!({ "id": booked["id"] })).await;
    assert_eq!(
        seen.at("/node"),
        &json!({ "remindedAt": "2026-09-03T23:10:00+00:00", "version": 1 })
    );
}

async fn who_books_late_is_reminded_of_what_is_still_ahead(app: TestApp) {
    let window = app.window(CHENJI, 5).await;
    let household = app.household(LIUHE).await;
    app.advance_to(&september(2, "10:00"));
    app.appointment(&window, &household, &september(3, "09:00")).await;
    work(&app).await;
    assert_eq!(sent(&app).await, 0);
    app.advance_to(&september(3, "07:00"));
    work(&app).await;
    assert_eq!(sent(&app).await, 1);
    // From two hours before on, nothing is ahead but the appointment.
    app.appointment(&window, &app.household(LIUHE).await, &september(3, "09:00")).await;
    app.advance(HOUR * 5);
    work(&app).await;
    assert_eq!(sent(&app).await, 1);
}

async fn a_reminder_whose_time_nobody_ran_is_not_sent_late(app: TestApp) {
    on_friday(&app).await;
    // Nobody ran from before the first reminder until an hour after it.
    app.advance_to(&september(3, "10:00"));
    work(&app).await;
    assert_eq!(sent(&app).await, 0);
    // Nor from before the second one until the appointment had begun.
    app.advance_to(&september(4, "09:00"));
    work(&app).await;
    app.advance(HOUR * 24);
    work(&app).await;
    assert_eq!(sent(&app).await, 0);
}

async fn a_cancelled_appointment_is_not_reminded_of(app: TestApp) {
    let booked = on_friday(&app).await;
    let cancel = json!({ "appointmentId": booked["id"], "expectedVersion": 1 });
    app.lead(LIUHE).mutate("cancelAppointment", cancel, "id").await.done();
    for at in [september(3, "09:00"), september(4, "07:00")] {
        app.advance_to(&at);
        work(&app).await;
    }
    assert_eq!(sent(&app).await, 0);
}

async fn a_moved_appointment_is_reminded_of_at_its_new_time(app: TestApp) {
    let booked = on_friday(&app).await;
    let input = json!({ "appointmentId": booked["id"], "expectedVersion": 1, "startsAt": september(8, "10:00") });
    app.lead(LIUHE).mutate("rescheduleAppointment", input, APPOINTMENT).await.done();
    for (at, count) in [
        (september(3, "09:00"), 0),
        (september(4, "07:00"), 0),
        (september(7, "10:00"), 1),
        (september(8, "08:00"), 2),
    ] {
        app.advance_to(&at);
        work(&app).await;
        assert_eq!(sent(&app).await, count, "{at}");
    }
}

async fn a_displaced_appointment_is_not_reminded_of_until_it_fits_again(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    app.appointment(&window, &app.household(LIUHE).await, &september(4, "09:00")).await;
    let closure = json!({ "windowId": window["id"], "startsAt": september(4, "00:00"), "reason": "停电",
                          "endsAt": september(5, "00:00"), "confirmDisplacing": true });
    let chief = app.chief(CHENJI);
    chief.mutate("closeServiceWindow", closure, "id").await.done();
    app.advance_to(&september(3, "09:00"));
    work(&app).await;
    assert_eq!(sent(&app).await, 0);
    let open = json!({ "windowId": window["id"], "startsAt": september(4, "00:00") });
    chief.mutate("cancelClosure", open, "id").await.done();
    app.advance_to(&september(4, "07:00"));
    work(&app).await;
    assert_eq!(sent(&app).await, 1);
}

async fn many_instances_send_each_reminder_once(app: TestApp) {
    let window = app.window(CHENJI, 9).await;
    for _ in 0..9 {
        app.appointment(&window, &app.household(LIUHE).await, &september(4, "09:00")).await;
    }
    app.advance_to(&september(3, "09:00"));
    let instances = [app.another_instance().await, app.another_instance().await, app.clone()];
    let works =
        instances.iter().chain(&instances).map(|instance| appointment::work(instance.service()));
    for done in join_all(works).await {
        done.unwrap();
    }
    assert_eq!(sent(&app).await, 9);
    for instance in &instances[..2] {
        instance.service().database.close().await;
    }
}

async fn a_reminder_is_written_into_the_inquiry_and_answers_nothing(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let input = app.booking(&window, &household, &september(4, "09:00"));
    let input = with(input, "inquiryId", inquiry["id"].clone());
    app.lead(LIUHE).mutate("bookAppointment", input, "id").await.done();
    app.advance_to(&september(3, "09:00"));
    work(&app).await;
    let document = "query($id: ID!) { inquiry(id: $id) { status waitingOn lastMessage { direction } \
                    messages(last: 1) { totalCount edges { node { text direction automatic } } } } }";
    let resident = app.resident_of(&household).await;
    let seen = resident.query(document, json!({ "id": inquiry["id"] })).await;
    let expected = json!({
        "status": "OPEN", "waitingOn": "OFFICER",
        // What the desk has to answer stays in front.
        "lastMessage": { "direction": "INBOUND" },
        "messages": { "totalCount": 2, "edges": [{ "node": {
            "text": "【预约提醒】您已预约9月4日（周五）09:00到永城市公安局陈集镇派出所户籍窗口办理，序号1。请带齐材料；不能来请及时取消或改约。",
            "direction": "OUTBOUND", "automatic": true,
        } }] },
    });
    assert_eq!(seen.at("/inquiry"), &expected);
}

async fn a_reminder_comes_also_when_the_matter_is_resolved(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let input = app.booking(&window, &household, &september(4, "09:00"));
    let input = with(input, "inquiryId", inquiry["id"].clone());
    let officer = app.lead(LIUHE);
    officer.mutate("bookAppointment", input, "id").await.done();
    let resolve = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1 });
    officer.mutate("resolveInquiry", resolve, "id").await.done();
    app.advance_to(&september(3, "09:00"));
    work(&app).await;
    let document =
        "query($id: ID!) { inquiry(id: $id) { status resolvedAt messages { totalCount } } }";
    let seen = officer.query(document, json!({ "id": inquiry["id"] })).await;
    let expected = json!({ "status": "RESOLVED", "resolvedAt": "2026-09-01T08:00:00+00:00", "messages": { "totalCount": 2 } });
    assert_eq!(seen.at("/inquiry"), &expected);
}

async fn the_worker_sends_reminders(app: TestApp) {
    on_friday(&app).await;
    app.advance_to(&september(3, "09:00"));
    app.work_in_background().await;
    while sent(&app).await == 0 {
        tokio::task::yield_now().await;
    }
}

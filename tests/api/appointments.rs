//! Appointments are booked, once for each place, and called off.

use crate::on_both_databases;
use crate::support::appointments::{APPOINTMENT, september, slots};
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, OTHER_LIUHE, WANGLOU};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    a_resident_sees_free_slots_and_books_one,
    a_repeated_booking_books_once,
    a_full_slot_is_refused_and_a_cancelled_place_is_free_again,
    what_cannot_be_booked_says_why,
    a_household_comes_to_one_place_at_a_time,
    a_resident_books_five_ahead_at_most,
    an_appointment_keeps_the_guide_and_its_checklist,
    an_appointment_belongs_to_an_inquiry_of_the_household,
    appointments_are_filtered_and_ordered,
    an_appointment_is_seen_and_changed_in_ones_own_area_only,
    slots_are_listed_for_a_month_at_most,
    slots_take_two_statements,
);

const MORNING: &str = "2026-09-02T01:00:00+00:00";

async fn a_resident_sees_free_slots_and_books_one(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    assert_eq!(
        slots(&resident, &window, ("2026-09-01", "2026-09-02")).await,
        ["02. 09:00 2", "02. 09:30 2", "02. 10:00 2", "02. 10:30 2"]
    );
    let input = app.booking(&window, &household, MORNING);
    let wanted = "status startsAt endsAt place displaced readiness missingPapers note version bookedBy { id } \
                  household { id } window { id station { name } } inquiry { id } guideVersion { id } \
                  checklist { key }";
    let booked = resident.mutate("bookAppointment", input, wanted).await.done();
    let expected = json!({
        "status": "BOOKED", "startsAt": MORNING, "endsAt": "2026-09-02T01:30:00+00:00", "place": 1,
        "displaced": false, "readiness": null, "missingPapers": [], "note": null, "version": 1,
        "bookedBy": null, "household": { "id": household["id"] },
        "window": { "id": window["id"], "station": { "name": "永城市公安局陈集镇派出所" } },
        "inquiry": null, "guideVersion": null, "checklist": null,
    });
    assert_eq!(booked, expected);
    assert_eq!(
        slots(&resident, &window, ("2026-09-02", "2026-09-02")).await,
        ["02. 09:00 1", "02. 09:30 2", "02. 10:00 2", "02. 10:30 2"]
    );
    let document = "query($id: ID!) { household(id: $id) { appointments { totalCount edges { node { startsAt } } } } }";
    let seen = resident.query(document, json!({ "id": household["id"] })).await;
    assert_eq!(seen.nodes("/household/appointments", "startsAt"), [MORNING]);
    assert_eq!(
        app.number("SELECT count(*) FROM event WHERE kind = 'APPOINTMENT_CHANGED'").await,
        1
    );
}

async fn a_repeated_booking_books_once(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let household = app.household(LIUHE).await;
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let input = app.booking(&window, &household, MORNING);
    let wanted = "id bookedBy { id }";
    let first = officer.mutate("bookAppointment", input.clone(), wanted).await.done();
    assert_eq!(first["bookedBy"]["id"], officer.id());
    assert_eq!(officer.mutate("bookAppointment", input.clone(), wanted).await.done(), first);
    let other = with(input, "startsAt", september(2, "09:30"));
    let reused = officer.mutate("bookAppointment", other, "id").await;
    assert_eq!(reused.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn a_full_slot_is_refused_and_a_cancelled_place_is_free_again(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let (a, b, c) =
        (app.household(LIUHE).await, app.household(LIUHE).await, app.household(WANGLOU).await);
    let first = app.appointment(&window, &a, MORNING).await;
    assert_eq!(app.appointment(&window, &b, MORNING).await["place"], 2);
    let admin = app.county_admin();
    let full = admin.mutate("bookAppointment", app.booking(&window, &c, MORNING), "id").await;
    assert_eq!(full.outcome(), "TAKEN startsAt");
    let cancel = |version| json!({ "appointmentId": first["id"], "expectedVersion": version, "reason": "孩子病了" });
    let stale = admin.mutate("cancelAppointment", cancel(2), "id").await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    let done = admin.mutate("cancelAppointment", cancel(1), "status note version").await.done();
    assert_eq!(done, json!({ "status": "CANCELLED", "note": "孩子病了", "version": 2 }));
    let again = admin.mutate("cancelAppointment", cancel(2), "id").await;
    assert_eq!(again.outcome(), "WRONG_STATE appointmentId");
    assert_eq!(app.appointment(&window, &c, MORNING).await["place"], 1);
    // What was written is not readable in the database, and auditors do not see it.
    let document =
        "{ appointments(filter: { statuses: [CANCELLED] }) { edges { node { status note } } } }";
    let seen = app.auditor().query(document, json!({})).await;
    assert_eq!(seen.nodes("/appointments", "note"), ["null"]);
    let plain = "SELECT count(*) FROM appointment WHERE CAST(note AS text) LIKE '%孩子病了%'";
    assert_eq!(app.number(plain).await, 0);
}

async fn what_cannot_be_booked_says_why(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let household = app.household(LIUHE).await;
    let admin = app.county_admin();
    let closure = json!({ "windowId": window["id"], "startsAt": september(7, "00:00"),
                          "endsAt": september(8, "00:00"), "reason": "停电检修" });
    admin.mutate("closeServiceWindow", closure, "id").await.done();
    app.advance_to(&september(2, "08:15"));
    let good = app.booking(&window, &household, &september(2, "09:30"));
    for (field, value, expected) in [
        ("startsAt", september(1, "09:00"), "INVALID startsAt"),
        ("startsAt", september(2, "09:00"), "INVALID startsAt"),
        ("startsAt", september(2, "09:31"), "INVALID startsAt"),
        ("startsAt", september(2, "11:00"), "INVALID startsAt"),
        ("startsAt", september(5, "09:00"), "INVALID startsAt"),
        ("startsAt", september(7, "09:00"), "INVALID startsAt"),
        ("startsAt", "2026-10-05T01:00:00Z".to_owned(), "INVALID startsAt"),
        ("startsAt", "+10000-01-01T00:00:00Z".to_owned(), "BAD_USER_INPUT"),
        ("windowId", household["id"].as_str().unwrap().to_owned(), "BAD_ID"),
        ("householdId", window["id"].as_str().unwrap().to_owned(), "BAD_ID"),
        ("idempotencyKey", String::new(), "BLANK idempotencyKey"),
    ] {
        let input = with(with(good.clone(), "idempotencyKey", "a"), field, value.clone());
        let answer = admin.mutate("bookAppointment", input, "id").await;
        assert_eq!(answer.outcome(), expected, "{value}");
    }
    let elsewhere = app.window(MANGSHAN, 1).await;
    let input = with(good.clone(), "windowId", elsewhere["id"].clone());
    let answer = admin.mutate("bookAppointment", input, "id").await;
    assert_eq!(answer.outcome(), "INVALID windowId");
    admin.mutate("bookAppointment", with(good, "idempotencyKey", "b"), "id").await.done();
}

async fn a_household_comes_to_one_place_at_a_time(app: TestApp) {
    let (one, other) = (app.window(CHENJI, 3).await, app.window(CHENJI, 3).await);
    let household = app.household(LIUHE).await;
    app.appointment(&one, &household, MORNING).await;
    for window in [&one, &other] {
        let input = app.booking(window, &household, MORNING);
        let answer = app.county_admin().mutate("bookAppointment", input, "id").await;
        assert_eq!(answer.outcome(), "TAKEN householdId");
    }
    app.appointment(&other, &household, &september(2, "09:30")).await;
}

async fn a_resident_books_five_ahead_at_most(app: TestApp) {
    let window = app.window(CHENJI, 3).await;
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    for day in [3, 4, 7, 8, 9] {
        let input = app.booking(&window, &household, &september(day, "09:00"));
        resident.mutate("bookAppointment", input, "id").await.done();
    }
    let sixth = app.booking(&window, &household, &september(10, "09:00"));
    let answer = resident.mutate("bookAppointment", sixth.clone(), "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE householdId");
    app.lead(LIUHE).mutate("bookAppointment", sixth, "id").await.done();
}

async fn an_appointment_keeps_the_guide_and_its_checklist(app: TestApp) {
    let window = app.window(CHENJI, 5).await;
    let household = app.household(LIUHE).await;
    let version = app.guide_in_force("dog").await;
    let input =
        with(app.booking(&window, &household, MORNING), "guideVersionId", version["id"].clone());
    let resident = app.resident_of(&household).await;
    let answers = |choice: &str| json!([{ "question": "size", "choice": choice }]);
    let unfinished = resident.mutate("bookAppointment", input.clone(), "id").await;
    assert_eq!(unfinished.outcome(), "INVALID guideAnswers");
    let strange = with(input.clone(), "guideAnswers", answers("huge"));
    assert_eq!(resident.mutate("bookAppointment", strange, "id").await.outcome(), "BAD_USER_INPUT");
    let unsaid =
        with(with(input.clone(), "guideAnswers", answers("large")), "guideVersionId", Value::Null);
    let unsaid = resident.mutate("bookAppointment", unsaid, "id").await;
    assert_eq!(unsaid.outcome(), "BLANK guideVersionId");
    let draft = app.drafted("cat").await;
    let unpublished = with(
        with(input.clone(), "guideVersionId", draft["id"].clone()),
        "guideAnswers",
        answers("large"),
    );
    let unpublished = resident.mutate("bookAppointment", unpublished, "id").await;
    assert_eq!(unpublished.outcome(), "NOT_FOUND guideVersionId");
    let input = with(input, "guideAnswers", answers("large"));
    let wanted = "id guideVersion { number } checklist { title papers { name } }";
    let booked = resident.mutate("bookAppointment", input.clone(), wanted).await.done();
    assert_eq!(booked["guideVersion"]["number"], 1);
    assert_eq!(
        booked["checklist"],
        json!({ "title": "大型犬", "papers": [{ "name": "免疫证明" }] })
    );
    // The household was told by that version, also when another one has followed.
    app.published(&app.revised(&version["guide"]).await, Value::Null).await;
    let late = with(with(input, "idempotencyKey", "l"), "startsAt", september(3, "09:00"));
    let answer = resident.mutate("bookAppointment", late, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE guideVersionId");
    let document = "query($day: Date) { appointments(filter: { guideOutdatedOn: $day }) { totalCount edges { node { id \
                    checklist { key } } } } }";
    let today = app.lead(LIUHE).query(document, json!({ "day": "2026-09-01" })).await;
    assert_eq!(today.nodes("/appointments", "id"), [booked["id"].as_str().unwrap()]);
    assert_eq!(today.at("/appointments/edges/0/node/checklist/key"), "large");
    let before = app.lead(LIUHE).query(document, json!({ "day": "2026-08-31" })).await;
    assert_eq!(before.at("/appointments/totalCount"), 0);
}

async fn an_appointment_belongs_to_an_inquiry_of_the_household(app: TestApp) {
    let window = app.window(CHENJI, 5).await;
    let (household, other) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let (inquiry, foreign) = (app.inquiry(&household).await, app.inquiry(&other).await);
    let input = app.booking(&window, &household, MORNING);
    let officer = app.lead(LIUHE);
    let wrong = with(input.clone(), "inquiryId", foreign["id"].clone());
    let answer = officer.mutate("bookAppointment", wrong, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND inquiryId");
    let input = with(input, "inquiryId", inquiry["id"].clone());
    let booked = officer.mutate("bookAppointment", input, "id inquiry { id }").await.done();
    assert_eq!(booked["inquiry"]["id"], inquiry["id"]);
    let document =
        "query($id: ID!) { inquiry(id: $id) { appointments { edges { node { id } } } } }";
    let seen = officer.query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(seen.nodes("/inquiry/appointments", "id"), [booked["id"].as_str().unwrap()]);
}

async fn appointments_are_filtered_and_ordered(app: TestApp) {
    let (window, far) = (app.window(CHENJI, 2).await, app.window(MANGSHAN, 2).await);
    let (a, b) = (app.household(LIUHE).await, app.household(OTHER_LIUHE).await);
    for (day, window, household) in [(3, &window, &a), (2, &window, &a), (4, &far, &b)] {
        app.appointment(window, household, &september(day, "09:00")).await;
    }
    let document = "query($filter: AppointmentFilter, $order: AppointmentOrder) { appointments(filter: $filter, \
                    orderBy: $order) { totalCount edges { node { startsAt } } } }";
    let listed = async |filter: Value, order: &str| {
        let variables = json!({ "filter": filter, "order": order });
        let answer = app.county_admin().query(document, variables).await;
        let starts = answer.nodes("/appointments", "startsAt");
        assert_eq!(answer.at("/appointments/totalCount"), starts.len());
        starts.into_iter().map(|at| at[8..10].to_owned()).collect::<Vec<_>>()
    };
    for (filter, expected) in [
        (json!({}), vec!["02", "03", "04"]),
        (json!({ "areaCode": LIUHE }), vec!["02", "03"]),
        (json!({ "areaCode": MANGSHAN }), vec!["04"]),
        (json!({ "windowId": far["id"] }), vec!["04"]),
        (json!({ "householdId": a["id"] }), vec!["02", "03"]),
        (json!({ "statuses": ["CANCELLED", "MISSED"] }), vec![]),
        (json!({ "statuses": ["BOOKED"], "startsSince": september(3, "09:00") }), vec!["03", "04"]),
        (json!({ "startsBefore": september(3, "09:00"), "displaced": false }), vec!["02"]),
        (json!({ "displaced": true }), vec![]),
    ] {
        assert_eq!(listed(filter.clone(), "STARTS_AT_ASC").await, expected, "{filter}");
    }
    assert_eq!(listed(json!({}), "STARTS_AT_DESC").await, ["04", "03", "02"]);
    for (filter, expected) in [
        (json!({ "areaCode": "41" }), "BAD_USER_INPUT"),
        (json!({ "windowId": a["id"] }), "BAD_ID"),
        (json!({ "householdId": window["id"] }), "BAD_ID"),
        (json!({ "startsSince": "-0001-01-01T00:00:00Z" }), "BAD_USER_INPUT"),
    ] {
        let answer = app.county_admin().query(document, json!({ "filter": filter })).await;
        assert_eq!(answer.outcome(), expected, "{filter}");
    }
}

async fn an_appointment_is_seen_and_changed_in_ones_own_area_only(app: TestApp) {
    let window = app.window(CHENJI, 2).await;
    let household = app.household(LIUHE).await;
    let booked = app.appointment(&window, &household, MORNING).await;
    let stranger = app.resident_of(&app.household(LIUHE).await).await;
    let others = [app.lead(WANGLOU), app.chief(MANGSHAN), stranger];
    let cancel = json!({ "appointmentId": booked["id"], "expectedVersion": 1 });
    let document = "query($id: ID!) { node(id: $id) { id } appointments { totalCount } }";
    for other in others {
        let answer = other.mutate("cancelAppointment", cancel.clone(), "id").await;
        assert_eq!(answer.outcome(), "NOT_FOUND appointmentId");
        assert_eq!(
            other.query(document, json!({ "id": booked["id"] })).await.outcome(),
            "NOT_FOUND"
        );
        let input = app.booking(&window, &household, &september(3, "09:00"));
        let answer = other.mutate("bookAppointment", input, "id").await;
        assert_eq!(answer.outcome(), "NOT_FOUND householdId");
    }
    let resident = app.resident_of(&household).await;
    let seen = resident.query(document, json!({ "id": booked["id"] })).await;
    assert_eq!(seen.at("/appointments/totalCount"), 1);
    resident.mutate("cancelAppointment", cancel, APPOINTMENT).await.done();
}

async fn slots_are_listed_for_a_month_at_most(app: TestApp) {
    let window = app.window(CHENJI, 1).await;
    let admin = app.county_admin();
    let month = slots(&admin, &window, ("2026-09-01", "2026-10-01")).await;
    // To the end of what can be booked: 22 working days of four slots.
    assert_eq!(month.len(), 22 * 4);
    let document = "query($id: ID!, $from: Date, $to: Date) { availableSlots(windowId: $id, from: $from, to: $to) { free } }";
    for (from, to, expected) in [
        ("2026-09-01", "2026-10-02", "BAD_USER_INPUT"),
        ("2026-09-02", "2026-09-01", "BAD_USER_INPUT"),
        ("2020-01-01", "2020-01-31", "ok"),
        ("9999-12-01", "9999-12-31", "ok"),
        ("0001-01-01", "0001-01-01", "ok"),
    ] {
        let variables = json!({ "id": window["id"], "from": from, "to": to });
        assert_eq!(admin.query(document, variables).await.outcome(), expected, "{from}");
    }
    let usual = admin.query(document, json!({ "id": window["id"] })).await;
    assert_eq!(usual.at("/availableSlots").as_array().map(Vec::len), Some(16));
    let nothing =
        huhutong::id::GlobalId::new(huhutong::id::Kind::ServiceWindow, app.service().new_id());
    let missing = admin.query(document, json!({ "id": nothing.to_string() })).await;
    assert_eq!(missing.outcome(), "NOT_FOUND");
}

async fn slots_take_two_statements(app: TestApp) {
    let window = app.window(CHENJI, 9).await;
    for day in [2, 3, 4] {
        let household = app.household(LIUHE).await;
        app.appointment(&window, &household, &september(day, "09:00")).await;
    }
    let admin = app.county_admin();
    let (count, slots) = app.statements(slots(&admin, &window, ("2026-09-01", "2026-09-30"))).await;
    assert_eq!((count, slots.len()), (2, 21 * 4));
    let document = "{ appointments { edges { node { place household { label } window { name station { name } } } } } }";
    let (count, answer) = app.statements(admin.query(document, json!({}))).await;
    answer.data();
    assert_eq!(count, 4);
}

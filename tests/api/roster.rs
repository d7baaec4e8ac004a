//! Who is on duty, and why.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, OTHER_LIUHE, WANGLOU, station_id};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    without_shifts_postings_say_who_is_on_duty,
    a_villages_shift_goes_before_its_stations,
    shifts_repeat_by_weekdays_or_days_and_go_past_midnight,
    split_shifts_follow_the_working_calendar,
    a_swap_gives_one_day_to_another_officer,
    cover_is_inherited,
    who_has_gone_is_passed_over,
    somebody_is_always_on_duty,
    a_shift_says_which_field_is_wrong,
    a_shift_ends_and_what_has_begun_goes_on,
    shifts_are_listed,
    who_is_on_duty_is_told_in_the_own_area_with_one_statement,
);

/// The input of a shift around the clock, each day.
fn shift(key: &str, village: Option<&str>, officer: &Actor) -> Value {
    json!({ "idempotencyKey": key, "stationId": station_id(CHENJI), "villageCode": village,
            "officerId": officer.id(), "validFrom": "2026-09-01", "everyDays": 1,
            "startMinute": 0, "lengthMinutes": 1440 })
}

async fn plan(app: &TestApp, input: Value) -> Value {
    app.chief(CHENJI).mutate("planShift", input, "id version").await.done()
}

/// From 08:30 to 18:00.
fn by_day(input: Value) -> Value {
    with(with(input, "startMinute", 510), "lengthMinutes", 570)
}

/// Who is on duty at an hour in China, and the kinds of the steps that led there.
async fn on_duty(app: &TestApp, at: &str) -> (String, String) {
    on_duty_as_seen_by(&app.auditor(), LIUHE, at).await
}

async fn on_duty_as_seen_by(actor: &Actor, village: &str, at: &str) -> (String, String) {
    let document = "query($code: DivisionCode!, $at: DateTime) { onDuty(villageCode: $code, at: $at) \
                    { officer { id } reasons { kind } } }";
    let variables = json!({ "code": village, "at": format!("{at}:00+08:00") });
    let answer = actor.query(document, variables).await;
    let duty = answer.at("/onDuty");
    let kinds = duty["reasons"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap());
    (duty["officer"]["id"].as_str().unwrap().to_owned(), kinds.collect::<Vec<_>>().join(" "))
}

async fn assert_on_duty(app: &TestApp, at: &str, officer: &Actor, because: &str) {
    assert_eq!(on_duty(app, at).await, (officer.id(), because.to_owned()), "{at}");
}

async fn leave(app: &TestApp, who: &Actor, cover: &Actor) {
    let input = json!({ "idempotencyKey": who.id(), "officerId": who.id(), "coverOfficerId": cover.id(),
                        "startsAt": "2026-09-02T00:00:00Z", "endsAt": "2026-09-05T00:00:00Z" });
    app.chief(CHENJI).mutate("planLeave", input, "id").await.done();
}

async fn without_shifts_postings_say_who_is_on_duty(app: TestApp) {
    let (lead, helper) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    assert_on_duty(&app, "2026-09-02T03:00", &lead, "LEAD_POSTING").await;
    app.end_posting_of(&lead, LIUHE).await;
    assert_on_duty(&app, "2026-09-02T03:00", &helper, "AUXILIARY_POSTING").await;
    app.end_posting_of(&helper, LIUHE).await;
    assert_on_duty(&app, "2026-09-02T03:00", &app.chief(CHENJI), "CHIEF").await;
}

async fn a_villages_shift_goes_before_its_stations(app: TestApp) {
    let (lead, other) = (app.lead(LIUHE), app.lead(WANGLOU));
    plan(&app, by_day(shift("a", None, &other))).await;
    let short = with(shift("b", Some(LIUHE), &app.chief(CHENJI)), "startMinute", 600);
    plan(&app, with(short, "lengthMinutes", 60)).await;
    assert_on_duty(&app, "2026-09-02T08:29", &lead, "LEAD_POSTING").await;
    assert_on_duty(&app, "2026-09-02T08:30", &other, "STATION_SHIFT").await;
    assert_on_duty(&app, "2026-09-02T10:00", &app.chief(CHENJI), "VILLAGE_SHIFT").await;
    assert_on_duty(&app, "2026-09-02T11:00", &other, "STATION_SHIFT").await;
    assert_on_duty(&app, "2026-09-02T18:00", &lead, "LEAD_POSTING").await;
    let wanglou = on_duty_as_seen_by(&app.auditor(), WANGLOU, "2026-09-02T10:00").await;
    assert_eq!(wanglou, (other.id(), "STATION_SHIFT".to_owned()));
    let document = "query($code: DivisionCode!) { onDuty(villageCode: $code, at: \"2026-09-02T02:00:00Z\") \
                    { reasons { text startsAt endsAt shift { startMinute village { code } } officer { id } } } }";
    let chief = app.chief(CHENJI).in_english();
    let answer = chief.query(document, json!({ "code": LIUHE })).await;
    let expected = json!({ "text": "On the village's shift, from 10:00 to 11:00.",
        "startsAt": "2026-09-02T02:00:00+00:00", "endsAt": "2026-09-02T03:00:00+00:00",
        "shift": { "startMinute": 600, "village": { "code": LIUHE } }, "officer": { "id": chief.id() } });
    assert_eq!(answer.at("/onDuty/reasons"), &json!([expected]));
}

async fn shifts_repeat_by_weekdays_or_days_and_go_past_midnight(app: TestApp) {
    let (lead, a, b) = (app.lead(LIUHE), app.lead(WANGLOU), app.officer_posted_to(&[]).await);
    // From 20:00 to 08:00, on Mondays and Wednesdays, and every third day.
    let night = |input| with(with(input, "startMinute", 1200), "lengthMinutes", 720);
    let weekly = with(night(shift("a", Some(LIUHE), &a)), "everyDays", Value::Null);
    plan(&app, with(weekly, "weekdays", json!(["WEDNESDAY", "MONDAY"]))).await;
    let third = with(night(shift("b", Some(LIUHE), &b)), "everyDays", 3);
    plan(&app, with(third, "validUntil", "2026-09-05")).await;
    // The first of September is a Tuesday.
    for (at, officer, because) in [
        ("2026-09-01T19:59", &lead, "LEAD_POSTING"),
        ("2026-09-01T20:00", &b, "VILLAGE_SHIFT"),
        ("2026-09-02T07:59", &b, "VILLAGE_SHIFT"),
        ("2026-09-02T08:00", &lead, "LEAD_POSTING"),
        ("2026-09-02T23:59", &a, "VILLAGE_SHIFT"),
        ("2026-09-03T00:00", &a, "VILLAGE_SHIFT"),
        ("2026-09-03T21:00", &lead, "LEAD_POSTING"),
        ("2026-09-05T07:00", &b, "VILLAGE_SHIFT"),
        ("2026-09-07T22:00", &a, "VILLAGE_SHIFT"),
        ("2026-09-08T07:00", &a, "VILLAGE_SHIFT"),
        ("2026-09-10T22:00", &lead, "LEAD_POSTING"),
        ("2026-08-31T22:00", &lead, "LEAD_POSTING"),
    ] {
        assert_on_duty(&app, at, officer, because).await;
    }
}

async fn split_shifts_follow_the_working_calendar(app: TestApp) {
    let (lead, a, b) = (app.lead(LIUHE), app.lead(WANGLOU), app.officer_posted_to(&[]).await);
    for (key, start, length) in [("a", 510, 210), ("b", 870, 210)] {
        let input = with(with(shift(key, None, &a), "startMinute", start), "lengthMinutes", length);
        plan(&app, with(input, "dayKind", "WORKDAY")).await;
    }
    plan(&app, with(by_day(shift("c", None, &b)), "dayKind", "HOLIDAY")).await;
    for (at, officer) in [
        ("2026-09-02T09:00", &a),
        ("2026-09-02T13:00", &lead),
        ("2026-09-02T15:00", &a),
        // A Saturday; a Sunday that is worked; a Thursday that is a holiday; a Saturday that is worked.
        ("2026-09-05T09:00", &b),
        ("2026-09-20T09:00", &a),
        ("2026-10-01T13:00", &b),
        ("2026-10-10T13:00", &lead),
    ] {
        assert_eq!(on_duty(&app, at).await.0, officer.id(), "{at}");
    }
}

async fn a_swap_gives_one_day_to_another_officer(app: TestApp) {
    let (a, b) = (app.lead(WANGLOU), app.officer_posted_to(&[]).await);
    let planned = plan(&app, with(shift("a", Some(LIUHE), &a), "everyDays", 2)).await;
    let chief = app.chief(CHENJI);
    let input = json!({ "idempotencyKey": "s", "shiftId": planned["id"], "day": "2026-09-03", "officerId": b.id() });
    let wanted = "id version day shift { id } officer { id }";
    let swap = chief.mutate("swapShift", input.clone(), wanted).await.done();
    assert_eq!(chief.mutate("swapShift", input.clone(), wanted).await.done(), swap);
    assert_on_duty(&app, "2026-09-01T12:00", &a, "VILLAGE_SHIFT").await;
    assert_on_duty(&app, "2026-09-03T12:00", &b, "VILLAGE_SHIFT SWAP").await;
    assert_on_duty(&app, "2026-09-05T12:00", &a, "VILLAGE_SHIFT").await;
    for (field, value, expected) in [
        ("day", json!("2026-09-03"), "TAKEN day"),
        ("day", json!("2026-09-04"), "WRONG_STATE day"),
        ("day", json!("2026-08-30"), "WRONG_STATE day"),
        ("officerId", json!(a.id()), "WRONG_STATE day"),
        ("officerId", json!(app.lead(OTHER_LIUHE).id()), "NOT_FOUND officerId"),
        ("shiftId", json!(b.id()), "BAD_ID"),
    ] {
        let input = with(with(input.clone(), "idempotencyKey", "t"), field, value);
        assert_eq!(chief.mutate("swapShift", input, "id").await.outcome(), expected);
    }
    let cancel = |version: i32| json!({ "shiftSwapId": swap["id"], "expectedVersion": version });
    let stranger = app.chief(MANGSHAN).mutate("cancelSwap", cancel(1), "id").await;
    assert_eq!(stranger.outcome(), "NOT_FOUND shiftSwapId");
    let stale = chief.mutate("cancelSwap", cancel(2), "id").await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    chief.mutate("cancelSwap", cancel(1), "id").await.done();
    assert_on_duty(&app, "2026-09-03T12:00", &a, "VILLAGE_SHIFT").await;
    assert_eq!(
        chief.mutate("cancelSwap", cancel(2), "id").await.outcome(),
        "WRONG_STATE shiftSwapId"
    );
    chief.mutate("swapShift", with(input, "idempotencyKey", "u"), "id").await.done();
    let document = "query($id: ID!) { node(id: $id) { ... on Shift { swaps { totalCount edges { node { day } } } } } }";
    let answer = app.auditor().query(document, json!({ "id": planned["id"] })).await;
    assert_eq!(answer.at("/node/swaps/totalCount"), 2);
}

async fn cover_is_inherited(app: TestApp) {
    let (lead, a) = (app.lead(LIUHE), app.lead(WANGLOU));
    let (b, c) = (app.officer_posted_to(&[]).await, app.officer_posted_to(&[]).await);
    leave(&app, &lead, &a).await;
    assert_on_duty(&app, "2026-09-03T12:00", &a, "LEAD_POSTING LEAVE").await;
    leave(&app, &a, &b).await;
    leave(&app, &b, &c).await;
    assert_on_duty(&app, "2026-09-03T12:00", &c, "LEAD_POSTING LEAVE LEAVE LEAVE").await;
    assert_on_duty(&app, "2026-09-05T08:00", &lead, "LEAD_POSTING").await;
    plan(&app, shift("a", None, &b)).await;
    assert_on_duty(&app, "2026-09-03T12:00", &c, "STATION_SHIFT LEAVE").await;
}

async fn who_has_gone_is_passed_over(app: TestApp) {
    let (lead, a, b) =
        (app.lead(LIUHE), app.officer_posted_to(&[]).await, app.officer_posted_to(&[]).await);
    plan(&app, shift("a", Some(LIUHE), &a)).await;
    plan(&app, shift("b", None, &b)).await;
    let admin = app.county_admin();
    let moved =
        json!({ "officerId": a.id(), "expectedVersion": 1, "stationId": station_id(MANGSHAN) });
    admin.mutate("updateOfficer", moved, "id").await.done();
    let because = "VILLAGE_SHIFT PASSED_OVER STATION_SHIFT";
    assert_on_duty(&app, "2026-09-03T12:00", &b, because).await;
    let gone = json!({ "officerId": b.id(), "expectedVersion": 1 });
    admin.mutate("deactivateOfficer", gone, "id").await.done();
    let because = "VILLAGE_SHIFT PASSED_OVER STATION_SHIFT PASSED_OVER LEAD_POSTING";
    assert_on_duty(&app, "2026-09-03T12:00", &lead, because).await;
}

async fn somebody_is_always_on_duty(app: TestApp) {
    app.sql("UPDATE posting SET ends_at = starts_at").await;
    app.sql("UPDATE officer SET deactivated_at = created_at WHERE role = 'STATION_CHIEF'").await;
    assert_on_duty(&app, "2026-09-03T12:00", &app.county_admin(), "COUNTY_ADMIN").await;
    app.sql("UPDATE officer SET deactivated_at = created_at WHERE role = 'COUNTY_ADMIN'").await;
    assert_eq!(on_duty(&app, "2026-09-03T12:00").await.1, "ANYBODY");
}

async fn a_shift_says_which_field_is_wrong(app: TestApp) {
    let (chief, officer) = (app.chief(CHENJI), app.lead(LIUHE));
    let good = shift("a", Some(LIUHE), &officer);
    for (field, value, expected) in [
        ("stationId", json!(station_id(MANGSHAN)), "NOT_FOUND stationId"),
        ("villageCode", json!(OTHER_LIUHE), "NOT_FOUND villageCode"),
        ("villageCode", json!("1"), "BAD_USER_INPUT"),
        ("officerId", json!(app.lead(OTHER_LIUHE).id()), "NOT_FOUND officerId"),
        ("officerId", json!("😀"), "BAD_ID"),
        ("validFrom", json!("2026-08-31"), "INVALID validFrom"),
        ("validUntil", json!("2026-09-01"), "INVALID validUntil"),
        ("everyDays", json!(0), "INVALID weekdays"),
        ("everyDays", json!(32), "INVALID weekdays"),
        ("everyDays", json!(null), "INVALID weekdays"),
        ("weekdays", json!(["MONDAY"]), "INVALID weekdays"),
        ("startMinute", json!(1440), "INVALID startMinute"),
        ("startMinute", json!(-1), "INVALID startMinute"),
        ("lengthMinutes", json!(0), "INVALID lengthMinutes"),
        ("lengthMinutes", json!(1441), "INVALID lengthMinutes"),
    ] {
        let answer = chief.mutate("planShift", with(good.clone(), field, value), "id").await;
        assert_eq!(answer.outcome(), expected, "{field}");
    }
    for days in [json!([]), json!(["MONDAY", "MONDAY"])] {
        let input = with(with(good.clone(), "everyDays", Value::Null), "weekdays", days);
        assert_eq!(chief.mutate("planShift", input, "id").await.outcome(), "INVALID weekdays");
    }
    for who in [app.county_admin(), app.lead(OTHER_LIUHE)] {
        let input = with(good.clone(), "officerId", who.id());
        let answer = app.county_admin().mutate("planShift", input, "id").await;
        assert_eq!(answer.outcome(), "WRONG_STATE officerId");
    }
}

async fn a_shift_ends_and_what_has_begun_goes_on(app: TestApp) {
    let (lead, a) = (app.lead(LIUHE), app.lead(WANGLOU));
    let planned = plan(&app, with(shift("a", Some(LIUHE), &a), "startMinute", 1200)).await;
    let chief = app.chief(CHENJI);
    let end = |version: i32, day: &str| json!({ "shiftId": planned["id"], "expectedVersion": version, "validUntil": day });
    for (input, expected) in [
        (end(1, "2026-08-31"), "WRONG_STATE validUntil"),
        (end(2, "2026-09-03"), "VERSION_CONFLICT expectedVersion"),
        (end(1, "2026-09-03"), "ok"),
    ] {
        assert_eq!(chief.mutate("endShift", input, "version validUntil").await.outcome(), expected);
    }
    assert_on_duty(&app, "2026-09-03T19:59", &a, "VILLAGE_SHIFT").await;
    assert_on_duty(&app, "2026-09-03T20:00", &lead, "LEAD_POSTING").await;
    let never = plan(&app, with(shift("b", Some(LIUHE), &a), "validFrom", "2026-10-01")).await;
    let input = json!({ "shiftId": never["id"], "expectedVersion": 1 });
    let ended = chief.mutate("endShift", input, "validFrom validUntil").await.done();
    assert_eq!(ended, json!({ "validFrom": "2026-10-01", "validUntil": "2026-10-01" }));
    assert_on_duty(&app, "2026-10-01T12:00", &lead, "LEAD_POSTING").await;
}

async fn shifts_are_listed(app: TestApp) {
    let (a, b) = (app.lead(LIUHE), app.lead(WANGLOU));
    let weekly = with(shift("a", Some(LIUHE), &a), "everyDays", Value::Null);
    plan(&app, with(weekly, "weekdays", json!(["SUNDAY", "MONDAY"]))).await;
    plan(&app, with(shift("b", None, &b), "validUntil", "2026-09-10")).await;
    let document = "query($filter: ShiftFilter) { shifts(filter: $filter) { totalCount edges { node { weekdays everyDays } } } }";
    let count = async |filter: Value| {
        let answer = app.chief(CHENJI).query(document, json!({ "filter": filter })).await;
        answer.at("/shifts/totalCount").clone()
    };
    assert_eq!(count(json!({})).await, 2);
    assert_eq!(count(json!({ "stationId": station_id(CHENJI) })).await, 2);
    assert_eq!(count(json!({ "villageCode": LIUHE })).await, 1);
    assert_eq!(count(json!({ "officerId": b.id() })).await, 1);
    assert_eq!(count(json!({ "validOn": "2026-09-10" })).await, 1);
    assert_eq!(count(json!({ "validOn": "2026-08-31" })).await, 0);
    let own = json!({ "filter": { "villageCode": LIUHE } });
    let answer = app.chief(CHENJI).query(document, own).await;
    let first = answer.at("/shifts/edges/0/node");
    assert_eq!(first, &json!({ "weekdays": ["MONDAY", "SUNDAY"], "everyDays": null }));
    let stranger = app.chief(MANGSHAN).query(document, json!({})).await;
    assert_eq!(stranger.at("/shifts/totalCount"), 0);
    let document = "query($id: ID!) { officer(id: $id) { shifts { totalCount } station { shifts { totalCount } } } }";
    let answer = app.auditor().query(document, json!({ "id": a.id() })).await;
    let expected =
        json!({ "shifts": { "totalCount": 1 }, "station": { "shifts": { "totalCount": 2 } } });
    assert_eq!(answer.at("/officer"), &expected);
}

async fn who_is_on_duty_is_told_in_the_own_area_with_one_statement(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let at = "2026-09-03T12:00";
    assert_eq!(on_duty_as_seen_by(&resident, LIUHE, at).await.0, app.lead(LIUHE).id());
    let document =
        "query($code: DivisionCode!) { onDuty(villageCode: $code) { at reasons { kind } } }";
    let elsewhere = resident.query(document, json!({ "code": WANGLOU })).await;
    assert_eq!(elsewhere.outcome(), "NOT_FOUND");
    let unknown = app.chief(CHENJI).query(document, json!({ "code": "411481109999" })).await;
    assert_eq!(unknown.outcome(), "NOT_FOUND");
    let asked = app.auditor();
    let (count, answer) = app.statements(asked.query(document, json!({ "code": LIUHE }))).await;
    assert_eq!((count, answer.at("/onDuty/at")), (1, &json!("2026-09-01T08:00:00+00:00")));
}

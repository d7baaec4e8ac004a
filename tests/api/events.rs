//! Subscriptions: what happens, in order, in the caller's area, without a gap.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use huhutong::actor::Role;
use sea_orm::{ConnectionTrait, TransactionTrait};
use tower::ServiceExt;

use crate::on_both_databases;
use crate::support::county::{ADMIN, CHENJI, LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{Backend, Events, TestApp, Value, json};

on_both_databases!(
    what_happens_is_told_in_order,
    a_change_made_by_another_instance_is_told,
    another_areas_events_are_not_told,
    a_resident_hears_of_the_own_household_only,
    a_resident_never_hears_of_a_note,
    filters_keep_what_they_say,
    a_cut_subscription_goes_on_without_gap_or_duplicate,
    a_list_and_what_follows_it_leave_no_gap,
    a_subscription_from_the_start_tells_everything,
    what_stands_far_apart_in_the_log_is_told_and_counted,
    a_subscription_ends_after_its_first_events,
    a_posting_that_ends_stops_delivery,
    a_posting_that_begins_starts_delivery,
    bad_arguments_are_refused,
    the_analyst_and_nobody_hear_nothing,
    an_event_of_a_transaction_in_flight_is_not_lost,
    what_happens_before_the_log_is_followed_is_told,
    an_event_that_cannot_be_read_stops_nothing,
    a_stream_ends_when_its_token_expires,
);

const CHANGES: &str = "subscription($filter: InquiryEventFilter, $after: String, $first: Int) { \
    inquiryChanged(filter: $filter, after: $after, first: $first) { cursor inquiry { id status subject } } }";
const MESSAGES: &str = "subscription($filter: InquiryEventFilter, $after: String, $first: Int) { \
    messageAdded(filter: $filter, after: $after, first: $first) { cursor message { text direction } } }";

async fn say(app: &TestApp, inquiry: &Value, text: &str) {
    let input = json!({ "idempotencyKey": text, "inquiryId": inquiry["id"], "text": text });
    app.county_admin().mutate("replyToInquiry", input, "id").await.done();
}

async fn texts(events: &mut Events, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..count {
        let event = events.next().await;
        texts.push(event["message"]["text"].as_str().unwrap().to_owned());
    }
    texts
}

async fn what_happens_is_told_in_order(app: TestApp) {
    app.work_in_background().await;
    let start = app.event_cursor().await;
    let mut events = app.lead(LIUHE).subscribe(CHANGES, json!({ "after": start })).await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let event = events.next().await;
    assert_eq!(event["inquiry"]["id"], inquiry["id"]);
    assert_eq!(event["inquiry"]["status"], "OPEN");
    say(&app, &inquiry, "好").await;
    assert_eq!(events.next().await["inquiry"]["status"], "WAITING_FOR_RESIDENT");
    let resolve = json!({ "inquiryId": inquiry["id"], "expectedVersion": 2 });
    app.lead(LIUHE).mutate("resolveInquiry", resolve, "id").await.done();
    assert_eq!(events.next().await["inquiry"]["status"], "RESOLVED");
}

async fn a_change_made_by_another_instance_is_told(app: TestApp) {
    app.work_in_background().await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let filter =
        json!({ "filter": { "inquiryId": inquiry["id"] }, "after": app.event_cursor().await });
    let mut events = app.lead(LIUHE).subscribe(MESSAGES, filter).await;
    let other = app.another_instance().await;
    for word in ["一", "二", "三"] {
        say(&other, &inquiry, word).await;
        assert_eq!(texts(&mut events, 1).await, [word]);
    }
}

async fn another_areas_events_are_not_told(app: TestApp) {
    app.work_in_background().await;
    let start = json!({ "after": app.event_cursor().await });
    let mut officer = app.lead(LIUHE).subscribe(CHANGES, start.clone()).await;
    let mut chief = app.chief(CHENJI).subscribe(CHANGES, start.clone()).await;
    let mut admin = app.county_admin().subscribe(CHANGES, start).await;
    let mut made = Vec::new();
    for village in [OTHER_LIUHE, WANGLOU, LIUHE] {
        made.push(app.inquiry(&app.household(village).await).await["id"].clone());
    }
    assert_eq!(officer.next().await["inquiry"]["id"], made[2]);
    assert_eq!(chief.next().await["inquiry"]["id"], made[1]);
    assert_eq!(chief.next().await["inquiry"]["id"], made[2]);
    assert_eq!(admin.next().await["inquiry"]["id"], made[0]);
}

async fn a_resident_hears_of_the_own_household_only(app: TestApp) {
    app.work_in_background().await;
    let (own, neighbours) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let resident = app.resident_of(&own).await;
    let mut events =
        resident.subscribe(CHANGES, json!({ "after": app.event_cursor().await })).await;
    app.inquiry(&neighbours).await;
    let inquiry = app.inquiry(&own).await;
    assert_eq!(events.next().await["inquiry"]["id"], inquiry["id"]);
}

async fn a_resident_never_hears_of_a_note(app: TestApp) {
    app.work_in_background().await;
    let household = app.household(LIUHE).await;
    let (resident, inquiry) = (app.resident_of(&household).await, app.inquiry(&household).await);
    let start =
        json!({ "after": app.event_cursor().await, "filter": { "inquiryId": inquiry["id"] } });
    let mut heard = resident.subscribe(MESSAGES, start.clone()).await;
    let mut officers = app.lead(LIUHE).subscribe(MESSAGES, start).await;
    let note = json!({ "idempotencyKey": "n", "inquiryId": inquiry["id"], "text": "备注" });
    app.lead(LIUHE).mutate("addInternalNote", note, "id").await.done();
    say(&app, &inquiry, "好").await;
    assert_eq!(texts(&mut officers, 2).await, ["备注", "好"]);
    assert_eq!(texts(&mut heard, 1).await, ["好"]);
}

async fn filters_keep_what_they_say(app: TestApp) {
    app.work_in_background().await;
    let (first, second) = (app.household(LIUHE).await, app.household(OTHER_LIUHE).await);
    let (one, two) = (app.inquiry(&first).await, app.inquiry(&second).await);
    let after = app.event_cursor().await;
    for (filter, expected) in [
        (json!({ "areaCode": "411481" }), "甲"),
        (json!({ "areaCode": &OTHER_LIUHE[..9] }), "乙"),
        (json!({ "areaCode": OTHER_LIUHE }), "乙"),
        (json!({ "householdId": second["id"] }), "乙"),
        (json!({ "inquiryId": two["id"] }), "乙"),
        (json!({ "inquiryId": one["id"], "areaCode": LIUHE }), "甲"),
    ] {
        let start = json!({ "after": after, "filter": filter });
        let mut events = app.county_admin().subscribe(MESSAGES, start).await;
        if app.number("SELECT count(*) FROM message").await == 2 {
            say(&app, &one, "甲").await;
            say(&app, &two, "乙").await;
        }
        assert_eq!(texts(&mut events, 1).await, [expected], "{filter}");
    }
}

async fn a_cut_subscription_goes_on_without_gap_or_duplicate(app: TestApp) {
    app.work_in_background().await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let start =
        json!({ "after": app.event_cursor().await, "filter": { "inquiryId": inquiry["id"] } });
    let mut events = app.lead(LIUHE).subscribe(MESSAGES, start).await;
    say(&app, &inquiry, "一").await;
    let event = events.next().await;
    assert_eq!(event["message"]["text"], "一");
    drop(events);
    say(&app, &inquiry, "二").await;
    say(&app, &inquiry, "三").await;
    let mut events = app.lead(LIUHE).subscribe(MESSAGES, json!({ "after": event["cursor"] })).await;
    assert_eq!(texts(&mut events, 1).await, ["二"]);
    say(&app, &inquiry, "四").await;
    assert_eq!(texts(&mut events, 2).await, ["三", "四"]);
}

async fn a_list_and_what_follows_it_leave_no_gap(app: TestApp) {
    app.work_in_background().await;
    let answer = app.county_admin().query("{ serviceInfo { eventCursor } }", json!({})).await;
    let after = answer.at("/serviceInfo/eventCursor");
    let between = app.inquiry(&app.household(LIUHE).await).await;
    let mut events = app.lead(LIUHE).subscribe(CHANGES, json!({ "after": after })).await;
    assert_eq!(events.next().await["inquiry"]["id"], between["id"]);
}

async fn a_subscription_from_the_start_tells_everything(app: TestApp) {
    let household = app.household(LIUHE).await;
    let made = [app.inquiry(&household).await, app.inquiry(&household).await];
    app.work_in_background().await;
    let mut events = app.lead(LIUHE).subscribe(CHANGES, json!({ "after": "start" })).await;
    for inquiry in made {
        assert_eq!(events.next().await["inquiry"]["id"], inquiry["id"]);
    }
}

async fn what_stands_far_apart_in_the_log_is_told_and_counted(app: TestApp) {
    app.work_in_background().await;
    let household = app.household(LIUHE).await;
    let first = app.inquiry(&household).await;
    app.sql(
        "WITH RECURSIVE many (nth) AS (SELECT 1 UNION ALL SELECT nth + 1 FROM many WHERE nth < 2500) \
         INSERT INTO event (at, kind, subject_id, detail) SELECT event.at, 'ROLLOUT_PLANNED', event.subject_id, \
         event.detail FROM many, event WHERE event.sequence = (SELECT min(sequence) FROM event)",
    )
    .await;
    let second = app.inquiry(&household).await;
    let mut events =
        app.lead(LIUHE).subscribe(CHANGES, json!({ "after": "start", "first": 2 })).await;
    for inquiry in [first, second] {
        assert_eq!(events.next().await["inquiry"]["id"], inquiry["id"]);
    }
    app.count_events().await;
    let document = "query($code: DivisionCode!) { village(code: $code) { openInquiryCount } }";
    let answer = app.chief(CHENJI).query(document, json!({ "code": LIUHE })).await;
    assert_eq!(answer.at("/village/openInquiryCount"), 2);
}

async fn a_subscription_ends_after_its_first_events(app: TestApp) {
    app.work_in_background().await;
    let household = app.household(LIUHE).await;
    app.inquiry(&household).await;
    app.inquiry(&household).await;
    let some = json!({ "after": "start", "first": 1 });
    let mut events = app.lead(LIUHE).subscribe(CHANGES, some).await;
    events.next().await;
    assert!(events.has_ended().await);
}

async fn a_posting_that_ends_stops_delivery(app: TestApp) {
    app.work_in_background().await;
    let officer = app.officer_posted_to(&[LIUHE, WANGLOU]).await;
    let start = json!({ "after": app.event_cursor().await });
    let mut events = officer.subscribe(CHANGES, start).await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    assert_eq!(events.next().await["inquiry"]["id"], inquiry["id"]);
    app.end_posting_of(&officer, LIUHE).await;
    app.inquiry(&app.household(LIUHE).await).await;
    let elsewhere = app.inquiry(&app.household(WANGLOU).await).await;
    assert_eq!(events.next().await["inquiry"]["id"], elsewhere["id"]);
}

async fn a_posting_that_begins_starts_delivery(app: TestApp) {
    app.work_in_background().await;
    let officer = app.officer_posted_to(&[]).await;
    let mut events = officer.subscribe(CHANGES, json!({ "after": app.event_cursor().await })).await;
    app.inquiry(&app.household(WANGLOU).await).await;
    let input = json!({ "idempotencyKey": "a", "officerId": officer.id(), "villageCode": LIUHE,
                        "duty": "LEAD" });
    app.county_admin().mutate("postOfficer", input, "id").await.done();
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    assert_eq!(events.next().await["inquiry"]["id"], inquiry["id"]);
}

async fn bad_arguments_are_refused(app: TestApp) {
    let household = app.household(LIUHE).await;
    for (variables, expected) in [
        (json!({ "after": "" }), "BAD_CURSOR"),
        (json!({ "after": "AAAA" }), "BAD_CURSOR"),
        (json!({ "first": 0 }), "BAD_USER_INPUT"),
        (json!({ "first": 10_001 }), "BAD_USER_INPUT"),
        (json!({ "filter": { "areaCode": "4114" } }), "BAD_USER_INPUT"),
        (json!({ "filter": { "inquiryId": household["id"] } }), "BAD_ID"),
    ] {
        let mut events = app.county_admin().subscribe(CHANGES, variables.clone()).await;
        assert_eq!(events.refusal().await, expected, "{variables}");
    }
}

async fn the_analyst_and_nobody_hear_nothing(app: TestApp) {
    for document in [CHANGES, MESSAGES] {
        let mut analyst = app.analyst().subscribe(document, json!({})).await;
        assert_eq!(analyst.refusal().await, "FORBIDDEN");
        let mut nobody = app.anonymous().subscribe(document, json!({})).await;
        assert_eq!(nobody.refusal().await, "UNAUTHENTICATED");
    }
    let mut auditor = app.auditor().subscribe(MESSAGES, json!({})).await;
    assert_eq!(auditor.refusal().await, "FORBIDDEN");
}

/// Two transactions write an event each; the later one commits first. Whoever reads in between must
/// not go past the one still in flight. SQLite has one writer at a time, so it cannot happen there.
async fn an_event_of_a_transaction_in_flight_is_not_lost(app: TestApp) {
    if app.backend() == Backend::Sqlite {
        return;
    }
    app.work_in_background().await;
    let household = app.household(LIUHE).await;
    let (early, late) = (app.inquiry(&household).await, app.inquiry(&household).await);
    let start =
        json!({ "after": app.event_cursor().await, "filter": { "householdId": household["id"] } });
    let (one, other) = (app.raw().await, app.raw().await);
    let (first, second) = (one.begin().await.unwrap(), other.begin().await.unwrap());
    let mut events = app.lead(LIUHE).subscribe(CHANGES, start).await;
    first.execute_unprepared(&changed(&early)).await.unwrap();
    second.execute_unprepared(&changed(&late)).await.unwrap();
    second.commit().await.unwrap();
    let before = app.service().live.head().await.unwrap();
    let scope = tokio::time::timeout(Duration::from_millis(500), events.next()).await;
    assert!(scope.is_err(), "the later one must wait: {scope:?}");
    first.commit().await.unwrap();
    assert_eq!(events.next().await["inquiry"]["id"], early["id"]);
    assert_eq!(events.next().await["inquiry"]["id"], late["id"]);
    assert!(app.service().live.head().await.unwrap() > before);
}

async fn what_happens_before_the_log_is_followed_is_told(app: TestApp) {
    let household = app.household(LIUHE).await;
    let start = app.event_cursor().await;
    let mut events = app.lead(LIUHE).subscribe(CHANGES, json!({ "after": start })).await;
    let before = app.service().database.statements();
    let later = async {
        // The subscriber has read the log to its end.
        while app.service().database.statements() == before {
            tokio::task::yield_now().await;
        }
        let inquiry = app.inquiry(&household).await;
        app.event_cursor().await;
        app.work_in_background().await;
        inquiry
    };
    let (event, inquiry) = tokio::join!(events.next(), later);
    assert_eq!(event["inquiry"]["id"], inquiry["id"]);
}

async fn an_event_that_cannot_be_read_stops_nothing(app: TestApp) {
    app.work_in_background().await;
    let household = app.household(LIUHE).await;
    let start = json!({ "after": app.event_cursor().await });
    let mut events = app.lead(LIUHE).subscribe(CHANGES, start.clone()).await;
    app.sql(match app.backend() {
        Backend::Sqlite => {
            "INSERT INTO event (at, kind, subject_id, detail) \
             SELECT created_at, 'KNOCK', id, 'not JSON' FROM officer WHERE username = 'admin'"
        }
        Backend::Postgres => {
            "ALTER TABLE event ALTER subject_id DROP NOT NULL; \
             INSERT INTO event (at, kind, detail) VALUES (now(), 'KNOCK', '{}')"
        }
    })
    .await;
    let inquiry = app.inquiry(&household).await;
    assert_eq!(events.next().await["inquiry"]["id"], inquiry["id"]);
    let mut again = app.lead(LIUHE).subscribe(CHANGES, start).await;
    assert_eq!(again.next().await["inquiry"]["id"], inquiry["id"]);
    app.count_events().await;
}

async fn a_stream_ends_when_its_token_expires(app: TestApp) {
    let life = chrono::TimeDelta::minutes(15);
    let (token, _) = app.service().tokens.issue(Role::CountyAdmin, ADMIN, None, life).unwrap();
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(json!({ "query": CHANGES }).to_string()))
        .unwrap();
    let answer = app.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    app.advance(Duration::from_secs(15 * 60));
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.contains("UNAUTHENTICATED"), "{text}");
    assert!(text.ends_with("event: complete\ndata: \n\n"), "{text}");
}

/// Writes that an inquiry was changed.
fn changed(inquiry: &Value) -> String {
    let id = crate::support::uuid_of(inquiry);
    format!(
        "INSERT INTO event (at, kind, village_code, township_code, household_id, subject_id, detail) \
         SELECT updated_at, 'INQUIRY_CHANGED', village_code, township_code, household_id, id, \
         '{{\"before\": \"OPEN\", \"after\": \"OPEN\"}}' FROM inquiry WHERE id = '{id}'"
    )
}

//! Urgent means 110.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, OTHER_LIUHE, WANGLOU, lead, station_id};
use crate::support::{Actor, Backend, TestApp, Value, json, with};
use huhutong::id::{GlobalId, Kind};

on_both_databases!(
    who_writes_of_an_emergency_is_told_110_at_once,
    an_automatic_answer_is_nobodys_reply,
    a_reply_may_tell_of_an_emergency_too,
    what_an_officer_writes_down_raises_an_alert_and_is_not_answered,
    what_an_officer_answers_raises_nothing,
    a_calm_message_raises_nothing,
    the_same_message_sent_twice_raises_one_alert,
    the_answer_speaks_the_residents_language,
    an_alert_names_who_is_on_duty,
    an_officer_takes_note_or_finds_it_false,
    alerts_are_listed_by_area_state_and_time,
    inquiries_are_kept_by_whether_they_are_urgent,
    the_numbers_tell_how_good_the_alerts_are,
    alerts_are_told_of_as_they_are_raised_in_the_callers_area,
    a_cut_subscription_goes_on_where_it_was,
    nobody_else_sees_an_alert,
    an_emergency_costs_two_statements_more,
);

fn cry(key: &str, household: &Value) -> Value {
    json!({ "idempotencyKey": key, "householdId": household["id"], "text": "救命！俺家着火了，快来" })
}

fn of(alert: &Value) -> Value {
    json!({ "urgentAlertId": alert["id"] })
}

async fn resident(app: &TestApp) -> (Value, Actor) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    (household, resident)
}

async fn who_writes_of_an_emergency_is_told_110_at_once(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let wanted = "urgent { call advice kind words state handledAt listVersion message { text } } \
        messages { edges { node { direction automatic text officer { id } contact { id } } } }";
    let inquiry = resident.mutate("submitInquiry", cry("a", &household), wanted).await.done();
    let urgent = &inquiry["urgent"];
    assert_eq!(urgent["call"], "110");
    assert!(urgent["advice"].as_str().unwrap().contains("请立即拨打110"));
    assert_eq!((&urgent["kind"], &urgent["state"]), (&json!("FIRE"), &json!("RAISED")));
    assert_eq!(urgent["words"], json!(["救命", "着火"]));
    assert_eq!(urgent["message"]["text"], "救命！俺家着火了，快来");
    let said = &inquiry["messages"]["edges"];
    assert_eq!(said[0]["node"]["direction"], "INBOUND");
    assert_eq!(
        said[1]["node"],
        json!({ "direction": "OUTBOUND", "automatic": true, "text": urgent["advice"],
                "officer": null, "contact": null })
    );
    assert!(said[1]["node"]["text"].as_str().unwrap().contains("本服务不接警"));
    assert_eq!(said.as_array().unwrap().len(), 2);
}

async fn an_automatic_answer_is_nobodys_reply(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let wanted = "id status waitingOn version lastMessage { text automatic }";
    let inquiry = resident.mutate("submitInquiry", cry("a", &household), wanted).await.done();
    assert_eq!(
        inquiry,
        json!({ "id": inquiry["id"], "status": "OPEN", "waitingOn": "OFFICER", "version": 1,
                "lastMessage": { "text": "救命！俺家着火了，快来", "automatic": false } })
    );
}

async fn a_reply_may_tell_of_an_emergency_too(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let inquiry = app.inquiry(&household).await;
    let reply =
        |key, text| json!({ "idempotencyKey": key, "inquiryId": inquiry["id"], "text": text });
    let wanted = "urgent { call kind } inquiry { status lastMessage { text } urgent { id } \
                  messages { totalCount } }";
    let answer = app.lead(LIUHE).mutate("replyToInquiry", reply("a", "请讲"), "id").await;
    answer.done();
    let message = resident.mutate("replyToInquiry", reply("b", "有人持刀"), wanted).await.done();
    assert_eq!(message["urgent"], json!({ "call": "110", "kind": "WEAPON" }));
    assert_eq!(message["inquiry"]["status"], "WAITING_FOR_OFFICER");
    assert_eq!(message["inquiry"]["lastMessage"]["text"], "有人持刀");
    assert_eq!(message["inquiry"]["messages"]["totalCount"], 4);
    let calm = resident.mutate("replyToInquiry", reply("c", "谢谢"), wanted).await.done();
    assert_eq!(calm["urgent"], Value::Null);
    assert_eq!(calm["inquiry"]["urgent"]["id"], message["inquiry"]["urgent"]["id"]);
}

async fn what_an_officer_writes_down_raises_an_alert_and_is_not_answered(app: TestApp) {
    let household = app.household(LIUHE).await;
    let wanted = "urgent { state } messages { totalCount }";
    let inquiry = app.lead(LIUHE).mutate("submitInquiry", cry("a", &household), wanted).await;
    assert_eq!(
        inquiry.done(),
        json!({ "urgent": { "state": "RAISED" }, "messages": { "totalCount": 1 } })
    );
}

async fn what_an_officer_answers_raises_nothing(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let input =
        json!({ "idempotencyKey": "a", "inquiryId": inquiry["id"], "text": "着火请打119，快来" });
    let wanted = "urgent { id } inquiry { urgent { id } }";
    let message = app.lead(LIUHE).mutate("replyToInquiry", input, wanted).await.done();
    assert_eq!(message, json!({ "urgent": null, "inquiry": { "urgent": null } }));
}

async fn a_calm_message_raises_nothing(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let calm = with(cry("a", &household), "text", "没有打架，就是吵了几句");
    let inquiry = resident.mutate("submitInquiry", calm, "urgent { id } messages { totalCount }");
    assert_eq!(inquiry.await.done(), json!({ "urgent": null, "messages": { "totalCount": 1 } }));
}

async fn the_same_message_sent_twice_raises_one_alert(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let first = resident.mutate("submitInquiry", cry("a", &household), "id urgent { id }").await;
    let again = resident.mutate("submitInquiry", cry("a", &household), "id urgent { id }").await;
    assert_eq!(first.done(), again.done());
    assert_eq!(app.number("SELECT count(*) FROM urgent_alert").await, 1);
    assert_eq!(app.number("SELECT count(*) FROM message").await, 2);
}

async fn the_answer_speaks_the_residents_language(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let wanted = "urgent { advice } messages(last: 1) { edges { node { text } } }";
    let resident = resident.in_english();
    let inquiry = resident.mutate("submitInquiry", cry("a", &household), wanted).await.done();
    assert!(inquiry["urgent"]["advice"].as_str().unwrap().contains("call 110 now"));
    assert_eq!(inquiry["messages"]["edges"][0]["node"]["text"], inquiry["urgent"]["advice"]);
}

async fn an_alert_names_who_is_on_duty(app: TestApp) {
    let household = app.household(LIUHE).await;
    let cover = app.officer_posted_to(&[WANGLOU]).await;
    let alerted = async |key: &str| {
        let wanted = "urgent { alerted { id } }";
        let admin = app.county_admin();
        let inquiry = admin.mutate("submitInquiry", cry(key, &household), wanted).await.done();
        inquiry["urgent"]["alerted"]["id"].clone()
    };
    let leader = GlobalId::new(Kind::Officer, lead(LIUHE)).to_string();
    assert_eq!(alerted("a").await, leader);
    let leave = json!({ "idempotencyKey": "l", "officerId": leader, "coverOfficerId": cover.id(),
        "startsAt": app.now(), "endsAt": app.now() + chrono::TimeDelta::days(2) });
    app.chief(CHENJI).mutate("planLeave", leave, "id").await.done();
    assert_eq!(alerted("b").await, cover.id());
    app.advance(Duration::from_secs(3 * 86400));
    assert_eq!(alerted("c").await, leader);
    let chief = app.chief(CHENJI);
    let shift = json!({ "idempotencyKey": "s", "stationId": station_id(CHENJI), "officerId": chief.id(),
        "validFrom": "2026-09-04", "everyDays": 1, "startMinute": 0, "lengthMinutes": 1440 });
    chief.mutate("planShift", shift, "id").await.done();
    assert_eq!(alerted("d").await, chief.id());
}

async fn an_officer_takes_note_or_finds_it_false(app: TestApp) {
    let household = app.household(LIUHE).await;
    let (one, other) = (app.alert(&household).await, app.alert(&household).await);
    let officer = app.lead(LIUHE);
    let wanted = "state handledAt handledBy { id }";
    let noted = officer.mutate("acknowledgeUrgentAlert", of(&one), wanted).await.done();
    assert_eq!(noted["state"], "ACKNOWLEDGED");
    assert_eq!(noted["handledBy"]["id"], officer.id());
    app.advance(Duration::from_secs(60));
    let again = app.chief(CHENJI).mutate("acknowledgeUrgentAlert", of(&one), wanted).await.done();
    assert_eq!(again, noted);
    let found = officer.mutate("reportFalseAlarm", of(&one), wanted).await.done();
    assert_eq!(found["state"], "FALSE_ALARM");
    let back = officer.mutate("acknowledgeUrgentAlert", of(&one), "id").await;
    assert_eq!(back.outcome(), "WRONG_STATE urgentAlertId");
    let found = officer.mutate("reportFalseAlarm", of(&other), "state").await.done();
    assert_eq!(found, officer.mutate("reportFalseAlarm", of(&other), "state").await.done());
    let events = "SELECT count(*) FROM event WHERE kind = 'URGENT_HANDLED'";
    assert_eq!(app.number(events).await, 3);
}

async fn alerts_are_listed_by_area_state_and_time(app: TestApp) {
    let here = app.alert(&app.household(LIUHE).await).await;
    app.advance(Duration::from_secs(60));
    let later = app.alert(&app.household(LIUHE).await).await;
    let there = app.alert(&app.household(OTHER_LIUHE).await).await;
    app.lead(LIUHE).mutate("acknowledgeUrgentAlert", of(&later), "id").await.done();
    let listed = async |filter: Value| {
        let document = "query($filter: UrgentAlertFilter) { urgentAlerts(filter: $filter, \
            orderBy: RAISED_AT_ASC) { edges { node { id } } } }";
        let variables = json!({ "filter": filter });
        app.county_admin().query(document, variables).await.nodes("/urgentAlerts", "id")
    };
    let ids = |alerts: &[&Value]| -> Vec<String> {
        alerts.iter().map(|alert| alert["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed(json!({ "areaCode": LIUHE })).await, ids(&[&here, &later]));
    assert_eq!(listed(json!({ "areaCode": CHENJI, "states": ["RAISED"] })).await, ids(&[&here]));
    assert_eq!(listed(json!({ "raisedBefore": app.now() })).await, ids(&[&here]));
    let since = json!({ "raisedSince": app.now(), "states": ["RAISED"] });
    assert_eq!(listed(since).await, ids(&[&there]));
}

async fn inquiries_are_kept_by_whether_they_are_urgent(app: TestApp) {
    let household = app.household(LIUHE).await;
    let calm = app.inquiry(&household).await["id"].clone();
    let alert = app.alert(&household).await;
    let kept = async |urgent: bool| {
        let document = format!(
            "{{ inquiries(filter: {{ urgent: {urgent} }}) {{ totalCount edges {{ node {{ id }} }} }} }}"
        );
        let answer = app.lead(LIUHE).query(&document, json!({})).await;
        answer.nodes("/inquiries", "id")
    };
    assert_eq!(kept(false).await, [calm.as_str().unwrap()]);
    assert_eq!(kept(true).await.len(), 1);
    app.lead(LIUHE).mutate("reportFalseAlarm", of(&alert), "id").await.done();
    assert_eq!(kept(true).await.len(), 0);
    assert_eq!(kept(false).await.len(), 2);
}

async fn the_numbers_tell_how_good_the_alerts_are(app: TestApp) {
    let household = app.household(LIUHE).await;
    let numbers = async |actor: Actor| {
        let document = "query($since: DateTime) { urgentStatistics(filter: { raisedSince: $since }) \
            { raised open acknowledged falseAlarms precision } }";
        let variables = json!({ "since": app.now() });
        actor.query(document, variables).await.at("/urgentStatistics").clone()
    };
    let none = json!({ "raised": 0, "open": 0, "acknowledged": 0, "falseAlarms": 0,
                       "precision": null });
    assert_eq!(numbers(app.lead(LIUHE)).await, none);
    for state in ["acknowledge", "acknowledge", "false", "open"] {
        let alert = app.alert(&household).await;
        match state {
            "acknowledge" => {
                app.lead(LIUHE).mutate("acknowledgeUrgentAlert", of(&alert), "id").await.done();
            }
            "false" => {
                app.lead(LIUHE).mutate("reportFalseAlarm", of(&alert), "id").await.done();
            }
            _ => {}
        }
    }
    let four = json!({ "raised": 4, "open": 1, "acknowledged": 2, "falseAlarms": 1,
                       "precision": 66.7 });
    assert_eq!(numbers(app.lead(LIUHE)).await, four);
    assert_eq!(numbers(app.chief(CHENJI)).await, four);
    assert_eq!(numbers(app.lead(WANGLOU)).await, none);
}

const RAISED: &str = "subscription($filter: UrgentEventFilter, $after: String, $first: Int) { \
    urgentRaised(filter: $filter, after: $after, first: $first) { cursor at \
    urgentAlert { id kind state inquiry { id } } } }";

async fn alerts_are_told_of_as_they_are_raised_in_the_callers_area(app: TestApp) {
    app.work_in_background().await;
    let start = app.event_cursor().await;
    let mut officer = app.lead(LIUHE).subscribe(RAISED, json!({ "after": start })).await;
    let filter = json!({ "after": start, "filter": { "areaCode": OTHER_LIUHE } });
    let mut admin = app.county_admin().subscribe(RAISED, filter).await;
    let there = app.alert(&app.household(OTHER_LIUHE).await).await;
    let here = app.alert(&app.household(LIUHE).await).await;
    let heard = officer.next().await;
    assert_eq!(heard["urgentAlert"]["id"], here["id"]);
    assert_eq!(heard["urgentAlert"]["state"], "RAISED");
    assert_eq!(admin.next().await["urgentAlert"]["id"], there["id"]);
}

async fn a_cut_subscription_goes_on_where_it_was(app: TestApp) {
    app.work_in_background().await;
    let start = app.event_cursor().await;
    let household = app.household(LIUHE).await;
    let (one, two) = (app.alert(&household).await, app.alert(&household).await);
    let first = json!({ "after": start, "first": 1 });
    let mut events = app.lead(LIUHE).subscribe(RAISED, first).await;
    let event = events.next().await;
    assert_eq!(event["urgentAlert"]["id"], one["id"]);
    assert!(events.has_ended().await);
    let mut events = app.lead(LIUHE).subscribe(RAISED, json!({ "after": event["cursor"] })).await;
    assert_eq!(events.next().await["urgentAlert"]["id"], two["id"]);
    let bad = json!({ "filter": { "areaCode": "x" } });
    assert_eq!(app.lead(LIUHE).subscribe(RAISED, bad).await.refusal().await, "BAD_USER_INPUT");
}

async fn nobody_else_sees_an_alert(app: TestApp) {
    let household = app.household(LIUHE).await;
    let alert = app.alert(&household).await;
    let document = "query($id: ID!) { node(id: $id) { id } }";
    let seen =
        async |actor: Actor| actor.query(document, json!({ "id": alert["id"] })).await.outcome();
    assert_eq!(seen(app.lead(LIUHE)).await, "ok");
    assert_eq!(seen(app.resident_of(&household).await).await, "ok");
    let neighbour = app.resident_of(&app.household(LIUHE).await).await;
    for stranger in [app.lead(WANGLOU), neighbour] {
        assert_eq!(seen(stranger).await, "NOT_FOUND");
    }
    assert_eq!(seen(app.analyst()).await, "FORBIDDEN");
    let foreign = app.lead(WANGLOU).mutate("acknowledgeUrgentAlert", of(&alert), "id").await;
    assert_eq!(foreign.outcome(), "NOT_FOUND urgentAlertId");
}

async fn an_emergency_costs_two_statements_more(app: TestApp) {
    let (household, resident) = resident(&app).await;
    // What is read once and kept is read.
    app.inquiry(&household).await;
    let (count, answer) =
        app.statements(resident.mutate("submitInquiry", cry("a", &household), "id")).await;
    answer.done();
    // The roster is read with the household. The alert and the answer, which PostgreSQL writes with the rest.
    let most = match app.backend() {
        Backend::Postgres => 2,
        Backend::Sqlite => 7,
    };
    assert!(count <= most, "{count} statements");
}

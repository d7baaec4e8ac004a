//! Who answers for an inquiry: whoever took it on and is at work, else whose turn it is by the roster.

use std::time::Duration;

use huhutong::desk;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, WANGLOU};
use crate::support::owners::{
    HOUR, OWNER, assert_owner, assign, change, claim, leave, morning, past, pressing, read, shift,
    was, wrote,
};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    a_new_inquiry_belongs_to_who_is_on_duty,
    who_writes_again_reaches_who_is_on_duty_then,
    who_took_it_on_keeps_it_while_at_work,
    who_took_it_on_and_is_away_gets_it_back,
    a_cover_answers_for_whom_is_covered,
    a_decision_makes_an_owner_and_keeps_who_was_before,
    giving_it_back_gives_it_to_who_is_on_duty,
    opened_again_it_belongs_to_who_is_on_duty,
    what_is_left_lying_belongs_to_the_chief_and_then_the_county,
    without_a_chief_what_is_left_lying_is_the_countys,
    the_same_owner_leaves_no_trace,
    the_roster_of_a_day_is_read_again_only_when_it_changed,
);

async fn a_new_inquiry_belongs_to_who_is_on_duty(app: TestApp) {
    let household = morning(&app).await;
    let (lead, other) = (app.lead(LIUHE), app.lead(WANGLOU));
    let early = app.inquiry(&household).await;
    assert_owner(&app, &early, &lead, "LEAD_POSTING").await;
    let planned = shift(&app, None, &other, (8, 18)).await;
    let inquiry = app.inquiry(&household).await;
    assert_owner(&app, &inquiry, &other, "STATION_SHIFT").await;
    let chief = app.chief(CHENJI).in_english();
    let owner = read(&chief, &inquiry, OWNER).await["owner"].clone();
    assert_eq!(
        owner,
        json!({ "reason": "STATION_SHIFT", "since": inquiry["openedAt"], "until": null,
                "text": "On the station's shift.", "officer": { "id": other.id() }, "by": null,
                "covers": null, "shift": { "id": planned } })
    );
    // Planning a shift gives nobody what was somebody's.
    assert_owner(&app, &early, &lead, "LEAD_POSTING").await;
    let resident = app.resident_of(&household).await;
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"], "text": "问" });
    let own = resident.mutate("submitInquiry", input, "id owner { officer { id } }").await.done();
    assert_eq!(own["owner"]["officer"]["id"], other.id());
    assert!(past(&chief, &inquiry).await.is_empty());
}

async fn who_writes_again_reaches_who_is_on_duty_then(app: TestApp) {
    let household = morning(&app).await;
    let (by_day, by_night) = (app.lead(WANGLOU), app.officer_posted_to(&[]).await);
    shift(&app, None, &by_day, (8, 18)).await;
    shift(&app, None, &by_night, (18, 24)).await;
    let resident = app.resident_of(&household).await;
    let inquiry = app.inquiry(&household).await;
    wrote(&app.lead(LIUHE), &inquiry, "好").await;
    app.advance(Duration::from_secs(10 * HOUR));
    wrote(&resident, &inquiry, "还有呢").await;
    assert_owner(&app, &inquiry, &by_night, "STATION_SHIFT").await;
    let chief = app.chief(CHENJI);
    let before =
        read(&chief, &inquiry, "owner { since } pastOwners { since until officer { id } }").await;
    assert_eq!(before["pastOwners"][0]["officer"]["id"], by_day.id());
    assert_eq!(before["pastOwners"][0]["since"], inquiry["openedAt"]);
    assert_eq!(before["pastOwners"][0]["until"], before["owner"]["since"]);
    // Nobody is on a shift: whose village it is.
    app.advance(Duration::from_secs(6 * HOUR));
    wrote(&resident, &inquiry, "在吗").await;
    assert_owner(&app, &inquiry, &app.lead(LIUHE), "LEAD_POSTING").await;
    let both = [was(&by_night, "STATION_SHIFT"), was(&by_day, "STATION_SHIFT")];
    assert_eq!(past(&chief, &inquiry).await, both);
}

async fn who_took_it_on_keeps_it_while_at_work(app: TestApp) {
    let household = morning(&app).await;
    let (lead, helper) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    shift(&app, None, &app.lead(WANGLOU), (8, 18)).await;
    let inquiry = app.inquiry(&household).await;
    claim(&helper, &inquiry).await;
    let resident = app.resident_of(&household).await;
    wrote(&resident, &inquiry, "一").await;
    app.advance(Duration::from_secs(12 * HOUR));
    wrote(&resident, &inquiry, "二").await;
    // Who works in no shifts is at work, whoever is on duty.
    assert_owner(&app, &inquiry, &helper, "CLAIMED").await;
    app.end_posting_of(&helper, LIUHE).await;
    wrote(&resident, &inquiry, "三").await;
    assert_owner(&app, &inquiry, &helper, "CLAIMED").await;
    let input = json!({ "officerId": helper.id(), "expectedVersion": 1 });
    app.county_admin().mutate("deactivateOfficer", input, "id").await.done();
    wrote(&resident, &inquiry, "四").await;
    assert_owner(&app, &inquiry, &lead, "LEAD_POSTING").await;
    let expected = [was(&helper, "CLAIMED"), was(&app.lead(WANGLOU), "STATION_SHIFT")];
    assert_eq!(past(&lead, &inquiry).await, expected);
}

async fn who_took_it_on_and_is_away_gets_it_back(app: TestApp) {
    let household = morning(&app).await;
    let (helper, by_night) = (app.officer_posted_to(&[LIUHE]).await, app.lead(WANGLOU));
    shift(&app, Some(LIUHE), &helper, (8, 18)).await;
    shift(&app, None, &by_night, (18, 24)).await;
    let inquiry = app.inquiry(&household).await;
    claim(&helper, &inquiry).await;
    let resident = app.resident_of(&household).await;
    app.advance(Duration::from_secs(9 * HOUR));
    wrote(&resident, &inquiry, "一").await;
    assert_owner(&app, &inquiry, &helper, "CLAIMED").await;
    app.advance(Duration::from_secs(2 * HOUR));
    wrote(&resident, &inquiry, "二").await;
    assert_owner(&app, &inquiry, &by_night, "STATION_SHIFT").await;
    let assignee = read(&helper, &inquiry, "assignee { id }").await;
    assert_eq!(assignee["assignee"]["id"], helper.id());
    app.advance(Duration::from_secs(14 * HOUR));
    wrote(&resident, &inquiry, "三").await;
    assert_owner(&app, &inquiry, &helper, "RETURNED").await;
    leave(&app, &helper, &by_night, 5).await;
    wrote(&resident, &inquiry, "四").await;
    assert_owner(&app, &inquiry, &by_night, "COVERS").await;
    let owner = read(&app.chief(CHENJI), &inquiry, OWNER).await["owner"].clone();
    assert_eq!(owner["covers"]["id"], helper.id());
    assert!(owner["shift"]["id"].is_string());
    let expected = [
        was(&helper, "RETURNED"),
        was(&by_night, "STATION_SHIFT"),
        was(&helper, "CLAIMED"),
        was(&helper, "VILLAGE_SHIFT"),
    ];
    assert_eq!(past(&app.chief(CHENJI), &inquiry).await, expected);
}

async fn a_cover_answers_for_whom_is_covered(app: TestApp) {
    let household = morning(&app).await;
    let (lead, cover) = (app.lead(LIUHE), app.lead(WANGLOU));
    leave(&app, &lead, &cover, 24).await;
    let inquiry = app.inquiry(&household).await;
    assert_owner(&app, &inquiry, &cover, "COVERS").await;
    let owner = read(&app.chief(CHENJI), &inquiry, OWNER).await["owner"].clone();
    assert_eq!((&owner["covers"]["id"], &owner["shift"]), (&json!(lead.id()), &Value::Null));
}

async fn a_decision_makes_an_owner_and_keeps_who_was_before(app: TestApp) {
    let household = morning(&app).await;
    let (lead, helper, chief) =
        (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await, app.chief(CHENJI));
    let inquiry = app.inquiry(&household).await;
    assign(&chief, &inquiry, Some(&helper)).await;
    assert_owner(&app, &inquiry, &helper, "ASSIGNED").await;
    let owner = read(&chief, &inquiry, OWNER).await["owner"].clone();
    assert_eq!(owner["by"]["id"], chief.id());
    // The same again is nothing new.
    assign(&chief, &inquiry, Some(&helper)).await;
    assign(&chief, &inquiry, None).await;
    claim(&lead, &inquiry).await;
    assert_owner(&app, &inquiry, &lead, "CLAIMED").await;
    let expected =
        [was(&lead, "LEAD_POSTING"), was(&helper, "ASSIGNED"), was(&lead, "LEAD_POSTING")];
    assert_eq!(past(&chief, &inquiry).await, expected);
    // An officer who may not have it changes nothing.
    let version = read(&chief, &inquiry, "").await["version"].clone();
    let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": version,
                        "assigneeId": app.lead(WANGLOU).id() });
    let refused = chief.mutate("assignInquiry", input, "id").await;
    assert_eq!(refused.outcome(), "NOT_FOUND assigneeId");
    assert_owner(&app, &inquiry, &lead, "CLAIMED").await;
    assert_eq!(past(&chief, &inquiry).await.len(), 3);
}

async fn giving_it_back_gives_it_to_who_is_on_duty(app: TestApp) {
    let household = morning(&app).await;
    let (lead, helper) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let inquiry = app.inquiry(&household).await;
    claim(&helper, &inquiry).await;
    assign(&helper, &inquiry, None).await;
    assert_owner(&app, &inquiry, &lead, "LEAD_POSTING").await;
    let owner = read(&helper, &inquiry, OWNER).await["owner"].clone();
    assert_eq!(owner["by"]["id"], helper.id());
    // Who is on duty and gives it back has it as any other does.
    claim(&lead, &inquiry).await;
    assign(&lead, &inquiry, None).await;
    assert_owner(&app, &inquiry, &lead, "LEAD_POSTING").await;
    assert_eq!(past(&lead, &inquiry).await.len(), 4);
}

async fn opened_again_it_belongs_to_who_is_on_duty(app: TestApp) {
    let household = morning(&app).await;
    let (lead, other) = (app.lead(LIUHE), app.lead(WANGLOU));
    let inquiry = app.inquiry(&household).await;
    change(&lead, "resolveInquiry", &inquiry).await;
    shift(&app, Some(LIUHE), &other, (8, 18)).await;
    assert_owner(&app, &inquiry, &lead, "LEAD_POSTING").await;
    change(&app.chief(CHENJI), "reopenInquiry", &inquiry).await;
    assert_owner(&app, &inquiry, &other, "VILLAGE_SHIFT").await;
    assert_eq!(past(&lead, &inquiry).await, [was(&lead, "LEAD_POSTING")]);
}

async fn what_is_left_lying_belongs_to_the_chief_and_then_the_county(app: TestApp) {
    let household = morning(&app).await;
    let (lead, chief, resident) =
        (app.lead(LIUHE), app.chief(CHENJI), app.resident_of(&household).await);
    let inquiry = pressing(&app, &household).await;
    claim(&lead, &inquiry).await;
    app.advance(Duration::from_secs(601));
    assert_eq!(desk::fire(app.service()).await.unwrap(), 1);
    assert_owner(&app, &inquiry, &chief, "ESCALATED").await;
    // It remains above the desk until it is answered, or somebody takes it on again.
    wrote(&resident, &inquiry, "一").await;
    assert_owner(&app, &inquiry, &chief, "ESCALATED").await;
    assign(&chief, &inquiry, Some(&lead)).await;
    wrote(&resident, &inquiry, "二").await;
    assert_owner(&app, &inquiry, &lead, "ASSIGNED").await;
    app.advance(Duration::from_secs(1801));
    assert_eq!(desk::fire(app.service()).await.unwrap(), 1);
    assert_owner(&app, &inquiry, &app.county_admin(), "ESCALATED").await;
    // An answer brings it back to who took it on.
    wrote(&lead, &inquiry, "三").await;
    assert_owner(&app, &inquiry, &lead, "RETURNED").await;
    let expected = [
        was(&app.county_admin(), "ESCALATED"),
        was(&lead, "ASSIGNED"),
        was(&chief, "ESCALATED"),
        was(&lead, "CLAIMED"),
        was(&lead, "LEAD_POSTING"),
    ];
    assert_eq!(past(&chief, &inquiry).await, expected);
}

async fn without_a_chief_what_is_left_lying_is_the_countys(app: TestApp) {
    let household = morning(&app).await;
    let inquiry = pressing(&app, &household).await;
    let input = json!({ "officerId": app.chief(CHENJI).id(), "expectedVersion": 1 });
    app.county_admin().mutate("deactivateOfficer", input, "id").await.done();
    app.advance(Duration::from_secs(601));
    desk::fire(app.service()).await.unwrap();
    assert_owner(&app, &inquiry, &app.county_admin(), "ESCALATED").await;
}

async fn the_same_owner_leaves_no_trace(app: TestApp) {
    let household = morning(&app).await;
    let (lead, resident) = (app.lead(LIUHE), app.resident_of(&household).await);
    let inquiry = app.inquiry(&household).await;
    for text in ["一", "二"] {
        app.advance(Duration::from_secs(60));
        wrote(&lead, &inquiry, &format!("答{text}")).await;
        wrote(&resident, &inquiry, text).await;
    }
    // By another ground of the roster, but the same officer.
    shift(&app, None, &lead, (8, 18)).await;
    wrote(&resident, &inquiry, "三").await;
    assert!(past(&lead, &inquiry).await.is_empty());
    let owner = read(&lead, &inquiry, OWNER).await["owner"].clone();
    assert_eq!((&owner["since"], &owner["reason"]), (&inquiry["openedAt"], &json!("LEAD_POSTING")));
}

async fn the_roster_of_a_day_is_read_again_only_when_it_changed(app: TestApp) {
    let household = morning(&app).await;
    let (lead, other) = (app.lead(LIUHE), app.lead(WANGLOU));
    app.inquiry(&household).await;
    let (known, inquiry) = app.statements(app.inquiry(&household)).await;
    assert_owner(&app, &inquiry, &lead, "LEAD_POSTING").await;
    shift(&app, None, &other, (8, 18)).await;
    let (changed, inquiry) = app.statements(app.inquiry(&household)).await;
    assert_owner(&app, &inquiry, &other, "STATION_SHIFT").await;
    assert_eq!(changed, known + 1);
    leave(&app, &other, &lead, 4).await;
    let (changed, inquiry) = app.statements(app.inquiry(&household)).await;
    assert_owner(&app, &inquiry, &lead, "COVERS").await;
    assert_eq!(changed, known + 1);
    app.advance(Duration::from_secs(24 * HOUR));
    let (next_day, _) = app.statements(app.inquiry(&household)).await;
    let (known_again, _) = app.statements(app.inquiry(&household)).await;
    assert_eq!((next_day, known_again), (known + 1, known));
}

//! Referrals: somebody else is asked to settle an inquiry, and somebody asks how it went.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    an_inquiry_is_referred_and_what_came_of_it_is_written_down,
    disputes_are_followed_up_after_1_7_or_20_days,
    what_is_due_to_be_followed_up_is_listed_first,
    the_household_sees_the_referral_and_not_the_notes,
    referring_twice_with_one_key_refers_once,
    referrals_elsewhere_are_not_found,
    the_referral_of_a_sealed_inquiry_is_sealed,
    bad_referrals_are_refused,
    a_closed_referral_stays_closed,
);

const WANTED: &str = "id referredTo note followUpOn version outcome outcomeNote closedAt \
                      referredBy { id } closedBy { id } inquiry { id }";

fn to_mediation(app: &TestApp, inquiry: &Value) -> Value {
    json!({ "idempotencyKey": app.service().new_id(), "inquiryId": inquiry["id"],
            "referredTo": "MEDIATION_COMMITTEE", "note": "两家为地界争执" })
}

async fn refer(app: &TestApp, by: &Actor, inquiry: &Value) -> Value {
    by.mutate("referInquiry", to_mediation(app, inquiry), WANTED).await.done()
}

fn closing(referral: &Value) -> Value {
    json!({ "referralId": referral["id"], "expectedVersion": referral["version"],
            "outcome": "AGREED", "note": "已签协议" })
}

async fn an_inquiry_is_referred_and_what_came_of_it_is_written_down(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let lead = app.lead(LIUHE);
    let input = with(to_mediation(&app, &inquiry), "followUpOn", "2026-09-10");
    let made = lead.mutate("referInquiry", input, WANTED).await.done();
    let expected = json!({ "id": made["id"], "referredTo": "MEDIATION_COMMITTEE",
        "note": "两家为地界争执", "followUpOn": "2026-09-10", "version": 1, "outcome": null,
        "outcomeNote": null, "closedAt": null, "referredBy": { "id": lead.id() }, "closedBy": null,
        "inquiry": { "id": inquiry["id"] } });
    assert_eq!(made, expected);
    app.advance(Duration::from_secs(60));
    let closed = lead.mutate("closeReferral", closing(&made), WANTED).await.done();
    let mut expected = expected;
    for (name, value) in [
        ("version", json!(2)),
        ("outcome", json!("AGREED")),
        ("outcomeNote", json!("已签协议")),
        ("closedAt", json!("2026-09-01T08:01:00+00:00")),
        ("closedBy", json!({ "id": lead.id() })),
    ] {
        expected[name] = value;
    }
    assert_eq!(closed, expected);
    let document = format!(
        "query($id: ID!) {{ inquiry(id: $id) {{ status referrals {{ totalCount edges {{ node {{ {WANTED} }} }} }} }} }}"
    );
    let answer = lead.query(&document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(answer.at("/inquiry/referrals/edges/0/node"), &expected);
    assert_eq!(answer.at("/inquiry/referrals/totalCount"), 1);
    assert_eq!(answer.at("/inquiry/status"), "OPEN");
}

async fn disputes_are_followed_up_after_1_7_or_20_days(app: TestApp) {
    let household = app.household(LIUHE).await;
    let lead = app.lead(LIUHE);
    for (priority, day) in [("HIGH", "2026-09-02"), ("NORMAL", "2026-09-08"), ("LOW", "2026-09-21")]
    {
        let input = json!({ "idempotencyKey": priority, "householdId": household["id"],
                            "category": "DISPUTE", "text": "地界" });
        let inquiry = lead.mutate("submitInquiry", input, "id").await.done();
        let sort =
            json!({ "inquiryId": inquiry["id"], "expectedVersion": 1, "priority": priority });
        lead.mutate("prioritizeInquiry", sort, "id").await.done();
        assert_eq!(refer(&app, &lead, &inquiry).await["followUpOn"], day, "{priority}");
    }
}

async fn what_is_due_to_be_followed_up_is_listed_first(app: TestApp) {
    let household = app.household(LIUHE).await;
    let lead = app.lead(LIUHE);
    let mut made = Vec::new();
    for day in ["2026-09-20", "2026-09-05", "2026-09-10", "2026-09-01"] {
        let inquiry = app.inquiry(&household).await;
        let input = with(to_mediation(&app, &inquiry), "followUpOn", day);
        made.push(lead.mutate("referInquiry", input, WANTED).await.done());
    }
    lead.mutate("closeReferral", closing(&made[3]), "id").await.done();
    let document = "query($filter: ReferralFilter) { referrals(filter: $filter) { edges { node { followUpOn } } } }";
    for (filter, expected) in [
        (json!({}), vec!["2026-09-01", "2026-09-05", "2026-09-10", "2026-09-20"]),
        (json!({ "open": true }), vec!["2026-09-05", "2026-09-10", "2026-09-20"]),
        (json!({ "open": false }), vec!["2026-09-01"]),
        (json!({ "open": true, "followUpUntil": "2026-09-10" }), vec!["2026-09-05", "2026-09-10"]),
        (json!({ "referredTo": ["COURT"] }), vec![]),
        (json!({ "areaCode": OTHER_LIUHE }), vec![]),
    ] {
        let answer = lead.query(document, json!({ "filter": filter })).await;
        assert_eq!(answer.nodes("/referrals", "followUpOn"), expected, "{filter}");
    }
}

async fn the_household_sees_the_referral_and_not_the_notes(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let lead = app.lead(LIUHE);
    let made = refer(&app, &lead, &app.inquiry(&household).await).await;
    lead.mutate("closeReferral", closing(&made), "id").await.done();
    let document = "{ referrals { edges { node { referredTo note outcome outcomeNote } } } }";
    let shown = json!({ "referredTo": "MEDIATION_COMMITTEE", "note": null, "outcome": "AGREED",
                        "outcomeNote": null });
    for who in [&resident, &app.auditor()] {
        assert_eq!(who.query(document, json!({})).await.at("/referrals/edges/0/node"), &shown);
    }
    let note = app.number("SELECT count(*) FROM referral WHERE note IS NOT NULL").await;
    assert_eq!(note, 1);
}

async fn referring_twice_with_one_key_refers_once(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let lead = app.lead(LIUHE);
    let input = to_mediation(&app, &inquiry);
    let first = lead.mutate("referInquiry", input.clone(), "id").await.done();
    assert_eq!(lead.mutate("referInquiry", input.clone(), "id").await.done(), first);
    let other = lead.mutate("referInquiry", with(input, "referredTo", "COURT"), "id").await;
    assert_eq!(other.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
    assert_eq!(app.number("SELECT count(*) FROM referral").await, 1);
}

async fn referrals_elsewhere_are_not_found(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let made = refer(&app, &app.lead(LIUHE), &inquiry).await;
    let stranger = app.lead(WANGLOU);
    let refused = stranger.mutate("referInquiry", to_mediation(&app, &inquiry), "id").await;
    assert_eq!(refused.outcome(), "NOT_FOUND inquiryId");
    let refused = stranger.mutate("closeReferral", closing(&made), "id").await;
    assert_eq!(refused.outcome(), "NOT_FOUND referralId");
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let answer = stranger.query(node, json!({ "id": made["id"] })).await;
    assert_eq!(answer.code(), Some("NOT_FOUND"));
}

async fn the_referral_of_a_sealed_inquiry_is_sealed(app: TestApp) {
    let household = app.household(LIUHE).await;
    let colleague = app.officer_posted_to(&[LIUHE]).await;
    let lead = app.lead(LIUHE);
    let input = json!({ "idempotencyKey": "d", "householdId": household["id"],
                        "category": "DISPUTE", "text": "地界" });
    let inquiry = lead.mutate("submitInquiry", input, "id").await.done();
    let made = refer(&app, &lead, &inquiry).await;
    let document = "{ referrals { totalCount } }";
    for (who, count) in [(&lead, 1), (&colleague, 0), (&app.auditor(), 0)] {
        assert_eq!(who.query(document, json!({})).await.at("/referrals/totalCount"), count);
    }
    let refused = colleague.mutate("closeReferral", closing(&made), "id").await;
    assert_eq!(refused.outcome(), "NOT_FOUND referralId");
}

async fn bad_referrals_are_refused(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let lead = app.lead(LIUHE);
    let input = to_mediation(&app, &inquiry);
    for (name, value, expected) in [
        ("followUpOn", json!("2026-08-31"), "INVALID followUpOn"),
        ("followUpOn", json!("2027-09-02"), "INVALID followUpOn"),
        ("note", json!("长".repeat(1001)), "TOO_LONG note"),
        ("idempotencyKey", json!(" "), "BLANK idempotencyKey"),
        ("inquiryId", json!("nonsense"), "BAD_ID"),
    ] {
        let answer = lead.mutate("referInquiry", with(input.clone(), name, value), "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let resolve = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1 });
    lead.mutate("resolveInquiry", resolve, "id").await.done();
    let answer = lead.mutate("referInquiry", input, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE inquiryId");
    assert_eq!(app.number("SELECT count(*) FROM referral").await, 0);
}

async fn a_closed_referral_stays_closed(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let lead = app.lead(LIUHE);
    let made = refer(&app, &lead, &inquiry).await;
    lead.mutate("closeReferral", closing(&made), "id").await.done();
    let stale = lead.mutate("closeReferral", closing(&made), "id").await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    let again = with(closing(&made), "expectedVersion", 2);
    assert_eq!(lead.mutate("closeReferral", again, "id").await.outcome(), "WRONG_STATE referralId");
}

//! Who is named to see a sealed inquiry, and what seals and unseals one.

use crate::api::sealed::{ask, on, sees};
use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, WANGLOU};
use crate::support::{TestApp, json, with};

on_both_databases!(
    sorting_an_inquiry_among_the_sealed_seals_it,
    only_the_chief_unseals,
    whom_an_inquiry_concerns_does_not_see_it_however_it_is_sorted,
    the_chief_names_readers_and_takes_them_off,
    a_sealed_inquiry_is_not_assigned_past_the_chief,
    many_sealed_inquiries_are_changed_with_as_many_statements_as_few,
    bad_readers_are_refused,
);

async fn sorting_an_inquiry_among_the_sealed_seals_it(app: TestApp) {
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let (lead, colleague) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    assert!(sees(&colleague, &inquiry).await);
    let sort = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1, "category": "DISPUTE" });
    let sorted = lead.mutate("recategorizeInquiry", sort, "sealed").await.done();
    assert_eq!(sorted["sealed"], true);
    assert!(sees(&lead, &inquiry).await && !sees(&colleague, &inquiry).await);
}

async fn only_the_chief_unseals(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let colleague = app.officer_posted_to(&[LIUHE]).await;
    let inquiry = ask(&app, &resident, &household, json!({})).await;
    let sort = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1, "category": "OTHER" });
    let refused = app.lead(LIUHE).mutate("recategorizeInquiry", sort.clone(), "id").await;
    assert_eq!(refused.outcome(), "WRONG_STATE category");
    let done = app.chief(CHENJI).mutate("recategorizeInquiry", sort, "sealed").await.done();
    assert_eq!(done["sealed"], false);
    assert!(sees(&colleague, &inquiry).await);
}

async fn whom_an_inquiry_concerns_does_not_see_it_however_it_is_sorted(app: TestApp) {
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let (lead, chief) = (app.lead(LIUHE), app.chief(CHENJI));
    lead.mutate("claimInquiry", json!({ "inquiryId": inquiry["id"] }), "id").await.done();
    let wanted = "sealed assignee { id } version";
    let excluded = chief.mutate("excludeOfficer", on(&inquiry, &lead), wanted).await.done();
    assert_eq!(excluded, json!({ "sealed": true, "assignee": null, "version": 3 }));
    assert!(!sees(&lead, &inquiry).await);
    for (version, category) in [(3, "DISPUTE"), (4, "OTHER")] {
        let sort = json!({ "inquiryId": inquiry["id"], "expectedVersion": version,
                           "category": category });
        let sorted = chief.mutate("recategorizeInquiry", sort, "sealed").await.done();
        assert_eq!(sorted["sealed"], true, "{category}");
    }
    assert!(!sees(&lead, &inquiry).await && sees(&chief, &inquiry).await);
}

async fn the_chief_names_readers_and_takes_them_off(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let (chief, colleague) = (app.chief(CHENJI), app.officer_posted_to(&[LIUHE]).await);
    let inquiry = ask(&app, &resident, &household, json!({})).await;
    let mine = on(&inquiry, &colleague);
    let refused = app.lead(LIUHE).mutate("nameInquiryReader", mine.clone(), "id").await;
    assert_eq!(refused.outcome(), "FORBIDDEN");
    for _ in 0..2 {
        chief.mutate("nameInquiryReader", mine.clone(), "id").await.done();
        assert!(sees(&colleague, &inquiry).await);
    }
    let claim = json!({ "inquiryId": inquiry["id"] });
    colleague.mutate("claimInquiry", claim, "id").await.done();
    let removed = chief.mutate("removeInquiryReader", mine.clone(), "assignee { id }").await.done();
    assert!(removed["assignee"].is_null());
    assert!(!sees(&colleague, &inquiry).await);
    let again = chief.mutate("removeInquiryReader", mine, "id").await;
    assert_eq!(again.outcome(), "NOT_FOUND officerId");
}

async fn a_sealed_inquiry_is_not_assigned_past_the_chief(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let colleague = app.officer_posted_to(&[LIUHE]).await;
    let inquiry = ask(&app, &resident, &household, json!({})).await;
    let assign =
        json!({ "inquiryId": inquiry["id"], "expectedVersion": 1, "assigneeId": colleague.id() });
    let refused = app.lead(LIUHE).mutate("assignInquiry", assign.clone(), "id").await;
    assert_eq!(refused.outcome(), "INVALID assigneeId");
    app.chief(CHENJI).mutate("assignInquiry", assign, "id").await.done();
    assert!(sees(&colleague, &inquiry).await);
}

async fn many_sealed_inquiries_are_changed_with_as_many_statements_as_few(app: TestApp) {
    let household = app.household(LIUHE).await;
    let chief = app.chief(CHENJI);
    let mut counts = Vec::new();
    for number in [1, 5] {
        let mut items = Vec::new();
        for _ in 0..number {
            let inquiry = app.inquiry(&household).await;
            items.push(json!({ "inquiryId": inquiry["id"], "expectedVersion": 1 }));
        }
        let seal = json!({ "items": items, "change": { "category": "DISPUTE" } });
        let sealed = chief.mutate("changeInquiries", seal, "inquiry { sealed }");
        let (first, answer) = app.statements(sealed).await;
        let done = answer.done();
        assert!(done.as_array().unwrap().iter().all(|one| one["inquiry"]["sealed"] == true));
        let items: Vec<_> = items.into_iter().map(|one| with(one, "expectedVersion", 2)).collect();
        let open = json!({ "items": items, "change": { "category": "OTHER" } });
        let (second, _) =
            app.statements(chief.mutate("changeInquiries", open, "inquiry { id }")).await;
        counts.push((first, second));
    }
    assert_eq!(counts[0], counts[1]);
}

async fn bad_readers_are_refused(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let (chief, lead) = (app.chief(CHENJI), app.lead(LIUHE));
    let sealed = ask(&app, &resident, &household, json!({})).await;
    let usual = app.inquiry(&household).await;
    for (mutation, inquiry, officer, expected) in [
        ("nameInquiryReader", &usual, &lead, "WRONG_STATE inquiryId"),
        ("nameInquiryReader", &sealed, &app.lead(WANGLOU), "NOT_FOUND officerId"),
        ("nameInquiryReader", &sealed, &app.auditor(), "NOT_FOUND officerId"),
        ("removeInquiryReader", &usual, &lead, "WRONG_STATE inquiryId"),
        ("removeInquiryReader", &sealed, &app.lead(WANGLOU), "NOT_FOUND officerId"),
    ] {
        let answer = chief.mutate(mutation, on(inquiry, officer), "id").await;
        assert_eq!(answer.outcome(), expected, "{mutation}");
    }
    let elsewhere = app.chief(MANGSHAN).mutate("excludeOfficer", on(&sealed, &lead), "id").await;
    assert_eq!(elsewhere.outcome(), "NOT_FOUND inquiryId");
    let input = json!({ "idempotencyKey": "x", "householdId": household["id"], "text": "投诉",
                        "concernsOfficerId": household["id"] });
    assert_eq!(resident.mutate("submitInquiry", input, "id").await.outcome(), "BAD_ID");
}

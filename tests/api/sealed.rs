//! Sealed inquiries: disputes, leads and complaints are for named people only.

use crate::on_both_databases;
use crate::support::county::{CHENJI, COUNTY, LIUHE, MANGSHAN, WANGLOU};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    a_sealed_inquiry_is_found_by_its_household_and_by_who_is_named,
    a_complaint_is_sealed_though_nobody_says_that_it_is_one,
    an_officer_whom_it_concerns_never_sees_it,
    a_complaint_about_the_chief_is_the_county_offices,
    nothing_below_a_sealed_inquiry_is_found_either,
    what_happens_to_a_sealed_inquiry_is_told_to_who_sees_it,
    exact_numbers_are_without_what_is_sealed,
    an_emergency_in_a_sealed_inquiry_alerts_nobody_whom_it_concerns,
);

pub async fn ask(app: &TestApp, by: &Actor, household: &Value, more: Value) -> Value {
    let mut input = json!({ "idempotencyKey": app.service().new_id(),
        "householdId": household["id"], "category": "DISPUTE", "text": "邻居占了我家的地" });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    by.mutate("submitInquiry", input, "id sealed version").await.done()
}

pub async fn sees(actor: &Actor, inquiry: &Value) -> bool {
    let document = "query($id: ID!) { inquiry(id: $id) { id } node(id: $id) { id } \
                    nodes(ids: [$id]) { id } inquiries { totalCount edges { node { id } } } }";
    let answer = actor.query(document, json!({ "id": inquiry["id"] })).await;
    let data = &answer.json["data"];
    let listed = data["inquiries"]["edges"].as_array().unwrap();
    let listed_it = listed.iter().any(|edge| edge["node"]["id"] == inquiry["id"]);
    assert_eq!(data["inquiries"]["totalCount"], listed.len());
    let found = [!data["inquiry"].is_null(), !data["node"].is_null(), !data["nodes"][0].is_null()];
    assert!(found.iter().all(|one| *one == listed_it), "{}", answer.json);
    if !listed_it {
        assert_eq!(answer.code(), Some("NOT_FOUND"));
    }
    listed_it
}

pub fn on(inquiry: &Value, officer: &Actor) -> Value {
    json!({ "inquiryId": inquiry["id"], "officerId": officer.id() })
}

async fn a_sealed_inquiry_is_found_by_its_household_and_by_who_is_named(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let colleague = app.officer_posted_to(&[LIUHE]).await;
    let stranger = app.resident_of(&app.household(LIUHE).await).await;
    let inquiry = ask(&app, &resident, &household, json!({})).await;
    assert_eq!(inquiry["sealed"], true);
    for (who, expected) in [
        (&resident, true),
        (&app.lead(LIUHE), true),
        (&app.chief(CHENJI), true),
        (&colleague, false),
        (&app.county_admin(), false),
        (&app.auditor(), false),
        (&stranger, false),
        (&app.chief(MANGSHAN), false),
        (&app.lead(WANGLOU), false),
    ] {
        assert_eq!(sees(who, &inquiry).await, expected, "{}", who.id());
    }
    let document =
        "query($id: ID!) { inquiry(id: $id) { readers { reason officer { id } namedBy { id } } } }";
    let answer = app.chief(CHENJI).query(document, json!({ "id": inquiry["id"] })).await;
    let on_duty = json!([{ "reason": "ON_DUTY", "officer": { "id": app.lead(LIUHE).id() },
                           "namedBy": null }]);
    assert_eq!(answer.at("/inquiry/readers"), &on_duty);
    let answer = resident.query(document, json!({ "id": inquiry["id"] })).await;
    assert!(answer.at("/inquiry/readers").is_null());
    let usual = app.inquiry(&household).await;
    assert!(sees(&colleague, &usual).await && sees(&app.auditor(), &usual).await);
}

async fn a_complaint_is_sealed_though_nobody_says_that_it_is_one(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let colleague = app.officer_posted_to(&[LIUHE]).await;
    for (subject, text, category, sealed) in [
        (None, "我要投诉包村民警，一直不接电话", "COMPLAINT", true),
        (Some("举报线索"), "村东头有人聚众赌博", "PUBLIC_SECURITY_LEAD", true),
        (None, "邻居和我家有纠纷 😡", "OTHER", false),
    ] {
        let input = json!({ "idempotencyKey": app.service().new_id(), "householdId": household["id"],
                            "subject": subject, "text": text });
        let made = resident.mutate("submitInquiry", input, "id category sealed").await.done();
        let expected = json!({ "id": made["id"], "category": category, "sealed": sealed });
        assert_eq!(made, expected);
        assert_eq!(sees(&colleague, &made).await, !sealed, "{text}");
    }
}

async fn an_officer_whom_it_concerns_never_sees_it(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let (lead, chief) = (app.lead(LIUHE), app.chief(CHENJI));
    let about_lead = json!({ "category": "OTHER", "concernsOfficerId": lead.id() });
    let inquiry = ask(&app, &resident, &household, about_lead).await;
    assert_eq!(inquiry["sealed"], true);
    assert!(!sees(&lead, &inquiry).await && sees(&chief, &inquiry).await);
    let claimed = lead.mutate("claimInquiry", json!({ "inquiryId": inquiry["id"] }), "id").await;
    assert_eq!(claimed.outcome(), "NOT_FOUND inquiryId");
    let assign =
        json!({ "inquiryId": inquiry["id"], "expectedVersion": 1, "assigneeId": lead.id() });
    let assigned = chief.mutate("assignInquiry", assign, "id").await;
    assert_eq!(assigned.outcome(), "NOT_FOUND assigneeId");
    let named = chief.mutate("nameInquiryReader", on(&inquiry, &lead), "id").await;
    assert_eq!(named.outcome(), "NOT_FOUND officerId");
    let document = "query($id: ID!) { inquiry(id: $id) { readers { officer { id } } concernedOfficers { id } } }";
    let answer = chief.query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(
        answer.at("/inquiry"),
        // The roster passes over whom it concerns.
        &json!({ "readers": [{ "officer": { "id": chief.id() } }], "concernedOfficers": [{ "id": lead.id() }] })
    );
}

async fn a_complaint_about_the_chief_is_the_county_offices(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let (chief, admin) = (app.chief(CHENJI), app.county_admin());
    let inquiry = ask(&app, &resident, &household, json!({ "category": "COMPLAINT" })).await;
    assert!(sees(&chief, &inquiry).await && !sees(&admin, &inquiry).await);
    // The chief steps aside.
    chief.mutate("excludeOfficer", on(&inquiry, &chief), "id").await.done();
    assert!(!sees(&chief, &inquiry).await && sees(&admin, &inquiry).await);
    let about_chief = json!({ "category": "COMPLAINT", "concernsOfficerId": chief.id() });
    let inquiry = ask(&app, &resident, &household, about_chief).await;
    assert!(!sees(&chief, &inquiry).await && sees(&admin, &inquiry).await);
    let reply = json!({ "idempotencyKey": "a", "inquiryId": inquiry["id"], "text": "已收到" });
    admin.mutate("replyToInquiry", reply, "id").await.done();
    assert!(sees(&admin, &inquiry).await);
}

async fn nothing_below_a_sealed_inquiry_is_found_either(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let colleague = app.officer_posted_to(&[LIUHE]).await;
    let inquiry = ask(&app, &resident, &household, json!({})).await;
    let document = "query($id: ID!) { inquiry(id: $id) { messages { edges { node { id } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await;
    let message = answer.nodes("/inquiry/messages", "id").remove(0);
    let node = |id: &str| json!({ "id": id });
    let find = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(colleague.query(find, node(&message)).await.code(), Some("NOT_FOUND"));
    assert_eq!(app.lead(LIUHE).query(find, node(&message)).await.code(), None);
    let below = "query($id: ID!) { household(id: $id) { inquiries { totalCount edges { node { id } } } } \
                 inbox { counts { unanswered unassigned } } }";
    for (who, count) in [(&colleague, 0), (&app.lead(LIUHE), 1)] {
        let answer = who.query(below, json!({ "id": household["id"] })).await;
        assert_eq!(answer.at("/household/inquiries/totalCount"), count);
        assert_eq!(answer.nodes("/household/inquiries", "id").len(), count);
        assert_eq!(
            answer.at("/inbox/counts"),
            &json!({ "unanswered": count, "unassigned": count })
        );
    }
    let change = json!({ "change": { "priority": "HIGH" },
        "items": [{ "inquiryId": inquiry["id"], "expectedVersion": 1 }] });
    let wanted = "userErrors { code }";
    let results = colleague.mutate("changeInquiries", change, wanted).await.done();
    assert_eq!(results[0]["userErrors"][0]["code"], "NOT_FOUND");
    let note = json!({ "idempotencyKey": "n", "inquiryId": inquiry["id"], "text": "备注" });
    let noted = colleague.mutate("addInternalNote", note, "id").await;
    assert_eq!(noted.outcome(), "NOT_FOUND inquiryId");
}

async fn what_happens_to_a_sealed_inquiry_is_told_to_who_sees_it(app: TestApp) {
    app.work_in_background().await;
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let (lead, colleague) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let document =
        "subscription($after: String) { inquiryChanged(after: $after) { inquiry { id } } }";
    let messages = "subscription($after: String) { messageAdded(after: $after) { message { inquiry { id } } } }";
    let head = lead.query("{ serviceInfo { eventCursor } }", json!({})).await;
    let after = json!({ "after": head.at("/serviceInfo/eventCursor") });
    let about = json!({ "concernsOfficerId": colleague.id() });
    let sealed = ask(&app, &resident, &household, about).await;
    let usual = app.inquiry(&household).await;
    for (who, first) in [(&lead, &sealed), (&colleague, &usual)] {
        let told = who.subscribe(document, after.clone()).await.next().await;
        assert_eq!(told["inquiry"]["id"], first["id"]);
        let told = who.subscribe(messages, after.clone()).await.next().await;
        assert_eq!(told["message"]["inquiry"]["id"], first["id"]);
    }
}

async fn exact_numbers_are_without_what_is_sealed(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    app.inquiry(&household).await;
    app.count_events().await;
    let document = format!(
        "{{ county(code: \"{COUNTY}\") {{ openInquiryCount }} \
                            village(code: \"{LIUHE}\") {{ openInquiryCount }} }}"
    );
    let numbers = async |who: &Actor| who.query(&document, json!({})).await.data().clone();
    let before = numbers(&app.lead(LIUHE)).await;
    let rounded = numbers(&app.analyst()).await;
    let inquiry = ask(&app, &resident, &household, json!({})).await;
    app.count_events().await;
    assert_eq!(numbers(&app.lead(LIUHE)).await, before);
    assert_eq!(numbers(&app.county_admin()).await["village"], before["village"]);
    assert_eq!(numbers(&app.analyst()).await, rounded);
    // Once it is nobody's secret any more, it counts.
    let sort = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1, "category": "OTHER" });
    app.chief(CHENJI).mutate("recategorizeInquiry", sort, "id").await.done();
    app.count_events().await;
    assert_eq!(numbers(&app.lead(LIUHE)).await["village"]["openInquiryCount"], 2);
}

async fn an_emergency_in_a_sealed_inquiry_alerts_nobody_whom_it_concerns(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let (lead, colleague) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let urgent = json!({ "text": "村口有人持刀，快来", "concernsOfficerId": lead.id() });
    let inquiry = ask(&app, &resident, &household, urgent).await;
    let document = "{ urgentAlerts { edges { node { id alerted { id } inquiry { id } } } } }";
    let answer = colleague.query(document, json!({})).await;
    let alert = &answer.at("/urgentAlerts/edges/0/node");
    assert_eq!(alert["alerted"]["id"], colleague.id());
    assert_eq!(alert["inquiry"]["id"], inquiry["id"]);
    assert_eq!(lead.query(document, json!({})).await.nodes("/urgentAlerts", "id").len(), 0);
}

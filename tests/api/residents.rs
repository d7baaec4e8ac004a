//! What residents can do besides asking: say how content they are, know what is kept, have it corrected.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    a_resident_rates_a_resolved_inquiry_once,
    a_rating_changes_for_seven_days_and_no_longer,
    only_the_household_rates_its_inquiry,
    a_rating_says_which_field_is_wrong,
    a_correction_is_asked_for_and_gets_a_receipt,
    an_officer_corrects_or_says_why_not,
    requests_are_found_by_receipt_state_and_area,
    a_request_goes_where_its_household_goes,
    what_a_resident_wrote_goes_with_the_resident,
    what_is_written_lies_sealed,
    a_resident_is_told_what_is_kept_and_why,
);

async fn resident(app: &TestApp) -> (Value, Actor) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    (household, resident)
}

async fn resolved(app: &TestApp, household: &Value) -> Value {
    let inquiry = app.inquiry(household).await;
    let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1 });
    app.lead(LIUHE).mutate("resolveInquiry", input, "id").await.done()
}

fn score(inquiry: &Value, score: i32) -> Value {
    json!({ "inquiryId": inquiry["id"], "score": score })
}

const RATED: &str = "score text ratedAt updatedAt inquiry { rating { score } }";

async fn a_resident_rates_a_resolved_inquiry_once(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let open = app.inquiry(&household).await;
    let early = resident.mutate("rateInquiry", score(&open, 5), "id").await;
    assert_eq!(early.outcome(), "WRONG_STATE inquiryId");
    let inquiry = resolved(&app, &household).await;
    let input = with(score(&inquiry, 5), "text", " 办得快 ");
    let rating = resident.mutate("rateInquiry", input, RATED).await.done();
    assert_eq!((&rating["score"], &rating["text"]), (&json!(5), &json!("办得快")));
    assert_eq!(rating["inquiry"]["rating"]["score"], 5);
    let document = "query($id: ID!) { inquiry(id: $id) { rating { score text } } }";
    let seen = app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(seen.at("/inquiry/rating"), &json!({ "score": 5, "text": "办得快" }));
}

async fn a_rating_changes_for_seven_days_and_no_longer(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let inquiry = resolved(&app, &household).await;
    let first = with(score(&inquiry, 2), "text", "等了很久");
    let first = resident.mutate("rateInquiry", first, RATED).await.done();
    app.advance(Duration::from_secs(6 * 86400));
    let second = resident.mutate("rateInquiry", score(&inquiry, 4), RATED).await.done();
    assert_eq!((&second["score"], &second["text"]), (&json!(4), &Value::Null));
    assert_eq!(second["ratedAt"], first["ratedAt"]);
    assert_ne!(second["updatedAt"], first["updatedAt"]);
    assert_eq!(app.number("SELECT count(*) FROM rating").await, 1);
    app.advance(Duration::from_secs(86400));
    let late = resident.mutate("rateInquiry", score(&inquiry, 1), "id").await;
    assert_eq!(late.outcome(), "WRONG_STATE inquiryId");
}

async fn only_the_household_rates_its_inquiry(app: TestApp) {
    let (household, _) = resident(&app).await;
    let inquiry = resolved(&app, &household).await;
    let neighbour = app.resident_of(&app.household(LIUHE).await).await;
    let answer = neighbour.mutate("rateInquiry", score(&inquiry, 1), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND inquiryId");
    let answer = app.lead(LIUHE).mutate("rateInquiry", score(&inquiry, 5), "id").await;
    assert_eq!(answer.outcome(), "FORBIDDEN");
}

async fn a_rating_says_which_field_is_wrong(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let inquiry = resolved(&app, &household).await;
    for (input, expected) in [
        (score(&inquiry, 0), "INVALID score"),
        (score(&inquiry, 6), "INVALID score"),
        (with(score(&inquiry, 3), "text", "长".repeat(501)), "TOO_LONG text"),
        (with(score(&inquiry, 3), "text", " "), "BLANK text"),
    ] {
        assert_eq!(resident.mutate("rateInquiry", input, "id").await.outcome(), expected);
    }
}

async fn a_correction_is_asked_for_and_gets_a_receipt(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"], "value": "ADDRESS",
                        "wrong": "村东头", "right": "村西头第二家" });
    let wanted = "id receipt value wrong right state requestedAt answeredAt reason \
                  household { id } contact { id } answeredBy { id }";
    let made = resident.mutate("requestCorrection", input.clone(), wanted).await.done();
    let receipt = made["receipt"].as_str().unwrap();
    assert!(receipt.starts_with("20260901-") && receipt.len() == 17, "{receipt}");
    assert_eq!(
        made,
        json!({ "id": made["id"], "receipt": receipt, "value": "ADDRESS", "wrong": "村东头",
                "right": "村西头第二家", "state": "OPEN", "requestedAt": made["requestedAt"],
                "answeredAt": null, "reason": null, "household": { "id": household["id"] },
                "contact": { "id": resident.contact_id() }, "answeredBy": null })
    );
    let again = resident.mutate("requestCorrection", input, wanted).await.done();
    assert_eq!(again, made);
    let foreign = app.household(LIUHE).await;
    let input = json!({ "idempotencyKey": "b", "householdId": foreign["id"], "value": "OTHER",
                        "right": "x" });
    let answer = resident.mutate("requestCorrection", input, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND householdId");
}

async fn an_officer_corrects_or_says_why_not(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let officer = app.lead(LIUHE);
    let (one, other) =
        (app.correction(&resident, &household).await, app.correction(&resident, &household).await);
    let reply = |request: &Value, corrected: bool| json!({ "correctionRequestId": request["id"], "corrected": corrected });
    let wanted = "state reason answeredAt answeredBy { id }";
    let done = officer.mutate("answerCorrectionRequest", reply(&one, true), wanted).await.done();
    assert_eq!((&done["state"], &done["reason"]), (&json!("DONE"), &Value::Null));
    assert_eq!(done["answeredBy"]["id"], officer.id());
    let again = officer.mutate("answerCorrectionRequest", reply(&one, true), "id").await;
    assert_eq!(again.outcome(), "WRONG_STATE correctionRequestId");
    let silent = officer.mutate("answerCorrectionRequest", reply(&other, false), "id").await;
    assert_eq!(silent.outcome(), "BLANK reason");
    let needless = with(reply(&other, true), "reason", "x");
    let needless = officer.mutate("answerCorrectionRequest", needless, "id").await;
    assert_eq!(needless.outcome(), "INVALID reason");
    let no = with(reply(&other, false), "reason", "户口簿上是四人");
    let foreign = app.lead(WANGLOU).mutate("answerCorrectionRequest", no.clone(), "id").await;
    assert_eq!(foreign.outcome(), "NOT_FOUND correctionRequestId");
    officer.mutate("answerCorrectionRequest", no, "id").await.done();
    let document =
        "{ correctionRequests(filter: { states: [REFUSED] }) { edges { node { reason } } } }";
    let seen = resident.query(document, json!({})).await;
    assert_eq!(seen.nodes("/correctionRequests", "reason"), ["户口簿上是四人"]);
}

async fn requests_are_found_by_receipt_state_and_area(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let one = app.correction(&resident, &household).await;
    app.advance(Duration::from_secs(60));
    let two = app.correction(&resident, &household).await;
    let found = async |actor: Actor, filter: Value| {
        let document = "query($filter: CorrectionRequestFilter) { correctionRequests(filter: $filter, \
            orderBy: REQUESTED_AT_ASC) { edges { node { receipt } } } }";
        let answer = actor.query(document, json!({ "filter": filter })).await;
        answer.nodes("/correctionRequests", "receipt")
    };
    let receipts: Vec<&str> =
        [&one, &two].into_iter().map(|one| one["receipt"].as_str().unwrap()).collect();
    assert_eq!(found(app.lead(LIUHE), json!({})).await, receipts);
    assert_eq!(found(app.chief(CHENJI), json!({ "areaCode": WANGLOU })).await.len(), 0);
    assert_eq!(found(app.lead(WANGLOU), json!({})).await.len(), 0);
    let by_receipt = json!({ "receipt": receipts[1].to_lowercase() });
    assert_eq!(found(app.lead(LIUHE), by_receipt).await, receipts[1..]);
    assert_eq!(found(app.lead(LIUHE), json!({ "states": ["DONE"] })).await.len(), 0);
}

async fn a_request_goes_where_its_household_goes(app: TestApp) {
    let (household, resident) = resident(&app).await;
    app.correction(&resident, &household).await;
    let survivor = app.household(WANGLOU).await;
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Household { version } } }";
    let ids = json!({ "ids": [survivor["id"], household["id"]] });
    let versions = app.county_admin().query(document, ids).await;
    let input = json!({ "idempotencyKey": "m", "survivorId": survivor["id"],
        "survivorVersion": versions.at("/nodes/0/version"), "mergedId": household["id"],
        "mergedVersion": versions.at("/nodes/1/version") });
    let admin = app.county_admin();
    let merged = admin.query(
        "mutation($input: MergeHouseholdsInput!) { mergeHouseholds(input: $input) { userErrors { code field } } }",
        json!({ "input": input }),
    );
    assert_eq!(merged.await.user_errors(), [] as [Value; 0]);
    let document = "{ correctionRequests { edges { node { household { id } } } } }";
    let seen = app.lead(WANGLOU).query(document, json!({})).await;
    assert_eq!(
        seen.nodes("/correctionRequests", "household"),
        [json!({ "id": survivor["id"] }).to_string()]
    );
}

async fn what_a_resident_wrote_goes_with_the_resident(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let inquiry = resolved(&app, &household).await;
    let input = with(score(&inquiry, 4), "text", "王建国很满意");
    resident.mutate("rateInquiry", input, "id").await.done();
    app.correction(&resident, &household).await;
    let leaving = json!({ "idempotencyKey": "l", "contactId": resident.contact_id() });
    resident.mutate("withdrawConsent", leaving, "id").await.done();
    let document = "query($id: ID!) { inquiry(id: $id) { rating { score text } } \
        correctionRequests { edges { node { state wrong right contact { id } } } } }";
    let left = app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(left.at("/inquiry/rating"), &json!({ "score": 4, "text": null }));
    assert_eq!(
        left.at("/correctionRequests/edges/0/node"),
        &json!({ "state": "OPEN", "wrong": null, "right": null, "contact": null })
    );
}

async fn what_is_written_lies_sealed(app: TestApp) {
    let (household, resident) = resident(&app).await;
    let inquiry = resolved(&app, &household).await;
    let input = with(score(&inquiry, 4), "text", "PLAINTEXT");
    resident.mutate("rateInquiry", input, "id").await.done();
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"], "value": "OTHER",
                        "wrong": "PLAINTEXT", "right": "PLAINTEXT" });
    resident.mutate("requestCorrection", input, "id").await.done();
    let hex = |column: &str| match app.backend() {
        crate::support::Backend::Postgres => format!("encode({column}, 'hex')"),
        crate::support::Backend::Sqlite => format!("lower(hex({column}))"),
    };
    let plain: String = "PLAINTEXT".bytes().map(|byte| format!("{byte:02x}")).collect();
    for (table, column) in
        [("rating", "text"), ("correction_request", "wrong"), ("correction_request", "\"right\"")]
    {
        let sql = |like: &str| {
            format!("SELECT count(*) FROM {table} WHERE {} LIKE '%{like}%'", hex(column))
        };
        assert_eq!(app.number(&sql(&plain)).await, 0, "{table}.{column}");
        assert_eq!(app.number(&sql("")).await, 1, "{table}.{column}");
    }
}

async fn a_resident_is_told_what_is_kept_and_why(app: TestApp) {
    let (_, resident) = resident(&app).await;
    let document = "{ keptAboutMe { data purpose legalBasis until sealed readAt } }";
    let kept = resident.query(document, json!({})).await;
    let phone = kept.at("/keptAboutMe").as_array().unwrap().iter();
    let phone = phone.clone().find(|item| item["data"] == "PHONE").unwrap();
    assert_eq!(
        phone,
        &json!({ "data": "PHONE", "purpose": "联系不上微信时打电话", "legalBasis": "CONSENT",
                 "until": "您退出时立即删除", "sealed": true, "readAt": "viewer.contact.phone" })
    );
    for item in kept.at("/keptAboutMe").as_array().unwrap() {
        let Some(path) = item["readAt"].as_str() else { continue };
        let parts: Vec<&str> = path.split('.').collect();
        let leaf = match item["data"].as_str().unwrap() {
            "CONSENT" => " { textVersion }",
            "HOUSEHOLDS" => " { standing }",
            "HOUSEHOLD_NUMBERS" => " { peopleCount status }",
            "MESSAGES" | "REFERRALS" | "ACCESS_HISTORY" => " { totalCount }",
            "ATTACHMENTS" | "CORRECTION_REQUESTS" | "RATINGS" => " { __typename }",
            _ => "",
        };
        let document = format!("{{ {}{leaf}{} }}", parts.join(" { "), " }".repeat(parts.len() - 1));
        resident.query(&document, json!({})).await.data();
    }
    assert_eq!(app.lead(LIUHE).query(document, json!({})).await.outcome(), "FORBIDDEN");
}

//! An operation that was found valid once is run without being validated again. Nobody is to notice.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    an_operation_that_comes_again_is_answered_alike,
    what_is_wrong_with_variables_is_said_each_time,
    what_fails_at_one_time_fails_in_its_place,
    directives_and_the_schema_are_asked_for_again,
    a_mutation_that_comes_again_is_done_again,
);

const HOUSEHOLDS: &str = "query Page($code: DivisionCode!, $first: Int, $filter: HouseholdFilter) { \
    village(code: $code) { ...Named households(first: $first, filter: $filter) { totalCount pageInfo { hasNextPage } \
    edges { cursor node { id __typename label status village { ...Named township { name } } \
    primaryContact { name } inquiries(first: 2) { edges { node { subject lastMessage { text } \
    household { label } assignee { name } } } } } } } } viewer { role officer { name } } } \
    fragment Named on Village { name code __typename }";

async fn an_operation_that_comes_again_is_answered_alike(app: TestApp) {
    for name in ["李秀英", "王建国"] {
        let household = app.household(LIUHE).await;
        app.contact_of(&household, name).await;
        app.inquiry(&household).await;
    }
    let lead = app.lead(LIUHE);
    let ask = async |first: Value, filter: Value| {
        let variables = json!({ "code": LIUHE, "first": first, "filter": filter });
        lead.query(HOUSEHOLDS, variables).await.data().clone()
    };
    let first = ask(1.into(), Value::Null).await;
    assert_eq!(first["village"]["households"]["edges"].as_array().unwrap().len(), 1);
    for _ in 0..3 {
        assert_eq!(ask(1.into(), Value::Null).await, first);
    }
    let both = ask(2.into(), json!({})).await;
    assert_eq!(both["village"]["households"]["edges"].as_array().unwrap().len(), 2);
    for statuses in [json!(["UNVISITED"]), json!(["ENROLLED", "UNVISITED"]), json!([])] {
        let filter = json!({ "statuses": statuses });
        let once = ask(2.into(), filter.clone()).await;
        assert_eq!(ask(2.into(), filter).await, once, "{statuses}");
    }
    // Another caller may not see what the first one did.
    let variables = json!({ "code": LIUHE, "first": 1, "filter": null });
    let answer = app.analyst().query(HOUSEHOLDS, variables).await;
    assert_eq!(answer.outcome(), "FORBIDDEN");
}

async fn what_is_wrong_with_variables_is_said_each_time(app: TestApp) {
    let admin = app.county_admin();
    let document = "query($code: DivisionCode!, $filter: InquiryFilter, $first: Int) { village(code: $code) { \
                    households(first: $first) { totalCount } } inquiries(filter: $filter) { totalCount } }";
    let right =
        json!({ "code": LIUHE, "filter": { "statuses": ["OPEN"], "assigned": false }, "first": 5 });
    for nth in 0..2 {
        admin.query(document, right.clone()).await.data();
        for (place, wrong) in [
            ("/first", json!("5")),
            ("/first", json!(5.5)),
            ("/first", json!([5])),
            ("/filter/statuses", json!(["CLOSED"])),
            ("/filter/statuses", json!(["open"])),
            ("/filter/statuses/0", Value::Null),
            ("/filter/assigned", json!("false")),
            ("/filter", json!({ "unknown": 1 })),
            ("/filter", json!("OPEN")),
            ("/code", Value::Null),
        ] {
            let mut variables = right.clone();
            *variables.pointer_mut(place).unwrap() = wrong.clone();
            // Nobody has asked in these words before.
            let new = format!("{document} # {nth} {place} {wrong}");
            let expected = admin.query(&new, variables.clone()).await;
            let answer = admin.query(document, variables).await;
            assert_ne!(answer.outcome(), "ok", "{place} {wrong}");
            assert_eq!(answer.json, expected.json, "{place} {wrong}");
        }
    }
    let outside = json!({ "code": LIUHE, "filter": null, "first": 101 });
    assert_eq!(admin.query(document, outside).await.outcome(), "BAD_USER_INPUT");
}

async fn what_fails_at_one_time_fails_in_its_place(app: TestApp) {
    let document =
        "query($code: DivisionCode!) { township(code: $code) { name } townships { totalCount } }";
    let admin = app.county_admin();
    let ask = async |code: &str| admin.query(document, json!({ "code": code })).await;
    ask(CHENJI).await.data();
    let answer = ask("999999999").await;
    assert_eq!(answer.outcome(), "NOT_FOUND");
    let expected = json!({ "township": null, "townships": { "totalCount": 3 } });
    assert_eq!(answer.json["data"], expected);
    assert_eq!(answer.json["errors"][0]["path"], json!(["township"]));
    assert_eq!(ask(CHENJI).await.at("/township/name"), "陈集镇");
}

async fn directives_and_the_schema_are_asked_for_again(app: TestApp) {
    let admin = app.county_admin();
    let document = "query($no: Boolean!) { viewer { role tokenExpiresAt @skip(if: $no) } }";
    for no in [true, false, true, false] {
        let answer = admin.query(document, json!({ "no": no })).await;
        assert_eq!(answer.at("/viewer").get("tokenExpiresAt").is_none(), no, "{}", answer.json);
    }
    for _ in 0..2 {
        let answer =
            admin.query("{ __typename __type(name: \"Village\") { name } }", json!({})).await;
        assert_eq!(
            answer.data(),
            &json!({ "__typename": "Query", "__type": { "name": "Village" } })
        );
    }
}

async fn a_mutation_that_comes_again_is_done_again(app: TestApp) {
    let household = app.household(LIUHE).await;
    let document = "mutation($input: SubmitInquiryInput!) { submitInquiry(input: $input) { \
                    inquiry { id } userErrors { code field } } }";
    let lead = app.lead(LIUHE);
    let submit = async |key: &str, text: &str| {
        let input = json!({ "householdId": household["id"], "idempotencyKey": key, "text": text });
        let answer = lead.query(document, json!({ "input": input })).await;
        answer.at("/submitInquiry").clone()
    };
    let first = submit("first", "您好").await;
    let second = submit("second", "您好").await;
    assert_ne!(first["inquiry"]["id"], second["inquiry"]["id"]);
    assert_eq!(submit("first", "您好").await, first);
    let refused = submit("third", " ").await;
    assert_eq!(refused["inquiry"], Value::Null);
    assert_eq!(refused["userErrors"][0]["field"], json!(["text"]));
    let listed = lead.query("{ inquiries { totalCount } }", json!({})).await;
    assert_eq!(listed.at("/inquiries/totalCount"), &json!(2));
}

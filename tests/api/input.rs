//! Bad input: each has its code, and a sentence in the caller's language.

use crate::on_both_databases;
use crate::support::county::{CHENJI, COUNTY, LIUHE};
use crate::support::{Answer, TestApp, Value, json, with};

on_both_databases!(
    texts_of_any_length_are_answered,
    texts_keep_emoji_and_right_to_left_writing,
    control_characters_are_refused_in_every_text,
    ids_of_another_type_or_form_are_refused,
    ids_of_nothing_are_not_found,
    codes_of_another_length_are_refused,
    search_texts_have_two_to_fifty_characters,
    phone_numbers_that_are_none_are_refused,
    the_ends_of_time_are_answered,
    an_unknown_enum_value_is_refused,
    at_most_a_hundred_nodes_are_looked_up,
    a_document_that_is_no_graphql_says_where,
    nothing_that_was_sent_comes_back_in_an_error,
);

/// Whether an error speaks Chinese.
fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Checks the code, and that the sentence comes in the caller's language.
async fn assert_refused(app: &TestApp, document: &str, variables: Value, expected: &str) {
    let chinese = app.county_admin().query(document, variables.clone()).await;
    let english = app.county_admin().in_english().query(document, variables).await;
    assert_eq!(chinese.outcome(), expected, "{document:.100}");
    assert_eq!(english.outcome(), expected, "{document:.100}");
    assert!(is_chinese(chinese.message()), "{}", chinese.message());
    let message = english.message();
    assert!(!message.is_empty() && !is_chinese(message), "{message}");
}

async fn submit(app: &TestApp, household: &Value, text: &str) -> Answer {
    let input = json!({ "idempotencyKey": app.service().new_id(), "householdId": household["id"],
                        "text": text });
    app.county_admin().mutate("submitInquiry", input, "subject lastMessage { text }").await
}

async fn texts_of_any_length_are_answered(app: TestApp) {
    let household = app.household(LIUHE).await;
    for (length, expected) in [
        (0, "BLANK text"),
        (1, "ok"),
        (4_000, "ok"),
        (4_001, "TOO_LONG text"),
        (10_000, "TOO_LONG text"),
    ] {
        assert_eq!(submit(&app, &household, &"户".repeat(length)).await.outcome(), expected);
    }
    for blank in [" ", "\n\t", "\u{3000}\u{a0}"] {
        assert_eq!(submit(&app, &household, blank).await.outcome(), "BLANK text", "{blank:?}");
    }
    let huge = submit(&app, &household, &"户".repeat(1_000_000)).await;
    assert_eq!((huge.status.as_u16(), huge.outcome().as_str()), (413, "QUERY_TOO_LARGE"));
}

async fn texts_keep_emoji_and_right_to_left_writing(app: TestApp) {
    let household = app.household(LIUHE).await;
    for text in [
        "👨‍👩‍👧‍👦 三口之家 🏠",
        "سلام، كيف حالك؟",
        "\u{202e}abc",
        "𠮷田",
        "a\nb\tc",
        "'; DROP TABLE x;--",
        "100%_\\",
    ] {
        let inquiry = submit(&app, &household, text).await.done();
        assert_eq!(inquiry["lastMessage"]["text"], text);
    }
    for label in ["🏠-王👨‍👩‍👧‍👦", "بيت-أحمد", "50%_\\'\""] {
        let made = app.labelled(LIUHE, label).await;
        assert_eq!(made["label"], label);
    }
}

async fn control_characters_are_refused_in_every_text(app: TestApp) {
    let household = app.household(LIUHE).await;
    let register = json!({ "idempotencyKey": "a", "villageCode": LIUHE, "groupNumber": 1,
                           "label": "a", "peopleCount": 1 });
    let enrol = json!({ "idempotencyKey": "b", "householdId": household["id"], "name": "a",
                        "standing": "PRIMARY", "consent": app.consent() });
    let submit = json!({ "idempotencyKey": "c", "householdId": household["id"], "text": "a" });
    for (mutation, input, fields) in [
        ("registerHousehold", register, ["label", "address", "idempotencyKey"]),
        ("enrolContact", enrol, ["name", "wechatId", "idempotencyKey"]),
        ("submitInquiry", submit, ["text", "subject", "idempotencyKey"]),
    ] {
        for field in fields {
            let bad = with(input.clone(), field, "a\u{0}b");
            let answer = app.county_admin().mutate(mutation, bad, "id").await;
            assert_eq!(answer.outcome(), format!("INVALID {field}"));
        }
    }
    for list in ["households", "villages", "officers"] {
        let document =
            format!("query($t: String) {{ {list}(filter: {{ text: $t }}) {{ totalCount }} }}");
        let answer = app.county_admin().query(&document, json!({ "t": "a\u{0}b" })).await;
        assert_eq!(answer.outcome(), "BAD_USER_INPUT", "{list}");
    }
}

async fn ids_of_another_type_or_form_are_refused(app: TestApp) {
    let long = "A".repeat(100_000);
    let township = huhutong::id::GlobalId::new(huhutong::id::Kind::Township, CHENJI).to_string();
    for id in ["", "1", "户", "not base64!", "AAAA", "====", &township, &long] {
        for field in ["household", "inquiry", "officer"] {
            let document = format!("query($id: ID!) {{ {field}(id: $id) {{ id }} }}");
            assert_refused(&app, &document, json!({ "id": id }), "BAD_ID").await;
        }
        if id != township {
            assert_refused(
                &app,
                "query($id: ID!) { node(id: $id) { id } }",
                json!({ "id": id }),
                "BAD_ID",
            )
            .await;
            let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
            assert_refused(&app, document, json!({ "ids": [township, id] }), "BAD_ID").await;
        }
    }
    for filter in ["householdId", "assigneeId"] {
        let document =
            format!("query($id: ID) {{ inquiries(filter: {{ {filter}: $id }}) {{ totalCount }} }}");
        assert_refused(&app, &document, json!({ "id": township }), "BAD_ID").await;
    }
}

async fn ids_of_nothing_are_not_found(app: TestApp) {
    use huhutong::id::{GlobalId, Kind};
    let nothing = app.service().new_id();
    for (field, kind) in
        [("household", Kind::Household), ("inquiry", Kind::Inquiry), ("officer", Kind::Officer)]
    {
        let id = GlobalId::new(kind, nothing).to_string();
        let document =
            format!("query($id: ID!) {{ {field}(id: $id) {{ id }} node(id: $id) {{ id }} }}");
        assert_refused(&app, &document, json!({ "id": id }), "NOT_FOUND").await;
    }
}

async fn codes_of_another_length_are_refused(app: TestApp) {
    let codes = [
        "",
        "41148",
        "4114811",
        "41148110920",
        "4114811092041",
        "41148a",
        "４１１４８１",
        "411481'--",
    ];
    for code in codes {
        for field in ["county", "township", "village"] {
            let document =
                format!("query($code: DivisionCode!) {{ {field}(code: $code) {{ name }} }}");
            assert_refused(&app, &document, json!({ "code": code }), "BAD_USER_INPUT").await;
        }
        let document =
            "query($code: DivisionCode) { inquiries(filter: { areaCode: $code }) { totalCount } }";
        assert_refused(&app, document, json!({ "code": code }), "BAD_USER_INPUT").await;
    }
    for (field, code) in [("county", CHENJI), ("township", LIUHE), ("village", COUNTY)] {
        let document = format!("query($code: DivisionCode!) {{ {field}(code: $code) {{ name }} }}");
        assert_refused(&app, &document, json!({ "code": code }), "BAD_USER_INPUT").await;
    }
    let unknown = "{ village(code: \"999999999999\") { name } }";
    assert_refused(&app, unknown, json!({}), "NOT_FOUND").await;
}

async fn search_texts_have_two_to_fifty_characters(app: TestApp) {
    for text in ["", "王", " 王 ", &"王".repeat(51), &"王".repeat(10_000)] {
        for list in ["households", "villages", "townships", "officers"] {
            let document =
                format!("query($t: String) {{ {list}(filter: {{ text: $t }}) {{ totalCount }} }}");
            assert_refused(&app, &document, json!({ "t": text }), "BAD_USER_INPUT").await;
        }
    }
}

async fn phone_numbers_that_are_none_are_refused(app: TestApp) {
    let household = app.household(LIUHE).await;
    for phone in ["", "110", "1.38E+10", "２００12345678", "1001234567", "100123456789", "\u{0}"]
    {
        let input = json!({ "idempotencyKey": phone.len().to_string(), "householdId": household["id"],
                            "name": "王建国", "phone": phone, "standing": "PRIMARY", "consent": app.consent() });
        let answer = app.county_admin().mutate("enrolContact", input, "id").await;
        assert_eq!(answer.outcome(), "INVALID phone", "{phone}");
    }
}

async fn the_ends_of_time_are_answered(app: TestApp) {
    app.inquiry(&app.household(LIUHE).await).await;
    for moment in [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "-262143-01-01T00:00:00Z",
        "+262142-12-31T23:59:59Z",
        "2026-09-01T16:00:00.123456789+08:00",
    ] {
        for field in ["openedSince", "openedBefore", "updatedSince", "updatedBefore"] {
            let document =
                format!("{{ inquiries(filter: {{ {field}: \"{moment}\" }}) {{ totalCount }} }}");
            let answer = app.county_admin().query(&document, json!({})).await;
            assert!(
                ["ok", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"]
                    .contains(&answer.outcome().as_str()),
                "{moment}: {}",
                answer.json
            );
        }
    }
}

async fn an_unknown_enum_value_is_refused(app: TestApp) {
    for document in [
        "{ inquiries(filter: { statuses: [CLOSED] }) { totalCount } }",
        "{ households(orderBy: NAME) { totalCount } }",
        "{ households(filter: { unknown: 1 }) { totalCount } }",
        "{ nothing }",
    ] {
        let answer = app.county_admin().query(document, json!({})).await;
        assert_eq!(
            (answer.status.as_u16(), answer.outcome().as_str()),
            (400, "GRAPHQL_VALIDATION_FAILED")
        );
    }
}

async fn at_most_a_hundred_nodes_are_looked_up(app: TestApp) {
    let household = app.household(LIUHE).await;
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let ids = vec![household["id"].clone(); 101];
    assert_refused(&app, document, json!({ "ids": ids }), "BAD_USER_INPUT").await;
    let answer = app.county_admin().query(document, json!({ "ids": &ids[..100] })).await;
    assert_eq!(answer.at("/nodes").as_array().map(Vec::len), Some(100));
}

async fn a_document_that_is_no_graphql_says_where(app: TestApp) {
    assert_refused(&app, "{ counties {", json!({}), "GRAPHQL_PARSE_FAILED").await;
    assert_refused(&app, "# nothing", json!({}), "GRAPHQL_PARSE_FAILED").await;
    assert_refused(&app, "", json!({}), "BAD_REQUEST").await;
}

async fn nothing_that_was_sent_comes_back_in_an_error(app: TestApp) {
    let secret = "王建国10012345678";
    for document in [
        format!("{{ household(id: \"{secret}\") {{ id }} }}"),
        format!("{{ village(code: \"{secret}\") {{ id }} }}"),
        format!("{{ households(after: \"{secret}\") {{ totalCount }} }}"),
        format!("{{ inquiries(filter: {{ areaCode: \"{secret}\" }}) {{ totalCount }} }}"),
        format!("{{ inquiries(filter: {{ openedSince: \"{secret}\" }}) {{ totalCount }} }}"),
        format!("{{ inquiries(first: \"{secret}\") {{ totalCount }} }}"),
    ] {
        let answer = app.county_admin().query(&document, json!({})).await;
        assert!(answer.code().is_some(), "{document}");
        assert!(!answer.json.to_string().contains("10012345678"), "{}", answer.json);
    }
}

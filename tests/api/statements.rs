//! How many statements an operation sends, and that it never depends on the number of rows.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, VILLAGES};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    a_household_with_its_place_and_latest_inquiries_takes_one,
    an_inbox_with_households_and_last_messages_takes_two,
    a_township_with_villages_households_and_inquiries_takes_three,
    the_numbers_of_all_townships_take_one,
    a_submitted_inquiry_is_read_back_by_one_at_most,
    the_tree_the_other_way_round_takes_one_a_level,
    a_total_costs_one_more,
    many_nodes_take_one_a_type,
    what_two_fields_of_an_object_load_takes_one,
);

/// Adds ten times as many households, inquiries and messages to a village as there are at first.
async fn grow(app: &TestApp) {
    let raw = "INSERT INTO {table} (id, {names}) SELECT {id}, {columns} FROM {table}, (SELECT 1 AS n UNION ALL SELECT 2 \
        UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 \
        UNION ALL SELECT 8 UNION ALL SELECT 9) AS times";
    let id = match app.backend() {
        crate::support::Backend::Postgres => "gen_random_uuid()",
        crate::support::Backend::Sqlite => "randomblob(16)",
    };
    for (table, names) in [
        (
            "household",
            "village_code, township_code, group_code, door, label, address, people_count, status, \
             search_text, version, created_at, updated_at",
        ),
        (
            "inquiry",
            "household_id, village_code, township_code, category, status, subject, assignee_id, \
             last_message_id, version, opened_at, updated_at, resolved_at",
        ),
        ("message", "inquiry_id, direction, officer_id, contact_id, text, sent_at"),
    ] {
        let raw = raw.replace("{table}", table).replace("{names}", names).replace("{id}", id);
        app.sql(&raw.replace("{columns}", &names.replace("door", "door + n"))).await;
    }
}

/// Two households in each village, with two inquiries each.
async fn fill(app: &TestApp) -> Vec<Value> {
    let mut households = Vec::new();
    for village in VILLAGES.into_iter().chain(VILLAGES) {
        let household = app.household(village).await;
        app.inquiry(&household).await;
        app.inquiry(&household).await;
        households.push(household);
    }
    app.count_events().await;
    households
}

/// Checks that an operation sends at most so many statements, and as many when there is ten times as
/// much to find.
async fn assert_statements(
    app: &TestApp,
    actor: &Actor,
    document: &str,
    variables: Value,
    most: u64,
) {
    let (few, answer) = app.statements(actor.query(document, variables.clone())).await;
    answer.data();
    assert!(few <= most, "{few} statements instead of {most}");
    grow(app).await;
    let (many, answer) = app.statements(actor.query(document, variables)).await;
    answer.data();
    assert!(many <= few, "{few} statements, and {many} with ten times as many rows");
}

async fn a_household_with_its_place_and_latest_inquiries_takes_one(app: TestApp) {
    let household = fill(&app).await.remove(0);
    let document = "query($id: ID!) { household(id: $id) { label status peopleCount \
        village { name township { name } } inquiries(first: 5) { edges { node { subject status } } } } }";
    let variables = json!({ "id": household["id"] });
    assert_statements(&app, &app.county_admin(), document, variables, 1).await;
}

async fn an_inbox_with_households_and_last_messages_takes_two(app: TestApp) {
    fill(&app).await;
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let document = "query($code: DivisionCode) { inquiries(filter: { areaCode: $code, \
        statuses: [OPEN, WAITING_FOR_OFFICER, WAITING_FOR_RESIDENT] }, first: 20) { edges { cursor node { \
        id subject status openedAt household { label } lastMessage { text sentAt } } } \
        pageInfo { hasNextPage endCursor } } }";
    assert_statements(&app, &officer, document, json!({ "code": LIUHE }), 2).await;
}

async fn a_township_with_villages_households_and_inquiries_takes_three(app: TestApp) {
    fill(&app).await;
    let document = "query($code: DivisionCode!) { township(code: $code) { name villages { edges { node { \
        name households(first: 10) { edges { node { label status inquiries(first: 3) { edges { node { \
        subject status } } } } } } } } } } }";
    assert_statements(&app, &app.chief(CHENJI), document, json!({ "code": CHENJI }), 3).await;
}

async fn the_numbers_of_all_townships_take_one(app: TestApp) {
    fill(&app).await;
    let document = "{ townships(first: 100) { edges { node { name openInquiryCount \
        coverage { numerator denominator percent unvisited asOf } } } } }";
    assert_statements(&app, &app.county_admin(), document, json!({}), 1).await;
    assert_statements(&app, &app.analyst(), document, json!({}), 1).await;
    let dated = "{ townships(first: 100) { edges { node { coverage(asOf: \"2026-08-31\") { numerator \
        recentlyConfirmed } } } } }";
    assert_statements(&app, &app.analyst(), dated, json!({}), 2).await;
}

async fn a_submitted_inquiry_is_read_back_by_one_at_most(app: TestApp) {
    let household = fill(&app).await.remove(0);
    let submit = async |key: &str, wanted: &str| {
        let input =
            json!({ "idempotencyKey": key, "householdId": household["id"], "text": "问一下" });
        let sent = app.county_admin();
        let (count, answer) = app.statements(sent.mutate("submitInquiry", input, wanted)).await;
        answer.done();
        count
    };
    // What seldom changes is read once: the roster of the day, and how soon inquiries are to be answered.
    submit("first", "id").await;
    let bare = submit("a", "id").await;
    let whole =
        submit("b", "id status lastMessage { text } household { label village { name } }").await;
    assert!(whole <= bare + 1, "{bare} statements write, {whole} write and read back");
    // The key with the household; then the key, the inquiry with its message, and the events.
    let most = match app.backend() {
        crate::support::Backend::Postgres => 2,
        crate::support::Backend::Sqlite => 5,
    };
    assert!(bare <= most, "{bare} statements write");
    grow(&app).await;
    assert_eq!(submit("c", "id").await, bare);
}

async fn the_tree_the_other_way_round_takes_one_a_level(app: TestApp) {
    fill(&app).await;
    let document = "{ inquiries(first: 20) { edges { node { subject assignee { name } \
        household { group { number } primaryContact { name } contacts(first: 2) { edges { node { name } } } } \
        messages(last: 2) { edges { node { text officer { name } } } } } } } }";
    assert_statements(&app, &app.county_admin(), document, json!({}), 6).await;
}

async fn a_total_costs_one_more(app: TestApp) {
    fill(&app).await;
    let list = "households(first: 2) { edges { node { label } } }";
    let total = "households(first: 2) { totalCount edges { node { label } } }";
    let admin = app.county_admin();
    let villages = |of: &str| format!("{{ villages {{ edges {{ node {{ {of} }} }} }} }}");
    let (without, _) = app.statements(admin.query(&villages(list), json!({}))).await;
    let (with, _) = app.statements(admin.query(&villages(total), json!({}))).await;
    assert_eq!((without, with), (2, 3));
}

async fn many_nodes_take_one_a_type(app: TestApp) {
    let households = fill(&app).await;
    let mut ids: Vec<Value> = households.iter().map(|household| household["id"].clone()).collect();
    let villages =
        app.county_admin().query("{ villages { edges { node { id } } } }", json!({})).await;
    ids.extend(villages.nodes("/villages", "id").into_iter().map(Value::from));
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Household { label village { name } } \
                    ... on Village { name } } }";
    let admin = app.county_admin();
    let (count, answer) = app.statements(admin.query(document, json!({ "ids": ids }))).await;
    assert_eq!(answer.at("/nodes").as_array().map(Vec::len), Some(21));
    assert!(count <= 3, "{count} statements");
}

async fn what_two_fields_of_an_object_load_takes_one(app: TestApp) {
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let lead = app.lead(LIUHE);
    lead.mutate("claimInquiry", json!({ "inquiryId": inquiry["id"] }), "id").await.done();
    let document = "query($id: ID!) { inquiry(id: $id) { subject assignee { name } owner { reason officer { name } } } }";
    let asked = lead.query(document, json!({ "id": inquiry["id"] }));
    let (statements, answer) = app.statements(asked).await;
    assert_eq!(answer.at("/inquiry/assignee/name"), answer.at("/inquiry/owner/officer/name"));
    assert_ne!(answer.at("/inquiry/assignee/name"), &Value::Null);
    assert_eq!(statements, 2);
}

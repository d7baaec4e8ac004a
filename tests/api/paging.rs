//! Lists in pages: every row once, in order, from either end; and cursors that are not ours.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, VILLAGES, WANGLOU};
use crate::support::{Actor, Answer, TestApp, Value, json};

on_both_databases!(
    every_page_forward_and_backward_makes_the_whole_list,
    rows_of_the_same_moment_are_paged_through_as_well,
    nested_lists_are_paged_through_in_both_directions,
    each_parent_has_its_own_total_and_its_own_page,
    a_cursor_of_another_list_or_order_is_refused,
    a_forged_or_truncated_cursor_is_refused,
    a_cursor_made_with_another_key_is_refused,
    a_cursor_of_a_row_that_moved_still_has_its_place,
    a_page_has_between_one_and_a_hundred_rows,
    the_arguments_of_a_page_go_together,
    a_page_has_twenty_rows_when_nothing_is_said,
    an_empty_page_has_no_cursors,
);

const ORDERS: [(&str, &str); 15] = [
    ("counties", ""),
    ("townships", "CODE_ASC"),
    ("townships", "CODE_DESC"),
    ("villages", "CODE_ASC"),
    ("villages", "CODE_DESC"),
    ("officers", "CREATED_AT_ASC"),
    ("officers", "CREATED_AT_DESC"),
    ("households", "DOOR_ASC"),
    ("households", "UPDATED_AT_ASC"),
    ("households", "UPDATED_AT_DESC"),
    ("inquiries", "OPENED_AT_ASC"),
    ("inquiries", "OPENED_AT_DESC"),
    ("inquiries", "UPDATED_AT_ASC"),
    ("inquiries", "UPDATED_AT_DESC"),
    ("inquiries", "WAITING_SINCE_ASC"),
];

async fn page(actor: &Actor, list: &str, order: &str, window: &str) -> Answer {
    let order = if order.is_empty() { String::new() } else { format!("orderBy: {order}") };
    let arguments = format!("{order} {window}");
    let arguments =
        if arguments.trim().is_empty() { String::new() } else { format!("({arguments})") };
    let document = format!(
        "{{ list: {list}{arguments} {{ edges {{ cursor node {{ id }} }} totalCount \
         pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    actor.query(&document, json!({})).await
}

/// All ids of a list, two at a time; from the end when `backward`.
async fn walk(actor: &Actor, list: &str, order: &str, backward: bool) -> Vec<String> {
    let (size, beyond, more, cursor) = if backward {
        ("last: 2", "before", "hasPreviousPage", "startCursor")
    } else {
        ("first: 2", "after", "hasNextPage", "endCursor")
    };
    let (mut all, mut window) = (Vec::new(), size.to_owned());
    loop {
        let answer = page(actor, list, order, &window).await;
        let ids = answer.nodes("/list", "id");
        if backward {
            all.splice(0..0, ids);
        } else {
            all.extend(ids);
        }
        let info = answer.at("/list/pageInfo");
        if info[more] == false {
            return all;
        }
        window = format!("{size}, {beyond}: {}", info[cursor]);
    }
}

/// Three households and inquiries in each of two villages, `apart` after one another.
async fn fill(app: &TestApp, apart: Duration) {
    for village in [LIUHE, WANGLOU, LIUHE, WANGLOU, LIUHE] {
        let household = app.household(village).await;
        app.inquiry(&household).await;
        app.advance(apart);
    }
}

async fn assert_whole(app: &TestApp) {
    let (admin, officer) = (app.county_admin(), app.officer_posted_to(&[LIUHE, WANGLOU]).await);
    for (list, order) in ORDERS {
        let mut of_admin = None;
        for actor in [&admin, &officer] {
            let whole = page(actor, list, order, "first: 100").await;
            let ids = whole.nodes("/list", "id");
            assert_eq!(whole.at("/list/totalCount"), ids.len(), "{list} {order}");
            assert_eq!(walk(actor, list, order, false).await, ids, "{list} {order} forward");
            assert_eq!(walk(actor, list, order, true).await, ids, "{list} {order} backward");
            // All of them lie in the officer's villages.
            if ["households", "inquiries"].contains(&list) {
                assert_eq!(of_admin.get_or_insert(ids.clone()), &ids, "{list} {order}");
            }
        }
    }
}

async fn every_page_forward_and_backward_makes_the_whole_list(app: TestApp) {
    fill(&app, Duration::from_secs(1)).await;
    assert_whole(&app).await;
}

async fn rows_of_the_same_moment_are_paged_through_as_well(app: TestApp) {
    fill(&app, Duration::ZERO).await;
    assert_whole(&app).await;
}

async fn nested_lists_are_paged_through_in_both_directions(app: TestApp) {
    fill(&app, Duration::from_secs(1)).await;
    let admin = app.county_admin();
    let document = "query($first: Int, $after: String, $last: Int, $before: String) { \
        village(code: \"411481109204\") { households(first: $first, after: $after, last: $last, \
        before: $before) { edges { cursor node { door } } pageInfo { hasNextPage hasPreviousPage } } } }";
    let all = admin.query(document, json!({ "first": 10 })).await;
    assert_eq!(all.nodes("/village/households", "door"), ["1", "2", "3"]);
    let second = all.at("/village/households/edges/1/cursor");
    let rest = admin.query(document, json!({ "first": 10, "after": second })).await;
    assert_eq!(rest.nodes("/village/households", "door"), ["3"]);
    let start = admin.query(document, json!({ "last": 10, "before": second })).await;
    assert_eq!(start.nodes("/village/households", "door"), ["1"]);
    assert_eq!(start.at("/village/households/pageInfo/hasNextPage"), true);
    assert_eq!(start.at("/village/households/pageInfo/hasPreviousPage"), false);
}

async fn each_parent_has_its_own_total_and_its_own_page(app: TestApp) {
    fill(&app, Duration::from_secs(1)).await;
    let document = "query($code: DivisionCode!) { township(code: $code) { villages { edges { node { \
        code households(first: 2) { totalCount edges { node { door } } pageInfo { hasNextPage } } } } } } }";
    let answer = app.county_admin().query(document, json!({ "code": CHENJI })).await;
    let counts: Vec<Value> = (0..3)
        .map(|place| {
            let list = answer.at(&format!("/township/villages/edges/{place}/node/households"));
            json!([
                list["totalCount"],
                list["edges"].as_array().map(Vec::len),
                list["pageInfo"]["hasNextPage"]
            ])
        })
        .collect();
    assert_eq!(counts, [json!([0, 0, false]), json!([3, 2, true]), json!([2, 2, false])]);
}

async fn cursor(actor: &Actor, list: &str, order: &str) -> Value {
    page(actor, list, order, "first: 1").await.at("/list/pageInfo/endCursor").clone()
}

async fn a_cursor_of_another_list_or_order_is_refused(app: TestApp) {
    fill(&app, Duration::from_secs(1)).await;
    let admin = app.county_admin();
    for (list, order) in ORDERS {
        for (other, other_order) in ORDERS {
            let window = format!("first: 1, after: {}", cursor(&admin, list, order).await);
            let answer = page(&admin, other, other_order, &window).await;
            let own = (list, order) == (other, other_order);
            let expected = if own { "ok" } else { "BAD_CURSOR" };
            assert_eq!(answer.outcome(), expected, "{list} {order} in {other} {other_order}");
        }
    }
}

async fn a_forged_or_truncated_cursor_is_refused(app: TestApp) {
    fill(&app, Duration::ZERO).await;
    let admin = app.county_admin();
    let good = cursor(&admin, "households", "DOOR_ASC").await;
    let good = good.as_str().unwrap();
    let mut changed = good.to_owned();
    let last = changed.pop().unwrap();
    changed.push(if last == 'A' { 'Q' } else { 'A' });
    let long = "A".repeat(100_000);
    for bad in ["", "1", "户", "====", &good[1..], &good[..good.len() - 4], &changed, &long] {
        for window in ["first: 1, after", "last: 1, before"] {
            let window = format!("{window}: {}", json!(bad));
            let answer = page(&admin, "households", "DOOR_ASC", &window).await;
            assert_eq!(answer.outcome(), "BAD_CURSOR", "{window:.60}");
        }
    }
}

async fn a_cursor_made_with_another_key_is_refused(app: TestApp) {
    fill(&app, Duration::ZERO).await;
    let (here, there) = (app.analyst(), app.analyst().at(&app.with_newer_key().await));
    let foreign = format!("after: {}", cursor(&there, "villages", "CODE_ASC").await);
    assert_eq!(page(&here, "villages", "CODE_ASC", &foreign).await.outcome(), "BAD_CURSOR");
    // The newer instance knows our key.
    let ours = format!("after: {}", cursor(&here, "villages", "CODE_ASC").await);
    assert_eq!(page(&there, "villages", "CODE_ASC", &ours).await.outcome(), "ok");
}

async fn a_cursor_of_a_row_that_moved_still_has_its_place(app: TestApp) {
    fill(&app, Duration::from_secs(1)).await;
    let admin = app.county_admin();
    let answer = page(&admin, "households", "UPDATED_AT_ASC", "first: 2").await;
    let ids = answer.nodes("/list", "id");
    let after = answer.at("/list/pageInfo/endCursor");
    let input = json!({ "householdId": ids[1], "expectedVersion": 1, "peopleCount": 1 });
    admin.mutate("updateHousehold", input, "id").await.done();
    let window = format!("first: 10, after: {after}");
    let rest = page(&admin, "households", "UPDATED_AT_ASC", &window).await.nodes("/list", "id");
    assert_eq!((rest.len(), &rest[3]), (4, &ids[1]));
}

async fn a_page_has_between_one_and_a_hundred_rows(app: TestApp) {
    let admin = app.county_admin();
    for list in ["villages", "households", "inquiries"] {
        for size in ["-1", "0", "101", "-2147483648"] {
            for side in ["first", "last"] {
                let answer = page(&admin, list, "", &format!("{side}: {size}")).await;
                assert_eq!(answer.outcome(), "BAD_USER_INPUT", "{list} {side} {size}");
            }
        }
        for size in ["\"1\"", "1.5"] {
            let answer = page(&admin, list, "", &format!("first: {size}")).await;
            assert_eq!(answer.outcome(), "GRAPHQL_VALIDATION_FAILED", "{list} {size}");
        }
        // The guard counts what the page may cost before anybody looks at its size.
        for size in ["2147483647", "2147483648"] {
            let answer = page(&admin, list, "", &format!("first: {size}")).await;
            assert_eq!(answer.outcome(), "QUERY_TOO_LARGE", "{list} {size}");
        }
        assert_eq!(page(&admin, list, "", "first: 100").await.outcome(), "ok");
    }
}

async fn the_arguments_of_a_page_go_together(app: TestApp) {
    let admin = app.county_admin();
    let cursor = cursor(&admin, "villages", "CODE_ASC").await;
    for (window, expected) in [
        ("first: 1, last: 1".to_owned(), "BAD_USER_INPUT"),
        (format!("first: 1, before: {cursor}"), "BAD_USER_INPUT"),
        (format!("last: 1, after: {cursor}"), "BAD_USER_INPUT"),
        (format!("after: {cursor}, before: {cursor}"), "BAD_USER_INPUT"),
        (format!("before: {cursor}"), "ok"),
        (format!("after: {cursor}"), "ok"),
        ("first: null, last: null, after: null, before: null".to_owned(), "ok"),
    ] {
        let answer = page(&admin, "villages", "CODE_ASC", &window).await;
        assert_eq!(answer.outcome(), expected, "{window}");
    }
}

async fn a_page_has_twenty_rows_when_nothing_is_said(app: TestApp) {
    for _ in 0..21 {
        app.household(VILLAGES[0]).await;
    }
    let answer = page(&app.county_admin(), "households", "DOOR_ASC", "").await;
    assert_eq!(answer.nodes("/list", "id").len(), 20);
    assert_eq!(answer.at("/list/totalCount"), 21);
    assert_eq!(answer.at("/list/pageInfo/hasNextPage"), true);
}

async fn an_empty_page_has_no_cursors(app: TestApp) {
    let answer = page(&app.county_admin(), "households", "DOOR_ASC", "first: 1").await;
    let nothing = json!({ "hasNextPage": false, "hasPreviousPage": false,
                          "startCursor": null, "endCursor": null });
    assert_eq!(answer.at("/list/pageInfo"), &nothing);
}

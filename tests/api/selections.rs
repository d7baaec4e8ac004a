//! However a selection is written – in fragments, twice, under another name, on another type – the
//! answer is the same.

use crate::on_both_databases;
use crate::support::county::CHENJI;
use crate::support::{TestApp, Value, json};

on_both_databases!(
    fragments_give_what_their_fields_give,
    a_field_that_is_asked_for_twice_is_merged,
    skipped_fields_are_left_out,
);

/// The townships' villages, as `selection` asks for them.
async fn villages(app: &TestApp, selection: &str, fragments: &str) -> Value {
    let document = format!(
        "query($code: DivisionCode!, $no: Boolean = false) {{ township(code: $code) {{ villages \
         {{ edges {{ {selection} }} }} }} township2: township(code: $code) {{ code @skip(if: $no) }} }} \
         {fragments}"
    );
    let answer = app.county_admin().query(&document, json!({ "code": CHENJI })).await;
    answer.data()["township"]["villages"]["edges"].clone()
}

async fn fragments_give_what_their_fields_give(app: TestApp) {
    let plain = villages(&app, "node { __typename code township { name } }", "").await;
    assert_eq!(plain[0]["node"]["__typename"], "Village");
    assert_eq!(plain[0]["node"]["township"]["name"], "陈集镇");
    let parts = "fragment Part on Village { __typename code ...Rest } \
                 fragment Rest on Village { township { ... { name } } }";
    assert_eq!(villages(&app, "node { ...Part }", parts).await, plain);
    let by_interface =
        "fragment Part on Node { __typename ... on Village { code township { name } } }";
    assert_eq!(villages(&app, "node { ...Part }", by_interface).await, plain);
    let inline =
        "... on VillageEdge { node { ... on Village { __typename code } township { name } } }";
    assert_eq!(villages(&app, inline, "").await, plain);
}

async fn a_field_that_is_asked_for_twice_is_merged(app: TestApp) {
    let once = villages(&app, "node { code township { name code } }", "").await;
    let twice = "node { code township { name } } node { township { code } }";
    assert_eq!(villages(&app, twice, "").await, once);
    let below = "node { code township { name } township { code } }";
    assert_eq!(villages(&app, below, "").await, once);
}

async fn skipped_fields_are_left_out(app: TestApp) {
    let edges =
        villages(&app, "node { name code @include(if: $no) } cursor @skip(if: true)", "").await;
    let name = edges[0]["node"]["name"].clone();
    assert_eq!(edges[0], json!({ "node": { "name": name } }));
}

//! However a selection is written – in fragments, twice, under another name, on another type – the
//! answer is the same.

use crate::on_both_databases;
use crate::support::county::{CHENJI, COUNTY, LIUHE};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    fragments_give_what_their_fields_give,
    a_field_that_is_asked_for_twice_is_merged,
    skipped_fields_are_left_out,
    a_field_alone_says_what_it_says_among_all,
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
    let document = "query($code: DivisionCode!) { township(code: $code) { code county { name } } \
                    ...Again } fragment Again on Query { township(code: $code) { county { code } } }";
    let answer = app.county_admin().query(document, json!({ "code": CHENJI })).await;
    let county = json!({ "name": "永城市", "code": COUNTY });
    assert_eq!(answer.at("/township"), &json!({ "code": CHENJI, "county": county }));
}

async fn skipped_fields_are_left_out(app: TestApp) {
    let edges =
        villages(&app, "node { name code @include(if: $no) } cursor @skip(if: true)", "").await;
    let name = edges[0]["node"]["name"].clone();
    assert_eq!(edges[0], json!({ "node": { "name": name } }));
}

/// How each field of a type is asked for, without arguments.
async fn fields(app: &TestApp, name: &str) -> Vec<String> {
    let document = "query($name: String!) { __type(name: $name) { fields { name type { kind ofType { kind } } } } }";
    let answer = app.county_admin().query(document, json!({ "name": name })).await;
    let asked = |field: &Value| {
        let (of, inner) = (&field["type"]["kind"], &field["type"]["ofType"]["kind"]);
        let is_leaf = [of, inner].iter().any(|kind| *kind == "SCALAR" || *kind == "ENUM");
        let name = field["name"].as_str().unwrap();
        if is_leaf { name.to_owned() } else { format!("{name} {{ __typename }}") }
    };
    answer.at("/__type/fields").as_array().unwrap().iter().map(asked).collect()
}

async fn a_field_alone_says_what_it_says_among_all(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.contact_of(&household, "李秀英").await;
    let inquiry = app.inquiry(&household).await;
    let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": inquiry["version"] });
    let resolved = app.lead(LIUHE).mutate("resolveInquiry", input, "id").await;
    resolved.done();
    for (name, list, least) in [
        ("Household", "households", 15),
        ("Inquiry", "inquiries", 15),
        ("Township", "townships", 12),
        ("Village", "villages", 12),
    ] {
        let fields = fields(&app, name).await;
        assert!(fields.len() > least, "{fields:?}");
        let ask = async |selection: &str| {
            let document =
                format!("{{ {list}(first: 1) {{ edges {{ node {{ {selection} }} }} }} }}");
            let answer = app.county_admin().query(&document, json!({})).await;
            answer.at(&format!("/{list}/edges/0/node")).clone()
        };
        let all = ask(&fields.join(" ")).await;
        for field in fields {
            let name = field.split(' ').next().unwrap();
            assert_eq!(ask(&field).await, json!({ name: all[name] }), "{field}");
        }
    }
}

//! What fails alone is null alone: its siblings stand (GraphQL §6.4.4, DESIGN §4).

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    a_root_field_that_fails_leaves_the_others,
    a_list_that_the_role_does_not_see_leaves_its_parent,
    a_bad_page_of_one_parent_leaves_the_parent,
);

async fn a_root_field_that_fails_leaves_the_others(app: TestApp) {
    let document = "{ village(code: \"999999999999\") { name } townships { totalCount } }";
    let answer = app.county_admin().query(document, json!({})).await;
    assert_eq!(answer.outcome(), "NOT_FOUND");
    let expected = json!({ "village": null, "townships": { "totalCount": 3 } });
    assert_eq!(answer.json["data"], expected, "{}", answer.json);
}

async fn a_list_that_the_role_does_not_see_leaves_its_parent(app: TestApp) {
    let document = "query($code: DivisionCode!) { township(code: $code) { name \
                    households { totalCount } inquiries { totalCount } villages { totalCount } } }";
    let answer = app.analyst().query(document, json!({ "code": CHENJI })).await;
    assert_eq!(answer.outcome(), "FORBIDDEN");
    let expected = json!({ "name": "陈集镇", "households": null, "inquiries": null,
                           "villages": { "totalCount": 3 } });
    assert_eq!(answer.json["data"]["township"], expected, "{}", answer.json);
}

async fn a_bad_page_of_one_parent_leaves_the_parent(app: TestApp) {
    let document = "query($code: DivisionCode!) { village(code: $code) { name \
                    households(after: \"x\") { totalCount } } }";
    let answer = app.county_admin().query(document, json!({ "code": LIUHE })).await;
    assert_eq!(answer.outcome(), "BAD_CURSOR");
    assert_eq!(answer.json["data"]["village"]["name"], "刘河村委会", "{}", answer.json);
    assert_eq!(answer.json["data"]["village"]["households"], Value::Null);
}

//! Finding households: by text, by filter, in order.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, DONGCHENG, LIUHE, OTHER_LIUHE, VILLAGES, WANGLOU};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    households_are_found_by_a_part_of_a_label_or_of_a_contacts_name,
    a_renamed_contact_is_found_by_the_new_name_only,
    a_search_finds_wildcards_as_they_are,
    a_search_finds_nothing_that_is_masked,
    filters_narrow_the_list,
    orders_put_the_list_in_order,
);

async fn labels(app: &TestApp, filter: Value) -> Vec<String> {
    let document = "query($filter: HouseholdFilter) { households(filter: $filter) { \
                    edges { node { label } } } }";
    let answer = app.county_admin().query(document, json!({ "filter": filter })).await;
    answer.nodes("/households", "label")
}

async fn households_are_found_by_a_part_of_a_label_or_of_a_contacts_name(app: TestApp) {
    let household = app.labelled(LIUHE, "刘河村1组-欧阳建国").await;
    app.labelled(LIUHE, "刘河村1组-李秀英").await;
    app.contact_of(&household, "司马相如").await;
    for text in ["欧阳", "建国", "阳建国", "刘河村1组-欧阳", "司马", "马相如", " 司 马 "]
    {
        assert_eq!(labels(&app, json!({ "text": text })).await, ["刘河村1组-欧阳建国"], "{text}");
    }
    assert_eq!(labels(&app, json!({ "text": "刘河" })).await.len(), 2);
    // The pairs 建国 and 国建 are there, the text is not.
    assert_eq!(labels(&app, json!({ "text": "国司" })).await, [""; 0]);
}

async fn a_renamed_contact_is_found_by_the_new_name_only(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let input = json!({ "contactId": contact["id"], "expectedVersion": 1, "name": "王卫东" });
    app.county_admin().mutate("updateContact", input, "id").await.done();
    assert_eq!(labels(&app, json!({ "text": "卫东" })).await.len(), 1);
    assert_eq!(labels(&app, json!({ "text": "建国" })).await.len(), 0);
}

async fn a_search_finds_wildcards_as_they_are(app: TestApp) {
    app.labelled(LIUHE, "50%_a").await;
    app.labelled(LIUHE, "50xya").await;
    assert_eq!(labels(&app, json!({ "text": "0%_" })).await, ["50%_a"]);
    assert_eq!(labels(&app, json!({ "text": "%%" })).await.len(), 0);
}

async fn a_search_finds_nothing_that_is_masked(app: TestApp) {
    let household = app.labelled(LIUHE, "刘河村1组-欧阳建国").await;
    app.labelled(LIUHE, "欧阳建国").await;
    app.contact_of(&household, "司马相如").await;
    let document = "query($text: String) { households(filter: { text: $text }) { totalCount } }";
    let auditor = app.auditor();
    for (text, count) in
        [("欧阳", 0), ("建国", 0), ("1组-欧", 0), ("司马", 0), ("刘河村", 1), ("村1组-", 1)]
    {
        let answer = auditor.query(document, json!({ "text": text })).await;
        assert_eq!(answer.at("/households/totalCount"), count, "{text}");
    }
}

async fn filters_narrow_the_list(app: TestApp) {
    for village in VILLAGES {
        app.labelled(village, village).await;
    }
    let mark = app.now();
    app.advance(Duration::from_secs(60));
    let second = json!({ "idempotencyKey": "b", "villageCode": LIUHE, "groupNumber": 2,
                         "label": "2组", "peopleCount": 0, "status": "VACANT", "statusReason": "无人居住" });
    app.county_admin().mutate("registerHousehold", second, "id").await.done();
    let since = mark + chrono::TimeDelta::seconds(1);
    assert_eq!(labels(&app, json!({ "townshipCode": CHENJI })).await.len(), 4);
    assert_eq!(labels(&app, json!({ "villageCode": OTHER_LIUHE })).await, [OTHER_LIUHE]);
    assert_eq!(labels(&app, json!({ "villageCode": LIUHE, "groupNumber": 2 })).await, ["2组"]);
    assert_eq!(labels(&app, json!({ "statuses": ["VACANT", "DECLINED"] })).await, ["2组"]);
    assert_eq!(labels(&app, json!({ "statuses": [] })).await.len(), 0);
    assert_eq!(labels(&app, json!({ "updatedSince": since })).await, ["2组"]);
    assert_eq!(
        labels(&app, json!({ "villageCode": DONGCHENG, "townshipCode": CHENJI })).await.len(),
        0
    );
    let answer = app
        .county_admin()
        .query("{ households(filter: { groupNumber: 2 }) { totalCount } }", json!({}))
        .await;
    assert_eq!(answer.outcome(), "BAD_USER_INPUT");
}

async fn orders_put_the_list_in_order(app: TestApp) {
    let first = app.labelled(WANGLOU, "first").await;
    for label in ["second", "third"] {
        app.advance(Duration::from_secs(1));
        app.labelled(LIUHE, label).await;
    }
    app.advance(Duration::from_secs(1));
    let input = json!({ "householdId": first["id"], "expectedVersion": 1, "peopleCount": 9 });
    app.county_admin().mutate("updateHousehold", input, "id").await.done();
    for (order, expected) in [
        ("DOOR_ASC", ["second", "third", "first"]),
        ("UPDATED_AT_ASC", ["second", "third", "first"]),
        ("UPDATED_AT_DESC", ["first", "third", "second"]),
    ] {
        let document =
            format!("{{ households(orderBy: {order}) {{ edges {{ node {{ label }} }} }} }}");
        let answer = app.county_admin().query(&document, json!({})).await;
        assert_eq!(answer.nodes("/households", "label"), expected, "{order}");
    }
}

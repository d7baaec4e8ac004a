//! The division tree has a past.

use super::reorganisations::{DAY, merge, village};
use crate::on_both_databases;
use crate::support::county::{CHENJI, COUNTY, LIUHE, MANGSHAN, SHIYUAN, VILLAGES, WANGLOU};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    a_renamed_village_keeps_its_past,
    a_county_and_a_township_are_renamed_too,
    the_tree_is_shown_as_it_was_on_a_day,
    a_day_to_come_is_refused,
    a_change_before_the_last_one_is_refused,
);

async fn a_renamed_village_keeps_its_past(app: TestApp) {
    app.advance(DAY);
    let admin = app.county_admin();
    let input = json!({ "idempotencyKey": "a", "code": LIUHE, "name": "新刘河村" });
    let made =
        admin.mutate("renameDivision", input, "kind effectiveOn householdCount").await.done();
    assert_eq!(made["kind"], "DIVISION_RENAMED");
    let now = village(&app, LIUHE).await;
    assert_eq!((&now["name"], &now["validFrom"]), (&json!("新刘河村"), &json!("2026-09-02")));
    let history = json!([
        { "name": "刘河村委会", "parentCode": CHENJI, "validFrom": null, "validUntil": "2026-09-02" },
        { "name": "新刘河村", "parentCode": CHENJI, "validFrom": "2026-09-02", "validUntil": null },
    ]);
    assert_eq!(now["history"], history);
    let document =
        "query($code: DivisionCode!, $day: Date) { village(code: $code, asOf: $day) { name } }";
    for (day, name) in [("2026-09-01", "刘河村委会"), ("2026-09-02", "新刘河村")] {
        let answer = app.analyst().query(document, json!({ "code": LIUHE, "day": day })).await;
        assert_eq!(answer.at("/village/name"), name, "{day}");
    }
}

async fn a_county_and_a_township_are_renamed_too(app: TestApp) {
    app.advance(DAY);
    for (kind, code) in [("county", COUNTY), ("township", CHENJI)] {
        let input = json!({ "idempotencyKey": kind, "code": code, "name": "新名" });
        app.county_admin().mutate("renameDivision", input, "id").await.done();
        let document = format!(
            "{{ now: {kind}(code: \"{code}\") {{ name history {{ name }} }} \
             then: {kind}(code: \"{code}\", asOf: \"2026-09-01\") {{ name }} }}"
        );
        let answer = app.analyst().query(&document, json!({})).await;
        assert_eq!(answer.at("/now/name"), "新名");
        assert_ne!(answer.at("/then/name"), "新名");
        assert_eq!(answer.at("/now/history").as_array().map(Vec::len), Some(2));
    }
}

async fn the_tree_is_shown_as_it_was_on_a_day(app: TestApp) {
    app.advance(DAY);
    let admin = app.county_admin();
    let input = json!({ "idempotencyKey": "a", "villageCode": WANGLOU, "townshipCode": MANGSHAN,
                        "newCode": "411481101299" });
    admin.mutate("moveVillage", input, "id").await.done();
    admin.mutate("mergeVillages", merge(&[SHIYUAN], "411481101204"), "id").await.done();
    let document = "query($day: Date) { townships(filter: { asOf: $day }) { edges { node { \
        villages(filter: { asOf: $day }) { edges { node { code township { code } } } } } } } }";
    let codes = async |day: Value| {
        let answer = app.analyst().query(document, json!({ "day": day })).await;
        let townships = answer.at("/townships/edges").as_array().unwrap().clone();
        let villages = townships
            .iter()
            .flat_map(|edge| edge["node"]["villages"]["edges"].as_array().unwrap().clone());
        villages.map(|edge| edge["node"]["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(json!("2026-09-01")).await, VILLAGES);
    let now = codes(Value::Null).await;
    assert_eq!(now, codes(json!("2026-09-02")).await);
    assert_eq!(now.len(), 6);
    assert!(now.contains(&"411481101299".to_owned()) && !now.contains(&WANGLOU.to_owned()));
}

async fn a_day_to_come_is_refused(app: TestApp) {
    for document in [
        "{ village(code: \"411481109204\", asOf: \"2026-09-02\") { name } }",
        "{ townships(filter: { asOf: \"2999-01-01\" }) { totalCount } }",
    ] {
        let answer = app.analyst().query(document, json!({})).await;
        assert_eq!(answer.code(), Some("BAD_USER_INPUT"), "{document}");
    }
    let malformed = "{ village(code: \"411481109204\", asOf: \"2026-9-1\") { name } }";
    let answer = app.analyst().query(malformed, json!({})).await;
    assert_eq!(answer.code(), Some("BAD_USER_INPUT"));
}

async fn a_change_before_the_last_one_is_refused(app: TestApp) {
    app.advance(DAY * 10);
    let admin = app.county_admin();
    let rename = |key: &str, name: &str, day: &str| json!({ "idempotencyKey": key, "code": LIUHE, "name": name, "effectiveOn": day });
    admin.mutate("renameDivision", rename("a", "甲村", "2026-09-05"), "id").await.done();
    for (key, day) in [("b", "2026-09-05"), ("c", "2026-09-04"), ("d", "2026-09-12")] {
        let answer = admin.mutate("renameDivision", rename(key, "乙村", day), "id").await;
        assert_eq!(answer.outcome(), "INVALID effectiveOn", "{day}");
    }
    let late = with(merge(&[LIUHE], WANGLOU), "effectiveOn", "2026-09-05");
    let answer = admin.mutate("mergeVillages", late, "id").await;
    assert_eq!(answer.outcome(), "INVALID effectiveOn");
    admin.mutate("renameDivision", rename("e", "乙村", "2026-09-06"), "id").await.done();
    assert_eq!(village(&app, LIUHE).await["history"].as_array().map(Vec::len), Some(3));
}

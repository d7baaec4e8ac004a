//! Doubles are suggested.

use crate::on_both_databases;
use crate::support::county::{CHENJI, DONGCHENG, LIUHE, SHIYUAN, WANGLOU};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    the_same_phone_number_is_a_strong_sign,
    one_contact_of_two_households_is_a_strong_sign_but_a_caretaker_is_none,
    an_equal_number_is_found_under_an_older_key,
    names_that_are_alike_in_one_group_are_signs,
    nobody_is_suggested_from_outside_the_area,
    suggestions_take_as_many_statements_for_a_page_as_for_one,
);

pub async fn doubles(actor: &Actor, household: &Value) -> Vec<(String, Vec<String>, String)> {
    let document = "query($id: ID!) { household(id: $id) { possibleDuplicates { strength reasons \
                    household { label } } } }";
    let answer = actor.query(document, json!({ "id": household["id"] })).await;
    let found = answer.at("/household/possibleDuplicates").as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    found
        .iter()
        .map(|one| {
            let reasons = one["reasons"].as_array().unwrap().iter().map(text).collect();
            (text(&one["household"]["label"]), reasons, text(&one["strength"]))
        })
        .collect()
}

pub async fn contact(
    app: &TestApp,
    household: &Value,
    name: &str,
    phone: &str,
    standing: &str,
) -> Value {
    let input = json!({ "idempotencyKey": app.service().new_id(), "householdId": household["id"],
        "name": name, "phone": phone, "standing": standing, "consent": app.consent() });
    app.county_admin().mutate("enrolContact", input, "id").await.done()
}

async fn the_same_phone_number_is_a_strong_sign(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-赵").await, app.labelled(WANGLOU, "1组-钱").await);
    contact(&app, &one, "赵一", "10012345678", "PRIMARY").await;
    contact(&app, &other, "钱二", "100 1234 5678", "BACKUP").await;
    let found = doubles(&app.chief(CHENJI), &one).await;
    let expected = ("1组-钱".to_owned(), vec!["SAME_PHONE".to_owned()], "STRONG".to_owned());
    assert_eq!(found, [expected]);
}

async fn one_contact_of_two_households_is_a_strong_sign_but_a_caretaker_is_none(app: TestApp) {
    let one = app.labelled(LIUHE, "1组-赵").await;
    let other = app.labelled(WANGLOU, "1组-钱").await;
    let cared_for = app.labelled(WANGLOU, "1组-孙").await;
    let known = contact(&app, &one, "赵一", "10012345678", "PRIMARY").await;
    for (household, standing) in [(&other, "BACKUP"), (&cared_for, "CARETAKER")] {
        let input = json!({ "idempotencyKey": standing, "householdId": household["id"],
            "contactId": known["id"], "standing": standing });
        app.county_admin().mutate("enrolContact", input, "id").await.done();
    }
    let found = doubles(&app.county_admin(), &one).await;
    let expected = ("1组-钱".to_owned(), vec!["SAME_CONTACT".to_owned()], "STRONG".to_owned());
    assert_eq!(found, [expected]);
}

async fn an_equal_number_is_found_under_an_older_key(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-赵").await, app.labelled(WANGLOU, "1组-钱").await);
    contact(&app, &one, "赵一", "10012345678", "PRIMARY").await;
    let newer = app.with_newer_key().await;
    contact(&newer, &other, "钱二", "10012345678", "PRIMARY").await;
    for household in [&one, &other] {
        let found = doubles(&app.county_admin().at(&newer), household).await;
        assert_eq!(found[0].1, ["SAME_PHONE"]);
    }
}

async fn names_that_are_alike_in_one_group_are_signs(app: TestApp) {
    let household = app.labelled(LIUHE, "1组-王建国").await;
    for label in ["1组-王建囯", "1组-王见国", "1组-王建军", "1组-李秀英"] {
        app.labelled(LIUHE, label).await;
    }
    app.labelled(WANGLOU, "1组-王建国").await;
    let found = doubles(&app.lead(LIUHE), &household).await;
    let told: Vec<(&str, &str, &str)> = found
        .iter()
        .map(|(label, reasons, strength)| (label.as_str(), reasons[0].as_str(), strength.as_str()))
        .collect();
    assert_eq!(told[0], ("1组-王建囯", "SAME_NAME", "STRONG"));
    assert_eq!(told.len(), 3);
    assert!(told.contains(&("1组-王见国", "SAME_SOUND", "WEAK")));
    assert!(told.contains(&("1组-王建军", "ONE_CHARACTER_DIFFERENT", "WEAK")));
}

async fn nobody_is_suggested_from_outside_the_area(app: TestApp) {
    let (one, other) = (app.household(LIUHE).await, app.household(DONGCHENG).await);
    contact(&app, &one, "赵一", "10012345678", "PRIMARY").await;
    contact(&app, &other, "赵一", "10012345678", "PRIMARY").await;
    assert_eq!(doubles(&app.lead(LIUHE), &one).await.len(), 0);
    assert_eq!(doubles(&app.county_admin(), &one).await.len(), 1);
    let document =
        "query($id: ID!) { household(id: $id) { label possibleDuplicates { strength } } }";
    let answer = app.auditor().query(document, json!({ "id": one["id"] })).await;
    assert_eq!(answer.json["data"]["household"]["possibleDuplicates"], Value::Null);
    assert_eq!(answer.code(), Some("FORBIDDEN"));
}

async fn suggestions_take_as_many_statements_for_a_page_as_for_one(app: TestApp) {
    for village in [SHIYUAN, SHIYUAN, LIUHE, LIUHE, WANGLOU] {
        app.household(village).await;
    }
    let list = |first: u8| {
        format!(
            "{{ households(first: {first}) {{ edges {{ node {{ possibleDuplicates {{ reasons \
             household {{ label village {{ name }} }} }} }} }} }} }}"
        )
    };
    let admin = app.county_admin();
    let (one, answer) = app.statements(admin.query(&list(1), json!({}))).await;
    answer.data();
    let (page, answer) = app.statements(admin.query(&list(50), json!({}))).await;
    answer.data();
    assert_eq!(one, page);
}

//! Households and their contacts.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    an_officer_registers_a_household_in_the_own_village,
    the_next_door_is_found_and_a_new_group_is_made,
    a_registration_says_which_field_is_wrong,
    a_household_does_not_become_enrolled_by_hand,
    registering_twice_with_one_key_makes_one_household,
    a_key_is_refused_for_another_input,
    a_key_belongs_to_its_caller,
    the_same_key_sent_twice_at_once_makes_one_household,
    a_household_needs_an_officer_in_its_village,
    an_update_of_an_old_version_is_refused,
    an_update_changes_what_is_given_and_nothing_else,
);

fn registration(village: &str, key: &str) -> Value {
    json!({ "idempotencyKey": key, "villageCode": village, "groupNumber": 1,
            "label": "刘河村1组-王建国", "peopleCount": 4 })
}

async fn an_officer_registers_a_household_in_the_own_village(app: TestApp) {
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let input = with(registration(LIUHE, "a"), "address", "村东头");
    let wanted = "label address peopleCount status version door village { code } \
                  township { code } group { number code }";
    let household = officer.mutate("registerHousehold", input, wanted).await.done();
    assert_eq!(
        household,
        json!({ "label": "刘河村1组-王建国", "address": "村东头", "peopleCount": 4,
                "status": "UNVISITED", "version": 1, "door": 1, "village": { "code": LIUHE },
                "township": { "code": CHENJI },
                "group": { "number": 1, "code": format!("{LIUHE}-01") } })
    );
}

async fn the_next_door_is_found_and_a_new_group_is_made(app: TestApp) {
    let admin = app.county_admin();
    for (key, door) in [("a", 1), ("b", 2)] {
        let input = with(registration(LIUHE, key), "groupNumber", 7);
        let wanted = "door group { number }";
        let household = admin.mutate("registerHousehold", input, wanted).await.done();
        assert_eq!(household, json!({ "door": door, "group": { "number": 7 } }));
    }
}

async fn a_registration_says_which_field_is_wrong(app: TestApp) {
    let admin = app.county_admin();
    let cases: [(&str, Value, &str); 9] = [
        ("label", "".into(), "BLANK label"),
        ("label", "长".repeat(61).into(), "TOO_LONG label"),
        ("address", "长".repeat(201).into(), "TOO_LONG address"),
        ("peopleCount", 100.into(), "INVALID peopleCount"),
        ("peopleCount", (-1).into(), "INVALID peopleCount"),
        ("groupNumber", 0.into(), "INVALID groupNumber"),
        ("door", 10_000.into(), "INVALID door"),
        ("idempotencyKey", " ".into(), "BLANK idempotencyKey"),
        ("villageCode", "411481109999".into(), "NOT_FOUND villageCode"),
    ];
    for (field, value, expected) in cases {
        let input = with(registration(LIUHE, "a"), field, value);
        let answer = admin.mutate("registerHousehold", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
}

async fn a_household_does_not_become_enrolled_by_hand(app: TestApp) {
    let input = with(registration(LIUHE, "a"), "status", "ENROLLED");
    let answer = app.county_admin().mutate("registerHousehold", input, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE status");
}

async fn registering_twice_with_one_key_makes_one_household(app: TestApp) {
    let admin = app.county_admin();
    let input = registration(LIUHE, "a");
    let first = admin.mutate("registerHousehold", input.clone(), "id").await.done();
    let second = admin.mutate("registerHousehold", input, "id").await.done();
    assert_eq!(first, second);
    assert_eq!(app.number("SELECT count(*) FROM household").await, 1);
}

async fn a_key_is_refused_for_another_input(app: TestApp) {
    let admin = app.county_admin();
    admin.mutate("registerHousehold", registration(LIUHE, "a"), "id").await.done();
    let input = with(registration(LIUHE, "a"), "peopleCount", 5);
    let answer = admin.mutate("registerHousehold", input, "id").await;
    assert_eq!(answer.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn a_key_belongs_to_its_caller(app: TestApp) {
    let input = registration(LIUHE, "a");
    let admin = app.county_admin().mutate("registerHousehold", input.clone(), "id").await.done();
    let chief = app.chief(CHENJI).mutate("registerHousehold", input, "id").await.done();
    assert_ne!(admin, chief);
}

async fn the_same_key_sent_twice_at_once_makes_one_household(app: TestApp) {
    let admin = app.county_admin();
    let send = || admin.mutate("registerHousehold", registration(LIUHE, "a"), "id");
    let (a, b, c) = tokio::join!(send(), send(), send());
    let ids = [a.done(), b.done(), c.done()];
    assert!(ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
    assert_eq!(app.number("SELECT count(*) FROM household").await, 1);
}

async fn a_household_needs_an_officer_in_its_village(app: TestApp) {
    app.sql(&format!("DELETE FROM posting WHERE village_code = '{LIUHE}'")).await;
    let input = registration(LIUHE, "a");
    let answer = app.county_admin().mutate("registerHousehold", input, "id").await;
    assert_eq!(answer.outcome(), "WITHOUT_OFFICER villageCode");
}

async fn an_update_of_an_old_version_is_refused(app: TestApp) {
    let household = app.household(LIUHE).await;
    let input = |people: i32| json!({ "householdId": household["id"], "expectedVersion": 1, "peopleCount": people });
    let admin = app.county_admin();
    let (first, second) = tokio::join!(
        admin.mutate("updateHousehold", input(5), "version"),
        admin.mutate("updateHousehold", input(6), "version"),
    );
    let mut outcomes = [first.outcome(), second.outcome()];
    outcomes.sort();
    assert_eq!(outcomes, ["VERSION_CONFLICT expectedVersion", "ok"]);
}

async fn an_update_changes_what_is_given_and_nothing_else(app: TestApp) {
    let household = app.household(LIUHE).await;
    let wanted = "label address peopleCount status version group { number }";
    let input = json!({ "householdId": household["id"], "expectedVersion": 1,
                        "status": "DECLINED", "statusReason": "暂不需要", "address": null, "groupNumber": 2 });
    let changed = app.county_admin().mutate("updateHousehold", input, wanted).await.done();
    assert_eq!(
        changed,
        json!({ "label": "1组-李秀英", "address": null, "peopleCount": 4, "status": "DECLINED",
                "version": 2, "group": { "number": 2 } })
    );
}

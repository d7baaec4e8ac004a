//! The division tree changes, and everything in it moves along.

use crate::on_both_databases;
use crate::support::county::{CHENJI, CHENJI_VILLAGE, LIUHE, MANGSHAN, SHIYUAN, WANGLOU};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    a_merged_village_points_to_its_successor,
    a_merge_takes_households_postings_and_open_inquiries_along,
    a_code_of_yesterday_finds_its_place_today,
    a_preview_changes_nothing_and_tells_everything,
    a_village_moves_to_another_township,
    a_village_is_split,
    a_group_of_yesterday_finds_its_place_today,
    households_move_to_another_group,
    a_chief_moves_households_within_the_own_township_only,
    no_household_is_left_without_an_officer,
    impossible_changes_are_refused,
    the_same_key_changes_nothing_more,
    the_number_of_statements_does_not_follow_the_households,
    a_household_cannot_be_registered_into_a_merge,
);

pub const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

pub fn merge(from: &[&str], into: &str) -> Value {
    json!({ "idempotencyKey": format!("merge {from:?} {into}"), "villageCodes": from, "intoCode": into })
}

pub async fn village(app: &TestApp, code: &str) -> Value {
    let document = "query($code: DivisionCode!) { village(code: $code) { name endedOn validFrom \
        township { code } successor { code name } predecessors { code } \
        groups(first: 50) { edges { node { number } } } \
        postings(filter: { currentAt: \"2026-12-01T00:00:00Z\" }) { edges { node { duty officer { id } } } } \
        history { name parentCode validFrom validUntil } \
        households { totalCount } inquiries { totalCount } openInquiryCount coverage { denominator } } }";
    let answer = app.county_admin().query(document, json!({ "code": code })).await;
    answer.at("/village").clone()
}

async fn a_merged_village_points_to_its_successor(app: TestApp) {
    app.county_admin().mutate("mergeVillages", merge(&[WANGLOU], LIUHE), "id").await.done();
    let ended = village(&app, WANGLOU).await;
    assert_eq!((&ended["name"], &ended["endedOn"]), (&json!("王楼村委会"), &json!("2026-09-01")));
    assert_eq!(ended["successor"]["code"], LIUHE);
    let living = village(&app, LIUHE).await;
    assert_eq!(living["predecessors"], json!([{ "code": WANGLOU }]));
    let groups = living["groups"]["edges"].as_array().unwrap();
    assert!(groups.iter().map(|edge| &edge["node"]["number"]).eq([1, 2, 3, 4]));
    let list = "query($all: Boolean) { villages(filter: { townshipCode: \"411481109\", includeEnded: $all }) \
                { totalCount } }";
    for (all, count) in [(Value::Null, 2), (json!(true), 3)] {
        let answer = app.analyst().query(list, json!({ "all": all })).await;
        assert_eq!(answer.at("/villages/totalCount"), count);
    }
}

async fn a_merge_takes_households_postings_and_open_inquiries_along(app: TestApp) {
    let admin = app.county_admin();
    let household = app.household(WANGLOU).await;
    app.household(LIUHE).await;
    let (open, resolved) = (app.inquiry(&household).await, app.inquiry(&household).await);
    let input = json!({ "inquiryId": resolved["id"], "expectedVersion": 1 });
    admin.mutate("resolveInquiry", input, "id").await.done();
    let made = admin
        .mutate(
            "mergeVillages",
            merge(&[WANGLOU], LIUHE),
            "dryRun groupCount householdCount peopleCount postingCount openInquiryCount \
             numbers { code householdsBefore householdsAfter }",
        )
        .await
        .done();
    let expected = json!({ "dryRun": false, "groupCount": 2, "householdCount": 1, "peopleCount": 4,
        "postingCount": 1, "openInquiryCount": 1, "numbers": [
            { "code": LIUHE, "householdsBefore": 1, "householdsAfter": 2 },
            { "code": WANGLOU, "householdsBefore": 1, "householdsAfter": 0 },
        ] });
    assert_eq!(made, expected);
    let document = "query($id: ID!, $open: ID!, $resolved: ID!) { household(id: $id) { version \
        village { code } group { number } } open: inquiry(id: $open) { version village { code } } \
        resolved: inquiry(id: $resolved) { village { code } } }";
    let ids = json!({ "id": household["id"], "open": open["id"], "resolved": resolved["id"] });
    for officer in [app.lead(WANGLOU), app.lead(LIUHE)] {
        let answer = officer.query(document, ids.clone()).await;
        let found = &answer.json["data"];
        assert_eq!(found["household"]["village"]["code"], LIUHE);
        assert_eq!(found["household"]["group"]["number"], 3);
        assert_eq!(
            (&found["household"]["version"], &found["open"]["version"]),
            (&json!(2), &json!(2))
        );
        assert_eq!(found["open"]["village"]["code"], LIUHE);
        assert_eq!(found["resolved"], Value::Null, "it stays where it happened");
    }
    let answer = admin.query(document, ids).await;
    assert_eq!(answer.at("/resolved/village/code"), WANGLOU);
    app.count_events().await;
    let (old, new) = (village(&app, WANGLOU).await, village(&app, LIUHE).await);
    assert_eq!((&old["openInquiryCount"], &new["openInquiryCount"]), (&json!(0), &json!(1)));
    let counted = (&old["coverage"]["denominator"], &new["coverage"]["denominator"]);
    assert_eq!(counted, (&json!(0), &json!(2)));
    assert_eq!(new["postings"]["edges"].as_array().map(Vec::len), Some(2));
    assert_eq!(old["postings"]["edges"].as_array().map(Vec::len), Some(0));
}

async fn a_code_of_yesterday_finds_its_place_today(app: TestApp) {
    app.household(WANGLOU).await;
    let admin = app.county_admin();
    admin.mutate("mergeVillages", merge(&[WANGLOU], LIUHE), "id").await.done();
    admin.mutate("mergeVillages", merge(&[LIUHE], CHENJI_VILLAGE), "id").await.done();
    let list =
        "query($code: DivisionCode) { households(filter: { villageCode: $code }) { totalCount } }";
    for code in [WANGLOU, LIUHE, CHENJI_VILLAGE] {
        let answer = admin.query(list, json!({ "code": code })).await;
        assert_eq!(answer.at("/households/totalCount"), 1, "{code}");
    }
    let input = json!({ "idempotencyKey": "a", "villageCode": WANGLOU, "groupNumber": 1, "label": "新户",
                        "peopleCount": 2 });
    let made = app
        .lead(WANGLOU)
        .mutate("registerHousehold", input, "village { code } group { number }")
        .await;
    assert_eq!(made.done()["village"]["code"], CHENJI_VILLAGE);
}

async fn a_preview_changes_nothing_and_tells_everything(app: TestApp) {
    let household = app.household(WANGLOU).await;
    app.inquiry(&household).await;
    let events = app.number("SELECT count(*) FROM event").await;
    let input = with(merge(&[WANGLOU], LIUHE), "dryRun", true);
    let told = app
        .county_admin()
        .mutate("mergeVillages", input.clone(), "dryRun householdCount openInquiryCount")
        .await
        .done();
    assert_eq!(told, json!({ "dryRun": true, "householdCount": 1, "openInquiryCount": 1 }));
    assert_eq!(village(&app, WANGLOU).await["endedOn"], Value::Null);
    assert_eq!(app.number("SELECT count(*) FROM event").await, events);
    assert_eq!(app.number("SELECT count(*) FROM reorganisation").await, 0);
    // The key is still good for the change itself.
    app.county_admin().mutate("mergeVillages", with(input, "dryRun", false), "id").await.done();
}

async fn a_village_moves_to_another_township(app: TestApp) {
    let household = app.household(WANGLOU).await;
    app.inquiry(&household).await;
    let new = "411481101299";
    let input = json!({ "idempotencyKey": "a", "villageCode": WANGLOU, "townshipCode": MANGSHAN,
                        "newCode": new });
    let wanted = "numbers { code householdsBefore householdsAfter }";
    let made = app.county_admin().mutate("moveVillage", input, wanted).await.done();
    assert_eq!(made["numbers"].as_array().map(Vec::len), Some(4), "both villages, both townships");
    app.count_events().await;
    let moved = village(&app, new).await;
    assert_eq!(
        (&moved["name"], &moved["township"]["code"]),
        (&json!("王楼村委会"), &json!(MANGSHAN))
    );
    assert_eq!(
        (&moved["coverage"]["denominator"], &moved["openInquiryCount"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(village(&app, WANGLOU).await["successor"]["code"], new);
    let chief = app.chief(MANGSHAN);
    let document = "query($id: ID!) { household(id: $id) { township { code } } }";
    let answer = chief.query(document, json!({ "id": household["id"] })).await;
    assert_eq!(answer.at("/household/township/code"), MANGSHAN);
    let answer = app.chief(CHENJI).query(document, json!({ "id": household["id"] })).await;
    assert_eq!(answer.code(), Some("NOT_FOUND"));
}

async fn a_village_is_split(app: TestApp) {
    let (stays, goes) = (app.household(LIUHE).await, app.in_group(LIUHE, 2).await);
    let new = "411481109299";
    let input = json!({ "idempotencyKey": "a", "villageCode": LIUHE, "newCode": new, "name": "小刘河村",
                        "groupNumbers": [2] });
    let made =
        app.county_admin().mutate("splitVillage", input, "householdCount postingCount").await;
    assert_eq!(made.done(), json!({ "householdCount": 1, "postingCount": 1 }));
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Household { village { code } \
                    group { number } } } }";
    // The officer of the old village looks after the new one as well.
    let officer = app.lead(LIUHE);
    let answer = officer.query(document, json!({ "ids": [stays["id"], goes["id"]] })).await;
    let expected = json!([
        { "village": { "code": LIUHE }, "group": { "number": 1 } },
        { "village": { "code": new }, "group": { "number": 2 } },
    ]);
    assert_eq!(answer.at("/nodes"), &expected);
    assert_eq!(village(&app, LIUHE).await["endedOn"], Value::Null);
}

async fn a_group_of_yesterday_finds_its_place_today(app: TestApp) {
    let admin = app.county_admin();
    let household = app.household(LIUHE).await;
    let file = format!(
        "村代码,组,户主,门牌\n{LIUHE},1,1组-李秀英,{}\n{LIUHE},2,新户,\n",
        household["door"]
    );
    let input = json!({ "idempotencyKey": "a", "villageCode": LIUHE, "newCode": "411481109301",
                        "name": "新刘河村委会", "groupNumbers": [1] });
    admin.mutate("splitVillage", input, "id").await.done();
    let new = json!({ "idempotencyKey": "b", "villageCode": LIUHE, "groupNumber": 1, "label": "新户",
                      "peopleCount": 2 });
    let lead = app.lead(LIUHE);
    let made = lead.mutate("registerHousehold", new, "village { code }").await.done();
    assert_eq!(made["village"]["code"], "411481109301");
    app.advance(DAY);
    let moved = json!({ "idempotencyKey": "c", "householdIds": [household["id"]], "villageCode": LIUHE,
                        "groupNumber": 1 });
    let answer = admin.mutate("moveHouseholds", moved, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE groupNumber");
    let batch = admin.import(&app, file).await;
    assert_eq!(admin.fates(&batch).await, ["2 UNCHANGED", "3 CREATED"]);
    let astray = "SELECT count(*) FROM household h JOIN village_group g ON g.code = h.group_code \
                  WHERE g.ended_on IS NOT NULL";
    assert_eq!(app.number(astray).await, 0);
}

async fn households_move_to_another_group(app: TestApp) {
    let household = app.household(LIUHE).await;
    let input = json!({ "idempotencyKey": "a", "householdIds": [household["id"]], "villageCode": WANGLOU,
                        "groupNumber": 7 });
    app.county_admin().mutate("moveHouseholds", input, "id").await.done();
    let document =
        "query($id: ID!) { household(id: $id) { version village { code } group { number } } }";
    let answer = app.lead(WANGLOU).query(document, json!({ "id": household["id"] })).await;
    let expected =
        json!({ "version": 2, "village": { "code": WANGLOU }, "group": { "number": 7 } });
    assert_eq!(answer.at("/household"), &expected);
}

async fn a_chief_moves_households_within_the_own_township_only(app: TestApp) {
    let own = app.household(LIUHE).await;
    let foreign = app.household(SHIYUAN).await;
    let chief = app.chief(CHENJI);
    let input = |key: &str, id: &Value, code: &str| json!({ "idempotencyKey": key, "householdIds": [id], "villageCode": code, "groupNumber": 1 });
    chief.mutate("moveHouseholds", input("a", &own["id"], WANGLOU), "id").await.done();
    let answer = chief.mutate("moveHouseholds", input("b", &foreign["id"], WANGLOU), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND householdIds");
    let answer = chief.mutate("moveHouseholds", input("c", &own["id"], SHIYUAN), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND villageCode");
    let answer = chief.mutate("mergeVillages", merge(&[WANGLOU], LIUHE), "id").await;
    assert_eq!(answer.outcome(), "FORBIDDEN");
}

async fn no_household_is_left_without_an_officer(app: TestApp) {
    app.end_posting_of(&app.lead(WANGLOU), WANGLOU).await;
    let household = app.household(LIUHE).await;
    let input = json!({ "idempotencyKey": "a", "householdIds": [household["id"]], "villageCode": WANGLOU,
                        "groupNumber": 1 });
    let answer = app.county_admin().in_english().mutate("moveHouseholds", input, "id").await;
    assert_eq!(answer.outcome(), "WITHOUT_OFFICER");
    assert!(answer.message().contains(WANGLOU), "{}", answer.message());
    // Merged into the village that nobody looks after, the officer comes along.
    app.county_admin().mutate("mergeVillages", merge(&[LIUHE], WANGLOU), "id").await.done();
    let document = "query($id: ID!) { household(id: $id) { village { code } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": household["id"] })).await;
    assert_eq!(answer.at("/household/village/code"), WANGLOU);
}

async fn impossible_changes_are_refused(app: TestApp) {
    let admin = app.county_admin();
    let household = app.household(LIUHE).await;
    admin.mutate("mergeVillages", merge(&[WANGLOU], LIUHE), "id").await.done();
    for (input, outcome) in [
        (merge(&[LIUHE], LIUHE), "INVALID intoCode"),
        (merge(&[WANGLOU], LIUHE), "ok"),
        (merge(&[WANGLOU], CHENJI_VILLAGE), "WRONG_STATE villageCodes"),
        (merge(&[LIUHE], WANGLOU), "WRONG_STATE villageCodes"),
        (merge(&[], LIUHE), "INVALID villageCodes"),
        (merge(&[SHIYUAN, SHIYUAN], LIUHE), "INVALID villageCodes"),
        (merge(&["411482001001"], LIUHE), "NOT_FOUND villageCodes"),
        (merge(&["411481"], LIUHE), "BAD_USER_INPUT"),
    ] {
        let answer = admin.mutate("mergeVillages", input.clone(), "id").await;
        assert_eq!(answer.outcome(), outcome, "{input}");
    }
    let split = |key: &str, code: &str, groups: Value| {
        json!({ "idempotencyKey": key, "villageCode": LIUHE, "newCode": code, "name": "新村",
                "groupNumbers": groups })
    };
    for (key, code, groups, outcome) in [
        ("a", WANGLOU, json!([1]), "TAKEN newCode"),
        ("b", "411481001999", json!([1]), "INVALID newCode"),
        ("c", "411481109299", json!([]), "INVALID groupNumbers"),
        ("d", "411481109299", json!([1, 88]), "INVALID groupNumbers"),
    ] {
        let answer = admin.mutate("splitVillage", split(key, code, groups), "id").await;
        assert_eq!(answer.outcome(), outcome, "{code}");
    }
    let input = |key: &str, ids: Value, group: i32| json!({ "idempotencyKey": key, "householdIds": ids, "villageCode": LIUHE, "groupNumber": group });
    for (key, ids, group, outcome) in [
        ("f", json!([]), 1, "INVALID householdIds"),
        ("g", json!(["x"]), 1, "BAD_ID"),
        ("h", json!([household["id"]]), 0, "INVALID groupNumber"),
        ("i", json!([household["id"]]), 100, "INVALID groupNumber"),
    ] {
        let answer = admin.mutate("moveHouseholds", input(key, ids, group), "id").await;
        assert_eq!(answer.outcome(), outcome);
    }
}

async fn the_same_key_changes_nothing_more(app: TestApp) {
    let admin = app.county_admin();
    let first = admin.mutate("mergeVillages", merge(&[WANGLOU], LIUHE), "id").await.done();
    let again = admin.mutate("mergeVillages", merge(&[WANGLOU], LIUHE), "id").await.done();
    assert_eq!(first, again);
    let list = "{ reorganisations { edges { node { id kind officer { role } } } } }";
    let answer = app.auditor().query(list, json!({})).await;
    assert_eq!(answer.nodes("/reorganisations", "kind"), ["VILLAGES_MERGED"]);
}

async fn the_number_of_statements_does_not_follow_the_households(app: TestApp) {
    let admin = app.county_admin();
    let household = app.household(WANGLOU).await;
    app.inquiry(&household).await;
    let input =
        |key: &str| with(with(merge(&[WANGLOU], LIUHE), "dryRun", true), "idempotencyKey", key);
    let (few, told) = app.statements(admin.mutate("mergeVillages", input("a"), "id")).await;
    told.done();
    for _ in 0..12 {
        let household = app.household(WANGLOU).await;
        app.inquiry(&household).await;
    }
    let (many, told) =
        app.statements(admin.mutate("mergeVillages", input("b"), "householdCount")).await;
    assert_eq!(told.done()["householdCount"], 13);
    assert_eq!(few, many);
}

async fn a_household_cannot_be_registered_into_a_merge(app: TestApp) {
    let other = app.another_instance().await;
    let (admin, officer) = (app.county_admin(), app.lead(WANGLOU).at(&other));
    let registering = async {
        for number in 0..10 {
            let input = json!({ "idempotencyKey": format!("{number}"), "villageCode": WANGLOU,
                                "groupNumber": 1, "label": "新户", "peopleCount": 2 });
            let answer = officer.mutate("registerHousehold", input, "id").await;
            assert_eq!(answer.outcome(), "ok");
        }
    };
    let merging = admin.mutate("mergeVillages", merge(&[WANGLOU], LIUHE), "id");
    let (_, merged) = tokio::join!(registering, merging);
    merged.done();
    let astray = "SELECT count(*) FROM household h JOIN village v ON v.code = h.village_code \
                  WHERE v.ended_on IS NOT NULL";
    assert_eq!(app.number(astray).await, 0);
    assert_eq!(app.number("SELECT count(*) FROM household").await, 10);
}

impl TestApp {
    /// A new household in a group with this number.
    async fn in_group(&self, village: &str, number: i32) -> Value {
        let input = json!({ "idempotencyKey": self.service().new_id(), "villageCode": village,
                            "groupNumber": number, "label": "2组-周", "peopleCount": 3 });
        self.county_admin().mutate("registerHousehold", input, "id").await.done()
    }
}

//! Doubles are merged by people, and told apart again.

use std::time::Duration;

use super::doubles::{contact, doubles};
use super::sealed::ask;
use crate::on_both_databases;
use crate::support::county::{CHENJI, CHENJI_VILLAGE, LIUHE, SHIYUAN, WANGLOU};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    merged_households_are_one,
    values_are_taken_as_chosen,
    a_merge_tells_of_inquiries_that_are_not_sealed,
    a_preview_of_a_merge_changes_nothing,
    a_merge_can_be_undone_for_thirty_days,
    an_undone_merge_follows_the_group_to_where_it_is_today,
    a_merge_is_not_undone_into_a_village_without_an_officer,
    what_came_after_the_merge_stays_with_the_survivor,
    a_value_that_was_changed_since_cannot_be_told_apart,
    the_numbers_add_up_through_merges_and_their_undoing,
    bad_merges_are_refused,
    the_same_key_merges_once,
    a_snapshot_is_sealed_and_erased,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

fn merge(survivor: &Value, merged: &Value) -> Value {
    json!({ "idempotencyKey": "merge", "survivorId": survivor["id"], "survivorVersion": survivor["version"],
            "mergedId": merged["id"], "mergedVersion": merged["version"] })
}

const RESULT: &str = "contactsMoved inquiriesMoved record { id undoUntil } survivor { label status version \
    peopleCount village { code } contacts { edges { node { name } } } primaryContact { name } \
    inquiries { totalCount } merges { edges { node { id undoneAt } } } }";

/// A household as it is now: id and version.
async fn again(app: &TestApp, household: &Value) -> Value {
    let document = "query($id: ID!) { household(id: $id) { id version label status } }";
    let answer = app.county_admin().query(document, json!({ "id": household["id"] })).await;
    answer.json["data"]["household"].clone()
}

async fn merged_households_are_one(app: TestApp) {
    let (one, other) =
        (app.labelled(LIUHE, "1组-王建国").await, app.labelled(LIUHE, "1组-王建囯").await);
    contact(&app, &one, "王建国", "10012345678", "PRIMARY").await;
    contact(&app, &other, "李秀英", "10012345679", "PRIMARY").await;
    let inquiry = app.inquiry(&other).await;
    let (one, other) = (again(&app, &one).await, again(&app, &other).await);
    let lead = app.lead(LIUHE);
    let made = lead.mutate("mergeHouseholds", merge(&one, &other), RESULT).await.done();
    assert_eq!((&made["contactsMoved"], &made["inquiriesMoved"]), (&json!(1), &json!(1)));
    let survivor = &made["survivor"];
    assert_eq!(
        (&survivor["label"], &survivor["status"]),
        (&json!("1组-王建国"), &json!("ENROLLED"))
    );
    assert_eq!(survivor["primaryContact"]["name"], "王建国");
    assert_eq!(survivor["contacts"]["edges"].as_array().map(Vec::len), Some(2));
    assert_eq!(survivor["inquiries"]["totalCount"], 1);
    assert_eq!(survivor["merges"]["edges"][0]["node"]["id"], made["record"]["id"]);
    assert_eq!(again(&app, &other).await, Value::Null);
    let document = "query($id: ID!) { inquiry(id: $id) { household { label } } }";
    let answer = lead.query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(answer.at("/inquiry/household/label"), "1组-王建国");
    let search = "{ households(filter: { text: \"李秀英\" }) { totalCount } }";
    assert_eq!(lead.query(search, json!({})).await.at("/households/totalCount"), 1);
    assert_eq!(doubles(&lead, &one).await.len(), 0);
}

async fn values_are_taken_as_chosen(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-甲").await, app.labelled(WANGLOU, "1组-乙").await);
    let change = json!({ "householdId": other["id"], "expectedVersion": 1, "peopleCount": 7,
                         "status": "VISITED" });
    app.county_admin().mutate("updateHousehold", change, "id").await.done();
    app.inquiry(&one).await;
    let other = again(&app, &other).await;
    let take = json!({ "label": "MERGED", "peopleCount": "MERGED", "status": "MERGED", "place": "MERGED" });
    let input = with(merge(&one, &other), "take", take);
    let made = app.chief(CHENJI).mutate("mergeHouseholds", input, RESULT).await.done();
    let survivor = &made["survivor"];
    assert_eq!((&survivor["label"], &survivor["peopleCount"]), (&json!("1组-乙"), &json!(7)));
    assert_eq!(
        (&survivor["status"], &survivor["village"]["code"]),
        (&json!("VISITED"), &json!(WANGLOU))
    );
    // Its open inquiry went along to the other village.
    let document = "{ inquiries(filter: { areaCode: \"411481109205\" }) { totalCount } }";
    assert_eq!(app.lead(WANGLOU).query(document, json!({})).await.at("/inquiries/totalCount"), 1);
}

async fn a_merge_tells_of_inquiries_that_are_not_sealed(app: TestApp) {
    let (one, other) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let resident = app.resident_of(&other).await;
    app.inquiry(&other).await;
    ask(&app, &resident, &other, json!({})).await;
    let visit =
        json!({ "idempotencyKey": "v", "householdId": other["id"], "outcome": "NOBODY_HOME" });
    app.lead(LIUHE).mutate("recordVisit", visit, "id").await.done();
    let (one, other) = (again(&app, &one).await, again(&app, &other).await);
    let colleague = app.officer_posted_to(&[LIUHE]).await;
    let wanted = "inquiriesMoved record { inquiriesMoved }";
    let made = colleague.mutate("mergeHouseholds", merge(&one, &other), wanted).await.done();
    assert_eq!(made, json!({ "inquiriesMoved": 1, "record": { "inquiriesMoved": 1 } }));
    let resolve = "query($id: ID!) { household(id: $id) { inquiries { totalCount } } }";
    let of_chief = app.chief(CHENJI).query(resolve, json!({ "id": one["id"] })).await;
    assert_eq!(of_chief.at("/household/inquiries/totalCount"), 2, "and both came along");
}

async fn a_preview_of_a_merge_changes_nothing(app: TestApp) {
    let (one, other) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let input = with(merge(&one, &other), "dryRun", true);
    let lead = app.lead(LIUHE);
    let told =
        lead.mutate("mergeHouseholds", input, "record { id } survivor { version }").await.done();
    assert_eq!(told, json!({ "record": null, "survivor": { "version": 2 } }));
    assert_eq!(again(&app, &one).await["version"], 1);
    assert_eq!(again(&app, &other).await["version"], 1);
}

async fn a_merge_can_be_undone_for_thirty_days(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-甲").await, app.labelled(LIUHE, "1组-乙").await);
    contact(&app, &other, "李秀英", "10012345679", "PRIMARY").await;
    let inquiry = app.inquiry(&other).await;
    let other = again(&app, &other).await;
    let lead = app.lead(LIUHE);
    let input = with(merge(&one, &other), "take", json!({ "label": "MERGED" }));
    let made = lead.mutate("mergeHouseholds", input, "record { id }").await.done();
    app.advance(DAY * 29);
    let undo = json!({ "mergeId": made["record"]["id"] });
    let wanted = "id label status primaryContact { name } inquiries { edges { node { id } } }";
    let restored = lead.mutate("undoMerge", undo.clone(), wanted).await.done();
    assert_eq!((&restored["id"], &restored["label"]), (&other["id"], &json!("1组-乙")));
    assert_eq!(
        (&restored["status"], &restored["primaryContact"]["name"]),
        (&json!("ENROLLED"), &json!("李秀英"))
    );
    assert_eq!(restored["inquiries"]["edges"][0]["node"]["id"], inquiry["id"]);
    let survivor = again(&app, &one).await;
    assert_eq!((&survivor["label"], &survivor["status"]), (&json!("1组-甲"), &json!("UNVISITED")));
    // Repeating it changes nothing more.
    assert_eq!(lead.mutate("undoMerge", undo, "id").await.done()["id"], other["id"]);

    let (one, other) = (again(&app, &one).await, again(&app, &other).await);
    let input = with(merge(&one, &other), "idempotencyKey", "later");
    let made = lead.mutate("mergeHouseholds", input, "record { id }").await.done();
    app.advance(DAY * 30);
    let undo = json!({ "mergeId": made["record"]["id"] });
    assert_eq!(lead.mutate("undoMerge", undo, "id").await.outcome(), "WRONG_STATE mergeId");
}

async fn an_undone_merge_follows_the_group_to_where_it_is_today(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-甲").await, app.labelled(WANGLOU, "1组-乙").await);
    let admin = app.county_admin();
    let input = with(merge(&one, &other), "take", json!({ "place": "MERGED" }));
    let made = admin.mutate("mergeHouseholds", input, "record { id }").await.done();
    app.advance(DAY);
    for (key, from, into) in [("a", WANGLOU, CHENJI_VILLAGE), ("b", LIUHE, CHENJI_VILLAGE)] {
        let input = json!({ "idempotencyKey": key, "villageCodes": [from], "intoCode": into });
        admin.mutate("mergeVillages", input, "id").await.done();
        app.advance(DAY);
    }
    let undo = json!({ "mergeId": made["record"]["id"] });
    let wanted = "village { code } group { number }";
    let restored = admin.mutate("undoMerge", undo, wanted).await.done();
    assert_eq!(restored["village"]["code"], CHENJI_VILLAGE);
    let document = "query($id: ID!) { household(id: $id) { village { code } group { number } } }";
    let survivor = admin.query(document, json!({ "id": one["id"] })).await;
    assert_eq!(survivor.at("/household/village/code"), CHENJI_VILLAGE);
    assert_ne!(survivor.at("/household/group/number"), &restored["group"]["number"]);
    let ended = "SELECT count(*) FROM household JOIN village_group ON village_group.code = group_code \
                 WHERE ended_on IS NOT NULL";
    assert_eq!(app.number(ended).await, 0);
}

async fn a_merge_is_not_undone_into_a_village_without_an_officer(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-甲").await, app.labelled(WANGLOU, "1组-乙").await);
    let admin = app.county_admin();
    let made = admin.mutate("mergeHouseholds", merge(&one, &other), "record { id }").await.done();
    app.end_posting_of(&app.lead(WANGLOU), WANGLOU).await;
    let undo = json!({ "mergeId": made["record"]["id"] });
    let answer = admin.mutate("undoMerge", undo, "id").await;
    assert_eq!(answer.outcome(), "WITHOUT_OFFICER mergeId");
}

async fn what_came_after_the_merge_stays_with_the_survivor(app: TestApp) {
    let (one, other) = (app.household(LIUHE).await, app.household(LIUHE).await);
    contact(&app, &other, "李秀英", "10012345678", "PRIMARY").await;
    let other = again(&app, &other).await;
    let lead = app.lead(LIUHE);
    let made = lead.mutate("mergeHouseholds", merge(&one, &other), "record { id }").await.done();
    app.inquiry(&one).await;
    contact(&app, &one, "周", "10012345679", "PRIMARY").await;
    let undo = json!({ "mergeId": made["record"]["id"] });
    let restored =
        lead.mutate("undoMerge", undo, "inquiries { totalCount } primaryContact { name }").await;
    assert_eq!(
        restored.done(),
        json!({ "inquiries": { "totalCount": 0 }, "primaryContact": { "name": "李秀英" } })
    );
    assert_eq!(again(&app, &one).await["status"], "ENROLLED", "it has a contact of its own");
}

async fn a_value_that_was_changed_since_cannot_be_told_apart(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-甲").await, app.labelled(LIUHE, "1组-乙").await);
    let lead = app.lead(LIUHE);
    let input = with(merge(&one, &other), "take", json!({ "label": "MERGED" }));
    let made = lead.mutate("mergeHouseholds", input, "record { id }").await.done();
    let change = json!({ "householdId": one["id"], "expectedVersion": 2, "label": "1组-丙" });
    lead.mutate("updateHousehold", change, "id").await.done();
    let undo = json!({ "mergeId": made["record"]["id"] });
    let answer = lead.clone().in_english().mutate("undoMerge", undo, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE mergeId");
    assert!(answer.message().starts_with("label was changed"), "{}", answer.message());
}

async fn the_numbers_add_up_through_merges_and_their_undoing(app: TestApp) {
    let admin = app.county_admin();
    let mut households = Vec::new();
    for village in [LIUHE, WANGLOU, LIUHE, WANGLOU, LIUHE, LIUHE] {
        let household = app.household(village).await;
        app.inquiry(&household).await;
        households.push(household);
    }
    let mut merges: Vec<Value> = Vec::new();
    let mut random: u32 = 5;
    let mut next = |most: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize % most
    };
    for round in 0..16 {
        if next(3) == 0 && !merges.is_empty() {
            let undo = json!({ "mergeId": merges.remove(next(merges.len()))["record"]["id"] });
            let outcome = admin.mutate("undoMerge", undo, "id").await.outcome();
            assert!(
                outcome == "ok"
                    || outcome.starts_with("WRONG_STATE")
                    || outcome.starts_with("NOT_FOUND")
            );
        } else {
            let (one, other) = (next(households.len()), next(households.len()));
            let (one, other) =
                (again(&app, &households[one]).await, again(&app, &households[other]).await);
            if one.is_null() || other.is_null() || one["id"] == other["id"] {
                continue;
            }
            let input = with(merge(&one, &other), "idempotencyKey", format!("round {round}"));
            let input = with(input, "take", json!({ "place": "MERGED", "peopleCount": "MERGED" }));
            let made = admin.mutate("mergeHouseholds", input, "record { id }").await;
            merges.push(made.done());
        }
        app.count_events().await;
        let wrong = "SELECT count(*) FROM village v JOIN village_tally t ON t.village_code = v.code \
            WHERE t.unvisited <> (SELECT count(*) FROM household h WHERE h.village_code = v.code) \
            OR t.people <> (SELECT coalesce(sum(people_count), 0) FROM household h WHERE h.village_code = v.code) \
            OR t.open_inquiries <> (SELECT count(*) FROM inquiry i WHERE i.village_code = v.code)";
        assert_eq!(app.number(wrong).await, 0, "round {round}");
        let astray = "SELECT count(*) FROM inquiry i JOIN household h ON h.id = i.household_id \
                      WHERE i.village_code <> h.village_code";
        assert_eq!(app.number(astray).await, 0, "round {round}");
        assert_eq!(app.number("SELECT count(*) FROM inquiry").await, 6);
    }
}

async fn bad_merges_are_refused(app: TestApp) {
    let (one, other) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let foreign = app.household(SHIYUAN).await;
    let admin = app.county_admin();
    for (input, outcome) in [
        (merge(&one, &one), "INVALID mergedId"),
        (merge(&one, &foreign), "INVALID mergedId"),
        (with(merge(&one, &other), "mergedVersion", 9), "VERSION_CONFLICT expectedVersion"),
        (with(merge(&one, &other), "mergedId", "x"), "BAD_ID"),
    ] {
        let answer = admin.mutate("mergeHouseholds", input.clone(), "record { id }").await;
        assert_eq!(answer.outcome(), outcome, "{input}");
    }
    for stranger in [app.lead(WANGLOU), app.lead(SHIYUAN)] {
        let answer = stranger.mutate("mergeHouseholds", merge(&one, &other), "record { id }").await;
        assert_eq!(answer.outcome(), "NOT_FOUND survivorId");
    }
    let answer =
        app.analyst().mutate("mergeHouseholds", merge(&one, &other), "record { id }").await;
    assert_eq!(answer.outcome(), "FORBIDDEN");
}

async fn the_same_key_merges_once(app: TestApp) {
    let (one, other) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let lead = app.lead(LIUHE);
    let first = lead.mutate("mergeHouseholds", merge(&one, &other), RESULT).await.done();
    let again = lead.mutate("mergeHouseholds", merge(&one, &other), RESULT).await.done();
    assert_eq!(first, again);
}

async fn a_snapshot_is_sealed_and_erased(app: TestApp) {
    let lead = app.lead(LIUHE);
    let merged = async |key: &str| {
        let (one, other) = (app.household(LIUHE).await, app.labelled(LIUHE, "1组-欧阳").await);
        let input = with(merge(&one, &other), "idempotencyKey", key);
        lead.mutate("mergeHouseholds", input, "record { id }").await.done()
    };
    merged("a").await;
    app.advance(DAY * 31);
    merged("b").await;
    huhutong::merge::forget_old(app.service()).await.unwrap();
    let kept = "SELECT count(*) FROM household_merge WHERE snapshot IS NOT NULL";
    assert_eq!(app.number(kept).await, 1);
}

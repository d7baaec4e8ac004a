//! What happened to households while an officer was offline: they declined, were merged, moved or taken
//! back, or belong to somebody else now.

use huhutong::id::{GlobalId, Kind};

use super::field_work::{HOUR, edit, enrolment, item, outcomes, seen, sync, visit};
use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    who_declined_after_an_enrolment_is_not_enrolled,
    what_was_found_out_after_an_enrolment_stays,
    work_follows_a_merged_household,
    work_says_where_a_household_has_gone,
    of_strangers_households_nothing_is_said,
);

async fn merge(app: &TestApp, key: &str, survivor: &Value, version: i32, merged: &Value) {
    let merge = json!({ "idempotencyKey": key, "survivorId": survivor["id"],
        "survivorVersion": version, "mergedId": merged["id"], "mergedVersion": 1 });
    app.county_admin().mutate("mergeHouseholds", merge, "survivor { id }").await.done();
}

async fn who_declined_after_an_enrolment_is_not_enrolled(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.advance(HOUR);
    let joined = item(&app, "join", enrolment(&app, &household, "王建国"));
    let mut bare = item(&app, "bare", enrolment(&app, &household, "王建国"));
    bare["work"]["enrolment"]["consent"] = Value::Null;
    app.advance(HOUR);
    let declined = json!({ "idempotencyKey": "d", "householdId": household["id"],
        "outcome": "DECLINED" });
    app.lead(LIUHE).mutate("recordVisit", declined, "id").await.done();
    app.advance(HOUR);
    let results = sync(&app.lead(LIUHE), &[joined, bare]).await;
    assert_eq!(outcomes(&results), ["REFUSED WRONG_STATE work.enrolment.householdId"; 2]);
    let mut changed_mind = item(&app, "again", enrolment(&app, &household, "王建国"));
    let results = sync(&app.lead(LIUHE), &[changed_mind.clone()]).await;
    assert_eq!(outcomes(&results), ["APPLIED"]);
    changed_mind["idempotencyKey"] = json!("bare");
    changed_mind["work"]["enrolment"]["consent"] = Value::Null;
    let results = sync(&app.lead(LIUHE), &[changed_mind]).await;
    assert_eq!(outcomes(&results), ["REFUSED BLANK work.enrolment.consent"]);
}

async fn what_was_found_out_after_an_enrolment_stays(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.advance(HOUR);
    let joined = item(&app, "join", enrolment(&app, &household, "王建国"));
    app.advance(HOUR);
    let gone = json!({ "idempotencyKey": "d", "householdId": household["id"],
        "outcome": "MOVED_AWAY" });
    app.lead(LIUHE).mutate("recordVisit", gone, "id").await.done();
    app.advance(HOUR);
    let results = sync(&app.lead(LIUHE), &[joined]).await;
    assert_eq!(outcomes(&results), ["APPLIED"]);
    let now = seen(&app, &household, "status reachable contacts { totalCount }").await;
    assert_eq!(
        now,
        json!({ "status": "MOVED_AWAY", "reachable": false, "contacts": { "totalCount": 1 } })
    );
}

async fn work_follows_a_merged_household(app: TestApp) {
    let merged = app.labelled(LIUHE, "1组-甲").await;
    app.advance(HOUR);
    let items = [
        item(&app, "v", visit(&merged, "MET")),
        item(&app, "e", enrolment(&app, &merged, "王建国")),
        item(&app, "h", edit(&merged, 1, json!({ "peopleCount": 4 }), json!({ "peopleCount": 2 }))),
        item(
            &app,
            "l",
            edit(&merged, 1, json!({ "label": "1组-甲" }), json!({ "label": "1组-A" })),
        ),
    ];
    app.advance(HOUR);
    let (next, last) = (app.labelled(LIUHE, "1组-乙").await, app.labelled(LIUHE, "1组-丙").await);
    merge(&app, "a", &next, 1, &merged).await;
    let next = seen(&app, &next, "id version").await;
    let version = next["version"].as_i64().unwrap();
    let input = json!({ "idempotencyKey": "b", "survivorId": last["id"], "survivorVersion": 1,
        "mergedId": next["id"], "mergedVersion": version });
    app.county_admin().mutate("mergeHouseholds", input, "survivor { id }").await.done();
    let results = sync(&app.lead(LIUHE), &items).await;
    assert_eq!(outcomes(&results), ["APPLIED", "APPLIED", "MERGED", "CONFLICT"]);
    assert!(results.iter().all(|result| result["household"]["id"] == last["id"]));
    assert_eq!(
        results[3]["conflicts"],
        json!([{ "value": "LABEL", "base": "1组-甲", "mine": "1组-A", "theirs": "1组-丙" }])
    );
    let now = seen(&app, &last, "status peopleCount lastVisit { outcome }").await;
    assert_eq!(
        now,
        json!({ "status": "ENROLLED", "peopleCount": 2, "lastVisit": { "outcome": "MET" } })
    );
}

async fn work_says_where_a_household_has_gone(app: TestApp) {
    let admin = app.county_admin();
    let moved = app.labelled(LIUHE, "1组-甲").await;
    let (merged, survivor) =
        (app.labelled(LIUHE, "1组-乙").await, app.labelled(WANGLOU, "1组-丙").await);
    let batch = admin.import(&app, format!("村代码,组,户主\n{LIUHE},1,丁\n")).await;
    let document = "{ households(filter: { text: \"1组\" }) { totalCount } \
                    all: households { edges { node { id label } } } }";
    let all = admin.query(document, json!({})).await.at("/all/edges").as_array().unwrap().clone();
    let withdrawn = all.iter().find(|edge| edge["node"]["label"] == "丁").unwrap()["node"].clone();
    let left = app.labelled(WANGLOU, "1组-戊").await;
    let officer = app.officer_posted_to(&[LIUHE, WANGLOU]).await;
    app.advance(HOUR);
    let items: Vec<Value> = [("m", &moved), ("g", &merged), ("w", &withdrawn), ("l", &left)]
        .into_iter()
        .map(|(key, household)| item(&app, key, visit(household, "MET")))
        .collect();
    let input = json!({ "idempotencyKey": "m", "villageCode": OTHER_LIUHE,
        "householdIds": [moved["id"]], "groupNumber": 1 });
    admin.mutate("moveHouseholds", input, "id").await.done();
    merge(&app, "g", &survivor, 1, &merged).await;
    admin.mutate("rollBackImport", json!({ "batchId": batch["id"] }), "id").await.done();
    app.do_imports().await;
    app.end_posting_of(&officer, WANGLOU).await;
    let results = sync(&officer, &items).await;
    assert_eq!(
        outcomes(&results),
        [
            "REFUSED HOUSEHOLD_ELSEWHERE work.visit.householdId",
            "REFUSED HOUSEHOLD_ELSEWHERE work.visit.householdId",
            "REFUSED HOUSEHOLD_WITHDRAWN work.visit.householdId",
            "REFUSED POSTING_ENDED work.visit.householdId",
        ]
    );
    // Who may still go there follows: the same work, of the chief.
    let results = sync(&app.chief(CHENJI), &items).await;
    assert_eq!(outcomes(&results)[1], "APPLIED");
    assert_eq!(results[1]["household"]["id"], survivor["id"]);
}

async fn of_strangers_households_nothing_is_said(app: TestApp) {
    let (stranger, moved) = (app.household(OTHER_LIUHE).await, app.household(OTHER_LIUHE).await);
    let input = json!({ "idempotencyKey": "m", "villageCode": WANGLOU,
        "householdIds": [moved["id"]], "groupNumber": 1 });
    app.county_admin().mutate("moveHouseholds", input, "id").await.done();
    let missing = json!({ "id": GlobalId::new(Kind::Household,
        app.service().new_id()).to_string() });
    let items: Vec<Value> = [stranger, moved, missing]
        .iter()
        .enumerate()
        .map(|(n, household)| item(&app, &n.to_string(), visit(household, "MET")))
        .collect();
    let results = sync(&app.lead(LIUHE), &items).await;
    assert_eq!(outcomes(&results), ["REFUSED NOT_FOUND work.visit.householdId"; 3]);
    assert!(results.iter().all(|result| result["household"].is_null()));
}

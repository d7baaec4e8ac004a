//! A whole import is taken back, while nobody has touched what it did.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    an_untouched_import_is_taken_back_to_the_last_value,
    an_import_is_not_taken_back_when_a_household_of_it_was_touched,
    a_dry_run_or_what_is_taken_back_already_cannot_be_taken_back,
    an_import_is_not_taken_back_by_a_stranger_or_outside_the_own_area,
);

fn file(rows: &[(&str, i32, &str, i32)]) -> String {
    rows.iter().fold(
        "村代码,门牌,户主,人数,组\n".to_owned(),
        |file, (village, door, label, people)| {
            file + &format!("{village},{door},{label},{people},1\n")
        },
    )
}

async fn take_back(actor: &Actor, batch: &Value) -> String {
    let answer = actor.mutate("rollBackImport", json!({ "batchId": batch["id"] }), "state").await;
    answer.outcome()
}

async fn an_untouched_import_is_taken_back_to_the_last_value(app: TestApp) {
    let admin = app.county_admin();
    admin.import(&app, file(&[(LIUHE, 1, "甲", 4)])).await;
    let rows = [(LIUHE, 1, "甲甲", 7), (LIUHE, 2, "乙", 3), (WANGLOU, 1, "丙", 2)];
    let batch = admin.import(&app, file(&rows)).await;
    assert_eq!(take_back(&admin, &batch).await, "ok");
    app.do_imports().await;
    assert_eq!(admin.batch(&batch).await["state"], "ROLLED_BACK");
    let document = "{ households { edges { node { label peopleCount } } } }";
    let answer = admin.query(document, json!({})).await;
    assert_eq!(
        answer.at("/households/edges"),
        &json!([{ "node": { "label": "甲", "peopleCount": 4 } }])
    );
    app.count_events().await;
    let document = "{ county(code: \"411481\") { coverage { denominator peopleCount } } }";
    let answer = admin.query(document, json!({})).await;
    assert_eq!(answer.at("/county/coverage"), &json!({ "denominator": 1, "peopleCount": 4 }));
    // What was in the file is gone with it.
    assert_eq!(admin.report(&batch).await.0, 404);
}

async fn an_import_is_not_taken_back_when_a_household_of_it_was_touched(app: TestApp) {
    let admin = app.county_admin();
    for touch in ["change", "inquiry", "contact", "update"] {
        let known = (LIUHE, 1, "甲", 4);
        admin.import(&app, file(&[known])).await;
        let label = format!("{touch}户");
        let batch = admin.import(&app, file(&[(LIUHE, 1, "甲", 9), (LIUHE, 2, &label, 3)])).await;
        let wanted = if touch == "update" { "甲" } else { &label };
        let found = async |text: &str| {
            let answer =
                admin.query("{ households { edges { node { id version label } } } }", json!({}));
            let edges = answer.await.at("/households/edges").as_array().unwrap().clone();
            edges.iter().find(|edge| edge["node"]["label"] == text).unwrap()["node"].clone()
        };
        let household = found(wanted).await;
        match touch {
            "inquiry" => drop(app.inquiry(&household).await),
            "contact" => drop(app.contact_of(&household, "王建国").await),
            _ => {
                let change = json!({ "householdId": household["id"],
                    "expectedVersion": household["version"], "status": "VISITED" });
                admin.mutate("updateHousehold", change, "id").await.done();
            }
        }
        assert_eq!(take_back(&admin, &batch).await, "WRONG_STATE batchId", "{touch}");
        app.sql("DELETE FROM message").await;
        app.sql("DELETE FROM inquiry").await;
        app.sql("DELETE FROM household_contact").await;
        app.sql("DELETE FROM household_status_change").await;
        app.sql("DELETE FROM consent").await;
        app.sql("DELETE FROM household").await;
    }
}

async fn a_dry_run_or_what_is_taken_back_already_cannot_be_taken_back(app: TestApp) {
    let admin = app.county_admin();
    let rows = file(&[(LIUHE, 1, "甲", 4)]);
    let waiting = admin.start_import(rows.clone(), false).await;
    assert_eq!(take_back(&admin, &waiting).await, "WRONG_STATE batchId");
    app.do_imports().await;
    let dry = admin.start_import(rows, true).await;
    app.do_imports().await;
    assert_eq!(take_back(&admin, &dry).await, "WRONG_STATE batchId");
    assert_eq!(take_back(&admin, &waiting).await, "ok");
    app.do_imports().await;
    assert_eq!(take_back(&admin, &waiting).await, "WRONG_STATE batchId");
}

async fn an_import_is_not_taken_back_by_a_stranger_or_outside_the_own_area(app: TestApp) {
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let batch = officer.import(&app, file(&[(LIUHE, 1, "甲", 4)])).await;
    assert_eq!(take_back(&app.chief(CHENJI), &batch).await, "NOT_FOUND batchId");
    assert_eq!(take_back(&app.auditor(), &batch).await, "FORBIDDEN");
    app.advance(std::time::Duration::from_secs(60));
    app.end_posting_of(&officer, LIUHE).await;
    assert_eq!(take_back(&officer, &batch).await, "WRONG_STATE batchId");
    assert_eq!(take_back(&app.county_admin(), &batch).await, "ok");
    app.do_imports().await;
    assert_eq!(app.number("SELECT count(*) FROM household").await, 0);
}

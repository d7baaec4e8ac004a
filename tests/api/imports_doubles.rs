//! An import says which of the households that it registers may be there already.

use super::doubles::contact;
use crate::on_both_databases;
use crate::support::county::{CHENJI, DONGCHENG, LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    names_alike_in_a_group_are_said_and_registered_all_the_same,
    a_number_in_the_file_is_compared_and_not_kept,
    a_dry_run_says_the_same_doubles,
    rows_are_kept_by_how_much_speaks_for_a_double,
    nobody_is_told_of_households_outside_the_own_area,
    the_report_names_the_doubles,
    doubles_cost_no_statement_a_row,
);

const HEAD: &str = "村代码,组,户主标签,联系人,电话\n";

fn file(rows: &[(&str, &str, &str, &str)]) -> String {
    rows.iter().fold(HEAD.to_owned(), |file, (village, label, contact, phone)| {
        file + &format!("{village},1,{label},{contact},{phone}\n")
    })
}

/// Each line with what it may be the same as: a line or a label, the reasons and the strength.
async fn told(actor: &Actor, batch: &Value, filter: Value) -> Vec<String> {
    let document = "query($id: ID!, $filter: ImportRowFilter) { importBatch(id: $id) { rows(filter: $filter) { \
                    edges { node { line possibleDuplicates { line reasons strength household { label } } } } } } }";
    let answer = actor.query(document, json!({ "id": batch["id"], "filter": filter })).await;
    let rows = answer.at("/importBatch/rows/edges").as_array().expect("rows").clone();
    let each = |row: &Value| {
        let line = row["node"]["line"].clone();
        let doubles = row["node"]["possibleDuplicates"].as_array().unwrap().clone();
        doubles.into_iter().map(move |double| {
            let reasons = double["reasons"].as_array().unwrap().iter();
            let reasons: Vec<&str> = reasons.filter_map(Value::as_str).collect();
            let label = double["household"]["label"].as_str().unwrap_or("-");
            let earlier = &double["line"];
            let strength = double["strength"].as_str().unwrap();
            format!("{line}: {earlier} {label} {} {strength}", reasons.join("+"))
        })
    };
    rows.iter().flat_map(each).collect()
}

async fn names_alike_in_a_group_are_said_and_registered_all_the_same(app: TestApp) {
    let admin = app.county_admin();
    app.labelled(LIUHE, "1组-王建国").await;
    app.labelled(WANGLOU, "1组-李秀英").await;
    let rows = file(&[
        (LIUHE, "刘河村1组-王建囯", "", ""),
        (LIUHE, "刘河村1组-李秀英", "", ""),
        (LIUHE, "刘河村1组-李秀莹", "", ""),
        (LIUHE, "刘河村1组-周", "李秀芳", ""),
        (LIUHE, "刘河村1组-周", "", ""),
        (LIUHE, "1组-王建国", "", ""),
    ]);
    let batch = admin.import(&app, rows).await;
    assert_eq!((&batch["createdCount"], &batch["skippedCount"]), (&json!(4), &json!(1)));
    let expected = [
        "2: null 1组-王建国 SAME_NAME STRONG",
        "4: 3 刘河村1组-李秀英 SAME_SOUND WEAK",
        "5: 3 刘河村1组-李秀英 ONE_CHARACTER_DIFFERENT WEAK",
        "5: 4 刘河村1组-李秀莹 ONE_CHARACTER_DIFFERENT WEAK",
    ];
    assert_eq!(told(&admin, &batch, json!({})).await, expected);
}

async fn a_number_in_the_file_is_compared_and_not_kept(app: TestApp) {
    let admin = app.county_admin();
    let (known, cared) =
        (app.labelled(WANGLOU, "1组-赵").await, app.labelled(WANGLOU, "1组-钱").await);
    let person = contact(&app, &known, "赵一", "10012345678", "PRIMARY").await;
    let input = json!({ "idempotencyKey": "c", "householdId": cared["id"], "contactId": person["id"],
        "standing": "CARETAKER" });
    admin.mutate("enrolContact", input, "id").await.done();
    let newer = app.with_newer_key().await;
    let admin = admin.at(&newer);
    let rows = file(&[
        (LIUHE, "甲", "", "100 1234 5678"),
        (LIUHE, "乙", "", "10087654321"),
        (DONGCHENG, "丙", "", "'10087654321"),
        (LIUHE, "丁", "", "12"),
        (LIUHE, "戊", "", "12"),
    ]);
    let batch = admin.import(&newer, rows).await;
    assert_eq!(
        told(&admin, &batch, json!({})).await,
        ["2: null 1组-赵 SAME_PHONE STRONG", "4: 3 乙 SAME_PHONE STRONG"]
    );
    assert_eq!(app.number("SELECT count(*) FROM contact").await, 1);
    // Ids are digits too, so whole numbers are looked for.
    let kept = "SELECT count(*) FROM import_row WHERE CAST(doubles AS text) LIKE '%10012345678%' \
                OR CAST(doubles AS text) LIKE '%10087654321%'";
    assert_eq!(app.number(kept).await, 0);
}

async fn a_dry_run_says_the_same_doubles(app: TestApp) {
    let admin = app.county_admin();
    app.labelled(LIUHE, "1组-王建国").await;
    let rows = file(&[
        (LIUHE, "1组-王建囯", "", "10012345678"),
        (LIUHE, "1组-王建军", "", "10012345678"),
        (WANGLOU, "1组-王建军", "", ""),
    ]);
    let dry = admin.start_import(rows.clone(), true).await;
    app.do_imports().await;
    let said = told(&admin, &dry, json!({})).await;
    let expected = [
        "2: null 1组-王建国 SAME_NAME STRONG",
        "3: 2 - SAME_PHONE+ONE_CHARACTER_DIFFERENT STRONG",
        "3: null 1组-王建国 ONE_CHARACTER_DIFFERENT WEAK",
    ];
    assert_eq!(said, expected);
    let real = admin.import(&app, rows).await;
    let again = told(&admin, &real, json!({})).await;
    // Now there is a household to show.
    assert_eq!(again, expected.map(|told| told.replace(" - ", " 1组-王建囯 ")));
}

async fn rows_are_kept_by_how_much_speaks_for_a_double(app: TestApp) {
    let admin = app.county_admin();
    let rows = file(&[
        (LIUHE, "1组-王建国", "", ""),
        (LIUHE, "1组-王建军", "", ""),
        (LIUHE, "1组-张 建军", "", ""),
        (LIUHE, "1组-李芳", "", "10012345678"),
        (WANGLOU, "1组-何", "", "10012345678"),
    ]);
    let batch = admin.import(&app, rows).await;
    let document = "query($id: ID!) { importBatch(id: $id) { all: possibleDuplicateCount strong: \
                    possibleDuplicateCount(strength: STRONG) weak: possibleDuplicateCount(strength: WEAK) \
                    rows(filter: { possibleDuplicates: [STRONG] }) { totalCount } } }";
    let answer = admin.query(document, json!({ "id": batch["id"] })).await;
    let expected = json!({ "all": 3, "strong": 1, "weak": 2, "rows": { "totalCount": 1 } });
    assert_eq!(answer.at("/importBatch"), &expected);
    let weak = told(&admin, &batch, json!({ "possibleDuplicates": ["WEAK"] })).await;
    assert_eq!(weak.len(), 2);
    assert!(told(&admin, &batch, json!({ "possibleDuplicates": [] })).await.is_empty());
}

async fn nobody_is_told_of_households_outside_the_own_area(app: TestApp) {
    let known = app.labelled(DONGCHENG, "1组-赵").await;
    contact(&app, &known, "赵一", "10012345678", "PRIMARY").await;
    let lead = app.lead(LIUHE);
    let batch = lead.import(&app, file(&[(LIUHE, "甲", "", "10012345678")])).await;
    assert!(told(&lead, &batch, json!({})).await.is_empty());
    let admin = app.county_admin();
    let batch = admin.import(&app, file(&[(LIUHE, "乙", "", "10012345678")])).await;
    assert_eq!(told(&admin, &batch, json!({})).await.len(), 1);
    assert_eq!(app.chief(CHENJI).report(&batch).await.0, 404);
}

async fn the_report_names_the_doubles(app: TestApp) {
    let admin = app.county_admin();
    app.labelled(LIUHE, "1组-王建国").await;
    let rows = file(&[
        (LIUHE, "1组-王建囯", "", "10012345678"),
        (LIUHE, "1组-何", "", ""),
        (LIUHE, "1组-周", "", "10012345678"),
    ]);
    let batch = admin.import(&app, rows).await;
    let (status, report) = admin.report(&batch).await;
    assert_eq!(status, 200);
    let lines: Vec<&str> = report.lines().collect();
    assert!(lines[0].ends_with("原因,疑似重复"), "{report}");
    assert!(lines[1].ends_with("2,CREATED,,,,1组-王建国 (同组同名)"), "{report}");
    assert!(lines[2].ends_with("4,CREATED,,,,第2行 (电话相同)"), "{report}");
    assert_eq!(lines.len(), 3);
    let (_, english) = admin.in_english().report(&batch).await;
    assert!(english.contains("1组-王建国 (same name in the group)"), "{english}");
}

async fn doubles_cost_no_statement_a_row(app: TestApp) {
    let admin = app.county_admin();
    let mut counted = Vec::new();
    for (village, rows) in [(LIUHE, 1), (WANGLOU, 60)] {
        let names: Vec<String> = (0..rows).map(|row| format!("1组-王建{row}")).collect();
        let rows: Vec<_> =
            names.iter().map(|name| (village, name.as_str(), "", "10012345678")).collect();
        let batch = admin.start_import(file(&rows), false).await;
        let (statements, ()) = app.statements(app.do_imports()).await;
        let document = "query($id: ID!) { importBatch(id: $id) { rows(first: 100) { edges { node { \
                        possibleDuplicates { reasons household { label } } } } } } }";
        let asked = admin.query(document, json!({ "id": batch["id"] }));
        let (reading, answer) = app.statements(asked).await;
        answer.data();
        counted.push((statements, reading));
    }
    assert_eq!(counted[0].0, counted[1].0, "importing");
    assert!(counted[1].1 <= counted[0].1 + 3, "reading: {counted:?}");
}

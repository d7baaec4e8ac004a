//! Imports of households: every row has its fate, and good rows land.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    every_row_has_its_fate_and_good_rows_land,
    the_same_file_twice_changes_nothing,
    a_row_finds_its_household_by_reference_door_or_label_and_never_by_a_blank,
    two_rows_about_one_household_are_not_both_done,
    a_dry_run_says_the_same_and_changes_nothing,
    what_is_different_is_changed_and_blank_cells_leave_it,
    rows_outside_the_callers_area_are_not_found,
    an_import_started_twice_with_one_key_is_one,
    numbers_follow_an_import,
    reasons_are_said_in_the_readers_language,
    imports_are_seen_by_who_started_them_and_by_the_county,
);

const HEAD: &str = "村代码,组,户主标签,门牌,人数,地址,户编号\n";

fn file(rows: &[&str]) -> String {
    rows.iter().fold(HEAD.to_owned(), |file, row| file + row + "\n")
}

fn counts(batch: &Value) -> [i64; 5] {
    ["created", "updated", "unchanged", "skipped", "failed"]
        .map(|name| batch[format!("{name}Count")].as_i64().unwrap())
}

async fn every_row_has_its_fate_and_good_rows_land(app: TestApp) {
    app.sql(&format!("DELETE FROM posting WHERE village_code = '{WANGLOU}'")).await;
    let admin = app.county_admin();
    let batch = admin
        .import(
            &app,
            file(&[
                &format!("{LIUHE},1,刘河村1组-王建国,1,4,村东头,H1"),
                &format!("{LIUHE},1,,2,4,,H2"),
                ",,,,,,",
                &format!("{LIUHE},1,😀户,3,-4,,"),
                &format!("{LIUHE},1,张三,4,4,,4.11E+11"),
                &format!("{LIUHE},三组,李四,9,5人,,"),
                "511481109204,1,王五,5,4,,",
                &format!("{WANGLOU},1,赵六,5,4,,"),
                &format!("{LIUHE},1,王建国,1,4,村东头,H1"),
                &format!("{LIUHE},1,=1+1,7,4,,"),
                &format!("{LIUHE},1,{},8,4,,", "长".repeat(61)),
            ]),
        )
        .await;
    assert_eq!(batch["state"], "DONE");
    assert_eq!(batch["blankRowCount"], 1);
    assert_eq!(
        admin.fates(&batch).await,
        [
            "2 CREATED",
            "3 FAILED BLANK LABEL",
            "5 FAILED INVALID PEOPLE_COUNT",
            "6 FAILED DIGITS_LOST REFERENCE",
            "7 CREATED",
            "8 FAILED NOT_FOUND VILLAGE_CODE",
            "9 FAILED WITHOUT_OFFICER",
            "10 SKIPPED DUPLICATE_ROW 2",
            "11 FAILED FORMULA LABEL",
            "12 FAILED TOO_LONG LABEL 60",
        ]
    );
    let document = "{ households { edges { node { label door peopleCount address status group { number } } } } }";
    let answer = admin.query(document, json!({})).await;
    assert_eq!(
        answer.at("/households/edges"),
        &json!([
            { "node": { "label": "刘河村1组-王建国", "door": 1, "peopleCount": 4, "address": "村东头",
                        "status": "UNVISITED", "group": { "number": 1 } } },
            { "node": { "label": "李四", "door": 9, "peopleCount": 5, "address": null,
                        "status": "UNVISITED", "group": { "number": 3 } } },
        ])
    );
}

async fn the_same_file_twice_changes_nothing(app: TestApp) {
    let rows = [
        format!("{LIUHE},1,王建国,1,4,村东头,H1"),
        format!("{LIUHE},1,李 四,2,4,,"),
        format!("{LIUHE},7,张三,,,,"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let admin = app.county_admin();
    assert_eq!(counts(&admin.import(&app, file(&rows)).await), [3, 0, 0, 0, 0]);
    let events = "SELECT count(*) FROM event WHERE kind LIKE 'HOUSEHOLD%'";
    assert_eq!(app.number(events).await, 3);
    assert_eq!(counts(&admin.import(&app, file(&rows)).await), [0, 0, 3, 0, 0]);
    assert_eq!(app.number(events).await, 3);
    assert_eq!(app.number("SELECT CAST(max(version) AS bigint) FROM household").await, 1);
}

async fn a_row_finds_its_household_by_reference_door_or_label_and_never_by_a_blank(app: TestApp) {
    let admin = app.county_admin();
    let first = [
        format!("{LIUHE},1,甲,1,4,,H1"),
        format!("{LIUHE},1,乙,2,4,,"),
        format!("{LIUHE},1,丙,,4,,"),
        format!("{LIUHE},1,丁,,4,,"),
    ];
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    assert_eq!(counts(&admin.import(&app, file(&first)).await), [4, 0, 0, 0, 0]);
    let second = [
        // The number finds it in another group, the door under another label, the label at its door.
        format!("{LIUHE},2,甲,,,,H1"),
        format!("{LIUHE},1,乙乙,2,,,"),
        format!("{LIUHE},1,丙,,5,,"),
        // The same number in another village is another household, and so is a label in another group.
        format!("{OTHER_LIUHE},1,甲,1,4,,H1"),
        format!("{LIUHE},2,丁,,4,,"),
    ];
    let second: Vec<&str> = second.iter().map(String::as_str).collect();
    assert_eq!(counts(&admin.import(&app, file(&second)).await), [2, 3, 0, 0, 0]);
}

async fn two_rows_about_one_household_are_not_both_done(app: TestApp) {
    let admin = app.county_admin();
    let known = file(&[&format!("{LIUHE},1,甲,1,4,,H1")]);
    admin.import(&app, known).await;
    let batch = admin
        .import(
            &app,
            file(&[
                &format!("{LIUHE},1,甲,,5,,H1"),
                &format!("{LIUHE},1,甲,1,6,,"),
                &format!("{LIUHE},1,乙,,1,,"),
                &format!("{LIUHE},1,乙,,2,,"),
            ]),
        )
        .await;
    let fates =
        ["2 UPDATED", "3 SKIPPED DUPLICATE_ROW 2", "4 CREATED", "5 SKIPPED DUPLICATE_ROW 4"];
    assert_eq!(admin.fates(&batch).await, fates);
}

async fn a_dry_run_says_the_same_and_changes_nothing(app: TestApp) {
    let admin = app.county_admin();
    admin
        .import(&app, file(&[&format!("{LIUHE},1,甲,1,4,,"), &format!("{LIUHE},1,乙,2,4,,")]))
        .await;
    let rows = file(&[
        &format!("{LIUHE},1,甲,1,4,,"),
        &format!("{LIUHE},1,乙,2,9,,"),
        &format!("{LIUHE},1,丙,,1,,"),
        &format!("{LIUHE},1,丙,,1,,"),
        &format!("{LIUHE},0,丁,,1,,"),
    ]);
    let before = app.number("SELECT count(*) FROM event WHERE kind LIKE 'HOUSEHOLD%'").await;
    let dry = admin.start_import(rows.clone(), true).await;
    app.do_imports().await;
    let said = admin.batch(&dry).await;
    assert_eq!(counts(&said), [1, 1, 1, 1, 1]);
    assert_eq!(app.number("SELECT count(*) FROM household").await, 2);
    assert_eq!(app.number("SELECT count(*) FROM event WHERE kind LIKE 'HOUSEHOLD%'").await, before);
    let real = admin.import(&app, rows).await;
    assert_eq!(admin.fates(&dry).await, admin.fates(&real).await);
}

async fn what_is_different_is_changed_and_blank_cells_leave_it(app: TestApp) {
    let admin = app.county_admin();
    admin.import(&app, file(&[&format!("{LIUHE},1,甲,1,4,村东头,")])).await;
    admin.import(&app, file(&[&format!("{LIUHE},1,甲甲,1,,,")])).await;
    let document = "{ households(filter: { text: \"甲甲\" }) { edges { node { label address peopleCount version } } } }";
    let answer = admin.query(document, json!({})).await;
    let expected = json!({ "label": "甲甲", "address": "村东头", "peopleCount": 4, "version": 2 });
    assert_eq!(answer.at("/households/edges/0/node"), &expected);
}

async fn rows_outside_the_callers_area_are_not_found(app: TestApp) {
    let rows = file(&[&format!("{LIUHE},1,甲,1,4,,"), &format!("{OTHER_LIUHE},1,乙,1,4,,")]);
    for caller in [app.lead(LIUHE), app.chief(CHENJI)] {
        let batch = caller.import(&app, rows.clone()).await;
        assert_eq!(caller.fates(&batch).await[1], "3 FAILED NOT_FOUND VILLAGE_CODE");
    }
    assert_eq!(app.number("SELECT count(*) FROM household").await, 1);
}

async fn an_import_started_twice_with_one_key_is_one(app: TestApp) {
    let admin = app.county_admin();
    let upload = async || {
        let rows = file(&[&format!("{LIUHE},1,甲,1,4,,")]);
        admin.upload(rows).await.json["uploadId"].clone()
    };
    let (one, other) = (upload().await, upload().await);
    let input =
        |upload: &Value| json!({ "idempotencyKey": "a", "uploadId": upload, "dryRun": false });
    let first = admin.mutate("importHouseholds", input(&one), "id").await.done();
    let again = admin.mutate("importHouseholds", input(&one), "id").await.done();
    assert_eq!(first, again);
    let answer = admin.mutate("importHouseholds", input(&other), "id").await;
    assert_eq!(answer.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
    let stranger = app.chief(CHENJI).mutate("importHouseholds", input(&other), "id").await;
    assert_eq!(stranger.outcome(), "NOT_FOUND uploadId");
}

async fn numbers_follow_an_import(app: TestApp) {
    let admin = app.county_admin();
    admin
        .import(&app, file(&[&format!("{LIUHE},1,甲,1,4,,"), &format!("{LIUHE},1,乙,2,4,,")]))
        .await;
    admin.import(&app, file(&[&format!("{LIUHE},1,甲,1,7,,")])).await;
    app.count_events().await;
    let document = format!(
        "{{ village(code: \"{LIUHE}\") {{ coverage {{ denominator peopleCount unvisited }} }} }}"
    );
    let answer = admin.query(&document, json!({})).await;
    assert_eq!(
        answer.at("/village/coverage"),
        &json!({ "denominator": 2, "peopleCount": 11, "unvisited": 2 })
    );
}

async fn reasons_are_said_in_the_readers_language(app: TestApp) {
    let admin = app.county_admin();
    let batch = admin.import(&app, file(&[&format!("{LIUHE},1,,1,4,,")])).await;
    let document =
        "query($id: ID!) { importBatch(id: $id) { rows { edges { node { message } } } } }";
    for (caller, message) in [
        (app.county_admin(), "此项不能为空。"),
        (app.county_admin().in_english(), "This must not be empty."),
    ] {
        let answer = caller.query(document, json!({ "id": batch["id"] })).await;
        assert_eq!(answer.nodes("/importBatch/rows", "message"), [message]);
    }
}

async fn imports_are_seen_by_who_started_them_and_by_the_county(app: TestApp) {
    let officer = app.lead(LIUHE);
    let batch = officer.import(&app, file(&[&format!("{LIUHE},1,甲,1,4,,")])).await;
    let document =
        "{ importBatches { totalCount edges { node { id fileName startedBy { id } } } } }";
    for (caller, count) in [
        (officer.clone(), 1),
        (app.county_admin(), 1),
        (app.auditor(), 1),
        (app.chief(CHENJI), 0),
        (app.lead(WANGLOU), 0),
    ] {
        let answer = caller.query(document, json!({})).await;
        assert_eq!(answer.at("/importBatches/totalCount"), count);
    }
    let answer = officer.query(document, json!({})).await;
    let expected =
        json!({ "id": batch["id"], "fileName": "刘.csv", "startedBy": { "id": officer.id() } });
    assert_eq!(answer.at("/importBatches/edges/0/node"), &expected);
    let hidden = "query($id: ID!) { importBatch(id: $id) { id } }";
    let answer = app.chief(CHENJI).query(hidden, json!({ "id": batch["id"] })).await;
    assert_eq!(answer.outcome(), "NOT_FOUND");
}

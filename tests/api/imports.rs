//! Imports of households: every row has its fate, and good rows land.

use encoding_rs::GB18030;

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
    a_file_in_gbk_with_chinese_names_of_columns_is_read,
    a_workbook_is_read,
    a_village_is_found_by_name_only_where_no_other_has_it,
    rows_outside_the_callers_area_are_not_found,
    columns_with_other_names_are_mapped,
    an_import_started_twice_with_one_key_is_one,
    an_import_goes_on_after_its_worker_died,
    numbers_follow_an_import,
    contacts_in_a_file_are_not_kept,
    reasons_are_said_in_the_readers_language,
    imports_are_seen_by_who_started_them_and_by_the_county,
    a_file_of_many_chunks_is_done_with_few_statements,
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

async fn a_file_in_gbk_with_chinese_names_of_columns_is_read(app: TestApp) {
    let text = format!(
        "永城市陈集镇住户登记表;;;\n村代码（12位）;村民组;户主;家庭人口\n'{LIUHE};第２组;刘河村2组-镕基　;３\n"
    );
    let (bytes, ..) = GB18030.encode(&text);
    let admin = app.county_admin();
    let upload = admin.upload(bytes.clone().into_owned()).await;
    assert_eq!(upload.status, 201);
    assert_eq!(upload.json["columns"][1], "村民组");
    assert_eq!(upload.json["rows"], 1);
    assert_eq!(counts(&admin.import(&app, bytes.into_owned()).await), [1, 0, 0, 0, 0]);
    let answer =
        admin.query("{ households { edges { node { label peopleCount } } } }", json!({})).await;
    assert_eq!(
        answer.at("/households/edges/0/node"),
        &json!({ "label": "刘河村2组-镕基", "peopleCount": 3 })
    );
}

async fn a_workbook_is_read(app: TestApp) {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = rust_xlsxwriter::Format::new();
    sheet.merge_range(0, 0, 0, 3, "住户登记表", &bold).unwrap();
    for (column, name) in (0..).zip(["villageCode", "group", "label", "people"]) {
        sheet.write(1, column, name).unwrap();
    }
    sheet.write(3, 0, LIUHE.parse::<f64>().unwrap()).unwrap();
    sheet.write(3, 1, 2).unwrap();
    sheet.write(3, 2, "刘河村2组-王建国").unwrap();
    let formula = rust_xlsxwriter::Formula::new("=2+3").set_result("5");
    sheet.write(3, 3, formula).unwrap();
    workbook.add_worksheet().write(0, 0, "another sheet").unwrap();
    workbook.add_worksheet();
    let admin = app.county_admin();
    let batch = admin.import(&app, workbook.save_to_buffer().unwrap()).await;
    assert_eq!(admin.fates(&batch).await, ["4 CREATED"]);
    assert_eq!(app.number("SELECT CAST(people_count AS bigint) FROM household").await, 5);
}

async fn a_village_is_found_by_name_only_where_no_other_has_it(app: TestApp) {
    let rows = "乡镇,村,组,户主\n,刘河村,1,甲\n陈集镇,刘河,1,乙\n芒山,刘河村委会,1,丙\n,王楼村,1,丁\n,无名,1,戊\n";
    let admin = app.county_admin();
    let batch = admin.import(&app, rows).await;
    assert_eq!(
        admin.fates(&batch).await,
        [
            "2 FAILED AMBIGUOUS_VILLAGE VILLAGE_NAME",
            "3 CREATED",
            "4 CREATED",
            "5 CREATED",
            "6 FAILED NOT_FOUND VILLAGE_NAME"
        ]
    );
    let there = format!("SELECT count(*) FROM household WHERE village_code = '{OTHER_LIUHE}'");
    assert_eq!(app.number(&there).await, 1);
}

async fn rows_outside_the_callers_area_are_not_found(app: TestApp) {
    let rows = file(&[&format!("{LIUHE},1,甲,1,4,,"), &format!("{OTHER_LIUHE},1,乙,1,4,,")]);
    for caller in [app.lead(LIUHE), app.chief(CHENJI)] {
        let batch = caller.import(&app, rows.clone()).await;
        assert_eq!(caller.fates(&batch).await[1], "3 FAILED NOT_FOUND VILLAGE_CODE");
    }
    assert_eq!(app.number("SELECT count(*) FROM household").await, 1);
}

async fn columns_with_other_names_are_mapped(app: TestApp) {
    let admin = app.county_admin();
    let rows = format!("代号,第几组,叫什么,叫什么\n{LIUHE},1,甲,乙\n");
    let upload = admin.upload(rows).await.json["uploadId"].clone();
    let order = |mapping: Value| {
        json!({ "idempotencyKey": mapping.to_string().len().to_string(), "uploadId": upload,
                "dryRun": false, "mapping": mapping })
    };
    let map = |field: &str, column: &str| json!({ "field": field, "column": column });
    let (village, group) = (map("VILLAGE_CODE", "代号"), map("GROUP", "第几组"));
    for (mapping, outcome) in [
        (json!([]), "BLANK mapping"),
        (json!([village, group, map("LABEL", "叫什么")]), "TAKEN mapping"),
        (json!([village, group, map("LABEL", "没有这列")]), "NOT_FOUND mapping"),
    ] {
        let answer = admin.mutate("importHouseholds", order(mapping), "id").await;
        assert_eq!(answer.outcome(), outcome);
    }
    let mapping = json!([village, group, map("LABEL", "#4")]);
    let wanted = "id mapping { field column }";
    let batch = admin.mutate("importHouseholds", order(mapping), wanted).await.done();
    assert_eq!(batch["mapping"][2], map("LABEL", "叫什么"));
    app.do_imports().await;
    let answer = admin.query("{ households { edges { node { label } } } }", json!({})).await;
    assert_eq!(answer.nodes("/households", "label"), ["乙"]);
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

/// Rows enough for three chunks.
fn many() -> String {
    let mut rows = HEAD.to_owned();
    for number in 0..2 * huhutong::import::ROWS + 10 {
        let (group, door) = (number % 99 + 1, number / 99 + 1);
        rows += &format!("{LIUHE},{group},第{number}户,{door},3,村东头,\n");
    }
    rows
}

async fn an_import_goes_on_after_its_worker_died(app: TestApp) {
    let admin = app.county_admin();
    let batch = admin.start_import(many(), false).await;
    // It stands as if a worker had done the first chunk before it died.
    app.do_imports().await;
    let done = huhutong::import::ROWS as i64;
    app.sql(&format!(
        "UPDATE import_batch SET state = 'RUNNING', line = {0} + 1, created = {0}, \
         leased_until = '2026-09-01T08:01:00+00:00'",
        done
    ))
    .await;
    app.sql(&format!("DELETE FROM import_row WHERE line > {done} + 1")).await;
    app.do_imports().await;
    assert_eq!(admin.batch(&batch).await["processedRowCount"], done, "somebody may still have it");
    app.advance(std::time::Duration::from_secs(180));
    app.do_imports().await;
    assert_eq!(counts(&admin.batch(&batch).await), [done, 0, done + 10, 0, 0]);
}

async fn a_file_of_many_chunks_is_done_with_few_statements(app: TestApp) {
    let admin = app.county_admin();
    admin.start_import(many(), false).await;
    let (statements, ()) = app.statements(app.do_imports()).await;
    assert!(statements < 60, "{statements} statements for three chunks");
    assert_eq!(
        app.number("SELECT count(*) FROM household").await,
        2 * huhutong::import::ROWS as i64 + 10
    );
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

async fn contacts_in_a_file_are_not_kept(app: TestApp) {
    let rows = format!(
        "村代码,组,户主,联系人,电话,关系\n{LIUHE},1,甲,王建国,10012345678,本人\n{LIUHE},1,乙,李四,1.00123E+10,本人\n"
    );
    let admin = app.county_admin();
    let batch = admin.import(&app, rows).await;
    assert_eq!(admin.fates(&batch).await, ["2 CREATED", "3 FAILED DIGITS_LOST CONTACT_PHONE"]);
    assert_eq!(app.number("SELECT count(*) FROM contact").await, 0);
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

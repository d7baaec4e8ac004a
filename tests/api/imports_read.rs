//! Files of every kind, small and large, are read to their end.

use encoding_rs::GB18030;

use crate::on_both_databases;
use crate::support::county::{LIUHE, OTHER_LIUHE};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    a_file_in_gbk_with_chinese_names_of_columns_is_read,
    a_workbook_is_read,
    a_village_is_found_by_name_only_where_no_other_has_it,
    columns_with_other_names_are_mapped,
    an_import_goes_on_after_its_worker_died,
    a_file_of_many_chunks_is_done_with_few_statements,
    contacts_in_a_file_are_not_kept,
);

/// Rows enough for three chunks.
fn many() -> String {
    let mut rows = "村代码,组,户主标签,门牌,人数,地址,户编号\n".to_owned();
    for number in 0..2 * huhutong::import::ROWS + 10 {
        let (group, door) = (number % 99 + 1, number / 99 + 1);
        rows += &format!("{LIUHE},{group},第{number}户,{door},3,村东头,\n");
    }
    rows
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
    assert_eq!(admin.import(&app, bytes.into_owned()).await["createdCount"], 1);
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
    let batch = admin.batch(&batch).await;
    assert_eq!(
        (&batch["createdCount"], &batch["unchangedCount"]),
        (&json!(done), &json!(done + 10))
    );
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

async fn contacts_in_a_file_are_not_kept(app: TestApp) {
    let rows = format!(
        "村代码,组,户主,联系人,电话,关系\n{LIUHE},1,甲,王建国,10012345678,本人\n{LIUHE},1,乙,李四,1.00123E+10,本人\n"
    );
    let admin = app.county_admin();
    let batch = admin.import(&app, rows).await;
    assert_eq!(admin.fates(&batch).await, ["2 CREATED", "3 FAILED DIGITS_LOST CONTACT_PHONE"]);
    assert_eq!(app.number("SELECT count(*) FROM contact").await, 0);
}

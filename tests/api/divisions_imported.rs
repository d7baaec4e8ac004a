//! How a county's division tree comes into the database: from a table, by the command line.

use std::process::Output;

use rust_xlsxwriter::Workbook;

use super::command::{KEYS, assert_done, assert_refused, run};
use super::reorganisations::{DAY, merge};
use crate::on_both_databases;
use crate::support::county::{LIUHE, OTHER_LIUHE, SHIYUAN};
use crate::support::{Folder, TestApp, Value, json};

on_both_databases!(
    the_whole_county_is_added_once,
    a_workbook_with_codes_of_twelve_digits_is_read,
    a_table_with_wrong_lines_adds_nothing,
    a_division_without_one_above_it_adds_nothing,
    what_is_there_is_not_renamed_and_what_has_ended_stays_so,
);

fn import(app: &TestApp, arguments: &[&str]) -> Output {
    let all = [&["import", "divisions"], arguments].concat();
    let url = app.url();
    run(&all, &[("DATABASE_URL", &url), ("HUHUTONG_KEYS", KEYS)], "")
}

/// Imports a file with this in it.
fn import_file(app: &TestApp, content: &[u8]) -> Output {
    let folder = Folder::new();
    let file = folder.file("divisions");
    std::fs::write(&file, content).unwrap();
    import(app, &[file.to_str().unwrap()])
}

async fn count(app: &TestApp, kind: &str) -> i64 {
    let document = format!("{{ {kind}(first: 1) {{ totalCount }} }}");
    let answer = app.analyst().query(&document, json!({})).await;
    answer.at(&format!("/{kind}/totalCount")).as_i64().unwrap()
}

async fn the_whole_county_is_added_once(app: TestApp) {
    let before = (count(&app, "townships").await, count(&app, "villages").await);
    let said = assert_done(&import(&app, &[]));
    let after = (count(&app, "townships").await, count(&app, "villages").await);
    assert!(after.0 >= 31 && after.1 >= 770, "{after:?}");
    let (townships, villages) = (after.0 - before.0, after.1 - before.1);
    let added = format!(
        "added 0 counties, {townships} townships, {villages} villages and {townships} stations"
    );
    assert!(said.contains(&added), "{said}");
    let document = "{ township(code: \"411481219\") { kind villages(first: 1) { totalCount } \
                      station { id name } } }";
    let answer = app.county_admin().query(document, json!({})).await;
    assert_eq!(answer.at("/township/kind"), "TOWNSHIP");
    assert_eq!(answer.at("/township/station/name"), "永城市公安局陈官庄派出所");
    let input = json!({ "idempotencyKey": "a", "username": "chief", "name": "赵所", "role": "STATION_CHIEF",
                        "stationId": answer.at("/township/station/id") });
    app.county_admin().mutate("createOfficer", input, "id").await.done();

    let again = assert_done(&import(&app, &[]));
    assert!(again.contains("added 0 counties, 0 townships, 0 villages and 0 stations"), "{again}");
    assert_eq!(count(&app, "villages").await, after.1);
}

async fn a_workbook_with_codes_of_twelve_digits_is_read(app: TestApp) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let rows = [
        (411_482_000_000.0, "某县"),
        (411_482_100_000.0, "甲街道办事处"),
        (411_482_100_001.0, "一社区居委会"),
    ];
    sheet.write(0, 0, "代码").unwrap();
    for (row, (code, name)) in (1..).zip(rows) {
        sheet.write(row, 0, code).unwrap();
        sheet.write(row, 1, name).unwrap();
    }
    let said = assert_done(&import_file(&app, &workbook.save_to_buffer().unwrap()));
    assert_eq!(
        said.trim(),
        "3 divisions: added 1 counties, 1 townships, 1 villages and 1 stations"
    );
    let document = "{ village(code: \"411482100001\") { name township { code kind county { name } \
                      station { name } } } }";
    let answer = app.analyst().query(document, json!({})).await;
    assert_eq!(
        answer.at("/village"),
        &json!({ "name": "一社区居委会", "township": { "code": "411482100", "kind": "SUBDISTRICT",
            "county": { "name": "某县" }, "station": { "name": "某县公安局甲派出所" } } })
    );
}

async fn a_table_with_wrong_lines_adds_nothing(app: TestApp) {
    let text = "代码,名称\n411482,某县\n4114821,甲镇\n411482101,\n";
    let output = import_file(&app, text.as_bytes());
    assert_refused(&output, "line 3: a code has 6, 9 or 12 digits\nline 4: there is no name");
    assert_refused(&import_file(&app, b""), "There is nothing in the file");
    assert_refused(&import_file(&app, "代码,名称\n".as_bytes()), "there is no code in the file");
    assert_refused(&import(&app, &["/no/such/file"]), "cannot open the file");
    assert_eq!(count(&app, "counties").await, 1);
}

async fn a_division_without_one_above_it_adds_nothing(app: TestApp) {
    let text = "411482,某县\n411482101,甲镇\n411483101001,乙村委会\n";
    let output = import_file(&app, text.as_bytes());
    assert_refused(&output, "The division above 411483101001 is neither in the table");
    assert_eq!(count(&app, "counties").await, 1);
}

async fn what_is_there_is_not_renamed_and_what_has_ended_stays_so(app: TestApp) {
    app.advance(DAY);
    app.county_admin().mutate("mergeVillages", merge(&[SHIYUAN], OTHER_LIUHE), "id").await.done();
    let text = format!("{LIUHE},新刘河村委会\n{SHIYUAN},柿园村委会\n411481109299,新村委会\n");
    let said = assert_done(&import_file(&app, text.as_bytes()));
    assert!(
        said.contains(&format!("{LIUHE} is not renamed by an import; it stays 刘河村委会")),
        "{said}"
    );
    assert!(said.contains(&format!("{SHIYUAN} has ended; it stays")), "{said}");
    assert!(said.contains("added 0 counties, 0 townships, 1 villages and 0 stations"), "{said}");
    let document = "{ village(code: \"411481109299\") { validFrom } }";
    let answer = app.analyst().query(document, json!({})).await;
    assert_ne!(answer.at("/village/validFrom"), &Value::Null, "it was not there before");
}

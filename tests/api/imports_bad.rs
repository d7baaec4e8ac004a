//! Files that cannot be imported, and reports about rows that could not.

use axum::body::{Body, Bytes};

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::{TestApp, json};

on_both_databases!(
    a_file_that_is_no_table_is_refused_by_name,
    a_file_with_names_of_columns_only_is_done_at_once,
    a_file_that_does_not_arrive_is_not_kept,
    nobody_uploads_without_a_permission,
    a_report_has_the_original_cells_and_the_reason_and_runs_nowhere,
    a_report_is_for_who_may_see_it,
    files_are_forgotten_after_their_time,
    what_is_kept_of_a_file_is_sealed,
);

async fn a_file_that_is_no_table_is_refused_by_name(app: TestApp) {
    let admin = app.county_admin().in_english();
    let wide = "村,".repeat(400);
    for (file, part) in [
        (Vec::new(), "nothing in the file"),
        (b"\x7FELF\0\0\0".to_vec(), "neither CSV nor XLSX"),
        (b"PK\x03\x04 broken".to_vec(), "damaged"),
        (b"\xFF\xFEa\0b\0".to_vec(), "UTF-16"),
        (b"\xD0\xCF\x11\xE0 old".to_vec(), "Excel 2003"),
        (wide.into_bytes(), "100 columns"),
        ("a\n".repeat(1_000_100).into_bytes(), "1000000 rows"),
    ] {
        let answer = admin.upload(file).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, Some("BAD_FILE")), "{part}");
        assert!(answer.message().contains(part), "{}", answer.message());
    }
    let answer = admin.upload(vec![b'a'; (64 << 20) + 1]).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (413, Some("FILE_TOO_LARGE")));
    assert_eq!(app.number("SELECT count(*) FROM import_upload").await, 0);
}

async fn a_file_with_names_of_columns_only_is_done_at_once(app: TestApp) {
    let batch = app.county_admin().import(&app, "村代码,组,户主\n").await;
    assert_eq!((&batch["state"], &batch["rowCount"]), (&json!("DONE"), &json!(0)));
}

async fn a_file_that_does_not_arrive_is_not_kept(app: TestApp) {
    let pieces = [Ok(Bytes::from("村代码,组,户主\n")), Err(std::io::Error::other("cut"))];
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let answer = app.county_admin().upload(body).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (400, Some("BAD_REQUEST")));
    assert_eq!(app.number("SELECT count(*) FROM import_upload").await, 0);
}

async fn nobody_uploads_without_a_permission(app: TestApp) {
    for (caller, status) in [(app.anonymous(), 401), (app.analyst(), 403), (app.auditor(), 403)] {
        assert_eq!(caller.upload("村代码,组,户主\n").await.status, status);
    }
}

fn faulty() -> String {
    format!(
        "村代码,组,户主,备注\n{LIUHE},1,甲,好\n{LIUHE},1,,=cmd()\n{LIUHE},x,\"乙,\"\"乙\",@a\n{LIUHE},2,丙,好\n{LIUHE},1,甲,-1\n"
    )
}

async fn a_report_has_the_original_cells_and_the_reason_and_runs_nowhere(app: TestApp) {
    let admin = app.county_admin();
    let batch = admin.import(&app, faulty()).await;
    let (status, text) = admin.report(&batch).await;
    assert_eq!(status, 200);
    let expected = format!(
        "\u{feff}村代码,组,户主,备注,行号,结果,代码,列,原因,疑似重复\r\n\
         {LIUHE},1,,'=cmd(),3,FAILED,BLANK,LABEL,此项不能为空。,\r\n\
         {LIUHE},x,\"乙,\"\"乙\",'@a,4,FAILED,INVALID,GROUP,此项格式不正确或超出范围。,\r\n\
         {LIUHE},1,甲,'-1,6,SKIPPED,DUPLICATE_ROW,,与第2行是同一户。,\r\n"
    );
    assert_eq!(text, expected);
    let (_, english) = app.county_admin().in_english().report(&batch).await;
    assert!(english.contains("Line 2 is about the same household."));
}

async fn a_report_is_for_who_may_see_it(app: TestApp) {
    let officer = app.lead(LIUHE);
    let batch = officer.import(&app, faulty()).await;
    for (caller, status) in [
        (officer, 200),
        (app.county_admin(), 200),
        (app.anonymous(), 401),
        (app.analyst(), 403),
        // Original cells are personal data that an auditor sees masked only.
        (app.auditor(), 403),
        (app.chief(CHENJI), 404),
    ] {
        assert_eq!(caller.report(&batch).await.0, status);
    }
    let nothing = json!({ "id": "bad" });
    assert_eq!(app.county_admin().report(&nothing).await.0, 400);
}

async fn files_are_forgotten_after_their_time(app: TestApp) {
    let admin = app.county_admin();
    let batch = admin.import(&app, faulty()).await;
    admin.upload(faulty()).await;
    let parts = "SELECT count(*) FROM import_part";
    let day = std::time::Duration::from_secs(24 * 3600);
    for (days, left) in [(0, 2), (2, 1), (29, 0)] {
        app.advance(day * days);
        huhutong::import::sweep(app.service()).await.unwrap();
        assert_eq!(app.number(parts).await, left);
    }
    assert_eq!(admin.report(&batch).await.0, 404);
    let answer = admin.mutate("rollBackImport", json!({ "batchId": batch["id"] }), "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE batchId");
}

async fn what_is_kept_of_a_file_is_sealed(app: TestApp) {
    app.county_admin().upload(format!("村代码,组,户主\n{LIUHE},1,WANG JIANGUO\n")).await;
    let raw = app.raw().await;
    let statement = sea_orm::Statement::from_string(
        sea_orm::ConnectionTrait::get_database_backend(&raw),
        "SELECT data FROM import_part",
    );
    let row = sea_orm::ConnectionTrait::query_one_raw(&raw, statement).await.unwrap().unwrap();
    let data: Vec<u8> = row.try_get_by_index(0).unwrap();
    assert!(!data.windows(4).any(|bytes| bytes == b"WANG"));
    raw.close().await.unwrap();
}

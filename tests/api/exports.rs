//! Taking data out: a file shows no more than a page, and who took it is written down.

use axum::body::Body;
use axum::http::{Request, header};
use calamine::{Data, Reader, Xlsx};

use crate::on_both_databases;
use crate::support::county::{CHENJI, COUNTY, DONGCHENG, LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    a_file_holds_every_household_of_the_callers_area_and_no_other,
    a_file_is_of_the_area_that_was_asked_for,
    an_auditors_file_is_masked,
    a_file_of_visits_shows_notes_to_who_may_see_them,
    an_analyst_takes_numbers_and_never_people,
    inquiries_go_without_what_was_written,
    a_workbook_holds_the_same_rows,
    json_lines_are_for_programs,
    nothing_in_a_file_is_a_formula,
    more_rows_than_are_read_at_once_come_in_order,
    what_was_taken_is_written_down_with_its_purpose,
    a_file_is_only_for_who_asked_for_it,
    a_file_may_be_taken_for_an_hour,
    bad_wishes_are_refused,
    the_same_key_makes_no_second_export,
    statements_do_not_grow_with_the_rows_of_a_step,
);

fn wish(content: &str, format: &str) -> Value {
    json!({ "idempotencyKey": "a", "content": content, "format": format, "purpose": "季度核对" })
}

/// Asks for a file and takes it.
async fn taken(app: &TestApp, actor: &Actor, input: Value) -> Vec<u8> {
    let export = actor.mutate("requestExport", input, "path").await.done();
    let (status, body) = app.get(actor, export["path"].as_str().unwrap()).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    body
}

async fn rows(app: &TestApp, actor: &Actor, input: Value) -> Vec<csv::StringRecord> {
    let body = taken(app, actor, input).await;
    assert!(body.starts_with(b"\xef\xbb\xbf"), "a byte order mark");
    csv::Reader::from_reader(&body[3..]).records().map(Result::unwrap).collect()
}

async fn a_file_holds_every_household_of_the_callers_area_and_no_other(app: TestApp) {
    for (village, label) in [(LIUHE, "1组-李秀英"), (LIUHE, "1组-王建国"), (WANGLOU, "1组-赵")]
    {
        app.labelled(village, label).await;
    }
    let lead = rows(&app, &app.lead(LIUHE), wish("HOUSEHOLDS", "CSV")).await;
    let labels: Vec<&str> = lead.iter().map(|row| &row[5]).collect();
    assert_eq!(labels, ["1组-李秀英", "1组-王建国"]);
    assert_eq!(
        lead[0].iter().take(9).collect::<Vec<_>>(),
        [LIUHE, "陈集镇", "刘河村委会", "1", "1", "1组-李秀英", "村东头第三家", "4", "未走访"]
    );
    assert_eq!(rows(&app, &app.chief(CHENJI), wish("HOUSEHOLDS", "CSV")).await.len(), 3);
    assert_eq!(rows(&app, &app.lead(DONGCHENG), wish("HOUSEHOLDS", "CSV")).await.len(), 0);
}

async fn a_file_is_of_the_area_that_was_asked_for(app: TestApp) {
    for village in [LIUHE, WANGLOU, DONGCHENG] {
        app.household(village).await;
    }
    let count = async |code: &str| {
        let mut input = wish("HOUSEHOLDS", "CSV");
        input["idempotencyKey"] = code.into();
        input["areaCode"] = code.into();
        rows(&app, &app.county_admin(), input).await.len()
    };
    assert_eq!((count(LIUHE).await, count(CHENJI).await, count(COUNTY).await), (1, 2, 3));
    assert_eq!(count("411482").await, 0);
}

async fn an_auditors_file_is_masked(app: TestApp) {
    let household = app.labelled(LIUHE, "刘河村1组-王建国").await;
    app.contact_of(&household, "王建国").await;
    let found = rows(&app, &app.auditor(), wish("HOUSEHOLDS", "CSV")).await;
    assert_eq!(&found[0][5], "刘河村1组-王**");
    assert_eq!((&found[0][6], &found[0][12]), ("", "王**"));
    assert!(found[0][13].contains("******"), "{}", &found[0][13]);
    let found = rows(&app, &app.lead(LIUHE), wish("HOUSEHOLDS", "CSV")).await;
    assert_eq!((&found[0][6], &found[0][12]), ("村东头第三家", "王建国"));
    assert!(!found[0][13].contains('*'));
}

async fn a_file_of_visits_shows_notes_to_who_may_see_them(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-王建国").await, app.household(WANGLOU).await);
    for (key, household, outcome) in
        [("a", &one, "MET"), ("b", &other, "NOBODY_HOME"), ("c", &one, "DECLINED")]
    {
        let input = json!({ "idempotencyKey": key, "householdId": household["id"], "outcome": outcome,
                            "note": "=狗很凶", "nextVisitOn": "2026-09-09" });
        app.chief(CHENJI).mutate("recordVisit", input, "id").await.done();
        app.advance(std::time::Duration::from_secs(60));
    }
    let found = rows(&app, &app.lead(LIUHE), wish("VISITS", "CSV")).await;
    let outcomes: Vec<&str> = found.iter().map(|row| &row[7]).collect();
    assert_eq!(outcomes, ["已见面", "不愿加入"]);
    assert_eq!(
        found[0].iter().take(10).collect::<Vec<_>>(),
        [
            LIUHE,
            "陈集镇",
            "刘河村委会",
            "1",
            "1",
            "1组-王建国",
            "2026-09-01 16:00",
            "已见面",
            "'=狗很凶",
            "2026-09-09"
        ]
    );
    let audited = rows(&app, &app.auditor(), wish("VISITS", "CSV")).await;
    assert_eq!((audited.len(), &audited[0][8]), (3, ""));
    assert!(!audited[0][5].contains("王建国"), "{:?}", audited[0]);
}

async fn an_analyst_takes_numbers_and_never_people(app: TestApp) {
    app.household(LIUHE).await;
    app.count_events().await;
    let analyst = app.analyst();
    for content in ["HOUSEHOLDS", "INQUIRIES", "VISITS"] {
        let answer = analyst.mutate("requestExport", wish(content, "CSV"), "path").await;
        assert_eq!(answer.outcome(), "FORBIDDEN");
    }
    let found = rows(&app, &analyst, wish("COVERAGE", "CSV")).await;
    assert_eq!(found.len(), 7);
    let liuhe = found.iter().find(|row| &row[0] == LIUHE).unwrap();
    assert_eq!((&liuhe[3], &liuhe[4], &liuhe[7]), ("5", "0", "5"));
}

async fn inquiries_go_without_what_was_written(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.inquiry(&household).await;
    let body = taken(&app, &app.lead(LIUHE), wish("INQUIRIES", "CSV")).await;
    let text = String::from_utf8(body).unwrap();
    assert!(text.contains("户籍（出生）,待答复,2026-09-01 16:00"), "{text}");
    assert!(!text.contains("新生儿"), "{text}");
}

async fn a_workbook_holds_the_same_rows(app: TestApp) {
    app.household(LIUHE).await;
    let body = taken(&app, &app.lead(LIUHE), wish("HOUSEHOLDS", "XLSX")).await;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(body)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(sheet.height(), 2);
    assert_eq!(sheet.get((0, 5)), Some(&Data::String("户主标签".to_owned())));
    assert_eq!(sheet.get((1, 5)), Some(&Data::String("1组-李秀英".to_owned())));
    assert_eq!(sheet.get((1, 7)), Some(&Data::Float(4.0)));
}

async fn json_lines_are_for_programs(app: TestApp) {
    app.household(LIUHE).await;
    let body = taken(&app, &app.lead(LIUHE), wish("HOUSEHOLDS", "JSON_LINES")).await;
    let text = String::from_utf8(body).unwrap();
    assert_eq!(text.lines().count(), 1);
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["villageCode"], LIUHE);
    assert_eq!((&line["status"], &line["people"]), (&json!("UNVISITED"), &json!(4)));
    assert_eq!(line["updatedAt"], "2026-09-01T08:00:00+00:00");
}

async fn nothing_in_a_file_is_a_formula(app: TestApp) {
    app.labelled(LIUHE, "=HYPERLINK(\"evil\")").await;
    let found = rows(&app, &app.lead(LIUHE), wish("HOUSEHOLDS", "CSV")).await;
    assert_eq!(&found[0][5], "'=HYPERLINK(\"evil\")");
}

async fn more_rows_than_are_read_at_once_come_in_order(app: TestApp) {
    app.household(LIUHE).await;
    app.multiply_households(1200).await;
    let found = rows(&app, &app.lead(LIUHE), wish("HOUSEHOLDS", "CSV")).await;
    let doors: Vec<i64> = found.iter().map(|row| row[4].parse().unwrap()).collect();
    assert_eq!(doors.len(), 1201);
    assert!(doors.is_sorted() && doors.windows(2).all(|pair| pair[0] != pair[1]));
}

async fn what_was_taken_is_written_down_with_its_purpose(app: TestApp) {
    app.household(LIUHE).await;
    let lead = app.lead(LIUHE);
    taken(&app, &lead, wish("HOUSEHOLDS", "CSV")).await;
    let log = "{ exports { edges { node { content format areaCode purpose downloads rowCount \
               downloadedAt officer { id } } } } }";
    for reader in [app.auditor(), app.county_admin(), lead.clone()] {
        let answer = reader.query(log, json!({})).await;
        let entry = answer.at("/exports/edges/0/node");
        assert_eq!(
            (&entry["content"], &entry["purpose"]),
            (&json!("HOUSEHOLDS"), &json!("季度核对"))
        );
        assert_eq!((&entry["downloads"], &entry["rowCount"]), (&json!(1), &json!(1)));
        assert_eq!(entry["officer"]["id"], lead.id());
    }
    for stranger in [app.lead(WANGLOU), app.chief(CHENJI)] {
        let answer = stranger.query("{ exports { totalCount } }", json!({})).await;
        assert_eq!(answer.at("/exports/totalCount"), 0);
    }
    let events = "SELECT count(*) FROM event WHERE kind IN ('EXPORT_REQUESTED', 'EXPORT_TAKEN')";
    assert_eq!(app.number(events).await, 3);
}

async fn a_file_is_only_for_who_asked_for_it(app: TestApp) {
    let lead = app.lead(LIUHE);
    let export = lead.mutate("requestExport", wish("HOUSEHOLDS", "CSV"), "path").await.done();
    let path = export["path"].as_str().unwrap();
    for stranger in [app.county_admin(), app.lead(WANGLOU)] {
        assert_eq!(app.get(&stranger, path).await.0, 404);
    }
    assert_eq!(app.get(&app.anonymous(), path).await.0, 401);
    assert_eq!(app.get(&lead, "/exports/unknown").await.0, 400);
    assert_eq!(app.get(&lead, path).await.0, 200);
}

async fn a_file_may_be_taken_for_an_hour(app: TestApp) {
    let lead = app.lead(LIUHE);
    let export = lead.mutate("requestExport", wish("HOUSEHOLDS", "CSV"), "path").await.done();
    let path = export["path"].as_str().unwrap();
    app.advance(std::time::Duration::from_secs(3599));
    assert_eq!(app.get(&lead, path).await.0, 200);
    app.advance(std::time::Duration::from_secs(1));
    assert_eq!(app.get(&lead, path).await.0, 404);
}

async fn bad_wishes_are_refused(app: TestApp) {
    let lead = app.lead(LIUHE);
    for (field, value, outcome) in [
        ("purpose", json!(" "), "BLANK purpose"),
        ("purpose", json!("核"), "INVALID purpose"),
        ("purpose", json!("核".repeat(201)), "TOO_LONG purpose"),
        ("areaCode", json!("41148110"), "BAD_USER_INPUT"),
        ("areaCode", json!("'; DROP"), "BAD_USER_INPUT"),
        ("content", json!("MESSAGES"), "BAD_USER_INPUT"),
    ] {
        let input = crate::support::with(wish("HOUSEHOLDS", "CSV"), field, value);
        let answer = lead.mutate("requestExport", input, "path").await;
        let refused = answer.outcome();
        assert!(refused == outcome || refused == "GRAPHQL_VALIDATION_FAILED", "{field}: {refused}");
    }
    let resident = app.resident_of(&app.household(LIUHE).await).await;
    let answer = resident.mutate("requestExport", wish("HOUSEHOLDS", "CSV"), "path").await;
    assert_eq!(answer.outcome(), "FORBIDDEN");
}

async fn the_same_key_makes_no_second_export(app: TestApp) {
    let lead = app.lead(LIUHE);
    let first = lead.mutate("requestExport", wish("HOUSEHOLDS", "CSV"), "id").await.done();
    let again = lead.mutate("requestExport", wish("HOUSEHOLDS", "CSV"), "id").await.done();
    assert_eq!(first["id"], again["id"]);
    let other = lead.mutate("requestExport", wish("HOUSEHOLDS", "XLSX"), "id").await;
    assert_eq!(other.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn statements_do_not_grow_with_the_rows_of_a_step(app: TestApp) {
    app.household(LIUHE).await;
    let lead = app.lead(LIUHE);
    let (few, _) = app.statements(taken(&app, &lead, wish("HOUSEHOLDS", "CSV"))).await;
    app.multiply_households(300).await;
    let again = crate::support::with(wish("HOUSEHOLDS", "CSV"), "idempotencyKey", "b");
    let (many, _) = app.statements(taken(&app, &lead, again)).await;
    assert_eq!(few, many);
}

impl TestApp {
    /// Asks for a path as somebody.
    pub async fn get(&self, actor: &Actor, path: &str) -> (u16, Vec<u8>) {
        use http_body_util::BodyExt;
        use tower::ServiceExt;
        let mut request = Request::get(path);
        if let Some(token) = actor.token() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.router().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    /// Adds so many copies of each household, at doors of their own.
    async fn multiply_households(&self, copies: u32) {
        let id = match self.backend() {
            crate::support::Backend::Postgres => "gen_random_uuid()",
            crate::support::Backend::Sqlite => "randomblob(16)",
        };
        self.sql(&format!(
            "WITH RECURSIVE times (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < {copies}) \
             INSERT INTO household (id, village_code, township_code, group_code, door, label, people_count, \
             status, search_text, version, created_at, updated_at) \
             SELECT {id}, village_code, township_code, group_code, door + n, label, people_count, status, \
             search_text, version, created_at, updated_at FROM household, times"
        ))
        .await;
    }
}

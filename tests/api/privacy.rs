//! What is kept about people is unreadable in the database.

use std::fmt::Write;

use sea_orm::{ConnectionTrait, Statement};

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, station_id};
use crate::support::{Backend, TestApp, Value, jpeg, json};

on_both_databases!(
    no_phone_number_address_or_wechat_identity_is_in_the_database_in_plain,
    equal_phone_numbers_are_sealed_differently,
    sealed_data_are_read_under_a_rotated_key_and_never_wrongly,
    no_password_or_refresh_token_is_in_the_database,
    no_personal_data_is_in_the_event_log,
    no_name_or_address_of_a_file_is_in_the_database,
);

/// Everything that is stored, as text, with bytes in hexadecimal digits.
async fn everything(app: &TestApp) -> String {
    let raw = app.raw().await;
    let backend = raw.get_database_backend();
    let mut dump = String::new();
    for table in [
        "household",
        "contact",
        "household_contact",
        "officer",
        "inquiry",
        "message",
        "event",
        "idempotency",
        "session",
        "refresh_token",
        "visit",
        "household_status_change",
        "consent",
        "attachment",
    ] {
        let select = match app.backend() {
            Backend::Postgres => format!("SELECT t::text FROM {table} t"),
            Backend::Sqlite => {
                let names = format!(
                    "SELECT group_concat('coalesce(quote(\"' || name || '\"), '''')', ' || ') \
                                     FROM pragma_table_info('{table}')"
                );
                let row = raw.query_one_raw(Statement::from_string(backend, names)).await.unwrap();
                let columns: String = row.unwrap().try_get_by_index(0).unwrap();
                format!("SELECT {columns} FROM {table}")
            }
        };
        for row in raw.query_all_raw(Statement::from_string(backend, select)).await.unwrap() {
            let line: String = row.try_get_by_index(0).unwrap();
            writeln!(dump, "{table}: {line}").unwrap();
        }
    }
    raw.close().await.unwrap();
    dump
}

fn assert_nowhere(dump: &str, secret: &str) {
    let hex: String = secret.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    assert!(!dump.contains(secret), "{secret} is there in plain");
    assert!(!dump.to_lowercase().contains(&hex), "{secret} is there as bytes");
}

async fn no_phone_number_address_or_wechat_identity_is_in_the_database_in_plain(app: TestApp) {
    let admin = app.county_admin();
    let household = app.household(LIUHE).await;
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"], "name": "王建国",
                        "phone": "100 1234 5678", "wechatId": "wx-secret", "standing": "PRIMARY",
                        "consent": app.consent() });
    admin.mutate("enrolContact", input, "id").await.done();
    let input = json!({ "idempotencyKey": "b", "username": "zhou", "name": "周", "role": "OFFICER",
                        "stationId": station_id(CHENJI), "phone": "10087654321" });
    admin.mutate("createOfficer", input, "id").await.done();
    let dump = everything(&app).await;
    assert!(dump.contains("王建国"), "the dump shows what is there: {dump}");
    for secret in ["10012345678", "100 1234 5678", "wx-secret", "10087654321", "村东头第三家"]
    {
        assert_nowhere(&dump, secret);
    }
}

async fn equal_phone_numbers_are_sealed_differently(app: TestApp) {
    for key in ["a", "b"] {
        let household = app.household(LIUHE).await;
        let input = json!({ "idempotencyKey": key, "householdId": household["id"], "name": "王建国",
                            "phone": "10012345678", "standing": "PRIMARY", "consent": app.consent() });
        app.county_admin().mutate("enrolContact", input, "id").await.done();
    }
    assert_eq!(app.number("SELECT count(DISTINCT phone) FROM contact").await, 2);
    assert_eq!(app.number("SELECT count(DISTINCT phone_hash) FROM contact").await, 1);
}

async fn sealed_data_are_read_under_a_rotated_key_and_never_wrongly(app: TestApp) {
    let newer = app.with_newer_key().await;
    let household = app.household(LIUHE).await;
    let other = app.household(LIUHE).await;
    let moved = json!({ "householdId": other["id"], "expectedVersion": 1, "address": "村西头7号" });
    newer.county_admin().mutate("updateHousehold", moved, "version").await.done();
    let address = async |app: &TestApp| {
        let document = "query($id: ID!) { household(id: $id) { address } }";
        app.county_admin().query(document, json!({ "id": other["id"] })).await
    };
    assert_eq!(address(&newer).await.at("/household/address"), "村西头7号");
    assert_eq!(address(&app).await.code(), Some("INTERNAL"));
    let enrol = async |app: &TestApp, key: &str, standing: &str, phone: &str| {
        let input = json!({ "idempotencyKey": key, "householdId": household["id"], "name": "王建国",
                            "phone": phone, "standing": standing, "consent": app.consent() });
        app.county_admin().mutate("enrolContact", input, "id").await.done()["id"].clone()
    };
    let document = "query($id: ID!) { node(id: $id) { ... on Contact { phone } } }";
    let read = async |app: &TestApp, id: &Value| {
        app.county_admin().query(document, json!({ "id": id })).await
    };
    let before = enrol(&app, "a", "PRIMARY", "10012345678").await;
    assert_eq!(read(&newer, &before).await.at("/node/phone"), "10012345678");
    let after = enrol(&newer, "b", "BACKUP", "10087654321").await;
    assert_eq!(read(&newer, &after).await.at("/node/phone"), "10087654321");
    // An instance that was not given the newer key says so, and still reads the rest.
    let refused = read(&app, &after).await;
    assert_eq!((refused.code(), &refused.json["data"]["node"]), (Some("INTERNAL"), &Value::Null));
    assert_eq!(read(&app, &before).await.at("/node/phone"), "10012345678");
    newer.service().database.close().await;
}

async fn no_password_or_refresh_token_is_in_the_database(app: TestApp) {
    let password = crate::support::county::PASSWORD;
    let input = json!({ "username": "admin", "password": password });
    let wanted = "refreshToken accessToken";
    let session = app.anonymous().mutate("signIn", input, wanted).await.done();
    let dump = everything(&app).await;
    for secret in [
        password,
        session["refreshToken"].as_str().unwrap(),
        session["accessToken"].as_str().unwrap(),
    ] {
        assert_nowhere(&dump, secret);
    }
}

async fn no_personal_data_is_in_the_event_log(app: TestApp) {
    let household = app.labelled(LIUHE, "刘河村1组-欧阳建国").await;
    let resident = app.resident_of(&household).await;
    let input =
        json!({ "idempotencyKey": "a", "householdId": household["id"], "text": "家里漏水了" });
    resident.mutate("submitInquiry", input, "id").await.done();
    let dump = everything(&app).await;
    let log: String = dump.lines().filter(|line| line.starts_with("event:")).collect();
    assert!(log.contains("INQUIRY_SUBMITTED"), "{log}");
    for secret in ["欧阳", "王建国", "漏水", "村东头"] {
        assert!(!log.contains(secret), "{secret}");
    }
}

async fn no_name_or_address_of_a_file_is_in_the_database(app: TestApp) {
    let officer = app.lead(LIUHE);
    let upload = officer.announce("wangjianguo.jpg", jpeg().len()).await;
    officer.send(&upload, jpeg()).await;
    let secret = upload["url"].as_str().unwrap().rsplit('/').next().unwrap();
    let dump = everything(&app).await;
    for text in [secret, "wangjianguo"] {
        assert_nowhere(&dump, text);
    }
}

//! Fills a migrated database with a county, in SQL, with the indexes built at the end.

use std::sync::Arc;
use std::time::Instant;

use huhutong::crypt::Keyring;
use huhutong::db::Database;
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, query, query_as, raw_sql};

/// Different sealed values.
const SEALED: i64 = 256;

/// Says how many rows there are.
pub const COUNTS: &str = "SELECT format('%s townships, %s villages, %s households, %s inquiries, %s messages',
    (SELECT count(*) FROM township), (SELECT count(*) FROM village), (SELECT count(*) FROM household),
    (SELECT count(*) FROM inquiry), (SELECT count(*) FROM message))";
/// Takes all events for counted.
pub const COUNT_NOTHING: &str = "WITH moved AS (
    UPDATE checkpoint SET (transaction, sequence) =
        (SELECT transaction, sequence FROM event ORDER BY transaction DESC, sequence DESC LIMIT 1)
    WHERE EXISTS (SELECT FROM event) RETURNING 1)
    SELECT count(*)::text FROM moved";

/// Migrates the database at `url` and fills it with a county of so many households and inquiries; each of
/// these has two messages.
pub async fn fill(url: &str, keys: &str, households: u32, inquiries: u32) {
    let keyring = Arc::new(Keyring::parse(keys).expect("keys"));
    let database = Database::connect(url, 1, keyring.clone()).await.expect("a database");
    database.migrate().await.expect("migrations");
    database.close().await;
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    // The server is new, so foreign keys are known to hold, and nothing is lost by a crash.
    run(&mut connection, "SET session_replication_role = replica").await;
    run(&mut connection, "SET synchronous_commit = off").await;
    run(&mut connection, "SET work_mem = '512MB'").await;
    let indexes = drop_indexes(&mut connection).await;
    seal(&mut connection, &keyring).await;
    for statement in statements(households, inquiries) {
        run(&mut connection, &statement).await;
    }
    for index in indexes {
        run(&mut connection, &index).await;
    }
    run(&mut connection, "VACUUM ANALYZE").await;
    run(&mut connection, "CHECKPOINT").await;
}

fn statements(households: u32, inquiries: u32) -> Vec<String> {
    let sql = include_str!("fill.sql")
        .replace(":households", &households.to_string())
        .replace(":inquiries", &inquiries.to_string())
        .replace(":now", "date_trunc('hour', now())");
    sql.split(";\n").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Drops every index that is not a constraint's, and gives the statements that make them again.
async fn drop_indexes(connection: &mut PgConnection) -> Vec<String> {
    let indexes: Vec<(String, String)> = query_as(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
         JOIN pg_class ON pg_class.oid = indrelid
         WHERE relnamespace = 'public'::regnamespace AND NOT indisprimary
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
    )
    .fetch_all(&mut *connection)
    .await
    .expect("the indexes");
    for (name, _) in &indexes {
        run(connection, &format!("DROP INDEX {name}")).await;
    }
    indexes.into_iter().map(|(_, definition)| definition).collect()
}

/// Leaves sealed addresses and phone numbers for the rows to take, as the service would seal them.
async fn seal(connection: &mut PgConnection, keyring: &Keyring) {
    run(
        connection,
        "CREATE UNLOGGED TABLE sealed (n bigint PRIMARY KEY, address bytea, phone bytea)",
    )
    .await;
    for n in 0..SEALED {
        let address = format!("河南省商丘市永城市第{n}街道{n}号院");
        let phone = format!("100{n:08}");
        query("INSERT INTO sealed VALUES ($1, $2, $3)")
            .bind(n)
            .bind(keyring.seal("household address", address.as_bytes()).expect("sealed"))
            .bind(keyring.seal("contact phone", phone.as_bytes()).expect("sealed"))
            .execute(&mut *connection)
            .await
            .expect("a sealed row");
    }
}

async fn run(connection: &mut PgConnection, statement: &str) {
    let began = Instant::now();
    if let Err(error) = raw_sql(AssertSqlSafe(statement)).execute(connection).await {
        panic!("{error}\n{statement}");
    }
    if began.elapsed().as_secs() > 0 {
        let first = statement.lines().find(|line| !line.starts_with("--")).unwrap_or_default();
        eprintln!("{:6.1} s  {first:.90}", began.elapsed().as_secs_f64());
    }
}

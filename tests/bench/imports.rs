//! The benchmark of imports: `cargo bench --bench imports`. On a PostgreSQL of its own it imports a file of
//! households through the service's own rules, and beside it copies the very same rows with a bare COPY
//! into the same tables with the same indexes. It prints rows a second, the ratio, and the memory.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use futures_util::StreamExt;
use huhutong::Caller;
use huhutong::actor::Actor;
use huhutong::clock::Clock;
use huhutong::crypt::Keyring;
use huhutong::db::Database;
use huhutong::error::Language;
use huhutong::guard::Limits;
use huhutong::import;
use huhutong::request::Request;
use huhutong::service::Service;
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, query_scalar, raw_sql};

#[path = "../support/postgres.rs"]
mod postgres;
#[expect(dead_code, reason = "the other benchmark counts processor time as well")]
mod proc;
#[path = "../support/serving.rs"]
mod serving;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SETTINGS: [&str; 8] = [
    "shared_buffers=2GB",
    "maintenance_work_mem=1GB",
    "max_wal_size=16GB",
    "checkpoint_timeout=30min",
    "random_page_cost=1.1",
    "fsync=on",
    "synchronous_commit=on",
    "autovacuum=off",
];

/// The tables that an import fills, with their columns that are not made by the database.
const TABLES: [(&str, &str); 3] = [
    ("household", "*"),
    (
        "event",
        "transaction, at, kind, village_code, township_code, household_id, subject_id, detail",
    ),
    ("import_row", "*"),
];

#[derive(Parser)]
struct Arguments {
    /// How many rows.
    #[arg(long, default_value_t = 500_000)]
    rows: usize,
    /// Cargo says this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

const COUNTY: &str = "
INSERT INTO county VALUES ('411481', '永城市');
INSERT INTO township SELECT '411481' || 100 + t, '411481', '第' || t || '镇', 'TOWN' FROM generate_series(0, 30) t;
INSERT INTO village SELECT '411481' || 100 + v % 31 || 200 + v / 31, '411481' || 100 + v % 31, '村' || v
    FROM generate_series(0, 769) v;
INSERT INTO officer (id, username, name, role, version, created_at, updated_at)
    VALUES (gen_random_uuid(), 'lead', '民警', 'OFFICER', 1, now(), now());
INSERT INTO posting (id, officer_id, village_code, township_code, duty, starts_at, version)
    SELECT gen_random_uuid(), officer.id, village.code, township_code, 'LEAD', now() - interval '1 day', 1
    FROM officer, village;
";

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let postgres = postgres::Postgres::start(&SETTINGS);
    let url = postgres.url("postgres");
    let keyring =
        Arc::new(Keyring::parse(&Keyring::generate("bench").expect("a key")).expect("a key"));
    let database = Arc::new(Database::connect(&url, 4, keyring).await.expect("a database"));
    database.migrate().await.expect("an answer");
    let mut connection = PgConnection::connect(&url).await.expect("a database");
    raw_sql(COUNTY).execute(&mut connection).await.expect("an answer");
    let serving = serving::serving();
    let service = Service::start(database, &serving, Limits::default(), Clock::System);
    let service = service.await.expect("an answer");
    let file = file(arguments.rows);
    println!("{}; {} rows\n", proc::machine(), arguments.rows);
    println!("| | rows/s | seconds | memory before, at most MB |\n|---|--:|--:|--:|");
    let (seconds, [before, most]) = import_all(&service, file.try_clone().expect("a file")).await;
    let rate = arguments.rows as f64 / seconds;
    println!("| import | {rate:.0} | {seconds:.1} | {before:.0}, {most:.0} |");
    let (again, [before, most]) = import_all(&service, file).await;
    println!(
        "| the same file again | {:.0} | {again:.1} | {before:.0}, {most:.0} |",
        arguments.rows as f64 / again
    );
    let copied = copy_all(&mut connection).await;
    println!("| bare COPY | {:.0} | {copied:.1} | |", arguments.rows as f64 / copied);
    println!("\nThe import reaches {:.0} % of the bare COPY.", 100.0 * copied / seconds);
}

/// A file as a county would bring it.
fn file(rows: usize) -> File {
    let mut file = BufWriter::new(tempfile::tempfile().expect("a temporary file"));
    writeln!(file, "户编号,村代码,组,户主标签,门牌,人数,地址").expect("room for a file");
    for row in 0..rows {
        let (village, group, door) = (row % 770, row / 770 % 10 + 1, row / 7700 + 1);
        let code = format!("411481{}{}", 100 + village % 31, 200 + village / 31);
        let label = format!("村{village}-{group}组-王{}", row % 9973);
        writeln!(file, "H{row},{code},{group},{label},{door},{},村{village}第{door}家", row % 7)
            .expect("a file");
    }
    file.into_inner().expect("a file")
}

/// Imports the file from its upload to its end: seconds, and the memory before and at most.
async fn import_all(service: &Arc<Service>, file: File) -> (f64, [f64; 2]) {
    let own = std::process::id();
    let before = proc::memory(own);
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let watch = tokio::spawn(async move {
        let mut most = 0.0_f64;
        while stopped.try_recv().is_err() {
            most = most.max(proc::memory(own));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        most
    });
    let began = Instant::now();
    let caller = Caller { actor: Arc::new(Actor::SYSTEM), language: Language::English };
    let request = Request::new(service.clone(), caller);
    let kept = import::keep(&request, file, None).await.expect("an answer");
    let order = import::Order { upload_id: kept.id, mapping: Vec::new(), dry_run: false };
    let batch = import::start(&request, order, None).await.expect("an answer");
    assert!(import::work(service).await.expect("an answer"));
    let seconds = began.elapsed().as_secs_f64();
    let done =
        import::find(&request, batch.id.uuid()).await.expect("an answer").expect("the import");
    assert_eq!(done.state, import::ImportState::Done);
    stop.send(()).expect("a watcher");
    (seconds, [before, watch.await.expect("an answer")])
}

/// Copies what the first import has written into the emptied tables: seconds.
async fn copy_all(connection: &mut PgConnection) -> f64 {
    let first = "import_row.batch_id = (SELECT min(id::text)::uuid FROM import_batch)";
    let mut kept = Vec::new();
    for (table, columns) in TABLES {
        let condition = match table {
            "import_row" => format!("WHERE {first}"),
            "event" => "WHERE kind = 'HOUSEHOLD_REGISTERED'".to_owned(),
            _ => String::new(),
        };
        let sql = format!("COPY (SELECT {columns} FROM {table} {condition}) TO STDOUT");
        let mut stream = connection.copy_out_raw(&sql).await.expect("a copy");
        let mut rows = tempfile::tempfile().expect("a temporary file");
        while let Some(piece) = stream.next().await {
            rows.write_all(&piece.expect("a file")).expect("room for a file");
        }
        drop(stream);
        kept.push(rows);
    }
    let empty = "TRUNCATE household, event, import_row CASCADE";
    raw_sql(empty).execute(&mut *connection).await.expect("an answer");
    raw_sql("CHECKPOINT").execute(&mut *connection).await.expect("an answer");
    let began = Instant::now();
    for ((table, columns), mut rows) in TABLES.into_iter().zip(kept) {
        rows.rewind().expect("a file");
        let columns = if columns == "*" { String::new() } else { format!("({columns})") };
        let sql = format!("COPY {table} {columns} FROM STDIN");
        let mut copy = connection.copy_in_raw(&sql).await.expect("a copy");
        let mut piece = vec![0; 256 << 10];
        loop {
            let read = rows.read(&mut piece).expect("a file");
            if read == 0 {
                break;
            }
            copy.send(&piece[..read]).await.expect("an answer");
        }
        copy.finish().await.expect("an answer");
    }
    let seconds = began.elapsed().as_secs_f64();
    let sql = AssertSqlSafe("SELECT count(*) FROM household".to_owned());
    let copied: i64 = query_scalar(sql).fetch_one(connection).await.expect("an answer");
    assert!(copied > 0);
    seconds
}

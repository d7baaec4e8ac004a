//! The benchmark of deadlines: `cargo bench --bench timers`. On a PostgreSQL of its own it lets 100 deadlines run out, once
//! among 10,000 that are open and once among 1,000,000, and prints what one tick of the worker found, how many pages
//! of the database it looked at for that, and how long it took. The ratio should be 1: what is not due is not looked at.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use huhutong::clock::Clock;
use huhutong::crypt::Keyring;
use huhutong::db::Database;
use huhutong::desk;
use huhutong::guard::Limits;
use huhutong::service::Service;
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};

#[expect(dead_code, reason = "the other benchmark counts rows as well")]
mod fill;
#[path = "../support/plan.rs"]
mod plan;
#[path = "../support/postgres.rs"]
mod postgres;
#[expect(dead_code, reason = "the other benchmarks measure memory and processor time")]
mod proc;
#[path = "../support/serving.rs"]
mod serving;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SETTINGS: [&str; 4] =
    ["shared_buffers=1GB", "maintenance_work_mem=1GB", "max_wal_size=16GB", "autovacuum=off"];
/// Households, and inquiries that are made up one by one; the others are their copies.
const MADE_UP: u32 = 1_000;
const COLUMNS: &str = "household_id, village_code, township_code, category, status, subject, assignee_id, \
    last_message_id, version, opened_at, updated_at, resolved_at, priority, waiting_since, due_at, timer_at, \
    escalation, stopwatch, due_calendar, owner_id, owner_reason, owner_since";

#[derive(Parser)]
struct Arguments {
    /// How many deadlines are open, the first time and the second time.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    open: Vec<u32>,
    /// How many of them have run out: up to 200 are taken in one tick.
    #[arg(long, default_value_t = 100)]
    due: u32,
    /// How many ticks find nothing.
    #[arg(long, default_value_t = 200)]
    idle: usize,
    /// Cargo says this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let postgres = postgres::Postgres::start(&SETTINGS);
    let mut found = Vec::new();
    println!("{}\n", proc::machine());
    println!(
        "| open deadlines | due | found by the index | pages | pages for the calendar | ms | ms when nothing is due |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    for open in &arguments.open {
        let name = format!("open_{open}");
        let create = format!("CREATE DATABASE {name}");
        run(&postgres.url("postgres"), create).await;
        let service = county(&postgres.url(&name), *open, arguments.due).await;
        // The first one prepares the statements.
        desk::follow_calendar(&service).await.expect("a tick");
        let [timers, calendar] = desk::plans(&service).await.expect("plans");
        let began = Instant::now();
        let fired = desk::fire(&service).await.expect("a tick");
        let took = began.elapsed();
        assert_eq!(fired, arguments.due as usize);
        while desk::fire(&service).await.expect("a tick") > 0 {}
        let idle = idle(&service, arguments.idle).await;
        let pages = plan::pages(&timers);
        println!(
            "| {open} | {} | {} | {pages} | {} | {:.1} | {:.2} |",
            arguments.due,
            plan::rows(&timers, "inquiry_timer"),
            plan::pages(&calendar),
            milliseconds(took),
            milliseconds(idle),
        );
        found.push(pages);
    }
    if let [few, .., many] = found[..] {
        println!("\nThe ratio of pages is {:.2}.", many as f64 / few as f64);
    }
}

/// How long a tick that finds nothing takes, in the middle of so many.
async fn idle(service: &Service, ticks: usize) -> Duration {
    let mut times = Vec::new();
    for _ in 0..ticks {
        let began = Instant::now();
        desk::follow_calendar(service).await.expect("a tick");
        desk::fire(service).await.expect("a tick");
        times.push(began.elapsed());
    }
    times.sort();
    times.get(ticks / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The service on a county with so many open deadlines, of which so many have run out.
async fn county(url: &str, open: u32, due: u32) -> Arc<Service> {
    let keys = Keyring::generate("bench").expect("keys");
    fill::fill(url, &keys, MADE_UP, MADE_UP).await;
    let waits = "(SELECT stopwatch FROM inquiry WHERE status = 'OPEN' LIMIT 1)";
    for statement in [
        format!(
            "UPDATE inquiry SET status = 'OPEN', resolved_at = NULL, waiting_since = opened_at, stopwatch = {waits}, \
             due_at = now() + interval '10 years', timer_at = now() + interval '10 years'"
        ),
        format!(
            "INSERT INTO inquiry (id, {COLUMNS}) SELECT gen_random_uuid(), {COLUMNS} \
             FROM inquiry, generate_series(2, {})",
            open.div_ceil(MADE_UP)
        ),
        format!(
            "UPDATE inquiry SET timer_at = now() - interval '1 hour' WHERE id IN \
             (SELECT id FROM inquiry ORDER BY id DESC LIMIT {due})"
        ),
        "VACUUM ANALYZE".to_owned(),
        "CHECKPOINT".to_owned(),
    ] {
        run(url, statement).await;
    }
    let keyring = Arc::new(Keyring::parse(&keys).expect("keys"));
    let database = Arc::new(Database::connect(url, 2, keyring).await.expect("a database"));
    let serving = serving::serving();
    let service = Service::start(database, &serving, Limits::default(), Clock::System);
    service.await.expect("a service")
}

async fn run(url: &str, statement: String) {
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("an answer");
}

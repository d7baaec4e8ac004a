//! The benchmark of coverage: `cargo bench --bench coverage`. On a PostgreSQL of its own it asks for the
//! coverage of the county and all its townships, once with 1,000 households and once with 500,000, in turns,
//! and prints how long each takes and the ratio, which should be 1: what is asked are small tables.

use std::sync::Arc;
use std::time::Instant;

use async_graphql::Request;
use clap::Parser;
use huhutong::actor::Actor;
use huhutong::clock::Clock;
use huhutong::crypt::Keyring;
use huhutong::db::Database;
use huhutong::error::Language;
use huhutong::guard::Limits;
use huhutong::http::Options;
use huhutong::service::Service;
use huhutong::{App, Caller};
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};

#[expect(dead_code, reason = "the other benchmark counts rows as well")]
mod fill;
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
const ASKED: &str = "{ counties { edges { node { coverage { numerator denominator percent unvisited recentlyConfirmed } \
    townships(first: 100) { edges { node { name coverage { numerator denominator percent remaining } } } } } } } }";
const INQUIRIES: u32 = 1_000;

#[derive(Parser)]
struct Arguments {
    /// How often each is asked.
    #[arg(long, default_value_t = 1000)]
    times: usize,
    /// How many households there are, in the small county and in the large one.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 500_000])]
    households: Vec<u32>,
    /// Cargo says this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let postgres = postgres::Postgres::start(&SETTINGS);
    let mut counties = Vec::new();
    for households in arguments.households {
        let name = format!("county_{households}");
        let mut connection =
            PgConnection::connect(&postgres.url("postgres")).await.expect("a database");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        raw_sql(create).execute(&mut connection).await.expect("an answer");
        counties.push((households, county(&postgres.url(&name), households).await, Vec::new()));
    }
    for turn in 0..=arguments.times {
        for (_, app, times) in &mut counties {
            let began = Instant::now();
            let caller = Caller { actor: Arc::new(Actor::SYSTEM), language: Language::English };
            let answer = app.execute(Request::new(ASKED), caller).await;
            assert!(answer.is_ok(), "{:?}", answer.errors);
            // The first one prepares the statements.
            if turn > 0 {
                times.push(began.elapsed());
            }
        }
    }
    println!("{}\n\n| households | p50 ms | p99 ms |\n|--:|--:|--:|", proc::machine());
    let mut medians = Vec::new();
    for (households, _, times) in &mut counties {
        times.sort();
        let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1000.0;
        println!("| {households} | {:.2} | {:.2} |", at(50), at(99));
        medians.push(at(50));
    }
    if let [small, .., large] = medians[..] {
        println!("\nThe ratio is {:.2}.", large / small);
    }
}

/// The service on a county of so many households.
async fn county(url: &str, households: u32) -> App {
    let keys = Keyring::generate("bench").expect("keys");
    fill::fill(url, &keys, households, INQUIRIES).await;
    let keyring = Arc::new(Keyring::parse(&keys).expect("keys"));
    let database = Arc::new(Database::connect(url, 2, keyring).await.expect("a database"));
    let service =
        Service::start(database, &serving::serving(), Limits::default(), Clock::System).await;
    App::new(service.expect("a service"), Options::default())
}

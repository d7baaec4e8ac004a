//! The benchmark: `cargo bench --bench county`. On a PostgreSQL of its own, filled with a whole county,
//! it puts the service beside bare routes that run one hand-written statement each, and prints a
//! Markdown table. Nothing but this machine is asked, and everything ends with this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use huhutong::crypt::Keyring;
use sea_orm::sqlx::{Connection, PgConnection, query_scalar};

mod bare;
mod explain;
mod fill;
mod load;
mod operations;
mod people;
#[path = "../support/postgres.rs"]
mod postgres;
mod proc;
mod report;
mod same;
mod server;

use operations::Operation;
use postgres::Postgres;
use report::Measured;
use server::{Server, Side};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As one would set up a server of this size. No autovacuum, so that no run has one in its middle.
const SETTINGS: [&str; 10] = [
    "shared_buffers=2GB",
    "effective_cache_size=8GB",
    "work_mem=32MB",
    "maintenance_work_mem=1GB",
    "max_wal_size=16GB",
    "checkpoint_timeout=30min",
    "random_page_cost=1.1",
    "fsync=on",
    "synchronous_commit=on",
    "autovacuum=off",
];

/// Households of a whole county.
const HOUSEHOLDS: f64 = 400_000.0;
/// Inquiries of a whole county.
const INQUIRIES: f64 = 2_000_000.0;
/// How long each load runs before it is measured.
const WARM_UP: Duration = Duration::from_secs(1);
/// How often the service is started to see how long that takes.
const STARTS: usize = 5;

#[derive(Parser)]
struct Arguments {
    /// The size of the county, as a share of the whole one.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How long each load is measured at a time.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// How often each load is measured, the two sides in turns: the machine is not always equally fast.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many connections ask at the same time.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<usize>,
    /// Only these operations, by their letters, such as `ab`.
    #[arg(long, default_value = "abcdef")]
    only: String,
    /// Print the statements and their plans instead of measuring.
    #[arg(long)]
    explain: bool,
    /// Another setting of PostgreSQL, such as `jit=off`. May be repeated.
    #[arg(long = "set")]
    settings: Vec<String>,
    /// Cargo says this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the server of the bare routes.
    #[arg(long, hide = true, requires_all = ["database_url", "listen"])]
    bare: bool,
    #[arg(long, hide = true)]
    database_url: Option<String>,
    #[arg(long, hide = true)]
    listen: Option<SocketAddr>,
}

fn main() {
    let arguments = Arguments::parse();
    if let (true, Some(url), Some(listen)) =
        (arguments.bare, &arguments.database_url, arguments.listen)
    {
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        return runtime.block_on(bare::serve(url, listen));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(run(&arguments));
}

async fn run(arguments: &Arguments) {
    let settings = SETTINGS.into_iter().chain(arguments.settings.iter().map(String::as_str));
    let postgres = Postgres::start(&settings.collect::<Vec<_>>());
    let url = postgres.url("postgres");
    let keys = Keyring::generate("bench").expect("keys");
    eprintln!("filling a county of scale {} …", arguments.scale);
    let scaled = |whole: f64| (whole * arguments.scale) as u32;
    fill::fill(&url, &keys, scaled(HOUSEHOLDS), scaled(INQUIRIES)).await;
    let people = people::gather(&url, &keys).await;
    let mut operations = operations::all(&people);
    operations.retain(|operation| arguments.only.contains(operation.letter));
    // What writes comes last: the others read the same rows each time.
    operations.sort_by_key(|operation| operation.letter == 'e');
    let operations: Vec<_> = operations.into_iter().map(Arc::new).collect();
    compare(&operations, &url, &keys).await;
    if arguments.explain {
        return explain::explain(&operations, &url, &keys).await;
    }
    introduce(&url, &keys).await;
    measure(arguments, &operations, &url, &keys).await;
}

async fn compare(operations: &[Arc<Operation>], url: &str, keys: &str) {
    let (service, bare) =
        (Server::start(Side::Service, url, keys), Server::start(Side::Bare, url, keys));
    for operation in operations {
        same::check(operation, &service, &bare).await;
    }
}

/// Prints what is measured: the machine, the data, and the service at rest.
async fn introduce(url: &str, keys: &str) {
    let mut starts: Vec<Duration> = Vec::new();
    let mut idle = 0.0;
    for _ in 0..STARTS {
        let service = Server::start(Side::Service, url, keys);
        starts.push(service.started_in);
        tokio::time::sleep(Duration::from_secs(1)).await;
        idle = proc::memory(service.pid);
    }
    starts.sort();
    println!(
        "{}; PostgreSQL {}",
        proc::machine(),
        ask(url, "SELECT current_setting('server_version')").await
    );
    println!();
    println!(
        "Start to ready {} ms, idle memory {idle:.0} MB. {}.",
        starts[STARTS / 2].as_millis(),
        ask(url, fill::COUNTS).await
    );
    println!();
}

async fn measure(arguments: &Arguments, operations: &[Arc<Operation>], url: &str, keys: &str) {
    let duration = Duration::from_secs_f64(arguments.seconds);
    let postmaster = ask(url, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)").await;
    let postmaster: u32 = postmaster.parse().expect("a process id");
    let (mut elsewhere, mut rows) = (0.0, 0.0);
    report::head();
    for operation in operations {
        for connections in &arguments.connections {
            let mut totals = [Measured::default(), Measured::default()];
            for _ in 0..arguments.rounds {
                for (side, total) in [Side::Service, Side::Bare].into_iter().zip(&mut totals) {
                    let server = Server::start(side, url, keys);
                    let load = (operation, side, &server, *connections);
                    total.add(under_load(load, duration, postmaster).await);
                    drop(server);
                    // What the bare side has written is not the service's to count when it starts.
                    ask(url, fill::COUNT_NOTHING).await;
                }
            }
            for total in &totals {
                elsewhere += total.elsewhere();
                rows += 1.0;
            }
            report::row(operation, *connections, &totals[0], &totals[1]);
        }
    }
    println!("\nOther programs took {:.2} cores on average.", elsewhere / rows);
}

async fn under_load(
    (operation, side, server, connections): (&Arc<Operation>, Side, &Server, usize),
    duration: Duration,
    postmaster: u32,
) -> Measured {
    load::run(operation, side, server.address, connections, WARM_UP).await;
    let own = std::process::id();
    let now = || {
        [proc::cpu(server.pid), proc::family_cpu(postmaster), proc::machine_cpu(), proc::cpu(own)]
    };
    let before = now();
    let load = load::run(operation, side, server.address, connections, duration).await;
    let after = now();
    Measured {
        load,
        server_cpu: after[0] - before[0],
        database_cpu: after[1] - before[1],
        machine_cpu: after[2] - before[2],
        client_cpu: after[3] - before[3],
        memory: proc::memory(server.pid),
    }
}

/// The one text that a statement gives.
async fn ask(url: &str, statement: &'static str) -> String {
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    let answer = query_scalar(statement).fetch_one(&mut connection).await;
    answer.expect("an answer")
}

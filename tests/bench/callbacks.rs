//! The benchmark of WeChat's callbacks: `cargo bench --bench callbacks -- --rate 1000 --seconds 30`. Beside a PostgreSQL of
//! its own it runs the service and a double of WeChat, in which so many residents a second write something; each tenth
//! callback comes twice, as the far side sends it when it is in doubt. It prints for each second how many callbacks were
//! taken and how long that took since each was due, and when everything that was written lay in the database, once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::{Request, Variables};
use clap::Parser;
use huhutong::actor::{Actor, Role};
use huhutong::clock::Clock;
use huhutong::crypt::Keyring;
use huhutong::db::Database;
use huhutong::demo::wechat::{Callback, Double};
use huhutong::error::Language;
use huhutong::guard::Limits;
use huhutong::http::Options;
use huhutong::service::Service;
use huhutong::{App, Caller};
use sea_orm::sqlx::{Connection, PgConnection, query_scalar, raw_sql};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

#[path = "../support/postgres.rs"]
mod postgres;
#[expect(dead_code, reason = "the other benchmark counts processor time as well")]
mod proc;
#[expect(dead_code, reason = "the other benchmark compares two of them")]
mod server;
#[path = "../support/serving.rs"]
mod serving;

const SETTINGS: [&str; 4] =
    ["shared_buffers=1GB", "fsync=on", "synchronous_commit=on", "max_wal_size=8GB"];
/// Callbacks that are on their way at once, as the far side would have them.
const AT_ONCE: usize = 256;
const ADMIN: &str = "INSERT INTO officer (id, username, name, role, version, created_at, updated_at) \
                     VALUES ('00000000-0000-7000-8000-000000000001', 'admin', '管理员', 'COUNTY_ADMIN', 1, now(), now())";
const CREATE: &str = "mutation($input: CreateChannelInput!) { createChannel(input: $input) { \
                      channel { id } userErrors { code } } }";

#[derive(Parser)]
struct Arguments {
    /// Callbacks a second.
    #[arg(long, default_value_t = 1000)]
    rate: usize,
    /// For so many seconds.
    #[arg(long, default_value_t = 30)]
    seconds: usize,
    /// Cargo says this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let postgres = postgres::Postgres::start(&SETTINGS);
    let url = postgres.url("postgres");
    let keys = Keyring::generate("bench").expect("a key");
    let far = Double::new(Clock::System);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let answering = far.clone();
    tokio::spawn(async move { answering.serve(listener).await });
    let channel = prepare(&url, &keys, &far, &base_url).await;
    let server = server::Server::start(server::Side::Service, &url, &keys);
    let address = format!("http://{}/wechat/callback/{channel}", server.address);

    println!(
        "{}; {} callbacks a second for {} s\n",
        proc::machine(),
        arguments.rate,
        arguments.seconds
    );
    let began = Instant::now();
    let knocks = knock(&far, &address, &arguments).await;
    report(&knocks, arguments.rate);
    let mut connection = PgConnection::connect(&url).await.expect("a database");
    let mut count = async |sql: &'static str| -> i64 {
        query_scalar(sql).fetch_one(&mut connection).await.expect("a number")
    };
    let written = (arguments.rate * arguments.seconds) as i64;
    let answered: HashSet<usize> =
        knocks.iter().filter(|knock| knock.taken.is_some()).map(|knock| knock.number).collect();
    let kept = count("SELECT count(*) FROM channel_delivery").await;
    println!("\n{kept} deliveries are kept of {} that were answered.", answered.len());
    assert_eq!(kept, answered.len() as i64, "what is acknowledged is kept, and once");
    while count("SELECT count(*) FROM wechat_message WHERE state <> 'NEW'").await < written {
        assert!(began.elapsed() < Duration::from_secs(600), "not all was worked off");
        sleep(Duration::from_millis(50)).await;
    }
    println!(
        "All {written} messages lay in the database, worked off, {:.1} s after the first.",
        began.elapsed().as_secs_f64()
    );
    assert_eq!(count("SELECT count(*) FROM wechat_message").await, written, "nothing twice");
    let names = count("SELECT count(DISTINCT msgid) FROM wechat_message").await;
    assert_eq!(names, written, "each of them");
}

/// A row for each second in which callbacks were due, and one for all of them.
fn report(knocks: &[Knock], rate: usize) {
    println!("| second | due | answered 200 | refused | ms half | ms 99 % | ms most |");
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    let mut tail = Vec::new();
    for (second, due) in
        knocks.chunk_by(|one, next| one.number / rate == next.number / rate).enumerate()
    {
        tail.push(row(&(second + 1).to_string(), due));
    }
    row("all", knocks);
    let third = (tail.len() / 3).max(1);
    let middle = |tail: &[f64]| {
        let mut sorted = tail.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    println!(
        "\nThe 99 % of a second of the last third to one of the first third: {:.2}.",
        middle(&tail[tail.len() - third..]) / middle(&tail[..third])
    );
}

/// Prints a row and says its 99 %, in milliseconds.
fn row(name: &str, knocks: &[Knock]) -> f64 {
    let mut taken: Vec<Duration> = knocks.iter().filter_map(|knock| knock.taken).collect();
    taken.sort_unstable();
    let within = |share: f64| {
        let index = ((taken.len().max(1) - 1) as f64 * share).round() as usize;
        taken.get(index).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    println!(
        "| {name} | {} | {} | {} | {:.1} | {:.1} | {:.1} |",
        knocks.len(),
        taken.len(),
        knocks.len() - taken.len(),
        within(0.5),
        within(0.99),
        within(1.0)
    );
    within(0.99)
}

/// A migrated database with a channel that leads to the double; answers with the channel's id.
async fn prepare(url: &str, keys: &str, far: &Double, base_url: &str) -> String {
    let keyring = Arc::new(Keyring::parse(keys).expect("a key"));
    let database = Arc::new(Database::connect(url, 4, keyring).await.expect("a database"));
    database.migrate().await.expect("an answer");
    let mut connection = PgConnection::connect(url).await.expect("a database");
    raw_sql(ADMIN).execute(&mut connection).await.expect("an administrator");
    let serving = serving::serving();
    let service = Service::start(database.clone(), &serving, Limits::default(), Clock::System);
    let app = App::new(service.await.expect("a service"), Options::default());
    let input = {
        let world = far.world();
        let callback = json!({ "token": world.seal.token, "aesKey": world.seal.encoding_aes_key });
        json!({ "input": { "idempotencyKey": "bench", "kind": "WECHAT_KF", "name": "户户通",
                "corpId": world.corp_id, "openKfid": world.open_kfid, "secret": world.secret,
                "apiBaseUrl": base_url, "callbackKeys": callback } })
    };
    let id = "00000000-0000-7000-8000-000000000001".parse().expect("an id");
    let actor = Actor { role: Role::CountyAdmin, id, ..Actor::ANONYMOUS };
    let caller = Caller { actor: Arc::new(actor), language: Language::English };
    let operation = Request::new(CREATE).variables(Variables::from_json(input));
    let answer = app.execute(operation, caller).await;
    let answer: Value = answer.data.into_json().expect("an answer");
    database.close().await;
    let id = answer["createChannel"]["channel"]["id"].as_str();
    id.unwrap_or_else(|| panic!("no channel: {answer}")).to_owned()
}

/// A callback that was delivered.
struct Knock {
    /// The message that it tells of.
    number: usize,
    /// From when it was due until it was answered with 200.
    taken: Option<Duration>,
}

/// Has residents write and delivers what is called, however slowly it is answered, in the order in which it was due.
async fn knock(far: &Double, address: &str, arguments: &Arguments) -> Vec<Knock> {
    let client = reqwest::Client::new();
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut knocks = JoinSet::new();
    let began = Instant::now();
    for number in 0..arguments.rate * arguments.seconds {
        let due = began + Duration::from_secs_f64(number as f64 / arguments.rate as f64);
        sleep_until(due.into()).await;
        let callbacks: Vec<Callback> = {
            let mut world = far.world();
            world.write(&format!("wm{}", number % 5000), "请问几点上班？");
            world.take_callbacks()
        };
        let times = if number % 10 == 0 { 2 } else { 1 };
        for callback in callbacks.iter().flat_map(|callback| std::iter::repeat_n(callback, times)) {
            let room = room.clone().acquire_owned().await.expect("room");
            let request =
                client.post(format!("{address}?{}", callback.query)).body(callback.body.clone());
            knocks.spawn(async move {
                let _room = room;
                let answer = request.send().await;
                let taken = answer.is_ok_and(|answer| answer.status().is_success());
                Knock { number, taken: taken.then(|| due.elapsed()) }
            });
        }
    }
    let mut knocks = knocks.join_all().await;
    knocks.sort_unstable_by_key(|knock| knock.number);
    knocks
}

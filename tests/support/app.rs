//! The application under test.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::{DateTime, TimeZone, Utc};
use huhutong::clock::Clock;
use huhutong::config::{Door, Serving, Storage};
use huhutong::guard::Limits;
use huhutong::guide;
use huhutong::http::Options;
use huhutong::service::{Service, connect};
use huhutong::{App, calendar, http, live, tally, worker};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::county;
use super::database::{Backend, Place};
use super::program::until;
use super::serving::serving;

/// The key that seals the personal data of all tests.
pub const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The service on a database of its own, with a small county in it.
#[derive(Clone)]
pub struct TestApp {
    app: App,
    router: Router,
    clock: Clock,
    place: Arc<Place>,
}

fn start_of_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 1, 8, 0, 0).unwrap()
}

fn storage(url: &str, keys: &str) -> Storage {
    Storage { database_url: url.to_owned(), keys: Some(keys.to_owned()), connections: 4 }
}

/// Migrates and fills the database that all tests start from.
pub async fn make_template(url: &str) {
    let database = connect(&storage(url, KEYS)).await.unwrap();
    database.migrate().await.unwrap();
    let raw = sea_orm::Database::connect(url).await.unwrap();
    county::seed(&raw, start_of_time()).await;
    raw.close().await.unwrap();
    guide::ship(&database, start_of_time()).await.unwrap();
    calendar::ship(&database, start_of_time()).await.unwrap();
    let clock = Clock::manual(start_of_time());
    // Makes the first signing key.
    Service::start(database.clone(), &serving(), Limits::default(), clock).await.unwrap();
    database.close().await;
}

impl TestApp {
    pub async fn start(place: Place) -> Self {
        let clock = Clock::manual(start_of_time());
        Self::instance(Arc::new(place), clock, &serving(), KEYS).await
    }

    /// The service on a database of an older program, which it brings up to date. The database tells of that in its own
    /// time, so the clock is the system's.
    pub async fn upgrade(place: Place) -> Self {
        let database = connect(&storage(&place.url(), KEYS)).await.unwrap();
        database.migrate().await.unwrap();
        database.close().await;
        Self::instance(Arc::new(place), Clock::System, &serving(), KEYS).await
    }

    async fn instance(place: Arc<Place>, clock: Clock, serving: &Serving, keys: &str) -> Self {
        let database = connect(&storage(&place.url(), keys)).await.unwrap();
        let service =
            Service::start(database, serving, Limits::default(), clock.clone()).await.unwrap();
        let app = App::new(service, Options::default());
        Self { router: http::router(app.clone()), app, clock, place }
    }

    /// A second instance of the service on the same database and clock.
    pub async fn another_instance(&self) -> Self {
        Self::instance(self.place.clone(), self.clock.clone(), &serving(), KEYS).await
    }

    /// An instance that also takes the tokens of this provider, whose keys are in `key_set`.
    pub async fn with_provider(&self, issuer: &str, key_set: PathBuf) -> Self {
        let serving = Serving {
            provider_issuer: Some(issuer.to_owned()),
            provider_jwks: Some(key_set.display().to_string()),
            ..serving()
        };
        Self::instance(self.place.clone(), self.clock.clone(), &serving, KEYS).await
    }

    /// An instance that is reached from outside under this address.
    pub async fn reached_at(&self, public_url: &str) -> Self {
        let door = Door { public_url: Some(public_url.parse().unwrap()), ..Door::default() };
        let serving = Serving { door, ..serving() };
        Self::instance(self.place.clone(), self.clock.clone(), &serving, KEYS).await
    }

    /// An instance that waits for the far side of channels no longer than a second.
    pub async fn impatient(&self) -> Self {
        let door = Door { channel_patience: 1, ..Door::default() };
        let serving = Serving { door, ..serving() };
        Self::instance(self.place.clone(), self.clock.clone(), &serving, KEYS).await
    }

    /// An instance that seals with a newer key, and knows the one of all tests as well.
    pub async fn with_newer_key(&self) -> Self {
        let newer = "newer:HxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4=";
        let keys = format!("{newer},{KEYS}");
        Self::instance(self.place.clone(), self.clock.clone(), &serving(), &keys).await
    }

    pub async fn finish(self) {
        self.service().database.close().await;
        self.place.drop_database().await;
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub fn service(&self) -> &Arc<Service> {
        self.app.service()
    }

    /// Where its database is.
    pub fn url(&self) -> String {
        self.place.url()
    }

    pub fn backend(&self) -> Backend {
        self.place.backend()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// How many statements `work` sends.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (u64, T) {
        let before = self.service().database.statements();
        let result = work.await;
        (self.service().database.statements() - before, result)
    }

    /// A connection beside the service, for what no client can do.
    pub async fn raw(&self) -> DatabaseConnection {
        let mut options = sea_orm::ConnectOptions::new(self.place.url());
        options.max_connections(1).sqlx_logging(false);
        sea_orm::Database::connect(options).await.unwrap()
    }

    /// Runs plain SQL.
    pub async fn sql(&self, sql: &str) {
        let raw = self.raw().await;
        raw.execute_unprepared(sql).await.unwrap();
        raw.close().await.unwrap();
    }

    /// The one number that a plain SELECT gives.
    pub async fn number(&self, sql: &str) -> i64 {
        let raw = self.raw().await;
        let statement = Statement::from_string(raw.get_database_backend(), sql);
        let row = raw.query_one_raw(statement).await.unwrap().expect("a row");
        raw.close().await.unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Waits until PostgreSQL has noticed that nobody is there any more who broke off, and has undone what was begun.
    pub async fn undone(&self) {
        let begun = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                     AND backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()";
        if self.backend() == Backend::Postgres {
            until(async || self.number(begun).await == 0).await;
        }
    }

    /// Runs what works in the background until the runtime ends, and waits until it hears events.
    pub async fn work_in_background(&self) {
        let mut heard = self.service().live.listen();
        tokio::spawn(worker::run(self.service().clone()));
        loop {
            self.sql(
                "INSERT INTO event (at, kind, subject_id, detail) \
                 SELECT created_at, 'KNOCK', id, '{}' FROM officer WHERE username = 'admin'",
            )
            .await;
            if tokio::time::timeout(Duration::from_millis(300), heard.recv()).await.is_ok() {
                return;
            }
        }
    }

    /// The cursor of the last event, once it can be read: PostgreSQL keeps it back while any older
    /// transaction is in flight on the server, be it another test's.
    pub async fn event_cursor(&self) -> String {
        let last = "SELECT coalesce((SELECT sequence FROM event \
                    ORDER BY \"transaction\" DESC, sequence DESC LIMIT 1), 0)";
        let last = self.number(last).await;
        loop {
            let head = self.service().live.head().await.unwrap();
            if head.sequence == last {
                return live::cursor(head, self.service().database.keyring());
            }
            tokio::task::yield_now().await;
        }
    }

    /// Counts every event that there is. Transactions of other tests may hold some back for a moment.
    pub async fn count_events(&self) {
        let waiting = "SELECT count(*) FROM event AS e LEFT JOIN checkpoint AS c ON c.reader = 'tally' \
             WHERE c.reader IS NULL \
             OR (e.\"transaction\", e.sequence) > (c.\"transaction\", c.sequence)";
        while self.number(waiting).await > 0 {
            let service = self.service();
            tally::project(&service.database, service.confirmed_days, self.now()).await.unwrap();
        }
    }
}

//! The application under test.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use entity::officer;
use huhutong::actor::Role;
use huhutong::clock::Clock;
use huhutong::config::{Serving, Storage};
use huhutong::guard::Limits;
use huhutong::http::Options;
use huhutong::service::{Service, connect};
use huhutong::{App, http, tally, worker};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::{Actor, uuid_of};
use super::county;
use super::database::{Backend, Place};

/// The key that seals the personal data of all tests.
const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Tokens of tests outlive every test, unless a test is about that.
const LIFE: TimeDelta = TimeDelta::days(3650);

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

fn storage(url: &str) -> Storage {
    Storage { database_url: url.to_owned(), keys: Some(KEYS.to_owned()), connections: 4 }
}

fn serving() -> Serving {
    Serving {
        listen: ([127, 0, 0, 1], 0).into(),
        graphiql: false,
        allowed_origins: Vec::new(),
        issuer: "huhutong".to_owned(),
        audience: "huhutong".to_owned(),
        provider_issuer: None,
        provider_jwks: None,
        provider_audience: None,
    }
}

/// Migrates and fills the database that all tests start from.
pub async fn make_template(url: &str) {
    let database = connect(&storage(url)).await.unwrap();
    database.migrate().await.unwrap();
    let raw = sea_orm::Database::connect(url).await.unwrap();
    county::seed(&raw, start_of_time()).await;
    raw.close().await.unwrap();
    let clock = Clock::manual(start_of_time());
    // Makes the first signing key.
    Service::start(database.clone(), &serving(), Limits::default(), clock).await.unwrap();
    database.close().await;
}

impl TestApp {
    pub async fn start(place: Place) -> Self {
        let clock = Clock::manual(start_of_time());
        Self::instance(Arc::new(place), clock, &serving()).await
    }

    async fn instance(place: Arc<Place>, clock: Clock, serving: &Serving) -> Self {
        let database = connect(&storage(&place.url())).await.unwrap();
        let service =
            Service::start(database, serving, Limits::default(), clock.clone()).await.unwrap();
        let app = App::new(service, Options::default());
        Self { router: http::router(app.clone()), app, clock, place }
    }

    /// A second instance of the service on the same database and clock.
    pub async fn another_instance(&self) -> Self {
        Self::instance(self.place.clone(), self.clock.clone(), &serving()).await
    }

    /// An instance that also takes the tokens of this provider, whose keys are in `key_set`.
    pub async fn with_provider(&self, issuer: &str, key_set: PathBuf) -> Self {
        let serving = Serving {
            provider_issuer: Some(issuer.to_owned()),
            provider_jwks: Some(key_set.display().to_string()),
            ..serving()
        };
        Self::instance(self.place.clone(), self.clock.clone(), &serving).await
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

    pub fn backend(&self) -> Backend {
        self.place.backend()
    }

    pub fn place(&self) -> &Place {
        &self.place
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

    /// Runs what works in the background until the runtime ends, and waits until it hears events.
    pub async fn work_in_background(&self) {
        let mut heard = self.service().live.listen();
        tokio::spawn(worker::run(self.service().clone()));
        loop {
            self.sql(
                "INSERT INTO event (at, kind, subject_id, detail) VALUES \
                 ('2026-09-01 08:00:00+00:00', 'KNOCK', '00000000000000000000000000000000', '{}')",
            )
            .await;
            if tokio::time::timeout(Duration::from_millis(300), heard.recv()).await.is_ok() {
                return;
            }
        }
    }

    /// Counts every event that there is. Transactions of other tests may hold some back for a moment.
    pub async fn count_events(&self) {
        let waiting = "SELECT count(*) FROM event LEFT JOIN checkpoint ON reader = 'tally' \
             WHERE checkpoint.reader IS NULL OR (event.transaction, event.sequence) \
             > (checkpoint.transaction, checkpoint.sequence)";
        while self.number(waiting).await > 0 {
            tally::project(&self.service().database, self.now()).await.unwrap();
        }
    }

    fn signed_in(&self, role: Role, id: Uuid) -> Actor {
        let (token, _) = self.service().tokens.issue(role, id, None, LIFE).unwrap();
        Actor::new(self.clone(), id, Some(token))
    }

    pub fn anonymous(&self) -> Actor {
        Actor::new(self.clone(), Uuid::nil(), None)
    }

    /// Somebody with this access token.
    pub fn bearer(&self, token: &str) -> Actor {
        Actor::new(self.clone(), Uuid::nil(), Some(token.to_owned()))
    }

    pub fn county_admin(&self) -> Actor {
        self.signed_in(Role::CountyAdmin, county::ADMIN)
    }

    pub fn analyst(&self) -> Actor {
        self.signed_in(Role::Analyst, county::ANALYST)
    }

    pub fn auditor(&self) -> Actor {
        self.signed_in(Role::Auditor, county::AUDITOR)
    }

    pub fn chief(&self, township: &str) -> Actor {
        self.signed_in(Role::StationChief, county::chief(township))
    }

    /// The officer who looks after a village from the beginning.
    pub fn lead(&self, village: &str) -> Actor {
        self.signed_in(Role::Officer, county::lead(village))
    }

    /// A new officer, posted to these villages since yesterday.
    pub async fn officer_posted_to(&self, villages: &[&str]) -> Actor {
        let (id, since) = (self.service().new_id(), self.now() - TimeDelta::days(1));
        let township = villages.first().map_or(county::CHENJI, |one| county::township_of(one));
        let name = format!("officer-{}", &id.simple().to_string()[20..]);
        let station = Some(county::station(township));
        let raw = self.raw().await;
        let row = county::staff(id, &name, officer::Role::Officer, station, since);
        county::add(&raw, row).await;
        for village in villages {
            let posting = county::posted(self.service().new_id(), id, village, since);
            county::add(&raw, posting).await;
        }
        raw.close().await.unwrap();
        self.signed_in(Role::Officer, id)
    }

    /// A new primary contact of a household.
    pub async fn resident_of(&self, household: &Value) -> Actor {
        let contact = self.contact_of(household, "王建国").await;
        self.signed_in(Role::Resident, uuid_of(&contact))
    }

    /// A contact, signed in.
    pub fn resident(&self, contact: &Value) -> Actor {
        self.signed_in(Role::Resident, uuid_of(contact))
    }

    /// A new primary contact of a household: id, name, version.
    pub async fn contact_of(&self, household: &Value, name: &str) -> Value {
        let number = self.service().new_id().as_u128() % 100_000_000;
        let input = json!({
            "idempotencyKey": self.service().new_id(), "householdId": household["id"],
            "name": name, "phone": format!("100{number:08}"), "standing": "PRIMARY",
        });
        self.county_admin().mutate("enrolContact", input, "id name phone version").await.done()
    }

    /// A new household in a village: id, label, version.
    pub async fn household(&self, village: &str) -> Value {
        self.labelled(village, "1组-李秀英").await
    }

    /// A new household with this label.
    pub async fn labelled(&self, village: &str, label: &str) -> Value {
        let input = json!({
            "idempotencyKey": self.service().new_id(), "villageCode": village,
            "groupNumber": 1, "label": label, "peopleCount": 4, "address": "村东头第三家",
        });
        let wanted = "id label version status door";
        self.county_admin().mutate("registerHousehold", input, wanted).await.done()
    }

    /// A new inquiry of a household: id, subject, status, version.
    pub async fn inquiry(&self, household: &Value) -> Value {
        let input = json!({
            "idempotencyKey": self.service().new_id(), "householdId": household["id"],
            "category": "BIRTH_REGISTRATION", "text": "新生儿上户口需要哪些材料？",
        });
        let wanted = "id subject status version openedAt";
        self.county_admin().mutate("submitInquiry", input, wanted).await.done()
    }
}

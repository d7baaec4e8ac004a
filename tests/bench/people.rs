//! Who asks, signed in, and for what.

use chrono::TimeDelta;
use clap::Parser;
use huhutong::actor::Role;
use huhutong::clock::Clock;
use huhutong::config::{Serving, Storage};
use huhutong::guard::Limits;
use huhutong::service::{Service, connect};
use sea_orm::sqlx::{Connection, PgConnection, query_as};
use uuid::Uuid;

/// A signed-in account.
#[derive(Clone)]
pub struct Account {
    /// The officer's id.
    pub id: Uuid,
    /// The access token.
    pub token: String,
}

/// The accounts and what lies in their areas, in random order.
pub struct People {
    /// Households with their officers.
    pub households: Vec<(Account, Uuid)>,
    /// Villages with their officers.
    pub villages: Vec<(Account, String)>,
    /// Townships with the chiefs of their stations.
    pub townships: Vec<(Account, String)>,
    /// Somebody for the whole county.
    pub administrator: Account,
}

/// How many households are asked for.
const HOUSEHOLDS: i64 = 5_000;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    serving: Serving,
}

/// Signs them in.
pub async fn gather(url: &str, keys: &str) -> People {
    let settings = Settings::parse_from(["bench", "--database-url", url, "--keys", keys]);
    let database = connect(&settings.storage).await.expect("a database");
    let service =
        Service::start(database.clone(), &settings.serving, Limits::default(), Clock::System);
    let service = service.await.expect("a service");
    let sign_in = |role, id, session| {
        let token = service.tokens.issue(role, id, Some(session), TimeDelta::hours(2));
        Account { id, token: token.expect("a token").0 }
    };
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    let households: Vec<(Uuid, Uuid, Uuid)> = query_as(
        "SELECT officer_id, session.id, household.id FROM household
         JOIN posting ON posting.village_code = household.village_code
         JOIN session ON subject_id = officer_id ORDER BY md5(household.id::text) LIMIT $1",
    )
    .bind(HOUSEHOLDS)
    .fetch_all(&mut connection)
    .await
    .expect("households");
    let villages: Vec<(Uuid, Uuid, String)> = query_as(
        "SELECT officer_id, session.id, village_code FROM posting
         JOIN session ON subject_id = officer_id ORDER BY md5(village_code)",
    )
    .fetch_all(&mut connection)
    .await
    .expect("villages");
    let townships: Vec<(Uuid, Uuid, String)> = query_as(
        "SELECT officer.id, session.id, township_code FROM officer
         JOIN station ON station.id = station_id JOIN session ON subject_id = officer.id
         WHERE role = 'STATION_CHIEF' ORDER BY md5(township_code)",
    )
    .fetch_all(&mut connection)
    .await
    .expect("townships");
    let administrator: (Uuid, Uuid) = query_as(
        "SELECT officer.id, session.id FROM officer JOIN session ON subject_id = officer.id
         WHERE role = 'COUNTY_ADMIN'",
    )
    .fetch_one(&mut connection)
    .await
    .expect("an administrator");
    let officer = |(id, session, place)| (sign_in(Role::Officer, id, session), place);
    let people = People {
        households: households.into_iter().map(officer).collect(),
        villages: villages
            .into_iter()
            .map(|(id, session, place)| (sign_in(Role::Officer, id, session), place))
            .collect(),
        townships: townships
            .into_iter()
            .map(|(id, session, place)| (sign_in(Role::StationChief, id, session), place))
            .collect(),
        administrator: sign_in(Role::CountyAdmin, administrator.0, administrator.1),
    };
    database.close().await;
    people
}

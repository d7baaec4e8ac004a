//! What the service consists of, made once at start and shared by everything that it does.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::access::{self, Act};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::config::{self, Door, Serving, Storage};
use crate::crypt::{CryptError, Keyring};
use crate::db::{Database, Tx, describe, id_at};
use crate::error::{Code, Kind, Result};
use crate::files::Files;
use crate::guard::Limits;
use crate::live::Live;
use crate::shelf::Shelf;
use crate::token::external::IdentityProvider;
use crate::token::{TokenSettings, Tokens};
use crate::wecom::{self, Patience, Wecom};

/// The parts that every request and every worker uses.
pub struct Service {
    /// The door to the database.
    pub database: Arc<Database>,
    /// Who holds which token.
    pub tokens: Tokens,
    /// Where the files of messages lie.
    pub files: Files,
    /// The far side of WeChat channels.
    pub wecom: Wecom,
    /// The door at which it delivers.
    pub door: Door,
    /// Tells this instance that something was delivered. What others took in is found by looking.
    pub delivered: Notify,
    /// What happens, as it happens.
    pub live: Arc<Live>,
    /// What is read often and seldom changes.
    pub shelf: Shelf,
    /// What a request may ask for.
    pub limits: Limits,
    /// For how many days a confirmed contact counts as recently confirmed.
    pub confirmed_days: u16,
    /// For how many days after it was resolved what was written in a sealed inquiry is kept.
    pub sealed_days: u16,
    /// The time.
    pub clock: Clock,
    stop: watch::Sender<bool>,
}

/// Why the service cannot start, in words for whoever starts it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There are no sealing keys.
    #[error("no keys to seal personal data with: set HUHUTONG_KEYS (`huhutong new-key` makes one)")]
    NoKeys,
    /// The sealing keys are not keys.
    #[error("HUHUTONG_KEYS: {0}")]
    BadKeys(#[from] CryptError),
    /// The database does not answer, or its URL is wrong.
    #[error("cannot open the database: {0}")]
    Database(String),
    /// The database lacks migrations, or has some that this program does not know.
    #[error("the database is not of this program's version: {0}")]
    Version(String),
    /// The place of files is none.
    #[error("HUHUTONG_FILES: {0}")]
    Files(#[from] object_store::Error),
    /// No encrypted connection can be made from here.
    #[error("cannot prepare to call WeCom: {0}")]
    Wecom(#[from] wecom::Failure),
    /// The database's contents cannot be used.
    #[error("cannot read the keys in the database: they were sealed with other HUHUTONG_KEYS")]
    OtherKeys,
}

/// Connects to the database.
pub async fn connect(storage: &Storage) -> Result<Arc<Database>, StartError> {
    let keys = storage.keys.as_deref().ok_or(StartError::NoKeys)?;
    let keyring = Arc::new(Keyring::parse(keys)?);
    let url = &storage.database_url;
    if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme)) {
        let text = "its URL must begin with sqlite:// or postgres://".to_owned();
        return Err(StartError::Database(text));
    }
    let database = Database::connect(url, storage.connections, keyring).await;
    Ok(Arc::new(database.map_err(|error| StartError::Database(describe(&error)))?))
}

impl Service {
    /// Puts the service's parts together on a database of this program's version.
    pub async fn start(
        database: Arc<Database>,
        serving: &Serving,
        limits: Limits,
        clock: Clock,
    ) -> Result<Arc<Self>, StartError> {
        database.ready().await.map_err(|error| StartError::Version(describe(&error)))?;
        let settings =
            TokenSettings { issuer: serving.issuer.clone(), audience: serving.audience.clone() };
        let provider = match (&serving.provider_issuer, serving.key_set_source()) {
            (Some(issuer), Some(source)) => {
                let audience = serving.provider_audience.as_ref().unwrap_or(&serving.audience);
                let provider = IdentityProvider::new(issuer.clone(), audience.clone(), source);
                Some(provider.map_err(|error| StartError::Database(format!("{error:?}")))?)
            }
            _ => None,
        };
        let tokens = Tokens::open(database.clone(), clock.clone(), settings, provider)
            .await
            .map_err(|error| match error.kind {
                Kind::Top(Code::Unavailable) => StartError::Database("it went away".to_owned()),
                _ => StartError::OtherKeys,
            })?;
        let place = serving.files.as_deref().unwrap_or(config::DEFAULT_FILES);
        let files = Files::open(place, config::bucket_options())?;
        let answer = Duration::from_secs(serving.door.channel_patience.into());
        let wecom = Wecom::new(clock.clone(), Patience { answer, ..Patience::default() })?;
        let confirmed_days = serving.counting.confirmed_days;
        let sealed_days = serving.retention.sealed_days;
        let live = Arc::new(Live::new(database.clone(), clock.clone()));
        let shelf = Shelf::default();
        Ok(Arc::new(Self {
            database,
            tokens,
            files,
            wecom,
            door: serving.door.clone(),
            delivered: Notify::new(),
            live,
            shelf,
            limits,
            confirmed_days,
            sealed_days,
            clock,
            stop: watch::Sender::new(false),
        }))
    }

    /// Tells what works in the background to finish what it has in hand.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Whether it was told to stop.
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until it is told to stop.
    pub async fn stopping(&self) {
        // The sender is this service's own, so it is there as long as somebody waits.
        let _ = self.stop.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// Begins a change that the service makes on its own.
    pub async fn keep(&self) -> Result<Tx> {
        let grant = access::grant(&Actor::SYSTEM, Act::KeepService, self.clock.now())?;
        self.database.begin(&grant).await
    }

    /// A new id, in the order of time.
    pub fn new_id(&self) -> Uuid {
        id_at(self.clock.now())
    }
}

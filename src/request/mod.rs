//! One request on its way: who asks, over which connection, and what its resolvers wait for.

use std::sync::Arc;

use async_graphql::Context;
use entity::access_log::LookedAt;
use uuid::Uuid;

use crate::access::{self, Act};
use crate::actor::Actor;
use crate::db::{Connection, Key, Reader, Sighting, Sightings, Tx, write_down};
use crate::error::{Error, Language, Result};
use crate::service::Service;

mod batch;

use batch::Batches;
pub use batch::{Batch, drive};

/// Who asks, and in which language the answer is to be.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub actor: Arc<Actor>,
    /// In which language.
    pub language: Language,
}

/// One request.
pub struct Request {
    service: Arc<Service>,
    caller: Caller,
    connection: Arc<Connection>,
    batches: Batches,
    sightings: Arc<Sightings>,
}

impl Request {
    /// A request of `caller`.
    pub fn new(service: Arc<Service>, caller: Caller) -> Arc<Self> {
        let connection = service.database.connection();
        let (batches, sightings) = (Batches::default(), Arc::default());
        Arc::new(Self { service, caller, connection, batches, sightings })
    }

    /// The request that a resolver belongs to.
    pub fn of<'a>(context: &Context<'a>) -> Result<&'a Arc<Self>> {
        context.data_opt::<Arc<Self>>().ok_or_else(|| Error::internal("no request"))
    }

    /// What the service consists of.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Who asks.
    pub fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// The language of the answer.
    pub fn language(&self) -> Language {
        self.caller.language
    }

    /// Reads what the caller may see under `act`.
    pub fn reader(&self, act: Act) -> Result<Reader> {
        let scope = access::scope(self.actor(), act, self.service.clock.now())?;
        let reader = self.service.database.reader(self.connection.clone(), scope);
        Ok(reader.noting(self.sightings.clone()))
    }

    /// Begins a change that `act` allows the caller.
    pub async fn begin(&self, act: Act) -> Result<Tx> {
        let grant = access::grant(self.actor(), act, self.service.clock.now())?;
        self.connection.release().await;
        Ok(self.service.database.begin(&grant).await?.noting(self.sightings.clone()))
    }

    /// Notes that the caller was told a phone number or an address of a household in full.
    pub fn shows_contact(&self, household_id: Uuid) {
        if self.actor().role.of_staff().is_some() {
            let looked_at = LookedAt::Contact;
            self.sightings.note(Sighting { looked_at, household_id, inquiry_id: None });
        }
    }

    /// Writes down that the caller takes out what was noted, and these households.
    pub async fn write_down_export(&self, households: impl Iterator<Item = Uuid>) -> Result<()> {
        let looked_at = LookedAt::Export;
        if self.actor().role.of_staff().is_some() {
            let noted = self.sightings.take();
            noted.into_iter().for_each(|one| self.sightings.note(Sighting { looked_at, ..one }));
            let noted = |household_id| Sighting { looked_at, household_id, inquiry_id: None };
            households.map(noted).for_each(|one| self.sightings.note(one));
        }
        self.write_down().await
    }

    /// Writes down what the caller was shown since this was done last. Until then nobody may be answered.
    pub async fn write_down(&self) -> Result<()> {
        let sightings = self.sightings.take();
        if sightings.is_empty() {
            return Ok(());
        }
        self.connection.release().await;
        let tx = self.service.keep().await?;
        write_down(&tx, self.actor(), sightings, self.service.clock.now()).await?;
        tx.commit().await
    }

    /// Whether rows read under `act` may bring along what `other` guards: it reaches as far.
    pub fn may_join(&self, act: Act, other: Act) -> bool {
        let role = self.actor().role;
        access::reach(role, other) >= access::reach(role, act)
    }

    /// A new id, in the order of time.
    pub fn new_id(&self) -> Uuid {
        self.service.new_id()
    }

    /// Loads something together with the other resolvers that ask for the same.
    pub async fn load<B: Batch>(&self, batch: B, key: Key) -> Result<Option<B::Value>> {
        self.batches.load(batch, key).await
    }

    /// Keeps what was fetched before anybody asked for it.
    pub fn keep<B: Batch>(&self, batch: B, key: Key, value: B::Value) -> Result<()> {
        self.batches.keep(batch, key, value)
    }

    pub(crate) fn batches(&self) -> &Batches {
        &self.batches
    }

    /// Gives the connection back: the request goes on, but not at once.
    pub async fn pause(&self) {
        self.connection.release().await;
    }
}

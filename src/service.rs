//! What the service consists of, made once at start and shared by everything that it does.

use std::sync::Arc;

use uuid::{NoContext, Timestamp, Uuid};

use crate::clock::Clock;
use crate::db::Database;
use crate::token::Tokens;

/// The parts that every request and every worker uses.
pub struct Service {
    /// The door to the database.
    pub database: Arc<Database>,
    /// Who holds which token.
    pub tokens: Tokens,
    /// The time.
    pub clock: Clock,
}

impl Service {
    /// A new id, in the order of time.
    pub fn new_id(&self) -> Uuid {
        let now = self.clock.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
    }
}

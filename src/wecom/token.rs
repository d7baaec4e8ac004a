//! Access tokens. They are seldom fetched: one at a time for each app, however many wait for it, and kept in
//! memory only.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{Account, Failure};
use crate::clock::Clock;

/// The most apps that are spoken for at a time.
const MOST: u64 = 10_000;
/// So long before its end a token is used no more.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// What `gettoken` answers.
#[derive(Deserialize)]
pub struct Granted {
    access_token: String,
    /// For how many seconds it is good.
    expires_in: i64,
}

struct Token {
    text: Arc<str>,
    until: DateTime<Utc>,
}

type Slot = Arc<Mutex<Option<Token>>>;

/// The tokens of all apps.
pub struct Tokens {
    slots: Cache<Account, Slot>,
    clock: Clock,
}

impl Tokens {
    /// No token yet.
    pub fn new(clock: Clock) -> Self {
        Self { slots: Cache::new(MOST), clock }
    }

    /// The token of an app. `spent` is one that the far side has refused. Who comes while another fetches
    /// waits, and takes what that one gets.
    pub async fn get(
        &self,
        account: &Account,
        spent: Option<&str>,
        fetch: impl AsyncFnOnce() -> Result<Granted, Failure>,
    ) -> Result<Arc<str>, Failure> {
        let slot = self.slots.get_with(account.clone(), Slot::default);
        let mut slot = slot.lock().await;
        let now = self.clock.now();
        let good = |token: &&Token| token.until > now && Some(&*token.text) != spent;
        if let Some(token) = slot.as_ref().filter(good) {
            return Ok(token.text.clone());
        }
        *slot = None;
        let granted = fetch().await?;
        let life = TimeDelta::seconds(granted.expires_in.clamp(0, 7200)) - MARGIN;
        let text: Arc<str> = granted.access_token.into();
        *slot = Some(Token { text: text.clone(), until: now + life });
        Ok(text)
    }
}

//! Where an app's field book stands: which villages it has whole, since when it must be told of changes,
//! and how far it has come in the villages that are new to it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::crypt::Keyring;
use crate::error::{Error, Result};
use crate::event::Position;
use crate::household::Household;

/// A household's place on the way through its villages.
pub type Door = (String, String, i32, Uuid);

/// Where a field book stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cursor {
    /// The villages that it has whole, as they were at `position` or later.
    pub villages: BTreeSet<String>,
    /// What happened up to here is in it.
    pub position: Position,
    /// How far it has come in other villages.
    pub walk: Option<Walk>,
}

/// A walk through villages that are new to a field book.
#[derive(Debug, Serialize, Deserialize)]
pub struct Walk {
    /// The villages.
    pub villages: BTreeSet<String>,
    /// The last door.
    pub door: Door,
}

/// The place of a household.
pub fn door(household: &Household) -> Door {
    let (village, group) = (household.village_code.clone(), household.group_code.clone());
    (village, group, household.door, household.id.uuid())
}

/// It fits its owner alone, in the role in which it was given: another role may see other things.
fn purpose(actor: &Actor) -> String {
    format!("field book {} {:?}", actor.id, actor.role)
}

impl Cursor {
    /// An empty book at a position that was read before anything else.
    pub fn start(position: Position) -> Self {
        Self { villages: BTreeSet::new(), position, walk: None }
    }

    /// For the client.
    pub fn encode(&self, actor: &Actor, keyring: &Keyring) -> Result<String> {
        let body = serde_json::to_vec(self).map_err(Error::internal)?;
        Ok(keyring.sign(&purpose(actor), &body))
    }

    /// What a client sent.
    pub fn decode(text: &str, actor: &Actor, keyring: &Keyring) -> Result<Self> {
        let body = keyring.signed(&purpose(actor), text).ok_or_else(Error::bad_cursor)?;
        serde_json::from_slice(&body).map_err(|_| Error::bad_cursor())
    }
}

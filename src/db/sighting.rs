//! What of a request's answer is written down before the answer is sent: which sealed inquiries, and which people, a
//! member of staff was shown. Rows note it where they are read, and one statement a request writes it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use entity::access_log::LookedAt;
use sea_orm::{ActiveEnum, ConnectionTrait};
use serde::Serialize;
use uuid::Uuid;

use super::bulk::{self, Form};
use super::{Tx, id_at};
use crate::actor::Actor;
use crate::error::Result;

/// Something that a member of staff was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// What it was.
    pub looked_at: LookedAt,
    /// Whose it is.
    pub household_id: Uuid,
    /// The sealed inquiry, when it was one.
    pub inquiry_id: Option<Uuid>,
}

/// What a request has shown so far, each once.
#[derive(Debug, Default)]
pub struct Sightings(Mutex<BTreeSet<Sighting>>);

const APPEND: &str = "INSERT INTO access_log (id, at, officer_id, role, looked_at, household_id, inquiry_id, slot) \
    SELECT id, at, officer_id, role, looked_at, household_id, inquiry_id, slot FROM {given} WHERE true \
    ON CONFLICT (household_id, officer_id, looked_at, slot) DO NOTHING";
const COLUMNS: [(&str, Form); 8] = [
    ("id", Form::Id),
    ("at", Form::Moment),
    ("officer_id", Form::Id),
    ("role", Form::Text),
    ("looked_at", Form::Text),
    ("household_id", Form::Id),
    ("inquiry_id", Form::Id),
    ("slot", Form::Text),
];

#[derive(Serialize)]
struct Row {
    id: Uuid,
    at: String,
    officer_id: Uuid,
    role: String,
    looked_at: String,
    household_id: Uuid,
    inquiry_id: Option<Uuid>,
    slot: Option<String>,
}

impl Sightings {
    /// Notes one.
    pub fn note(&self, sighting: Sighting) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sighting);
    }

    /// What was noted since it was asked last.
    pub fn take(&self) -> BTreeSet<Sighting> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes down what `actor` was shown. What people are looked up for all day long stands there once an hour; every
/// look at a sealed inquiry stands there by itself.
pub async fn write_down(
    tx: &Tx,
    actor: &Actor,
    sightings: BTreeSet<Sighting>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(role) = actor.role.of_staff() else { return Ok(()) };
    let hour = now.format("%Y-%m-%dT%H").to_string();
    let row = |one: Sighting| Row {
        id: id_at(now),
        at: bulk::moment(&now),
        officer_id: actor.id,
        role: role.to_value(),
        looked_at: one.looked_at.to_value(),
        household_id: one.household_id,
        inquiry_id: one.inquiry_id,
        slot: (one.looked_at == LookedAt::Contact).then(|| hour.clone()),
    };
    let rows: Vec<Row> = sightings.into_iter().map(row).collect();
    let statement = bulk::statement(tx.backend(), APPEND, &COLUMNS, &rows, [])?;
    tx.execute_raw(statement).await?;
    Ok(())
}

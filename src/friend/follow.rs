//! What changes here and matters to friends: read from the event log, once.

use std::collections::BTreeSet;

use entity::friend_write::Kind as Write;
use uuid::Uuid;

use super::check;
use super::store::queue::{Of, queue};
use super::store::roster::{After, follow};
use super::store::{check as checks, transfer};
use crate::db::Tx;
use crate::error::Result;
use crate::event::{Event, Kind};
use crate::service::Service;
use crate::tally::{self, BATCH};

/// The name under which the reader of the log keeps its checkpoint.
const READER: &str = "friend";
/// What [`Changed::note`] takes note of.
const MATTERING: [Kind; 9] = [
    Kind::HouseholdChanged,
    Kind::HouseholdMerged,
    Kind::HouseholdRestored,
    Kind::ContactChanged,
    Kind::OfficerChanged,
    Kind::PostingChanged,
    Kind::DivisionChanged,
    Kind::HandoverChanged,
    Kind::ChannelChanged,
];

/// What changed, each once.
#[derive(Default)]
struct Changed {
    households: BTreeSet<Uuid>,
    contacts: BTreeSet<Uuid>,
    officers: BTreeSet<Uuid>,
    divisions: BTreeSet<String>,
    posted: BTreeSet<String>,
    handovers: Vec<(Uuid, bool)>,
    channels: bool,
}

/// Lets friends follow what has changed since. Tells how many events that were; none when another instance is at it.
pub async fn all(service: &Service) -> Result<usize> {
    let tx = service.keep().await?;
    let Some(position) = tally::lock_checkpoint(&tx, READER).await? else { return Ok(0) };
    let part = tx.events_after(position, Some(&MATTERING), BATCH as u64).await?;
    let Some(until) = part.until() else { return Ok(0) };
    let mut changed = Changed::default();
    part.events.iter().for_each(|event| changed.note(event));
    changed.follow(service, &tx).await?;
    tally::set_checkpoint(&tx, READER, until).await?;
    tx.commit().await?;
    Ok(part.looked_at)
}

impl Changed {
    fn note(&mut self, event: &Event) {
        match event.kind {
            Some(Kind::HouseholdChanged | Kind::HouseholdMerged | Kind::HouseholdRestored) => {
                self.households.extend(event.household_id);
            }
            Some(Kind::ContactChanged) => {
                self.households.extend(event.household_id);
                self.contacts.insert(event.subject_id);
            }
            Some(Kind::OfficerChanged) => {
                self.officers.insert(event.subject_id);
            }
            Some(Kind::PostingChanged) => self.posted.extend(event.village_code.clone()),
            Some(Kind::DivisionChanged) => {
                let codes = event.detail["divisions"].as_array().into_iter().flatten();
                self.divisions.extend(codes.filter_map(|code| code.as_str().map(str::to_owned)));
            }
            Some(Kind::HandoverChanged) => match event.detail["status"].as_str() {
                Some("OPEN") => self.handovers.push((event.subject_id, true)),
                Some("CANCELLED") => self.handovers.push((event.subject_id, false)),
                _ => {}
            },
            Some(Kind::ChannelChanged) => self.channels = true,
            _ => {}
        }
    }

    async fn follow(self, service: &Service, tx: &Tx) -> Result<()> {
        let now = service.clock.now();
        let officers: Vec<Uuid> = self.officers.into_iter().collect();
        let households: Vec<Uuid> = self.households.into_iter().collect();
        let contacts: Vec<Uuid> = self.contacts.into_iter().collect();
        let divisions: Vec<String> = self.divisions.into_iter().collect();
        let posted: Vec<String> = self.posted.into_iter().collect();
        follow(tx, After::Officers(&officers)).await?;
        follow(tx, After::Contacts(&contacts)).await?;
        follow(tx, After::Households(&households)).await?;
        follow(tx, After::Villages(&divisions)).await?;
        for kind in [Write::Remark, Write::Tag] {
            queue(tx, Of::Households(&households), kind, now).await?;
            queue(tx, Of::Divisions(&divisions), kind, now).await?;
        }
        queue(tx, Of::LinksIn(&posted), Write::Link, now).await?;
        if self.channels || !officers.is_empty() {
            checks::plan(tx, check::next_night(now)).await?;
        }
        for (id, made) in self.handovers {
            if made {
                transfer::plan(tx, id, now).await?;
            } else {
                transfer::cancel(tx, id, now).await?;
            }
        }
        Ok(())
    }
}

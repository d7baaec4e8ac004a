//! Who is to be sent what the desk writes: read from the event log, and written down before anything is sent.

use chrono::TimeDelta;
use uuid::Uuid;

use super::parts;
use super::store::{self, NewDelivery, Reachable};
use crate::attachment;
use crate::error::Result;
use crate::event::{Event, Kind};
use crate::service::Service;
use crate::tally::{self, BATCH};
use crate::wecom::kf;

/// The name under which the reader of the log keeps its checkpoint.
const READER: &str = "messenger";
/// What is older was answered otherwise.
const OLD: TimeDelta = TimeDelta::hours(48);

/// Queues what the desk wrote since, as far as it goes to somebody in WeChat. Tells how many events that were; none
/// when another instance is at it.
pub async fn plan(service: &Service) -> Result<usize> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let Some(position) = tally::lock_checkpoint(&tx, READER).await? else { return Ok(0) };
    let wanted = [Kind::MessageAdded];
    let part = tx.events_after(position, Some(&wanted), BATCH as u64).await?;
    let Some(until) = part.until() else { return Ok(0) };
    let recent = part.events.iter().filter(|event| event.at > now - OLD);
    let written: Vec<Uuid> = recent.filter_map(message).collect();
    let spoken = store::spoken(&tx, &written).await?;
    let contacts: Vec<Uuid> = spoken.values().filter_map(|spoken| spoken.to).collect();
    let reachable = store::reachable(&tx, &contacts).await?;
    let files = attachment::of_messages(&tx, &written).await?;
    for id in &written {
        let to = spoken.get(id).and_then(|spoken| Some((spoken, reachable.get(&spoken.to?)?)));
        if let Some((spoken, Reachable { customer_id, channel_id })) = to {
            let files = files.get(id).map_or(0, Vec::len);
            let parts = parts::split(&spoken.text, kf::MOST_TEXT).len() + files;
            let new = NewDelivery {
                id: *id,
                channel_id: *channel_id,
                customer_id: *customer_id,
                message_id: Some(*id),
                automatic: None,
                place: None,
                welcome_code: None,
                parts: i32::try_from(parts).unwrap_or(i32::MAX),
            };
            store::queue(&tx, new, now).await?;
        }
    }
    tally::set_checkpoint(&tx, READER, until).await?;
    tx.commit().await?;
    Ok(part.looked_at)
}

/// The message that an event tells of, when it does.
fn message(event: &Event) -> Option<Uuid> {
    let added = event.kind == Some(Kind::MessageAdded);
    added.then(|| event.detail["message"].as_str()?.parse().ok()).flatten()
}

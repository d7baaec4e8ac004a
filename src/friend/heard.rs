//! What the far side tells of friends at the door: each thing once, in whatever order it comes.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::friend::State;

use super::rules::{Known, meet};
use super::state::Happened;
use super::store::queue;
use super::store::roster::{self, Pair};
use super::transfer;
use crate::channel::{self, Delivery, xml::Fields};
use crate::db::Tx;
use crate::error::{Code, Kind, Result};
use crate::service::Service;

/// How many deliveries are taken in hand at once.
const AT_ONCE: u64 = 200;
/// After so many failures a delivery is left alone.
const MOST_TRIES: i32 = 5;

/// Works off everything that was told, and tells how much that was.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let deliveries = channel::take(service, channel::Topic::Contacts, AT_ONCE).await?;
    for delivery in &deliveries {
        match one(service, delivery).await {
            Ok(()) => {}
            Err(error) if error.kind == Kind::Top(Code::Unavailable) => return Err(error),
            Err(error) if delivery.tries < MOST_TRIES => {
                tracing::warn!(?error, "what was told of a friend is tried again");
            }
            Err(error) => {
                tracing::error!(?error, "what was told of a friend was not worked off");
                let tx = service.keep().await?;
                channel::done(&tx, &[delivery.id], service.clock.now()).await?;
                tx.commit().await?;
            }
        }
    }
    Ok(deliveries.len())
}

async fn one(service: &Service, delivery: &Delivery) -> Result<()> {
    let now = service.clock.now();
    let mut tx = service.keep().await?;
    let fields = Fields::read(&delivery.body).unwrap_or_default();
    let told = Told { fields: &fields, now };
    if let Some(channel_id) = roster::channel_of(&tx, delivery.channel_id).await?
        && let (Some(user_id), Some(external)) = (told.user(), told.get("ExternalUserID"))
    {
        let pair = Pair { channel_id, user_id: &user_id, external };
        told.work_off(service, &mut tx, pair).await?;
    }
    channel::done(&tx, &[delivery.id], now).await?;
    tx.commit().await
}

struct Told<'a> {
    fields: &'a Fields,
    now: DateTime<Utc>,
}

impl<'a> Told<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name).filter(|text| !text.is_empty())
    }

    fn user(&self) -> Option<String> {
        self.get("UserID").map(str::to_ascii_lowercase)
    }

    /// When it happened. A clock that goes ahead at the far side does not count.
    fn at(&self) -> DateTime<Utc> {
        let seconds = self.get("CreateTime").and_then(|text| text.parse().ok());
        let at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        at.unwrap_or(self.now).min(self.now)
    }

    async fn work_off(&self, service: &Service, tx: &mut Tx, pair: Pair<'_>) -> Result<()> {
        let happened = match self.get("ChangeType").unwrap_or_default() {
            "add_external_contact" => Happened::Added,
            "add_half_external_contact" => Happened::Half,
            "del_external_contact" => Happened::Ended(match self.get("Source") {
                Some("DELETE_BY_TRANSFER") => State::Transferred,
                _ => State::DeletedByOfficer,
            }),
            "del_follow_user" => Happened::Ended(State::DeletedByResident),
            "transfer_fail" => {
                let full = self.get("FailReason") == Some("customer_limit_exceed");
                return transfer::failed(tx, pair, full, self.now).await;
            }
            // What an officer changes of a friend is found when the lists are compared.
            _ => return Ok(()),
        };
        let known = self.get("State").map_or(Known::Nothing, Known::Link);
        let (row, new) = meet(service, tx, pair, (happened, self.at()), known).await?;
        match self.get("WelcomeCode") {
            Some(code) if new => {
                let code = (code, self.at());
                queue::greet(tx, (pair.channel_id, row.id), code, self.now).await
            }
            _ => Ok(()),
        }
    }
}

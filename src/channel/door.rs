//! The door at which the far side of a channel knocks. What is not signed for the channel, sealed for it and of now is
//! refused, always with the same answer; what is good is stored before anything is done with it.

use std::time::Duration;

use chrono::TimeDelta;
use entity::channel::Kind as Stored;
use entity::channel_delivery::Topic;
use serde::Deserialize;
use tokio::time::timeout;
use uuid::Uuid;

use super::envelope::{Closed, Keys, Outside};
use super::reply;
use super::store::{self, Gate, delivery};
use super::xml::{Fields, NotRead};
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::crypt::random;
use crate::error::{Error, Result};
use crate::service::Service;

/// How long the far side's check may wait until it is noted.
const NOTING: Duration = Duration::from_millis(500);

/// Where the far side knocks.
pub const PATH: &str = "/wechat/callback/{channel}";

/// What stands in the address when the far side knocks.
#[derive(Deserialize, Debug, Default)]
#[serde(default)]
pub struct Knock {
    msg_signature: String,
    /// An Official Account's, which signs no contents.
    signature: String,
    timestamp: String,
    nonce: String,
    echostr: String,
}

/// Why the far side is not let in. It is told none of this.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no such channel, it is not used, or it has no keys.
    #[error("no such channel")]
    Unknown,
    /// It was signed too long ago, or lies in the future.
    #[error("not of now")]
    Untimely,
    /// The envelope stays closed.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// It is not XML with an envelope in it.
    #[error(transparent)]
    NotRead(#[from] NotRead),
    /// The service is at fault: it may be tried again.
    #[error("the service is at fault")]
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Refusal {
    /// In one word, for counting.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Untimely => "untimely",
            Self::Closed(Closed::Signature) => "signature",
            Self::Closed(Closed::Contents) => "contents",
            Self::Closed(Closed::Receiver) => "receiver",
            Self::NotRead(_) => "malformed",
            Self::Failed(_) => "failed",
        }
    }
}

impl Knock {
    fn outside<'a>(&'a self, signature: &'a str) -> Outside<'a> {
        Outside { signature, timestamp: &self.timestamp, nonce: &self.nonce }
    }

    /// What is signed may come again as long as it is of now; then it is known.
    fn is_timely(&self, service: &Service) -> Result<(), Refusal> {
        let signed_at = self.timestamp.parse().map_err(|_| Refusal::Untimely)?;
        let window = TimeDelta::minutes(service.door.callback_minutes.into()).num_seconds();
        match service.clock.now().timestamp().checked_sub(signed_at) {
            Some(age) if age.unsigned_abs() <= window.unsigned_abs() => Ok(()),
            _ => Err(Refusal::Untimely),
        }
    }
}

impl Gate {
    /// Tries the present keys and the ones before, and tells which were right.
    fn with_either<T>(
        &self,
        open: impl Fn(&Keys) -> Result<T, Closed>,
    ) -> Result<(T, bool), Closed> {
        let opened = open(&self.keys).map(|opened| (opened, true));
        match &self.old {
            Some(old) => opened.or_else(|closed| Ok((open(old).map_err(|_| closed)?, false))),
            None => opened,
        }
    }

    /// Whether what is delivered need not be sealed: only when there is nothing to seal it with, be it before or now.
    fn may_be_plain(&self) -> bool {
        self.kind == Stored::OfficialAccount
            && (self.keys.is_plain() || self.old.as_ref().is_some_and(Keys::is_plain))
    }

    /// An answer in an envelope, closed with what opened the question; as it is in plain mode.
    fn sealed(&self, answer: &str, present: bool, knock: &Knock) -> Result<String, Refusal> {
        let keys = self.old.as_ref().filter(|_| !present).unwrap_or(&self.keys);
        let chance = random().map_err(Error::internal)?;
        Ok(match keys.seal(answer, &self.receiver, chance) {
            Some(sealed) => keys.answer(&sealed, &knock.timestamp, &knock.nonce),
            None => answer.to_owned(),
        })
    }
}

async fn gate(service: &Service, id: Uuid) -> Result<Gate, Refusal> {
    let scope = access::scope(&Actor::SYSTEM, Act::KeepService, service.clock.now())?;
    let reader = service.database.reader(service.database.connection(), scope);
    store::gate(&reader, id).await?.ok_or(Refusal::Unknown)
}

/// Answers the far side's check of the address with what it wants to hear.
pub async fn verify(service: &Service, id: Uuid, knock: &Knock) -> Result<String, Refusal> {
    let gate = gate(service, id).await?;
    knock.is_timely(service)?;
    let (echo, present) = if gate.kind == Stored::OfficialAccount {
        let outside = knock.outside(&knock.signature);
        gate.with_either(|keys| keys.signed_plainly(outside).map(|()| knock.echostr.clone()))?
    } else {
        // Base64 has no spaces: who writes the address without escapes means a plus.
        let sealed = knock.echostr.replace(' ', "+");
        let outside = knock.outside(&knock.msg_signature);
        gate.with_either(|keys| keys.open(outside, &sealed, &gate.receiver))?
    };
    // It wants its answer within a second, whoever is writing just now.
    if present && !matches!(timeout(NOTING, note_verified(service, id)).await, Ok(Ok(()))) {
        tracing::warn!("it was not noted that a channel's address was verified");
    }
    Ok(echo)
}

async fn note_verified(service: &Service, id: Uuid) -> Result<()> {
    let tx = service.keep().await?;
    store::verified(&tx, id, service.clock.now()).await?;
    tx.commit().await
}

/// What was delivered, and what is answered.
pub struct Delivered {
    /// Whether it is new.
    pub new: bool,
    /// What is answered at once, as XML, when there is something to say.
    pub answer: Option<String>,
}

/// Stores what the far side delivers. An Official Account that has a key has to seal it (安全模式): a plain signature says
/// nothing of the contents.
pub async fn deliver(
    service: &Service,
    id: Uuid,
    knock: &Knock,
    body: &[u8],
) -> Result<Delivered, Refusal> {
    let gate = gate(service, id).await?;
    knock.is_timely(service)?;
    let body = std::str::from_utf8(body).map_err(|_| NotRead)?;
    let fields = Fields::read(body)?;
    let (message, present) = match fields.get("Encrypt") {
        Some(sealed) => {
            let outside = knock.outside(&knock.msg_signature);
            gate.with_either(|keys| keys.open(outside, sealed, &gate.receiver))?
        }
        None if gate.may_be_plain() => {
            let outside = knock.outside(&knock.signature);
            gate.with_either(|keys| keys.signed_plainly(outside).map(|()| body.to_owned()))?
        }
        None => return Err(NotRead.into()),
    };
    let fields = Fields::read(&message).unwrap_or_default();
    let answer = match gate.kind {
        Stored::OfficialAccount => reply::to(&fields, service.clock.now()),
        _ => None,
    };
    let new = delivery::keep(service, gate.id, topic(&gate, &fields), &message).await?;
    if new {
        service.delivered.notify_one();
    }
    let sealed = |answer: String| gate.sealed(&answer, present, knock);
    Ok(Delivered { new, answer: answer.map(sealed).transpose()? })
}

/// Who works off what was delivered.
fn topic(gate: &Gate, fields: &Fields) -> Topic {
    match (gate.kind, fields.get("Event")) {
        (Stored::OfficialAccount, _) => Topic::Account,
        (_, Some("change_external_contact")) => Topic::Contacts,
        _ => Topic::CustomerService,
    }
}

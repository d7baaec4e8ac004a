//! The households of a hand-over, each on its own way to the new officer's WeChat account.

use async_graphql::{Enum, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::handover_transfer::State;
use serde_json::json;
use uuid::Uuid;

use super::{state, store};
use crate::db::{Tx, changed_one};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::id::GlobalId;
use crate::payload::expected;
use crate::record;
use crate::record::Filter;

/// How far a household's transfer has come.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::handover_transfer::State")]
pub enum HandoverTransferState {
    /// 待确认: the contact was not asked yet, or has not answered.
    Pending,
    /// 已同意: the contact came along to the new officer's account.
    Accepted,
    /// 已拒绝: the contact refused, or did not answer in time.
    Refused,
    /// 已完成: nothing is left to do; a refusal was followed up at the door.
    Done,
}

/// One household of a hand-over, on its way to the new officer's WeChat account.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct HandoverTransfer {
    /// Global id.
    pub id: GlobalId,
    /// How far it has come.
    pub state: HandoverTransferState,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it last went on.
    pub changed_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) household_id: Uuid,
    #[graphql(skip)]
    pub(crate) handover_id: Uuid,
    #[graphql(skip)]
    pub(crate) place: (String, String),
}

/// How many households of a hand-over have come so far.
#[derive(SimpleObject, Clone)]
pub struct HandoverTransferCount {
    /// How far.
    pub state: HandoverTransferState,
    /// How many households.
    pub count: i64,
}

/// Which transfers a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandoverTransferFilter {
    /// In one of these states.
    pub states: Option<Vec<HandoverTransferState>>,
}

impl Filter for HandoverTransferFilter {}

/// Lets the transfer of this version go on: for an officer by hand, and for whoever speaks to WeChat.
pub async fn advance(
    tx: &mut Tx,
    id: Uuid,
    version: i32,
    to: State,
    now: DateTime<Utc>,
) -> Result<HandoverTransfer> {
    let before: HandoverTransfer = expected(record::lock(tx, &id.into()).await?, "transferId")?;
    if before.version != version {
        changed_one(0)?;
    }
    let from = State::from(before.state);
    if !state::can_advance(from, to) {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "state",
            "目前的状态不能改为此状态。",
            "From its present state it cannot go there.",
        ));
    }
    store::transfer::advance(tx, id, version, to, now).await?;
    tx.record(Draft {
        kind: Kind::TransferChanged,
        at: now,
        place: Some(before.place.clone()),
        household_id: Some(before.household_id),
        subject_id: id,
        detail: json!({
            "before": store::transfer::name(from),
            "after": store::transfer::name(to),
        }),
    });
    Ok(HandoverTransfer {
        state: to.into(),
        version: version.saturating_add(1),
        changed_at: now,
        ..before
    })
}

/// A household's contact has answered in WeChat: its transfer goes on, unless somebody wrote that down already.
pub async fn answered(
    tx: &mut Tx,
    handover_id: Uuid,
    household_id: Uuid,
    accepted: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let found = store::transfer::pending(tx, handover_id, household_id).await?;
    if let Some((id, version)) = found {
        let to = if accepted { State::Accepted } else { State::Refused };
        advance(tx, id, version, to, now).await?;
    }
    Ok(())
}

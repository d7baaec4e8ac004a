//! What officers want of inquiries, one at a time or many.

use chrono::{DateTime, Utc};
use entity::inquiry::{Category, Priority};
use entity::inquiry_ownership::Reason;
use uuid::Uuid;

use super::change::{Change, Changed};
use super::rules::{moved, to_change, told};
use super::sealing::{Around, handled};
use super::state::Move;
use super::store;
use super::{Inquiry, Owning};
use crate::access::Act;
use crate::db::changed_one;
use crate::deadline::{self, Policy};
use crate::error::Result;
use crate::request::Request;

/// Changes an inquiry of this version.
pub async fn change(
    request: &Request,
    act: Act,
    id: Uuid,
    version: i32,
    wish: Wish,
) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let policy = deadline::policy(request.service()).await?;
    let mut tx = request.begin(act).await?;
    let before = to_change(&tx, id, now).await?;
    let around = Around::of(&tx, wish, std::iter::once(&before), now).await?;
    let change = wish.change(&before, &around)?;
    let after = of_version(&before, version, change, &policy, now)?;
    store::update(&mut tx, &after).await?;
    handled(&tx, std::iter::once(&after.after), now).await?;
    tx.record(told(&before, &after.after, now));
    tx.commit().await?;
    Ok(after.after)
}

/// What somebody wants of an inquiry.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    /// That an officer takes it on, or the whole desk.
    Assign(Option<Uuid>),
    /// That it is about this.
    Recategorize(Category),
    /// That it presses so much.
    Prioritize(Priority),
    /// That it is closed, or opened again.
    Move(Move),
}

impl Wish {
    /// What is to be changed for it.
    pub fn change(self, before: &Inquiry, around: &Around) -> Result<Change> {
        let nothing = Change::default();
        Ok(match self {
            Self::Assign(assignee_id) => {
                moved(before, Move::OfficerReplied, "inquiryId")?;
                around.assignable(before)?;
                let by_id = around.by_id;
                let owner = match assignee_id {
                    Some(officer_id) => {
                        Owning::Decided { officer_id, reason: Reason::Assigned, by_id }
                    }
                    None => Owning::InTurn(Some(by_id)),
                };
                Change { assignee_id: Some(assignee_id), owner: Some(owner), ..nothing }
            }
            Self::Recategorize(category) => {
                let sealed = Some(around.sealed(before, category.into())?);
                Change { category: Some(category), sealed, ..nothing }
            }
            Self::Prioritize(priority) => {
                moved(before, Move::OfficerReplied, "inquiryId")?;
                Change { priority: Some(priority), ..nothing }
            }
            Self::Move(made) => {
                let owner = (made == Move::Reopened).then_some(Owning::InTurn(Some(around.by_id)));
                Change { status: Some(moved(before, made, "inquiryId")?), owner, ..nothing }
            }
        })
    }
}

/// An inquiry of this version after a change.
pub fn of_version(
    before: &Inquiry,
    version: i32,
    change: Change,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Changed> {
    if before.version != version {
        changed_one(0)?;
    }
    Ok(Changed::by(change, before, now, policy))
}

//! Who answers for an inquiry, and why: whoever took it on and is at work, else whom the roster names. It is worked
//! out when something comes in, and stays so until the next time, or until somebody decides.

use chrono::{DateTime, Utc};
use entity::inquiry_ownership::Reason;
use uuid::Uuid;

use super::{EscalationLevel, Inquiry, InquiryOwnership, OwnershipReason};
use crate::roster::{DutyReasonKind as Because, Facts, Rank, Reason as Step, Resolved};

/// How it is found who answers for an inquiry from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owning {
    /// Whose turn it is, at the wish of this officer if of any.
    InTurn(Option<Uuid>),
    /// Who is above the desk, as it was left lying.
    Above,
    /// By a decision.
    Decided {
        /// Who.
        officer_id: Uuid,
        /// Why.
        reason: Reason,
        /// Who decided it.
        by_id: Uuid,
    },
}

impl Inquiry {
    /// Gives the inquiry to whom it belongs from now on, and answers with who had it when that was another.
    pub(super) fn own(&mut self, owning: Owning, now: DateTime<Utc>) -> Option<InquiryOwnership> {
        let next = match owning {
            Owning::Decided { officer_id, reason, by_id } => Some(InquiryOwnership {
                by_id: Some(by_id),
                ..InquiryOwnership::new(officer_id, reason, now)
            }),
            Owning::InTurn(by_id) => {
                let next = self.in_turn(&*self.roster.clone()?, now);
                next.map(|next| InquiryOwnership { by_id, ..next })
            }
            Owning::Above => self.above(&*self.roster.clone()?, now),
        };
        let is_same = match (&self.owner, &next) {
            (Some(before), Some(next)) => before.is_like(next),
            (before, next) => before.is_none() && next.is_none(),
        };
        if is_same {
            return None;
        }
        let past = std::mem::replace(&mut self.owner, next);
        past.map(|past| InquiryOwnership { until: Some(now), ..past })
    }

    /// Whose turn it is. Who took it on after it was left lying keeps it.
    fn in_turn(&self, roster: &Facts, now: DateTime<Utc>) -> Option<InquiryOwnership> {
        let at_desk = self.escalation == EscalationLevel::Desk;
        let mine = |assignee: &Uuid| {
            roster.is_at_work(*assignee, now) && (at_desk || self.is_owned_by(*assignee))
        };
        match self.assignee_id.filter(mine) {
            Some(assignee) if self.is_owned_by(assignee) => self.owner.clone(),
            Some(assignee) => Some(InquiryOwnership::new(assignee, Reason::Returned, now)),
            None if at_desk => Some(InquiryOwnership::by_roster(&roster.on_duty(now)?, now)),
            None => self.above(roster, now),
        }
    }

    fn above(&self, roster: &Facts, now: DateTime<Utc>) -> Option<InquiryOwnership> {
        let rank = match self.escalation {
            EscalationLevel::County => Rank::CountyAdmin,
            EscalationLevel::Desk | EscalationLevel::Chief => Rank::StationChief,
        };
        Some(InquiryOwnership::new(roster.above(rank, now)?, Reason::Escalated, now))
    }

    fn is_owned_by(&self, officer_id: Uuid) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.officer_id == officer_id)
    }
}

impl InquiryOwnership {
    fn new(officer_id: Uuid, reason: Reason, since: DateTime<Utc>) -> Self {
        let (shift_id, covers_id, by_id) = (None, None, None);
        let reason = reason.into();
        Self { reason, since, until: None, officer_id, shift_id, covers_id, by_id }
    }

    fn by_roster(duty: &Resolved, now: DateTime<Utc>) -> Self {
        // What led to somebody who was passed over explains nothing.
        let passed = |one: &Step| one.because == Because::PassedOver;
        let steps = duty.reasons.rsplit(passed).next().unwrap_or_default();
        let because = steps.last().map_or(Because::Anybody, |step| step.because);
        let covers_id = match steps {
            [.., away, last] if last.because == Because::Leave => Some(away.officer_id),
            _ => None,
        };
        let shift_id = steps.iter().find_map(|step| step.shift_id);
        Self { shift_id, covers_id, ..Self::new(duty.officer_id, reason(because), now) }
    }

    /// Whether it is the same in another's eyes: the same officer, who was named by the roster both times, or by the
    /// same kind of decision.
    fn is_like(&self, next: &Self) -> bool {
        self.officer_id == next.officer_id
            && (self.reason == next.reason || self.reason.is_duty() && next.reason.is_duty())
    }
}

impl OwnershipReason {
    /// Whether the roster says so.
    fn is_duty(self) -> bool {
        !matches!(
            self,
            Self::Assigned | Self::Claimed | Self::Returned | Self::HandedOver | Self::Escalated
        )
    }
}

fn reason(because: Because) -> Reason {
    match because {
        Because::VillageShift => Reason::VillageShift,
        Because::StationShift => Reason::StationShift,
        Because::Swap => Reason::Swap,
        Because::Leave => Reason::Covers,
        Because::LeadPosting => Reason::LeadPosting,
        Because::AuxiliaryPosting => Reason::AuxiliaryPosting,
        Because::CoverPosting => Reason::CoverPosting,
        Because::Chief => Reason::Chief,
        Because::CountyAdmin => Reason::CountyAdmin,
        Because::Anybody | Because::PassedOver => Reason::Anybody,
    }
}

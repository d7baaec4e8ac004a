//! What becomes of an inquiry: everything about it that follows from a change, in one place.

use chrono::{DateTime, Utc};
use entity::inquiry::{Category, Escalation, Priority, Status};
use uuid::Uuid;

use super::state::waiting_on;
use super::{Inquiry, InquiryOwnership, Owning};
use crate::deadline::{Due, Policy, Step, Stopwatch, above};

/// What is to be changed of an inquiry; `None` leaves it as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// Where it stands.
    pub status: Option<Status>,
    /// What it is about.
    pub category: Option<Category>,
    /// How much it presses.
    pub priority: Option<Priority>,
    /// Who takes it on, or nobody.
    pub assignee_id: Option<Option<Uuid>>,
    /// Who answers for it.
    pub owner: Option<Owning>,
    /// Whether only named people see it.
    pub sealed: Option<bool>,
    /// The last message that the household sees.
    pub last_message_id: Option<Uuid>,
}

/// An inquiry after a change.
#[derive(Clone)]
pub struct Changed {
    /// The inquiry.
    pub after: Inquiry,
    /// When it is escalated next.
    pub timer_at: Option<DateTime<Utc>>,
    /// Who answered for it until then, when somebody else does now.
    pub past_owner: Option<InquiryOwnership>,
}

impl Changed {
    /// An inquiry that is opened.
    pub fn opened(mut new: Inquiry, policy: &Policy) -> Self {
        let targets = policy.targets(new.category.into(), new.priority.into());
        let clock = Stopwatch::start(targets, new.opened_at, &policy.calendar);
        new.aim(clock);
        new.own(Owning::InTurn(None), new.opened_at);
        Self::of(new, policy, None)
    }

    /// An inquiry after a change, which was read with its clock.
    pub fn by(change: Change, before: &Inquiry, now: DateTime<Utc>, policy: &Policy) -> Self {
        let mut after = before.clone();
        after.version = before.version.saturating_add(1);
        after.updated_at = now;
        after.category = change.category.map_or(before.category, Into::into);
        after.priority = change.priority.map_or(before.priority, Into::into);
        after.sealed = change.sealed.unwrap_or(before.sealed);
        after.assignee_id = change.assignee_id.unwrap_or(before.assignee_id);
        after.last_message_id = change.last_message_id.or(before.last_message_id);
        let mut steps = Vec::new();
        if (after.category, after.priority) != (before.category, before.priority) {
            let targets = policy.targets(after.category.into(), after.priority.into());
            steps.push(Step::Sorted(targets));
        }
        if let Some(status) = change.status {
            after.status = status.into();
            after.waiting_on = waiting_on(status);
            if after.waiting_on != before.waiting_on {
                after.waiting_since = now;
            }
            after.resolved_at = (status == Status::Resolved).then_some(now);
            steps.extend(step(before.status.into(), status));
        }
        if !steps.is_empty() {
            let kept = before.stopwatch.clone().flatten();
            let clock = kept.unwrap_or_else(|| before.clock_of_old(policy));
            let step = |clock: Stopwatch, step| clock.after(step, now, &policy.calendar);
            after.aim(steps.into_iter().fold(clock, step));
        }
        // What comes down to the desk again is somebody's there.
        let came_down =
            after.escalation != before.escalation && change.status != Some(Status::Resolved);
        let owning = change.owner.or(came_down.then_some(Owning::InTurn(None)));
        let past_owner = owning.and_then(|owning| after.own(owning, now));
        Self::of(after, policy, past_owner)
    }

    /// An inquiry whose deadline ran out: who is above sees to it from now on.
    pub fn escalated(before: &Inquiry, now: DateTime<Utc>, policy: &Policy) -> Self {
        let mut after = before.clone();
        after.escalation = above(before.escalation.into()).into();
        let past_owner = after.own(Owning::Above, now);
        Self::of(after, policy, past_owner)
    }

    /// An inquiry whose running clock goes by another calendar from now on.
    pub fn by_calendar(before: &Inquiry, policy: &Policy) -> Self {
        let mut after = before.clone();
        if let Some(clock) = before.stopwatch.clone().flatten() {
            let level = after.escalation;
            after.aim(clock.by(&policy.calendar));
            after.escalation = level;
        }
        Self::of(after, policy, None)
    }

    fn of(after: Inquiry, policy: &Policy, past_owner: Option<InquiryOwnership>) -> Self {
        let clock = after.stopwatch.as_ref().and_then(Option::as_ref);
        let level = after.escalation.into();
        let timer_at = clock.and_then(|clock| clock.timer(level, &policy.calendar));
        Self { after, timer_at, past_owner }
    }
}

impl Inquiry {
    /// Goes by this clock. When something else is due than before, the desk has to see to it again.
    fn aim(&mut self, clock: Stopwatch) {
        let due_at = clock.due().map(Due::at);
        if due_at != self.due_at {
            self.escalation = Escalation::Desk.into();
        }
        self.due_at = due_at;
        self.stopwatch = Some(Some(clock));
    }

    /// The clock of an inquiry from before clocks were kept, as far as it can be told.
    fn clock_of_old(&self, policy: &Policy) -> Stopwatch {
        let targets = policy.targets(self.category.into(), self.priority.into());
        let clock = Stopwatch::start(targets, self.opened_at, &policy.calendar);
        let step = match Status::from(self.status) {
            Status::Open => return clock,
            Status::WaitingForResident => Step::Replied,
            Status::WaitingForOfficer => {
                let answered = clock.after(Step::Replied, self.opened_at, &policy.calendar);
                return answered.after(Step::ResidentWrote, self.waiting_since, &policy.calendar);
            }
            Status::Resolved => Step::Resolved,
        };
        clock.after(step, self.waiting_since, &policy.calendar)
    }
}

/// What a change of status is to the clock.
fn step(before: Status, after: Status) -> Option<Step> {
    match (before, after) {
        (Status::Resolved, Status::Resolved) => None,
        (_, Status::Resolved) => Some(Step::Resolved),
        (Status::Resolved, _) => Some(Step::Reopened),
        (_, Status::WaitingForResident) => Some(Step::Replied),
        (_, Status::WaitingForOfficer) => Some(Step::ResidentWrote),
        (_, Status::Open) => None,
    }
}

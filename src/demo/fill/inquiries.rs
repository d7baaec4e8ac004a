//! The inquiries. Each goes through the service's own state machine, line by line, so that it stands
//! where it would stand had it been asked and answered here.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::inquiry::{self, Escalation, Priority, Status};
use entity::inquiry_ownership::{self, Reason};
use entity::inquiry_reader;
use entity::message::{self, Direction};
use indicatif::ProgressBar;
use serde_json::json;
use uuid::Uuid;

use super::households::Town;
use super::{Asking, CHINA, Leads, SEED, id_at};
use crate::calendar::{self, Calendar};
use crate::category::InquiryCategory;
use crate::db::Tx;
use crate::deadline::{Due, Step, Stopwatch, Targets, above};
use crate::demo::DemoError;
use crate::demo::content::inquiries::{MadeUpInquiry, MadeUpTurn, inquiries};
use crate::demo::content::talks::{Category, Speaker};
use crate::demo::store;
use crate::event::{Draft, Kind};
use crate::inquiry::{Move, next, waiting_on};

/// Steps of the progress bar that are left for the inquiries.
const STEPS: usize = 10;
/// Room after the last line, in which an inquiry is resolved: seconds.
const ROOM: i64 = 60;

/// Adds so many inquiries of those who ask.
pub async fn fill(
    tx: &Tx,
    town: Town,
    leads: &Leads,
    now: DateTime<Utc>,
    count: usize,
    progress: &ProgressBar,
) -> Result<(), DemoError> {
    let local = now.naive_utc() + TimeDelta::seconds(CHINA.into());
    let mut made: Vec<(DateTime<Utc>, MadeUpInquiry)> = (0..)
        .zip(inquiries(SEED, local, &town.askers, count)?)
        .map(|(nth, made): (i64, _)| {
            let jitter = TimeDelta::milliseconds(ROOM * 1000 + nth * 7919 % 60_000);
            (now - TimeDelta::minutes(made.opened_minutes_ago.into()) - jitter, made)
        })
        .collect();
    made.sort_by_key(|(opened_at, _)| *opened_at);
    let calendar = calendar::current_in(tx).await?;
    let superiors = store::superiors(tx).await?;
    let mut events = town.lately;
    for part in made.chunks(made.len().div_ceil(STEPS).max(1)) {
        let (mut rows, mut messages, mut readers) = (Vec::new(), Vec::new(), Vec::new());
        let mut owners = Vec::new();
        for (opened_at, made) in part {
            let Some(asking) = town.asking.get(made.household_index) else { continue };
            let lead = leads.get(&asking.village_code).copied();
            let mut told = Told::begin(*opened_at, made, asking, lead, &calendar);
            told.tell(made, asking, &calendar);
            told.escalate(now, &calendar, &superiors);
            let row = told.row(&calendar)?;
            readers.extend(row.assignee_id.or(lead).filter(|_| row.sealed).map(|officer_id| {
                let (inquiry_id, since) = (row.id, row.opened_at);
                let reason = inquiry_reader::Reason::OnDuty;
                inquiry_reader::Model { inquiry_id, officer_id, since, named_by: None, reason }
            }));
            rows.push(row);
            messages.extend(told.messages);
            owners.extend(told.owners);
            events.extend(told.events);
        }
        store::add(tx, rows).await?;
        store::add(tx, messages).await?;
        store::add_owners(tx, owners).await?;
        store::add(tx, readers).await?;
        progress.inc(1);
    }
    events.sort_by_key(|event: &Draft| event.at);
    store::record(tx, events).await?;
    Ok(())
}

/// An inquiry as far as it is told.
struct Told {
    row: inquiry::Model,
    clock: Stopwatch,
    lead: Option<Uuid>,
    messages: Vec<message::Model>,
    owners: Vec<inquiry_ownership::Model>,
    events: Vec<Draft>,
}

impl Told {
    fn begin(
        opened_at: DateTime<Utc>,
        made: &MadeUpInquiry,
        asking: &Asking,
        lead: Option<Uuid>,
        calendar: &Calendar,
    ) -> Self {
        let row = inquiry::Model {
            id: id_at(opened_at),
            household_id: asking.household_id,
            village_code: asking.village_code.clone(),
            township_code: asking.village_code.chars().take(9).collect(),
            category: category_of(made.category),
            status: Status::Open,
            subject: made.subject.clone(),
            assignee_id: None,
            last_message_id: None,
            version: 1,
            opened_at,
            updated_at: opened_at,
            resolved_at: None,
            priority: Priority::Normal,
            waiting_since: opened_at,
            due_at: None,
            timer_at: None,
            escalation: Escalation::Desk,
            stopwatch: None,
            due_calendar: None,
            owner_id: lead,
            owner_reason: lead.map(|_| Reason::LeadPosting),
            owner_since: lead.map(|_| opened_at),
            owner_shift_id: None,
            owner_covers_id: None,
            owner_by_id: None,
            sealed: InquiryCategory::from(category_of(made.category)).is_sealed(),
            erased_at: None,
        };
        let targets = Targets::preset(row.category, row.priority);
        let clock = Stopwatch::start(targets, opened_at, calendar);
        let (messages, owners, events) = (Vec::new(), Vec::new(), Vec::new());
        let mut told = Self { row, clock, lead, messages, owners, events };
        let detail = json!({ "status": "OPEN", "sealed": told.row.sealed });
        told.happened(Kind::InquirySubmitted, opened_at, detail);
        told
    }

    fn tell(&mut self, made: &MadeUpInquiry, asking: &Asking, calendar: &Calendar) {
        let opened_at = self.row.opened_at;
        let mut at = opened_at;
        for (nth, turn) in (0_i64..).zip(&made.turns) {
            let minutes = TimeDelta::minutes(turn.minutes_after_opening.into());
            let seconds = TimeDelta::milliseconds(nth * 17_389 % (ROOM * 500));
            at = (opened_at + minutes + seconds).max(at + TimeDelta::seconds(nth.min(1)));
            match turn.from {
                Speaker::Resident => self.hear(turn, asking.contact_id, at, nth > 0, calendar),
                // The automatic reply is nobody's, and nobody's turn is over with it.
                Speaker::Officer if is_automatic(turn) => {
                    self.say(turn, Direction::Outbound, None, None, at);
                }
                Speaker::Officer => {
                    self.assign(at);
                    self.say(turn, Direction::Outbound, self.lead, None, at);
                    self.step(Move::OfficerReplied, at, calendar);
                }
                Speaker::Note => {
                    self.assign(at);
                    self.say(turn, Direction::InternalNote, self.lead, None, at);
                }
            }
        }
        if made.resolved {
            let at = at + TimeDelta::seconds(1);
            self.step(Move::Resolved, at, calendar);
            self.row.resolved_at = Some(at);
        }
    }

    fn hear(
        &mut self,
        turn: &MadeUpTurn,
        contact_id: Uuid,
        at: DateTime<Utc>,
        again: bool,
        calendar: &Calendar,
    ) {
        self.say(turn, Direction::Inbound, None, Some(contact_id), at);
        if again {
            self.step(Move::ResidentWrote, at, calendar);
        }
    }

    fn say(
        &mut self,
        turn: &MadeUpTurn,
        direction: Direction,
        officer_id: Option<Uuid>,
        contact_id: Option<Uuid>,
        at: DateTime<Utc>,
    ) {
        let id = id_at(at);
        self.messages.push(message::Model {
            id,
            inquiry_id: self.row.id,
            direction,
            officer_id,
            contact_id,
            text: turn.text.clone(),
            sent_at: at,
            guide_version_id: None,
            via: message::Via::App,
            recalled_at: None,
            automatic: direction == Direction::Outbound && officer_id.is_none(),
        });
        if direction != Direction::InternalNote {
            self.row.last_message_id = Some(id);
        }
        self.happened(Kind::MessageAdded, at, json!({ "message": id }));
    }

    /// The first officer who answers takes the inquiry on.
    fn assign(&mut self, at: DateTime<Utc>) {
        if self.row.assignee_id.is_none() && self.lead.is_some() {
            self.row.assignee_id = self.lead;
            self.own(self.lead, Reason::Claimed, at);
            self.row.owner_by_id = self.lead;
            self.change(self.row.status, at);
        }
    }

    fn step(&mut self, made: Move, at: DateTime<Utc>, calendar: &Calendar) {
        let Some(status) = next(self.row.status, made) else { return };
        self.change(status, at);
        let step = match made {
            Move::ResidentWrote => Step::ResidentWrote,
            Move::OfficerReplied => Step::Replied,
            Move::Resolved => Step::Resolved,
            Move::Reopened => Step::Reopened,
        };
        self.clock = self.clock.clone().after(step, at, calendar);
    }

    /// From now on somebody answers for it.
    fn own(&mut self, officer_id: Option<Uuid>, reason: Reason, at: DateTime<Utc>) {
        let row = &mut self.row;
        if let (Some(officer), Some(reason), Some(since)) =
            (row.owner_id, row.owner_reason, row.owner_since)
        {
            self.owners.push(inquiry_ownership::Model {
                // The database numbers them.
                id: 0,
                inquiry_id: row.id,
                officer_id: officer,
                reason,
                since,
                until: at,
                shift_id: None,
                covers_id: None,
                by_id: row.owner_by_id,
            });
        }
        row.owner_id = officer_id;
        row.owner_reason = officer_id.map(|_| reason);
        row.owner_since = officer_id.map(|_| at);
        row.owner_by_id = None;
    }

    /// What was left lying goes up, as the timers would have seen to.
    fn escalate(
        &mut self,
        now: DateTime<Utc>,
        calendar: &Calendar,
        (chiefs, admin): &(HashMap<String, Uuid>, Option<Uuid>),
    ) {
        while let Some(at) = self.clock.timer(self.row.escalation, calendar).filter(|at| *at <= now)
        {
            let before = self.row.escalation;
            self.row.escalation = above(before);
            let owner = match self.row.escalation {
                Escalation::County => *admin,
                _ => chiefs.get(&self.row.township_code).copied(),
            };
            self.own(owner, Reason::Escalated, at);
            let detail = json!({ "before": store::name_of(before),
                "after": store::name_of(self.row.escalation), "owner": owner });
            self.happened(Kind::InquiryEscalated, at, detail);
        }
    }

    /// The row of the inquiry as it is now.
    fn row(&self, calendar: &Calendar) -> Result<inquiry::Model, DemoError> {
        let mut row = self.row.clone();
        row.due_at = self.clock.due().map(Due::at);
        row.timer_at = self.clock.timer(row.escalation, calendar);
        row.due_calendar = self.clock.due_calendar();
        row.stopwatch = Some(serde_json::to_value(&self.clock)?);
        Ok(row)
    }

    fn change(&mut self, status: Status, at: DateTime<Utc>) {
        let detail = json!({ "before": store::name_of(self.row.status), "after": store::name_of(status),
                "sealed": { "before": self.row.sealed, "after": self.row.sealed } });
        self.happened(Kind::InquiryChanged, at, detail);
        if waiting_on(self.row.status) != waiting_on(status) {
            self.row.waiting_since = at;
        }
        self.row.status = status;
        self.row.version += 1;
        self.row.updated_at = at;
    }

    fn happened(&mut self, kind: Kind, at: DateTime<Utc>, detail: serde_json::Value) {
        self.events.push(Draft {
            kind,
            at,
            place: Some((self.row.village_code.clone(), self.row.township_code.clone())),
            household_id: Some(self.row.household_id),
            subject_id: self.row.id,
            detail,
        });
    }
}

fn is_automatic(turn: &MadeUpTurn) -> bool {
    turn.text.starts_with("【自动回复】")
}

fn category_of(category: Category) -> inquiry::Category {
    use Category as Made;
    use inquiry::Category as Stored;
    match category {
        Made::BirthRegistration => Stored::BirthRegistration,
        Made::HouseholdMove => Stored::HouseholdMove,
        Made::HouseholdSplit => Stored::HouseholdSplit,
        Made::NameChange => Stored::NameChange,
        Made::HouseholdCancellation => Stored::HouseholdCancellation,
        Made::IdCard => Stored::IdCard,
        Made::ResidencePermit => Stored::ResidencePermit,
        Made::EntryExit => Stored::EntryExit,
        Made::Traffic => Stored::Traffic,
        Made::NoCriminalRecord => Stored::NoCriminalRecord,
        Made::Dispute => Stored::Dispute,
        Made::HelpRequest => Stored::HelpRequest,
        Made::PublicSecurityLead => Stored::PublicSecurityLead,
        Made::FraudAdvice => Stored::FraudAdvice,
        Made::TransferTo12345 => Stored::TransferTo12345,
        Made::Complaint => Stored::Complaint,
        Made::Other => Stored::Other,
    }
}

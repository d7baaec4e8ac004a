//! How inquiries and messages are stored.

use std::sync::Arc;

use async_graphql::Lookahead;
use chrono::NaiveDate;
use entity::access_log::LookedAt;
use entity::inquiry::{Category, Escalation, Priority, Status};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{DbBackend, DbErr, Value};
use uuid::Uuid;

use super::state::waiting_on;
use super::{DraftLock, Inquiry, InquiryFilter, InquiryOrder, Message, WaitingOn};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sighting, Sort, area, area::column};
use crate::error::Result;
use crate::household::{Household, HouseholdWith};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Columns, Needs, Record};
use crate::request::Request;
use crate::urgent;

mod message;
mod moving;
mod desk;
mod outdated;
mod owner;
pub mod seal;
mod writing;

pub use desk::{Area, area_of, let_go, unseen};
pub use message::{conversation, forget_contact, insert_message, insert_message_now, recall, way};
pub use moving::{follow_households, left_behind};
pub use outdated::Outdated;
pub use owner::{PastOwners, add_roster, household, household_once, lock_all, with_roster};
pub use writing::{insert, status_name, update, update_all};

/// The columns of an inquiry.
const COLUMNS: [&str; 25] = [
    "id",
    "category",
    "status",
    "subject",
    "opened_at",
    "updated_at",
    "household_id",
    "last_message_id",
    "priority",
    "waiting_since",
    "sealed",
    "version",
    "resolved_at",
    "village_code",
    "township_code",
    "assignee_id",
    "due_at",
    "escalation",
    "owner_id",
    "owner_reason",
    "owner_since",
    "owner_shift_id",
    "owner_covers_id",
    "owner_by_id",
    "erased_at",
];
/// Those that are always read: whether that it is shown has to be noted.
const ALWAYS: Columns = columns(&["id", "household_id", "sealed"]);

/// What fields need besides, whatever is brought along.
const FIELDS: [Needs; 17] = [
    ("__typename", ALWAYS),
    ("id", ALWAYS),
    ("category", columns(&["category"])),
    ("status", columns(&["status"])),
    ("waitingOn", columns(&["status"])),
    ("waitingSince", columns(&["waiting_since"])),
    ("priority", columns(&["priority"])),
    ("sealed", ALWAYS),
    ("subject", columns(&["subject"])),
    ("openedAt", columns(&["opened_at"])),
    ("updatedAt", columns(&["updated_at"])),
    ("household", ALWAYS),
    ("lastMessage", columns(&["last_message_id"])),
    ("messages", ALWAYS),
    ("deadline", ALWAYS),
    ("draftLock", ALWAYS),
    ("rating", ALWAYS),
];

const fn columns(names: &[&str]) -> Columns {
    Columns::named(names, &COLUMNS)
}

/// What is brought along with an inquiry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InquiryWith {
    /// Its household, and what is brought along with that.
    pub household: Option<HouseholdWith>,
    /// Its last message.
    pub last_message: bool,
    /// Its clock.
    pub stopwatch: bool,
    /// Who holds its draft lock.
    pub draft_lock: bool,
    /// Which of its columns; the rest is empty.
    pub columns: Columns,
}

impl Record for Inquiry {
    type Filter = InquiryFilter;
    type Order = InquiryOrder;
    type With = InquiryWith;

    const READ: Act = Act::ReadInquiry;
    const KIND: Kind = Kind::Inquiry;
    const KEY: Column = ("inquiry", "id");
    const PLACE: Place = Place {
        township: Some(("inquiry", "township_code")),
        village: Some(("inquiry", "village_code")),
        household: Some(("inquiry", "household_id")),
        sealed: true,
        ..Place::NOWHERE
    };

    fn with(request: &Request, wanted: &Lookahead<'_>) -> InquiryWith {
        let household = wanted.field("household");
        InquiryWith {
            household: (household.exists() && request.may_join(Self::READ, Household::READ))
                .then(|| Household::with(request, &household)),
            last_message: wanted.field("lastMessage").exists()
                && request.may_join(Self::READ, Message::READ),
            stopwatch: wanted.field("deadline").exists(),
            draft_lock: wanted.field("draftLock").exists(),
            columns: Columns::asked(wanted, ALWAYS, &FIELDS),
        }
    }

    fn ordered(with: InquiryWith, order: InquiryOrder) -> InquiryWith {
        let first = columns(&[first_of(order)]);
        InquiryWith { columns: with.columns.and(first), ..with }
    }

    fn select(with: InquiryWith) -> SelectStatement {
        let mut select = record::from("inquiry", &with.columns.of(&COLUMNS));
        if with.stopwatch {
            record::add(&mut select, "inquiry", &["stopwatch"]);
        }
        if with.draft_lock {
            record::left_join(&mut select, "draft_lock", "inquiry_id", Self::KEY);
            record::add(&mut select, "draft_lock", &["until", "officer_id"]);
        }
        if let Some(household) = with.household {
            record::join(&mut select, "household", "id", ("inquiry", "household_id"));
            household.add(&mut select);
        }
        if with.last_message {
            record::left_join(&mut select, "message", "id", ("inquiry", "last_message_id"));
            record::add(&mut select, "message", &message::COLUMNS);
            record::add_seal(&mut select);
        }
        select
    }

    fn read(cells: &mut Cells<'_>, with: InquiryWith) -> Result<Self, DbErr> {
        let mut own = with.columns.read(cells);
        let id = GlobalId::new(Kind::Inquiry, own.take::<Uuid>()?);
        let category = own.take_or(Category::Other)?;
        let status = own.take_or(Status::Open)?;
        let mut inquiry = Self {
            id,
            category: category.into(),
            status: status.into(),
            waiting_on: waiting_on(status),
            subject: own.take()?,
            opened_at: own.take()?,
            updated_at: own.take()?,
            household_id: own.take()?,
            last_message_id: own.take()?,
            priority: own.take_or(Priority::Normal)?.into(),
            waiting_since: own.take()?,
            sealed: own.take()?,
            version: own.take()?,
            resolved_at: own.take()?,
            village_code: own.take()?,
            township_code: own.take()?,
            assignee_id: own.take()?,
            due_at: own.take()?,
            escalation: own.take_or(Escalation::Desk)?.into(),
            owner: owner::read(&mut own)?,
            erased_at: own.take()?,
            roster: None,
            stopwatch: None,
            draft_lock: None,
            household: None,
            last_message: None,
        };
        inquiry.shown(cells);
        if with.stopwatch {
            let kept: Option<serde_json::Value> = cells.take()?;
            let read = |kept| serde_json::from_value(kept).map_err(|_| unreadable());
            inquiry.stopwatch = Some(kept.map(read).transpose()?);
        }
        if with.draft_lock {
            let (until, officer_id) = (cells.take()?, cells.take()?);
            let held = |(until, officer_id)| DraftLock { until, officer_id };
            inquiry.draft_lock = Some(Option::zip(until, officer_id).map(held));
        }
        inquiry.household =
            with.household.map(|with| Household::read(cells, with).map(Arc::new)).transpose()?;
        if with.last_message && inquiry.last_message_id.is_some() {
            inquiry.last_message = Some(Arc::new(Message::read(cells, ())?));
        }
        Ok(inquiry)
    }

    fn keep(filter: &InquiryFilter, select: &mut SelectStatement, backend: DbBackend) {
        let is = |name| column(("inquiry", name));
        if let Some(code) = &filter.area_code {
            select.and_where(area::in_division(Self::PLACE, &code.0));
        }
        if let Some(id) = filter.household_id.as_ref().and_then(known) {
            select.and_where(is("household_id").eq(id));
        }
        if let Some(id) = filter.assignee_id.as_ref().and_then(known) {
            select.and_where(is("assignee_id").eq(id));
        }
        match filter.assigned {
            Some(true) => select.and_where(is("assignee_id").is_not_null()),
            Some(false) => select.and_where(is("assignee_id").is_null()),
            None => select,
        };
        if let Some(id) = filter.owner_id.as_ref().and_then(known) {
            select.and_where(is("owner_id").eq(id));
        }
        if let Some((officer_id, at)) = filter.mine {
            select.and_where(owner::is_work_of(officer_id, at, backend));
        }
        if let Some(categories) = &filter.categories {
            let categories = categories.iter().map(|category| Category::from(*category));
            select.and_where(is("category").is_in(categories));
        }
        match filter.urgent {
            Some(true) => select.and_where(urgent::alarming()),
            Some(false) => select.and_where(urgent::alarming().not()),
            None => select,
        };
        keep_status(filter, select);
        if let Some(priorities) = &filter.priorities {
            let priorities = priorities.iter().map(|priority| Priority::from(*priority));
            select.and_where(is("priority").is_in(priorities));
        }
        if let Some(levels) = &filter.escalations {
            let levels = levels.iter().map(|level| Escalation::from(*level));
            select.and_where(is("escalation").is_in(levels));
        }
        if let Some(before) = filter.due_before {
            select.and_where(is("due_at").lt(before));
        }
        if let Some(day) = filter.follow_up_until {
            select.and_where(is("id").in_subquery(to_follow_up(day.0)));
        }
        if let Some(since) = filter.opened_since {
            select.and_where(is("opened_at").gte(since));
        }
        if let Some(before) = filter.opened_before {
            select.and_where(is("opened_at").lt(before));
        }
        if let Some(since) = filter.updated_since {
            select.and_where(is("updated_at").gte(since));
        }
        if let Some(before) = filter.updated_before {
            select.and_where(is("updated_at").lt(before));
        }
    }

    fn sort(order: InquiryOrder) -> Sort {
        let descending = matches!(order, InquiryOrder::OpenedAtDesc | InquiryOrder::UpdatedAtDesc);
        Sort { columns: vec![("inquiry", first_of(order)), Self::KEY], descending }
    }

    fn sort_values(&self, order: InquiryOrder) -> Vec<Value> {
        let first = match order {
            InquiryOrder::OpenedAtDesc | InquiryOrder::OpenedAtAsc => self.opened_at,
            InquiryOrder::UpdatedAtDesc | InquiryOrder::UpdatedAtAsc => self.updated_at,
            InquiryOrder::WaitingSinceAsc => self.waiting_since,
        };
        vec![first.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

impl Inquiry {
    /// Notes that it was shown, when it is sealed.
    fn shown(&self, cells: &Cells<'_>) {
        if self.sealed {
            cells.shows(Sighting {
                looked_at: LookedAt::Inquiry,
                household_id: self.household_id,
                inquiry_id: Some(self.id.uuid()),
            });
        }
    }
}

/// The first column of an order; the second is the key.
fn first_of(order: InquiryOrder) -> &'static str {
    match order {
        InquiryOrder::OpenedAtDesc | InquiryOrder::OpenedAtAsc => "opened_at",
        InquiryOrder::UpdatedAtDesc | InquiryOrder::UpdatedAtAsc => "updated_at",
        InquiryOrder::WaitingSinceAsc => "waiting_since",
    }
}

fn unreadable() -> DbErr {
    DbErr::Type("the clock of an inquiry cannot be read".to_owned())
}

/// An id that [`InquiryFilter::checked`] has let through.
fn known(id: &async_graphql::ID) -> Option<Uuid> {
    GlobalId::parse(id).ok().map(|id| id.uuid())
}

/// The inquiries whose referrals are to be followed up on this day or earlier.
fn to_follow_up(day: NaiveDate) -> SelectStatement {
    let is = |name| column(("referral", name));
    Query::select()
        .expr(is("inquiry_id"))
        .from("referral")
        .and_where(is("closed_at").is_null())
        .and_where(is("follow_up_on").lte(day))
        .take()
}

/// Both the statuses and the waiting side narrow the list. What is unresolved is said in the words
/// of the partial indexes.
fn keep_status(filter: &InquiryFilter, select: &mut SelectStatement) {
    if filter.statuses.is_none() && filter.waiting_on.is_none() {
        return;
    }
    let wanted = |status: &Status| {
        let listed = filter
            .statuses
            .as_ref()
            .is_none_or(|statuses| statuses.iter().any(|one| Status::from(*one) == *status));
        listed && filter.waiting_on.is_none_or(|side| waiting_on(*status) == side)
    };
    let all =
        [Status::Open, Status::WaitingForResident, Status::WaitingForOfficer, Status::Resolved];
    let kept: Vec<Status> = all.into_iter().filter(wanted).collect();
    if !kept.contains(&Status::Resolved) {
        select.and_where(Expr::cust("inquiry.status <> 'RESOLVED'"));
    }
    if kept.len() < 3 || filter.waiting_on == Some(WaitingOn::Nobody) {
        select.and_where(column(("inquiry", "status")).is_in(kept));
    }
}

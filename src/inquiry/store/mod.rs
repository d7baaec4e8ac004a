//! How inquiries and messages are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::inquiry::{Category, Status};
use entity::{inquiry, officer, posting, station};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ActiveEnum,
    ActiveValue::{NotSet, Set},
    ColumnTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Value,
};
use uuid::Uuid;

use super::state::waiting_on;
use super::{Inquiry, InquiryFilter, InquiryOrder, Message, WaitingOn};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area, area::column, changed_one};
use crate::error::Result;
use crate::household::{Household, HouseholdWith};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

mod message;
mod moving;
mod outdated;

pub use message::{forget_contact, insert_message};
pub use moving::{follow_households, left_behind};
pub use outdated::Outdated;

const INQUIRY_COLUMNS: [&str; 13] = [
    "id",
    "category",
    "status",
    "subject",
    "version",
    "opened_at",
    "updated_at",
    "resolved_at",
    "household_id",
    "village_code",
    "township_code",
    "assignee_id",
    "last_message_id",
];

/// What is brought along with an inquiry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InquiryWith {
    /// Its household, and what is brought along with that.
    pub household: Option<HouseholdWith>,
    /// Its last message.
    pub last_message: bool,
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
        ..Place::NOWHERE
    };

    fn with(request: &Request, wanted: &Lookahead<'_>) -> InquiryWith {
        let household = wanted.field("household");
        InquiryWith {
            household: (household.exists() && request.may_join(Self::READ, Household::READ))
                .then(|| Household::with(request, &household)),
            last_message: wanted.field("lastMessage").exists()
                && request.may_join(Self::READ, Message::READ),
        }
    }

    fn select(with: InquiryWith) -> SelectStatement {
        let mut select = record::from("inquiry", &INQUIRY_COLUMNS);
        if let Some(household) = with.household {
            record::join(&mut select, "household", "id", ("inquiry", "household_id"));
            household.add(&mut select);
        }
        if with.last_message {
            record::left_join(&mut select, "message", "id", ("inquiry", "last_message_id"));
            record::add(&mut select, "message", &message::COLUMNS);
        }
        select
    }

    fn read(cells: &mut Cells<'_>, with: InquiryWith) -> Result<Self, DbErr> {
        let id = GlobalId::new(Kind::Inquiry, cells.take::<Uuid>()?);
        let category: Category = cells.take()?;
        let status: Status = cells.take()?;
        let mut inquiry = Self {
            id,
            category: category.into(),
            status: status.into(),
            waiting_on: waiting_on(status),
            subject: cells.take()?,
            version: cells.take()?,
            opened_at: cells.take()?,
            updated_at: cells.take()?,
            resolved_at: cells.take()?,
            household_id: cells.take()?,
            village_code: cells.take()?,
            township_code: cells.take()?,
            assignee_id: cells.take()?,
            last_message_id: cells.take()?,
            household: None,
            last_message: None,
        };
        inquiry.household = with.household.map(|with| Household::read(cells, with)).transpose()?;
        if with.last_message && inquiry.last_message_id.is_some() {
            inquiry.last_message = Some(Message::read(cells, ())?);
        }
        Ok(inquiry)
    }

    fn keep(filter: &InquiryFilter, select: &mut SelectStatement, _: DbBackend) {
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
        if let Some(categories) = &filter.categories {
            let categories = categories.iter().map(|category| Category::from(*category));
            select.and_where(is("category").is_in(categories));
        }
        keep_status(filter, select);
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
        let (first, descending) = match order {
            InquiryOrder::OpenedAtDesc => ("opened_at", true),
            InquiryOrder::OpenedAtAsc => ("opened_at", false),
            InquiryOrder::UpdatedAtDesc => ("updated_at", true),
            InquiryOrder::UpdatedAtAsc => ("updated_at", false),
        };
        Sort { columns: vec![("inquiry", first), Self::KEY], descending }
    }

    fn sort_values(&self, order: InquiryOrder) -> Vec<Value> {
        let first = match order {
            InquiryOrder::OpenedAtDesc | InquiryOrder::OpenedAtAsc => self.opened_at,
            InquiryOrder::UpdatedAtDesc | InquiryOrder::UpdatedAtAsc => self.updated_at,
        };
        vec![first.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// An id that [`InquiryFilter::checked`] has let through.
fn known(id: &async_graphql::ID) -> Option<Uuid> {
    GlobalId::parse(id).ok().map(|id| id.uuid())
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

/// The name of a status, in the table and in the event log.
pub fn status_name(status: Status) -> String {
    status.to_value()
}

/// Adds an inquiry at the end of the change.
pub fn insert(tx: &mut Tx, new: &Inquiry) {
    tx.add(inquiry::ActiveModel {
        id: Set(new.id.uuid()),
        household_id: Set(new.household_id),
        village_code: Set(new.village_code.clone()),
        township_code: Set(new.township_code.clone()),
        category: Set(new.category.into()),
        status: Set(new.status.into()),
        subject: Set(new.subject.clone()),
        assignee_id: Set(new.assignee_id),
        last_message_id: Set(new.last_message_id),
        version: Set(new.version),
        opened_at: Set(new.opened_at),
        updated_at: Set(new.updated_at),
        resolved_at: Set(new.resolved_at),
    });
}

/// What is to be changed of an inquiry; `None` leaves it as it is.
#[derive(Default)]
pub struct Change {
    /// Where it stands.
    pub status: Option<Status>,
    /// What it is about.
    pub category: Option<Category>,
    /// Who takes it on, or nobody.
    pub assignee_id: Option<Option<Uuid>>,
    /// The last message that the household sees.
    pub last_message_id: Option<Uuid>,
}

/// Changes an inquiry as it was read.
pub async fn update(tx: &Tx, before: &Inquiry, change: Change, now: DateTime<Utc>) -> Result<()> {
    let row = inquiry::ActiveModel {
        status: change.status.map_or(NotSet, Set),
        resolved_at: match change.status {
            Some(Status::Resolved) => Set(Some(now)),
            Some(_) => Set(None),
            None => NotSet,
        },
        category: change.category.map_or(NotSet, Set),
        assignee_id: change.assignee_id.map_or(NotSet, Set),
        last_message_id: change.last_message_id.map_or(NotSet, |id| Set(Some(id))),
        version: Set(before.version.saturating_add(1)),
        updated_at: Set(now),
        ..Default::default()
    };
    let result = inquiry::Entity::update_many()
        .set(row)
        .filter(inquiry::Column::Id.eq(before.id.uuid()))
        .filter(inquiry::Column::Version.eq(before.version))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

/// Whether an inquiry lies in the area of an active officer.
pub async fn reaches(
    tx: &Tx,
    officer_id: Uuid,
    inquiry: &Inquiry,
    now: DateTime<Utc>,
) -> Result<bool> {
    let found = officer::Entity::find_by_id(officer_id)
        .filter(officer::Column::DeactivatedAt.is_null())
        .one(tx)
        .await?;
    let Some(found) = found else { return Ok(false) };
    Ok(match found.role {
        officer::Role::CountyAdmin => true,
        officer::Role::StationChief => match found.station_id {
            Some(id) => station::Entity::find_by_id(id)
                .one(tx)
                .await?
                .is_some_and(|station| station.township_code == inquiry.township_code),
            None => false,
        },
        officer::Role::Officer => {
            let posted = posting::Entity::find()
                .filter(posting::Column::OfficerId.eq(officer_id))
                .filter(posting::Column::VillageCode.eq(inquiry.village_code.as_str()))
                .filter(area::current(now))
                .count(tx)
                .await?;
            posted > 0
        }
        officer::Role::Analyst | officer::Role::Auditor => false,
    })
}

//! How households are stored.

use std::sync::Arc;

use async_graphql::Lookahead;
use chrono::DateTime;
use entity::household::Status;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{DbBackend, DbErr, Value};
use uuid::Uuid;

use super::search::{find_shown, find_text};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, area::column};
use crate::division::{Village, VillageWith, group_code, living_code};
use crate::household::{Household, HouseholdFilter, HouseholdOrder};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::Date;
use crate::text;

/// What a sealed address is sealed for.
pub const ADDRESS: &str = "household address";

/// The columns of a household: first those that its line in a list is made of.
const COLUMNS: [&str; 15] = [
    "id",
    "label",
    "door",
    "people_count",
    "status",
    "updated_at",
    "village_code",
    "township_code",
    "group_code",
    "address",
    "reachable",
    "confirmed_at",
    "next_visit_on",
    "version",
    "created_at",
];
/// How many of them make a line.
const OF_A_LINE: usize = 9;

/// The fields for which those are enough, whatever is brought along. What needs another column must not be here.
const FIELDS_OF_A_LINE: [&str; 13] = [
    "__typename",
    "id",
    "label",
    "door",
    "peopleCount",
    "status",
    "updatedAt",
    "village",
    "township",
    "group",
    "inquiries",
    "contacts",
    "visits",
];

/// What is brought along with a household.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HouseholdWith {
    /// Its village, and what is brought along with that.
    pub village: Option<VillageWith>,
    /// Only what its line in a list is made of; the rest is empty.
    pub line: bool,
}

impl HouseholdWith {
    /// Adds the columns of a household that is in the FROM already, and what is brought along.
    pub fn add(self, select: &mut SelectStatement) {
        let columns = if self.line { &COLUMNS[..OF_A_LINE] } else { &COLUMNS };
        record::add(select, "household", columns);
        if let Some(village) = self.village {
            village.join_village(select, ("household", "village_code"));
        }
    }
}

impl Record for Household {
    type Filter = HouseholdFilter;
    type Order = HouseholdOrder;
    type With = HouseholdWith;

    const READ: Act = Act::ReadHousehold;
    const KIND: Kind = Kind::Household;
    const KEY: Column = ("household", "id");
    const PLACE: Place = Place {
        township: Some(("household", "township_code")),
        village: Some(("household", "village_code")),
        household: Some(Self::KEY),
        ..Place::NOWHERE
    };

    fn with(request: &Request, wanted: &Lookahead<'_>) -> HouseholdWith {
        let village = wanted.field("village");
        HouseholdWith {
            village: village.exists().then(|| Village::with(request, &village)),
            line: record::asks_only(wanted, &FIELDS_OF_A_LINE),
        }
    }

    fn select(with: HouseholdWith) -> SelectStatement {
        let mut select = record::from("household", &[]);
        with.add(&mut select);
        select
    }

    fn read(cells: &mut Cells<'_>, with: HouseholdWith) -> Result<Self, DbErr> {
        let reveals = cells.reveals();
        let shown = |label: String| if reveals { label } else { text::masked_label(&label) };
        let mut household = Self {
            id: GlobalId::new(Kind::Household, cells.take::<Uuid>()?),
            label: shown(cells.take()?),
            door: cells.take()?,
            people_count: cells.take()?,
            status: cells.take::<Status>()?.into(),
            updated_at: cells.take()?,
            village_code: cells.take()?,
            township_code: cells.take()?,
            group_code: cells.take()?,
            address: None,
            reachable: false,
            confirmed_at: None,
            next_visit_on: None,
            version: 0,
            created_at: DateTime::UNIX_EPOCH,
            village: None,
        };
        if !with.line {
            household.address = cells.open(ADDRESS)?.filter(|_| reveals);
            household.reachable = cells.take()?;
            household.confirmed_at = cells.take()?;
            household.next_visit_on = cells.take::<Option<_>>()?.map(Date);
            household.version = cells.take()?;
            household.created_at = cells.take()?;
        }
        household.village =
            with.village.map(|with| Village::read(cells, with).map(Arc::new)).transpose()?;
        Ok(household)
    }

    fn keep(filter: &HouseholdFilter, select: &mut SelectStatement, backend: DbBackend) {
        if let Some(code) = &filter.township_code {
            select.and_where(column(("household", "township_code")).eq(code.0.as_str()));
        }
        if let Some(code) = &filter.village_code {
            let living = living_code(&code.0, backend);
            select.and_where(column(("household", "village_code")).eq(living));
            if let Some(number) = filter.group_number {
                let group = group_code(&code.0, number);
                select.and_where(column(("household", "group_code")).eq(group));
            }
        }
        if let Some(statuses) = &filter.statuses {
            let statuses = statuses.iter().map(|status| Status::from(*status));
            select.and_where(column(("household", "status")).is_in(statuses));
        }
        if let Some(since) = filter.updated_since {
            select.and_where(column(("household", "updated_at")).gte(since));
        }
        if let Some(reachable) = filter.reachable {
            select.and_where(column(("household", "reachable")).eq(reachable));
        }
        if let Some(before) = filter.confirmed_before {
            select.and_where(column(("household", "confirmed_at")).lt(before));
        }
        if let Some(day) = filter.visit_due_by {
            let due = column(("household", "next_visit_on")).lte(day.0);
            select.and_where(due.or(column(("household", "status")).eq(Status::Unvisited)));
        }
        if let Some(text) = &filter.text {
            find_text(text, select, backend);
        }
    }

    fn keep_masked(filter: &HouseholdFilter, select: &mut SelectStatement, backend: DbBackend) {
        if let Some(text) = &filter.text {
            find_shown(text, select, backend);
        }
    }

    fn sort(order: HouseholdOrder) -> Sort {
        let columns = match order {
            HouseholdOrder::DoorAsc => {
                vec![("household", "group_code"), ("household", "door"), Self::KEY]
            }
            HouseholdOrder::UpdatedAtAsc | HouseholdOrder::UpdatedAtDesc => {
                vec![("household", "updated_at"), Self::KEY]
            }
        };
        Sort { columns, descending: order == HouseholdOrder::UpdatedAtDesc }
    }

    fn sort_values(&self, order: HouseholdOrder) -> Vec<Value> {
        let id = self.key().value();
        match order {
            HouseholdOrder::DoorAsc => {
                vec![self.group_code.as_str().into(), self.door.into(), id]
            }
            HouseholdOrder::UpdatedAtAsc | HouseholdOrder::UpdatedAtDesc => {
                vec![self.updated_at.into(), id]
            }
        }
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

//! How households are stored.

use std::sync::Arc;

use async_graphql::Lookahead;
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
use crate::record::{self, Cells, Columns, Needs, Record};
use crate::request::Request;
use crate::scalar::Date;
use crate::text;

/// What a sealed address is sealed for.
pub const ADDRESS: &str = "household address";

/// The columns of a household.
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
/// The one that is always read.
const ALWAYS: Columns = columns(&["id"]);

/// What fields need besides, whatever is brought along.
const FIELDS: [Needs; 13] = [
    ("__typename", ALWAYS),
    ("id", ALWAYS),
    ("label", columns(&["label"])),
    ("door", columns(&["door"])),
    ("peopleCount", columns(&["people_count"])),
    ("status", columns(&["status"])),
    ("updatedAt", columns(&["updated_at"])),
    ("village", columns(&["village_code"])),
    ("township", columns(&["township_code"])),
    ("group", columns(&["group_code"])),
    ("inquiries", ALWAYS),
    ("contacts", ALWAYS),
    ("visits", ALWAYS),
];

const fn columns(names: &[&str]) -> Columns {
    Columns::named(names, &COLUMNS)
}

/// What is brought along with a household.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HouseholdWith {
    /// Its village, and what is brought along with that.
    pub village: Option<VillageWith>,
    /// Which of its columns; the rest is empty.
    pub columns: Columns,
}

impl HouseholdWith {
    /// The same, and where it lies.
    pub fn placed(self) -> Self {
        let place = columns(&["door", "village_code", "township_code", "group_code"]);
        Self { columns: self.columns.and(place), ..self }
    }

    /// Adds the columns of a household that is in the FROM already, and what is brought along.
    pub fn add(self, select: &mut SelectStatement) {
        record::add(select, "household", &self.columns.of(&COLUMNS));
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
            columns: Columns::asked(wanted, ALWAYS, &FIELDS),
        }
    }

    fn ordered(with: HouseholdWith, order: HouseholdOrder) -> HouseholdWith {
        let of_order = match order {
            HouseholdOrder::DoorAsc => columns(&["group_code", "door"]),
            HouseholdOrder::UpdatedAtAsc | HouseholdOrder::UpdatedAtDesc => {
                columns(&["updated_at"])
            }
        };
        HouseholdWith { columns: with.columns.and(of_order), ..with }
    }

    fn select(with: HouseholdWith) -> SelectStatement {
        let mut select = record::from("household", &[]);
        with.add(&mut select);
        select
    }

    fn read(cells: &mut Cells<'_>, with: HouseholdWith) -> Result<Self, DbErr> {
        let reveals = cells.reveals();
        let shown = |label: String| if reveals { label } else { text::masked_label(&label) };
        let mut own = with.columns.read(cells);
        let mut household = Self {
            id: GlobalId::new(Kind::Household, own.take::<Uuid>()?),
            label: shown(own.take()?),
            door: own.take()?,
            people_count: own.take()?,
            status: own.take_or(Status::Unvisited)?.into(),
            updated_at: own.take()?,
            village_code: own.take()?,
            township_code: own.take()?,
            group_code: own.take()?,
            address: own.open(ADDRESS)?.filter(|_| reveals),
            reachable: own.take()?,
            confirmed_at: own.take()?,
            next_visit_on: own.take::<Option<_>>()?.map(Date),
            version: own.take()?,
            created_at: own.take()?,
            village: None,
        };
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

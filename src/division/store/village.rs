//! How villages and their groups are stored.

use std::sync::Arc;

use async_graphql::Lookahead;
use chrono::NaiveDate;
use entity::BEGINNING;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{DbBackend, DbErr, Value};

use super::past::{self, OnDay};
use super::township::TownshipWith;
use super::{by, named_like};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, area::column};
use crate::division::{
    Township, Village, VillageFilter, VillageGroup, VillageGroupFilter, VillageOrder,
};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Columns, Needs, Record};
use crate::request::Request;
use crate::scalar::{Date, DivisionCode};

/// The columns of a village.
const COLUMNS: [&str; 6] =
    ["code", "township_code", "name", "valid_from", "ended_on", "successor_code"];
/// The one that is always read.
const ALWAYS: Columns = columns(&["code"]);
/// What fields need besides.
const FIELDS: [Needs; 9] = [
    ("__typename", ALWAYS),
    ("id", ALWAYS),
    ("code", ALWAYS),
    ("name", columns(&["name"])),
    ("township", columns(&["township_code"])),
    ("households", ALWAYS),
    ("inquiries", ALWAYS),
    ("coverage", ALWAYS),
    ("openInquiryCount", ALWAYS),
];

const fn columns(names: &[&str]) -> Columns {
    Columns::named(names, &COLUMNS)
}

const GROUP_COLUMNS: [&str; 6] =
    ["code", "village_code", "number", "valid_from", "ended_on", "successor_code"];

/// What is brought along with a village.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VillageWith {
    /// Its township, and what is brought along with that.
    pub township: Option<TownshipWith>,
    /// As it was on this day.
    pub day: OnDay,
    /// Which of its columns; the rest is empty.
    pub columns: Columns,
}

impl VillageWith {
    /// The codes and names of the village and of its township.
    pub const NAMED: Self = Self {
        township: Some(TownshipWith::NAMED),
        day: None,
        columns: columns(&["code", "township_code", "name"]),
    };

    fn join(self, select: &mut SelectStatement) {
        if let Some(township) = self.township {
            township.join_township(select, ("village", "township_code"));
        }
    }

    /// Joins the village whose code is in `column`, and what is brought along with it.
    pub fn join_village(self, select: &mut SelectStatement, column: Column) {
        record::join(select, "village", "code", column);
        record::add(select, "village", &self.columns.of(&COLUMNS));
        self.join(select);
    }
}

impl Record for Village {
    type Filter = VillageFilter;
    type Order = VillageOrder;
    type With = VillageWith;

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::Village;
    const KEY: Column = ("village", "code");
    const PLACE: Place = Place {
        village: Some(Self::KEY),
        township: Some(("village", "township_code")),
        ..Place::NOWHERE
    };

    fn with(request: &Request, wanted: &Lookahead<'_>) -> VillageWith {
        let township = wanted.field("township");
        let with = township.exists().then(|| Township::with(request, &township));
        VillageWith {
            township: with.filter(|with| !with.tally),
            day: None,
            columns: Columns::asked(wanted, ALWAYS, &FIELDS),
        }
    }

    fn dated(with: VillageWith, filter: &VillageFilter, today: NaiveDate) -> Result<VillageWith> {
        let day = past::day(filter.as_of, today)?;
        if day.is_none() {
            return Ok(with);
        }
        Ok(VillageWith { township: None, day, columns: Columns::ALL })
    }

    fn select(with: VillageWith) -> SelectStatement {
        let mut select =
            past::from("village", &with.columns.of(&COLUMNS), Some("township_code"), with.day);
        with.join(&mut select);
        select
    }

    fn read(cells: &mut Cells<'_>, with: VillageWith) -> Result<Self, DbErr> {
        let mut own = with.columns.read(cells);
        let code: String = own.take()?;
        let mut village = Self {
            id: GlobalId::new(Kind::Village, code.as_str()),
            code: DivisionCode(code),
            township_code: own.take()?,
            name: own.take()?,
            valid_from: past::since(own.take_or(BEGINNING)?),
            ended_on: own.take::<Option<_>>()?.map(Date),
            successor_code: own.take()?,
            day: with.day,
            township: None,
        };
        village.township =
            with.township.map(|with| Township::read(cells, with).map(Arc::new)).transpose()?;
        Ok(village)
    }

    fn keep(filter: &VillageFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(code) = &filter.township_code {
            select.and_where(column(("village", "township_code")).eq(code.0.as_str()));
        }
        named_like(select, ("village", "name"), filter.text.as_ref());
        past::keep_living(select, "village", filter.as_of, filter.include_ended);
    }

    fn sort(order: VillageOrder) -> Sort {
        by(Self::KEY, order == VillageOrder::CodeDesc)
    }

    fn sort_values(&self, _: VillageOrder) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

impl Record for VillageGroup {
    type Filter = VillageGroupFilter;
    type Order = ();
    type With = OnDay;

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::VillageGroup;
    const KEY: Column = ("village_group", "code");
    const PLACE: Place =
        Place { village: Some(("village_group", "village_code")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) -> OnDay {
        None
    }

    fn dated(_: OnDay, filter: &VillageGroupFilter, today: NaiveDate) -> Result<OnDay> {
        past::day(filter.as_of, today)
    }

    fn select(day: OnDay) -> SelectStatement {
        past::from("village_group", &GROUP_COLUMNS, None, day)
    }

    fn read(cells: &mut Cells<'_>, _: OnDay) -> Result<Self, DbErr> {
        let code: String = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::VillageGroup, code.as_str()),
            code,
            village_code: cells.take()?,
            number: cells.take()?,
            valid_from: past::since(cells.take()?),
            ended_on: cells.take::<Option<_>>()?.map(Date),
            successor_code: cells.take()?,
        })
    }

    fn keep(filter: &VillageGroupFilter, select: &mut SelectStatement, _: DbBackend) {
        past::keep_living(select, "village_group", filter.as_of, filter.include_ended);
    }

    fn sort((): ()) -> Sort {
        by(Self::KEY, false)
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

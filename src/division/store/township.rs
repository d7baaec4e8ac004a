//! How townships are stored.

use async_graphql::Lookahead;
use chrono::NaiveDate;
use entity::BEGINNING;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{DbBackend, DbErr, Value};

use super::past::{self, OnDay};
use super::{by, named_like};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, area::column};
use crate::division::{Township, TownshipFilter, TownshipOrder};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Columns, Needs, Record};
use crate::request::Request;
use crate::scalar::DivisionCode;
use crate::tally::{self, Tally};

/// The columns of a township.
const COLUMNS: [&str; 5] = ["code", "name", "county_code", "kind", "valid_from"];
/// The one that is always read.
const ALWAYS: Columns = columns(&["code"]);
/// What fields need besides.
const FIELDS: [Needs; 9] = [
    ("__typename", ALWAYS),
    ("id", ALWAYS),
    ("code", ALWAYS),
    ("name", columns(&["name"])),
    ("villages", ALWAYS),
    ("households", ALWAYS),
    ("inquiries", ALWAYS),
    ("coverage", ALWAYS),
    ("openInquiryCount", ALWAYS),
];

const fn columns(names: &[&str]) -> Columns {
    Columns::named(names, &COLUMNS)
}

/// What is brought along with a township.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TownshipWith {
    /// Its numbers.
    pub tally: bool,
    /// As it was on this day.
    pub day: OnDay,
    /// Which of its columns; the rest is empty.
    pub columns: Columns,
}

impl TownshipWith {
    /// Its code and name.
    pub const NAMED: Self = Self { tally: false, day: None, columns: columns(&["code", "name"]) };

    /// Joins the township whose code is in `column`.
    pub fn join_township(self, select: &mut SelectStatement, column: Column) {
        record::join(select, "township", "code", column);
        record::add(select, "township", &self.columns.of(&COLUMNS));
    }
}

impl Record for Township {
    type Filter = TownshipFilter;
    type Order = TownshipOrder;
    type With = TownshipWith;

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::Township;
    const KEY: Column = ("township", "code");
    const PLACE: Place = Place { township: Some(Self::KEY), ..Place::NOWHERE };

    fn with(request: &Request, wanted: &Lookahead<'_>) -> TownshipWith {
        let counted = ["coverage", "openInquiryCount"];
        TownshipWith {
            tally: counted.iter().any(|field| wanted.field(field).exists())
                && request.may_join(Self::READ, Act::ReadTally),
            day: None,
            columns: Columns::asked(wanted, ALWAYS, &FIELDS),
        }
    }

    fn dated(
        with: TownshipWith,
        filter: &TownshipFilter,
        today: NaiveDate,
    ) -> Result<TownshipWith> {
        let day = past::day(filter.as_of, today)?;
        if day.is_none() {
            return Ok(with);
        }
        Ok(TownshipWith { tally: false, day, columns: Columns::ALL })
    }

    fn select(with: TownshipWith) -> SelectStatement {
        let mut select =
            past::from("township", &with.columns.of(&COLUMNS), Some("county_code"), with.day);
        if with.tally {
            tally::join(&mut select, Self::KEY);
        }
        select
    }

    fn read(cells: &mut Cells<'_>, with: TownshipWith) -> Result<Self, DbErr> {
        let mut own = with.columns.read(cells);
        let code: String = own.take()?;
        let mut township = Self {
            id: GlobalId::new(Kind::Township, code.as_str()),
            code: DivisionCode(code),
            name: own.take()?,
            county_code: own.take()?,
            kind: own.take_or(entity::township::Kind::Township)?.into(),
            valid_from: past::since(own.take_or(BEGINNING)?),
            tally: None,
        };
        township.tally = with.tally.then(|| Tally::read(cells)).transpose()?;
        Ok(township)
    }

    fn keep(filter: &TownshipFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(code) = &filter.county_code {
            select.and_where(column(("township", "county_code")).eq(code.0.as_str()));
        }
        named_like(select, ("township", "name"), filter.text.as_ref());
    }

    fn sort(order: TownshipOrder) -> Sort {
        by(Self::KEY, order == TownshipOrder::CodeDesc)
    }

    fn sort_values(&self, _: TownshipOrder) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

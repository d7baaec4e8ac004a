//! How townships are stored.

use async_graphql::Lookahead;
use chrono::NaiveDate;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{DbBackend, DbErr, Value};

use super::past::{self, OnDay};
use super::{by, named_like};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, area::column};
use crate::division::{Township, TownshipFilter, TownshipKind, TownshipOrder};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::DivisionCode;
use crate::tally::{self, Tally};

/// The columns of a township: first those that its line in a list is made of.
const COLUMNS: [&str; 5] = ["code", "name", "county_code", "kind", "valid_from"];
/// How many of them make a line.
const OF_A_LINE: usize = 2;
/// The fields for which those are enough. What needs another column must not be here.
const FIELDS_OF_A_LINE: [&str; 9] = [
    "__typename",
    "id",
    "code",
    "name",
    "villages",
    "households",
    "inquiries",
    "coverage",
    "openInquiryCount",
];

/// What is brought along with a township.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TownshipWith {
    /// Its numbers.
    pub tally: bool,
    /// As it was on this day.
    pub day: OnDay,
    /// Only what its line in a list is made of; the rest is empty.
    pub line: bool,
}

impl TownshipWith {
    /// Its code and name.
    pub const NAMED: Self = Self { tally: false, day: None, line: true };

    fn columns(self) -> &'static [&'static str] {
        if self.line { &COLUMNS[..OF_A_LINE] } else { &COLUMNS }
    }

    /// Joins the township whose code is in `column`.
    pub fn join_township(self, select: &mut SelectStatement, column: Column) {
        record::join(select, "township", "code", column);
        record::add(select, "township", self.columns());
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
            line: record::asks_only(wanted, &FIELDS_OF_A_LINE),
        }
    }

    fn dated(
        with: TownshipWith,
        filter: &TownshipFilter,
        today: NaiveDate,
    ) -> Result<TownshipWith> {
        let day = past::day(filter.as_of, today)?;
        let now = day.is_none();
        Ok(TownshipWith { tally: with.tally && now, day, line: with.line && now })
    }

    fn select(with: TownshipWith) -> SelectStatement {
        let mut select = past::from("township", with.columns(), Some("county_code"), with.day);
        if with.tally {
            tally::join(&mut select, Self::KEY);
        }
        select
    }

    fn read(cells: &mut Cells<'_>, with: TownshipWith) -> Result<Self, DbErr> {
        let code: String = cells.take()?;
        let mut township = Self {
            id: GlobalId::new(Kind::Township, code.as_str()),
            code: DivisionCode(code),
            name: cells.take()?,
            county_code: String::new(),
            kind: TownshipKind::Township,
            valid_from: None,
            tally: None,
        };
        if !with.line {
            township.county_code = cells.take()?;
            township.kind = cells.take::<entity::township::Kind>()?.into();
            township.valid_from = past::since(cells.take()?);
        }
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

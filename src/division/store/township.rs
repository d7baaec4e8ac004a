//! How townships are stored.

use async_graphql::Lookahead;
use chrono::NaiveDate;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{DbBackend, DbErr, Value};

use super::past::{self, OnDay};
use super::{by, named_like};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, area::column};
use crate::division::{Township, TownshipFilter, TownshipOrder};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{Cells, Record};
use crate::request::Request;
use crate::scalar::DivisionCode;
use crate::tally::{self, Tally};

/// The columns of a township.
pub const TOWNSHIP_COLUMNS: [&str; 5] = ["code", "county_code", "name", "kind", "valid_from"];

/// What is brought along with a township.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TownshipWith {
    /// Its numbers.
    pub tally: bool,
    /// As it was on this day.
    pub day: OnDay,
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
        }
    }

    fn dated(
        with: TownshipWith,
        filter: &TownshipFilter,
        today: NaiveDate,
    ) -> Result<TownshipWith> {
        let day = past::day(filter.as_of, today)?;
        Ok(TownshipWith { tally: with.tally && day.is_none(), day })
    }

    fn select(with: TownshipWith) -> SelectStatement {
        let mut select = past::from("township", &TOWNSHIP_COLUMNS, Some("county_code"), with.day);
        if with.tally {
            tally::join(&mut select, Self::KEY);
        }
        select
    }

    fn read(cells: &mut Cells<'_>, with: TownshipWith) -> Result<Self, DbErr> {
        let code: String = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::Township, code.as_str()),
            code: DivisionCode(code),
            county_code: cells.take()?,
            name: cells.take()?,
            kind: cells.take::<entity::township::Kind>()?.into(),
            valid_from: past::since(cells.take()?),
            tally: with.tally.then(|| Tally::read(cells)).transpose()?,
        })
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

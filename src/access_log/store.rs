//! How entries are read.

use async_graphql::Lookahead;
use entity::access_log::LookedAt;
use entity::officer;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{DbBackend, DbErr, Value};
use uuid::Uuid;

use super::{AccessEntry, graphql::AccessLogFilter};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, area::column};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

const COLUMNS: [&str; 7] =
    ["id", "at", "looked_at", "role", "officer_id", "household_id", "inquiry_id"];

impl Record for AccessEntry {
    type Filter = AccessLogFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadAccessHistory;
    const KIND: Kind = Kind::AccessEntry;
    const KEY: Column = ("access_log", "id");
    const PLACE: Place =
        Place { household: Some(("access_log", "household_id")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from("access_log", &COLUMNS)
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::AccessEntry, cells.take::<Uuid>()?),
            at: cells.take()?,
            looked_at: cells.take::<LookedAt>()?.into(),
            role: cells.take::<officer::Role>()?.into(),
            officer_id: cells.take()?,
            household_id: cells.take()?,
            inquiry_id: cells.take()?,
        })
    }

    fn keep(filter: &AccessLogFilter, select: &mut SelectStatement, _: DbBackend) {
        let is = |name| column(("access_log", name));
        for (name, id) in [
            ("household_id", &filter.household_id),
            ("inquiry_id", &filter.inquiry_id),
            ("officer_id", &filter.officer_id),
        ] {
            // `checked` has let it through.
            if let Some(id) = id.as_ref().and_then(|id| GlobalId::parse(id).ok()) {
                select.and_where(is(name).eq(id.uuid()));
            }
        }
        if let Some(kinds) = &filter.looked_at {
            select.and_where(is("looked_at").is_in(kinds.iter().map(|one| LookedAt::from(*one))));
        }
        if let Some(since) = filter.since {
            select.and_where(is("at").gte(since));
        }
        if let Some(before) = filter.before {
            select.and_where(is("at").lt(before));
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("access_log", "at"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

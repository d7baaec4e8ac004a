//! How visits are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::visit::{self, Outcome};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Value,
};
use uuid::Uuid;

use super::{Visit, VisitOrder};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx};
use crate::error::{Error, Result};
use crate::household::Household;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::Date;

/// What a sealed note is sealed for.
pub const NOTE: &str = "visit note";

impl Record for Visit {
    type Filter = ();
    type Order = VisitOrder;
    type With = ();

    const READ: Act = Act::ReadVisit;
    const KIND: Kind = Kind::Visit;
    const KEY: Column = ("visit", "id");
    const PLACE: Place = Household::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns = [
            "id",
            "outcome",
            "note",
            "visited_at",
            "recorded_at",
            "next_visit_on",
            "household_id",
            "officer_id",
        ];
        let mut select = record::from("visit", &columns);
        record::join(&mut select, "household", "id", ("visit", "household_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let reveals = cells.reveals();
        Ok(Self {
            id: GlobalId::new(Kind::Visit, cells.take::<Uuid>()?),
            outcome: cells.take::<Outcome>()?.into(),
            note: cells.open(NOTE)?.filter(|_| reveals),
            visited_at: cells.take()?,
            recorded_at: cells.take()?,
            next_visit_on: cells.take::<Option<_>>()?.map(Date),
            household_id: cells.take()?,
            officer_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    fn sort(order: VisitOrder) -> Sort {
        let descending = order == VisitOrder::VisitedAtDesc;
        Sort { columns: vec![("visit", "visited_at"), Self::KEY], descending }
    }

    fn sort_values(&self, _: VisitOrder) -> Vec<Value> {
        vec![self.visited_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// A note, sealed.
pub fn sealed(tx: &Tx, note: &str) -> Result<Vec<u8>> {
    tx.keyring().seal(NOTE, note.as_bytes()).map_err(Error::internal)
}

/// Adds a visit.
pub async fn insert(tx: &Tx, row: visit::Model) -> Result<()> {
    visit::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether the household was visited again after this moment.
pub async fn visited_after(tx: &Tx, household_id: Uuid, at: DateTime<Utc>) -> Result<bool> {
    let later = visit::Entity::find()
        .filter(visit::Column::HouseholdId.eq(household_id))
        .filter(visit::Column::VisitedAt.gt(at))
        .count(tx)
        .await?;
    Ok(later > 0)
}

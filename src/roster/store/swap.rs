//! How swaps are stored.

use async_graphql::Lookahead;
use entity::shift_swap;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, changed_one, on_taken};
use crate::error::{Error, Result, UserErrorCode};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::roster::ShiftSwap;
use crate::scalar::Date;

impl Record for ShiftSwap {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadShift;
    const KIND: Kind = Kind::ShiftSwap;
    const KEY: Column = ("shift_swap", "id");
    const PLACE: Place =
        Place { township: Some(("shift_swap", "township_code")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "shift_swap",
            &["id", "day", "cancelled_at", "version", "created_at", "shift_id", "officer_id"],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::ShiftSwap, cells.take::<Uuid>()?),
            day: Date(cells.take()?),
            cancelled_at: cells.take()?,
            version: cells.take()?,
            created_at: cells.take()?,
            shift_id: cells.take()?,
            officer_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    /// The latest day first.
    fn sort((): ()) -> Sort {
        Sort { columns: vec![("shift_swap", "day"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.day.0.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Adds a swap to a shift, which is locked.
pub async fn insert_swap(tx: &Tx, new: &ShiftSwap, township_code: &str) -> Result<()> {
    let row = shift_swap::ActiveModel {
        id: Set(new.id.uuid()),
        shift_id: Set(new.shift_id),
        township_code: Set(township_code.to_owned()),
        day: Set(new.day.0),
        officer_id: Set(new.officer_id),
        version: Set(new.version),
        created_at: Set(new.created_at),
        cancelled_at: Set(None),
    };
    let inserted = shift_swap::Entity::insert(row).exec_without_returning(tx).await;
    // PostgreSQL names the index, SQLite its first column.
    let taken = if tx.backend() == DbBackend::Postgres { "day" } else { "shift_id" };
    on_taken(inserted, "shift_swap", taken, || {
        Error::user(
            UserErrorCode::Taken,
            "day",
            "该班次当天已有调班，请先取消。",
            "The shift is swapped on that day already. Cancel that first.",
        )
    })?;
    Ok(())
}

/// Cancels a swap, which is locked.
pub async fn cancel_swap(tx: &Tx, after: &ShiftSwap) -> Result<()> {
    let row = shift_swap::ActiveModel {
        cancelled_at: Set(after.cancelled_at),
        version: Set(after.version),
        ..Default::default()
    };
    let changed = shift_swap::Entity::update_many()
        .set(row)
        .filter(shift_swap::Column::Id.eq(after.id.uuid()))
        .exec(tx)
        .await?;
    changed_one(changed.rows_affected)
}

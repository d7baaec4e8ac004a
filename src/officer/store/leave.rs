//! How leaves are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::{leave, posting, station};
use sea_orm::sea_query::{LockType, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, Value,
};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, changed_one};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::officer::Leave;
use crate::record::{self, Cells, Record};
use crate::request::Request;

impl Record for Leave {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadLeave;
    const KIND: Kind = Kind::Leave;
    const KEY: Column = ("leave", "id");
    const PLACE: Place = Place {
        township: Some(("leave", "township_code")),
        account: Some(("leave", "officer_id")),
        partner: Some(("leave", "cover_id")),
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "leave",
            &[
                "id",
                "starts_at",
                "ends_at",
                "cancelled_at",
                "version",
                "created_at",
                "officer_id",
                "cover_id",
            ],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Leave, cells.take::<Uuid>()?),
            starts_at: cells.take()?,
            ends_at: cells.take()?,
            cancelled_at: cells.take()?,
            version: cells.take()?,
            created_at: cells.take()?,
            officer_id: cells.take()?,
            cover_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("leave", "starts_at"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.starts_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Adds a leave.
pub async fn insert(tx: &Tx, new: &leave::Model) -> Result<()> {
    let row: leave::ActiveModel = new.clone().into();
    leave::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The leaves of these officers that stand and do not end before `from`.
pub async fn of_officers(
    tx: &Tx,
    officers: &[Uuid],
    from: DateTime<Utc>,
) -> Result<Vec<leave::Model>> {
    Ok(leave::Entity::find()
        .filter(leave::Column::OfficerId.is_in(officers.iter().copied()))
        .filter(leave::Column::CancelledAt.is_null())
        .filter(leave::Column::EndsAt.gt(from))
        .all(tx)
        .await?)
}

/// The postings that cover a leave and have not ended.
pub async fn covers(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::LeaveId.eq(id))
        .filter(posting::Column::EndsAt.gt(now))
        .all(tx)
        .await?)
}

/// Cancels a leave of this version.
pub async fn cancel(tx: &Tx, id: Uuid, version: i32, now: DateTime<Utc>) -> Result<()> {
    let row = leave::ActiveModel {
        cancelled_at: Set(Some(now)),
        version: Set(version.saturating_add(1)),
        ..Default::default()
    };
    let result = leave::Entity::update_many()
        .set(row)
        .filter(leave::Column::Id.eq(id))
        .filter(leave::Column::Version.eq(version))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

/// Locks a station, and tells which township it serves.
pub async fn lock_station(tx: &Tx, id: Uuid) -> Result<Option<String>> {
    Ok(station::Entity::find_by_id(id)
        .select_only()
        .column(station::Column::TownshipCode)
        .lock(LockType::Update)
        .into_tuple()
        .one(tx)
        .await?)
}

//! How postings are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::posting;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area, area::column, changed_one};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::officer::{Posting, PostingFilter};
use crate::record::{self, Cells, Record};
use crate::request::Request;

impl Record for Posting {
    type Filter = PostingFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadPosting;
    const KIND: Kind = Kind::Posting;
    const KEY: Column = ("posting", "id");
    const PLACE: Place = Place {
        township: Some(("posting", "township_code")),
        village: Some(("posting", "village_code")),
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "posting",
            &["id", "duty", "starts_at", "ends_at", "version", "officer_id", "village_code"],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Posting, cells.take::<Uuid>()?),
            duty: cells.take::<posting::Duty>()?.into(),
            starts_at: cells.take()?,
            ends_at: cells.take()?,
            version: cells.take()?,
            officer_id: cells.take()?,
            village_code: cells.take()?,
        })
    }

    fn keep(filter: &PostingFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(at) = filter.current_at {
            select.and_where(area::current(at));
        }
        if let Some(duty) = filter.duty {
            select.and_where(column(("posting", "duty")).eq(posting::Duty::from(duty)));
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("posting", "starts_at"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.starts_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Adds postings.
pub async fn insert_postings(tx: &Tx, new: &[posting::Model]) -> Result<()> {
    let rows = new.iter().map(|row| posting::ActiveModel::from(row.clone()));
    posting::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives a posting of this version its end.
pub async fn end_posting(tx: &Tx, id: Uuid, version: i32, ends_at: DateTime<Utc>) -> Result<()> {
    let row = posting::ActiveModel {
        ends_at: Set(Some(ends_at)),
        version: Set(version.saturating_add(1)),
        ..Default::default()
    };
    let result = posting::Entity::update_many()
        .set(row)
        .filter(posting::Column::Id.eq(id))
        .filter(posting::Column::Version.eq(version))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

/// Lets these postings end at a moment, or as they begin when that is later.
pub async fn end_postings(tx: &Tx, ids: &[Uuid], at: DateTime<Utc>) -> Result<()> {
    let starts_at = || Expr::col(posting::Column::StartsAt);
    let end = Expr::case(starts_at().gt(at), starts_at()).finally(Expr::val(at));
    posting::Entity::update_many()
        .col_expr(posting::Column::EndsAt, end.into())
        .col_expr(posting::Column::Version, Expr::col(posting::Column::Version).add(1))
        .filter(posting::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Not over at a moment.
fn lasts(at: DateTime<Utc>) -> SimpleExpr {
    posting::Column::EndsAt.is_null().or(posting::Column::EndsAt.gt(at))
}

/// The postings of an officer that have not ended.
pub async fn postings_not_ended(
    tx: &Tx,
    officer_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::OfficerId.eq(officer_id))
        .filter(lasts(now))
        .all(tx)
        .await?)
}

/// The postings to a village that do not end before a moment.
pub async fn postings_of_village(
    tx: &Tx,
    village_code: &str,
    from: DateTime<Utc>,
) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::VillageCode.eq(village_code))
        .filter(lasts(from))
        .all(tx)
        .await?)
}

/// These postings.
pub async fn postings(tx: &Tx, ids: &[Uuid]) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::Id.is_in(ids.iter().copied()))
        .all(tx)
        .await?)
}

/// The postings that stand in for these and last beyond a moment.
pub async fn stand_ins_of(tx: &Tx, ids: &[Uuid], at: DateTime<Utc>) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::SourceId.is_in(ids.iter().copied()))
        .filter(lasts(at))
        .all(tx)
        .await?)
}

//! How hand-overs are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::handover::Status;
use entity::{handover, handover_village, posting};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value,
};
use uuid::Uuid;

use super::{Handover, HandoverFilter};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, changed_one};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

pub mod packet;
pub mod parts;
pub mod transfer;

impl Record for Handover {
    type Filter = HandoverFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadHandover;
    const KIND: Kind = Kind::Handover;
    const KEY: Column = ("handover", "id");
    const PLACE: Place = Place {
        township: Some(("handover", "township_code")),
        account: Some(("handover", "from_id")),
        partner: Some(("handover", "to_id")),
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "handover",
            &[
                "id",
                "status",
                "note",
                "overlap_until",
                "household_count",
                "inquiry_count",
                "note_count",
                "version",
                "created_at",
                "closed_at",
                "from_id",
                "to_id",
            ],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Handover, cells.take::<Uuid>()?),
            status: cells.take::<Status>()?.into(),
            note: cells.take::<Option<String>>()?.filter(|_| cells.reveals()),
            overlap_until: cells.take()?,
            household_count: cells.take()?,
            inquiry_count: cells.take()?,
            note_count: cells.take()?,
            version: cells.take()?,
            created_at: cells.take()?,
            closed_at: cells.take()?,
            from_id: cells.take()?,
            to_id: cells.take()?,
        })
    }

    fn keep(filter: &HandoverFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(statuses) = &filter.statuses {
            let statuses = statuses.iter().map(|status| Status::from(*status));
            select.and_where(column(("handover", "status")).is_in(statuses));
        }
    }

    fn sort((): ()) -> Sort {
        // Ids are in the order of time.
        Sort { columns: vec![Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The name of a status, in the table and in the event log.
pub fn status_name(status: Status) -> String {
    status.to_value()
}

/// Adds a hand-over.
pub async fn insert(tx: &Tx, new: handover::Model) -> Result<()> {
    let row: handover::ActiveModel = new.into();
    handover::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Adds the villages of a hand-over.
pub async fn insert_villages(tx: &Tx, new: Vec<handover_village::Model>) -> Result<()> {
    let rows = new.into_iter().map(handover_village::ActiveModel::from);
    handover_village::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The villages of a hand-over.
pub async fn villages(tx: &Tx, id: Uuid) -> Result<Vec<handover_village::Model>> {
    Ok(handover_village::Entity::find()
        .filter(handover_village::Column::HandoverId.eq(id))
        .all(tx)
        .await?)
}

/// Whether an officer gives one of these villages away in an open hand-over.
pub async fn is_being_given(tx: &Tx, from_id: Uuid, villages: &[String]) -> Result<bool> {
    let open = Query::select()
        .column(handover::Column::Id)
        .from(handover::Entity)
        .and_where(Expr::col(handover::Column::FromId).eq(from_id))
        .and_where(Expr::col(handover::Column::Status).eq(Status::Open))
        .take();
    let found = handover_village::Entity::find()
        .filter(handover_village::Column::VillageCode.is_in(villages))
        .filter(handover_village::Column::HandoverId.in_subquery(open))
        .one(tx)
        .await?;
    Ok(found.is_some())
}

/// Gives the giver's postings, where they still end with the overlap, the ends that they had before.
pub async fn restore_postings(
    tx: &Tx,
    id: Uuid,
    overlap_until: DateTime<Utc>,
) -> Result<Vec<posting::Model>> {
    let given = || {
        let mut select = Query::select();
        select
            .from_as(handover_village::Entity, "given")
            .and_where(column(("given", "handover_id")).eq(id));
        select
    };
    let former = given()
        .column(("given", "ended_before"))
        .and_where(column(("given", "from_posting_id")).eq(column(("posting", "id"))))
        .take();
    let ids = given().column(("given", "from_posting_id")).take();
    let former = sea_orm::sea_query::SimpleExpr::SubQuery(None, Box::new(former.into()));
    Ok(posting::Entity::update_many()
        .col_expr(posting::Column::EndsAt, former)
        .col_expr(posting::Column::Version, Expr::col(posting::Column::Version).add(1))
        .filter(posting::Column::Id.in_subquery(ids))
        .filter(posting::Column::EndsAt.eq(overlap_until))
        .exec_with_returning(tx)
        .await?)
}

/// Changes where a hand-over of this version stands.
pub async fn update(
    tx: &Tx,
    id: Uuid,
    version: i32,
    status: Status,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = handover::ActiveModel {
        status: Set(status),
        version: Set(version.saturating_add(1)),
        closed_at: Set(Some(now).filter(|_| status != Status::Open)),
        ..Default::default()
    };
    let result = handover::Entity::update_many()
        .set(row)
        .filter(handover::Column::Id.eq(id))
        .filter(handover::Column::Version.eq(version))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

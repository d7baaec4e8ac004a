//! How the changes of households' statuses are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::household::Status;
use entity::household_status_change::{self, Cause};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Value,
};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx};
use crate::error::{Error, Result};
use crate::household::Household;
use crate::household::history::{HouseholdStatusChange, NewStatusChange};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

/// What a sealed reason is sealed for.
pub const REASON: &str = "status reason";
/// Rows of one INSERT.
const ROWS: usize = 500;

impl Record for HouseholdStatusChange {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadVisit;
    const KIND: Kind = Kind::HouseholdStatusChange;
    const KEY: Column = ("household_status_change", "id");
    const PLACE: Place = Household::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns =
            ["id", "from_status", "to_status", "cause", "reason", "changed_at", "officer_id"];
        let mut select = record::from("household_status_change", &columns);
        record::join(&mut select, "household", "id", ("household_status_change", "household_id"));
        record::add(&mut select, "household", &["id"]);
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let reveals = cells.reveals();
        Ok(Self {
            id: GlobalId::new(Kind::HouseholdStatusChange, cells.take::<Uuid>()?),
            from: cells.take::<Status>()?.into(),
            to: cells.take::<Status>()?.into(),
            cause: cells.take::<Cause>()?.into(),
            reason: cells.open(REASON)?.filter(|_| reveals),
            changed_at: cells.take()?,
            officer_id: cells.take()?,
            household_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    fn sort((): ()) -> Sort {
        Sort {
            columns: vec![("household_status_change", "changed_at"), Self::KEY],
            descending: true,
        }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.changed_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Whether a household's status was changed after this moment.
pub async fn status_changed_after(tx: &Tx, household_id: Uuid, at: DateTime<Utc>) -> Result<bool> {
    use household_status_change::{Column, Entity};
    let later = Entity::find()
        .filter(Column::HouseholdId.eq(household_id))
        .filter(Column::ChangedAt.gt(at))
        .count(tx)
        .await?;
    Ok(later > 0)
}

/// Keeps changes of statuses, made by the change's caller.
pub async fn insert_changes(tx: &Tx, changes: Vec<NewStatusChange>) -> Result<()> {
    let actor = tx.scope().actor();
    let officer_id = actor.role.of_staff().map(|_| actor.id);
    for some in changes.chunks(ROWS) {
        let rows = some.iter().map(|new| {
            let reason = new.reason.as_ref();
            let reason = reason.map(|reason| tx.keyring().seal(REASON, reason.as_bytes()));
            Ok(household_status_change::Model {
                id: new.id,
                household_id: new.household_id,
                from_status: new.from,
                to_status: new.to,
                cause: new.cause,
                reason: reason.transpose().map_err(Error::internal)?,
                officer_id,
                changed_at: new.changed_at,
            }
            .into_active_model())
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        household_status_change::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

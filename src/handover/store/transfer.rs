//! How the transfers of households are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::handover_transfer::{self, State};
use sea_orm::sea_query::ExprTrait;
use sea_orm::sea_query::{Expr, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait,
    QueryFilter, Value,
};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, changed_one, keys};
use crate::error::Result;
use crate::handover::{HandoverTransfer, HandoverTransferFilter};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

impl Record for HandoverTransfer {
    type Filter = HandoverTransferFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadTransfer;
    const KIND: Kind = Kind::HandoverTransfer;
    const KEY: Column = ("handover_transfer", "id");
    const PLACE: Place = Place {
        township: Some(("handover_transfer", "township_code")),
        village: Some(("handover_transfer", "village_code")),
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "handover_transfer",
            &[
                "id",
                "state",
                "version",
                "changed_at",
                "household_id",
                "handover_id",
                "village_code",
                "township_code",
            ],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::HandoverTransfer, cells.take::<Uuid>()?),
            state: cells.take::<State>()?.into(),
            version: cells.take()?,
            changed_at: cells.take()?,
            household_id: cells.take()?,
            handover_id: cells.take()?,
            place: (cells.take()?, cells.take()?),
        })
    }

    fn keep(filter: &HandoverTransferFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(states) = &filter.states {
            let states = states.iter().map(|state| State::from(*state));
            select.and_where(column(("handover_transfer", "state")).is_in(states));
        }
    }

    /// By household: a household comes once in a hand-over.
    fn sort((): ()) -> Sort {
        let columns =
            vec![("handover_transfer", "handover_id"), ("handover_transfer", "household_id")];
        Sort { columns, descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.handover_id.into(), self.household_id.into()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The name of a state, in the table and in the event log.
pub fn name(state: State) -> String {
    state.to_value()
}

/// Makes a transfer for each household of these villages, with one statement for any number of them.
/// So the database makes their ids, which are in no order.
pub async fn make(tx: &Tx, id: Uuid, villages: &[Key], now: DateTime<Utc>) -> Result<()> {
    let new_id = match tx.backend() {
        DbBackend::Postgres => "gen_random_uuid()",
        _ => "randomblob(16)",
    };
    let households = Query::select()
        .expr(Expr::cust(new_id))
        .expr(Expr::val(id))
        .expr(column(("household", "id")))
        .expr(column(("household", "village_code")))
        .expr(column(("household", "township_code")))
        .expr(Expr::val(name(State::Pending)))
        .expr(Expr::val(1))
        .expr(Expr::val(now))
        .from("household")
        .and_where(keys::among(("household", "village_code"), villages, tx.backend()))
        .take();
    let mut insert = Query::insert();
    insert.into_table(handover_transfer::Entity).columns([
        handover_transfer::Column::Id,
        handover_transfer::Column::HandoverId,
        handover_transfer::Column::HouseholdId,
        handover_transfer::Column::VillageCode,
        handover_transfer::Column::TownshipCode,
        handover_transfer::Column::State,
        handover_transfer::Column::Version,
        handover_transfer::Column::ChangedAt,
    ]);
    insert.select_from(households).map_err(crate::error::Error::internal)?;
    tx.execute_raw(tx.backend().build(&insert)).await?;
    Ok(())
}

/// Lets a transfer of this version go on.
pub async fn advance(tx: &Tx, id: Uuid, version: i32, to: State, now: DateTime<Utc>) -> Result<()> {
    let row = handover_transfer::ActiveModel {
        state: Set(to),
        version: Set(version.saturating_add(1)),
        changed_at: Set(now),
        ..Default::default()
    };
    let result = handover_transfer::Entity::update_many()
        .set(row)
        .filter(handover_transfer::Column::Id.eq(id))
        .filter(handover_transfer::Column::Version.eq(version))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

/// A column of a transfer.
pub fn of(name: &'static str) -> SimpleExpr {
    column(("handover_transfer", name))
}

/// The transfer of a household of which nothing is known yet, and its version.
pub async fn pending(
    tx: &Tx,
    handover_id: Uuid,
    household_id: Uuid,
) -> Result<Option<(Uuid, i32)>> {
    let found = handover_transfer::Entity::find()
        .filter(handover_transfer::Column::HandoverId.eq(handover_id))
        .filter(handover_transfer::Column::HouseholdId.eq(household_id))
        .filter(handover_transfer::Column::State.eq(State::Pending))
        .one(tx)
        .await?;
    Ok(found.map(|row| (row.id, row.version)))
}

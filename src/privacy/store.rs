//! How requests for correction are stored.

use async_graphql::Lookahead;
use entity::correction_request::{self, Column as C, Entity, State, Value as Stored};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value,
};
use uuid::Uuid;

use super::graphql::CorrectionRequestOrder;
use super::{CorrectionRequest, CorrectionRequestFilter};
use crate::access::Act;
use crate::db::{Column, Key, Place, Reader, Sort, Tx, area, area::column};
use crate::error::{Error, Result};
use crate::household::Household;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

/// What sealed texts are sealed for.
const WRONG: &str = "correction wrong";
const RIGHT: &str = "correction right";
const REASON: &str = "correction reason";

const COLUMNS: [&str; 12] = [
    "id",
    "receipt",
    "value",
    "wrong",
    "right",
    "state",
    "requested_at",
    "answered_at",
    "reason",
    "household_id",
    "contact_id",
    "answerer_id",
];

impl Record for CorrectionRequest {
    type Filter = CorrectionRequestFilter;
    type Order = CorrectionRequestOrder;
    type With = ();

    const READ: Act = Act::ReadCorrection;
    const KIND: Kind = Kind::CorrectionRequest;
    const KEY: Column = ("correction_request", "id");
    const PLACE: Place = Household::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from("correction_request", &COLUMNS);
        record::join(&mut select, "household", "id", ("correction_request", "household_id"));
        record::add(&mut select, "household", &["village_code", "township_code"]);
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::CorrectionRequest, cells.take::<Uuid>()?),
            receipt: cells.take()?,
            value: cells.take::<Stored>()?.into(),
            wrong: cells.open(WRONG)?,
            right: cells.open(RIGHT)?,
            state: cells.take::<State>()?.into(),
            requested_at: cells.take()?,
            answered_at: cells.take()?,
            reason: cells.open(REASON)?,
            household_id: cells.take()?,
            contact_id: cells.take()?,
            answerer_id: cells.take()?,
            village_code: cells.take()?,
            township_code: cells.take()?,
        })
    }

    fn keep(filter: &CorrectionRequestFilter, select: &mut SelectStatement, _: DbBackend) {
        let is = |name| column(("correction_request", name));
        if let Some(code) = &filter.area_code {
            select.and_where(area::in_division(Self::PLACE, &code.0));
        }
        if let Some(states) = &filter.states {
            select.and_where(is("state").is_in(states.iter().map(|state| State::from(*state))));
        }
        if let Some(receipt) = &filter.receipt {
            select.and_where(is("receipt").eq(receipt.as_str()));
        }
    }

    fn sort(order: CorrectionRequestOrder) -> Sort {
        let descending = order == CorrectionRequestOrder::RequestedAtDesc;
        Sort { columns: vec![("correction_request", "requested_at"), Self::KEY], descending }
    }

    fn sort_values(&self, _: CorrectionRequestOrder) -> Vec<Value> {
        vec![self.requested_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

fn sealed(reader: &Reader, purpose: &str, text: Option<&String>) -> Result<Option<Vec<u8>>> {
    let sealed = text.map(|text| reader.keyring().seal(purpose, text.as_bytes()));
    sealed.transpose().map_err(Error::internal)
}

/// Adds a request at the end of the change.
pub fn insert(tx: &mut Tx, new: &CorrectionRequest) -> Result<()> {
    let row = correction_request::ActiveModel {
        id: Set(new.id.uuid()),
        household_id: Set(new.household_id),
        contact_id: Set(new.contact_id),
        receipt: Set(new.receipt.clone()),
        value: Set(new.value.into()),
        wrong: Set(sealed(tx, WRONG, new.wrong.as_ref())?),
        right: Set(sealed(tx, RIGHT, new.right.as_ref())?),
        state: Set(new.state.into()),
        requested_at: Set(new.requested_at),
        answered_at: Set(None),
        answerer_id: Set(None),
        reason: Set(None),
    };
    tx.add(row);
    Ok(())
}

/// Writes down what became of a request.
pub async fn answer(tx: &Tx, after: &CorrectionRequest) -> Result<()> {
    let row = correction_request::ActiveModel {
        state: Set(after.state.into()),
        answered_at: Set(after.answered_at),
        answerer_id: Set(after.answerer_id),
        reason: Set(sealed(tx, REASON, after.reason.as_ref())?),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(C::Id.eq(after.id.uuid())).exec(tx).await?;
    Ok(())
}

/// Of the requests of a contact remains that they were made, and how they ended.
pub async fn forget_contact(tx: &Tx, contact_id: Uuid) -> Result<()> {
    let nothing = || Expr::val(None::<Vec<u8>>);
    Entity::update_many()
        .col_expr(C::ContactId, Expr::val(None::<Uuid>))
        .col_expr(C::Wrong, nothing())
        .col_expr(C::Right, nothing())
        .col_expr(C::Reason, nothing())
        .filter(C::ContactId.eq(contact_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The name of a state, in the event log.
pub fn state_name(state: State) -> String {
    state.to_value()
}

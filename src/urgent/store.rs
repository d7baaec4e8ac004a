//! How alerts are stored.

use std::collections::HashMap;

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::access_log::LookedAt;
use entity::inquiry;
use entity::urgent_alert::{self, Kind as Stored, Model, State};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, Value,
};
use uuid::Uuid;

use super::graphql::UrgentAlertOrder;
use super::{UrgentAlert, UrgentAlertFilter};
use crate::access::Act;
use crate::db::{Column, Key, Place, Reader, Sort, Tx, area, area::column, keys};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

const COLUMNS: [&str; 11] = [
    "id",
    "kind",
    "words",
    "list_version",
    "raised_at",
    "state",
    "handled_at",
    "inquiry_id",
    "message_id",
    "alerted_id",
    "handler_id",
];

impl Record for UrgentAlert {
    type Filter = UrgentAlertFilter;
    type Order = UrgentAlertOrder;
    type With = ();

    const READ: Act = Act::ReadUrgentAlert;
    const KIND: Kind = Kind::UrgentAlert;
    const KEY: Column = ("urgent_alert", "id");
    const PLACE: Place = Place {
        township: Some(("inquiry", "township_code")),
        village: Some(("inquiry", "village_code")),
        household: Some(("inquiry", "household_id")),
        sealed: true,
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from("urgent_alert", &COLUMNS);
        record::join(&mut select, "inquiry", "id", ("urgent_alert", "inquiry_id"));
        record::add_seal(&mut select);
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let alert = Self {
            id: GlobalId::new(Kind::UrgentAlert, cells.take::<Uuid>()?),
            kind: cells.take::<Stored>()?.into(),
            words: cells.take::<String>()?.lines().map(str::to_owned).collect(),
            list_version: cells.take()?,
            raised_at: cells.take()?,
            state: cells.take::<State>()?.into(),
            handled_at: cells.take()?,
            inquiry_id: cells.take()?,
            message_id: cells.take()?,
            alerted_id: cells.take()?,
            handler_id: cells.take()?,
        };
        cells.shown(LookedAt::Inquiry)?;
        Ok(alert)
    }

    fn keep(filter: &UrgentAlertFilter, select: &mut SelectStatement, _: DbBackend) {
        let is = |name| column(("urgent_alert", name));
        if let Some(code) = &filter.area_code {
            select.and_where(area::in_division(Self::PLACE, &code.0));
        }
        if let Some(states) = &filter.states {
            select.and_where(is("state").is_in(states.iter().map(|state| State::from(*state))));
        }
        if let Some(since) = filter.raised_since {
            select.and_where(is("raised_at").gte(since));
        }
        if let Some(before) = filter.raised_before {
            select.and_where(is("raised_at").lt(before));
        }
    }

    fn sort(order: UrgentAlertOrder) -> Sort {
        let descending = order == UrgentAlertOrder::RaisedAtDesc;
        Sort { columns: vec![("urgent_alert", "raised_at"), Self::KEY], descending }
    }

    fn sort_values(&self, _: UrgentAlertOrder) -> Vec<Value> {
        vec![self.raised_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The latest alerts of inquiries.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OfInquiry;

impl Batch for OfInquiry {
    type Value = UrgentAlert;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, UrgentAlert>> {
        let alerts = of(request, ("urgent_alert", "inquiry_id"), keys).await?;
        Ok(alerts.into_iter().map(|alert| (alert.inquiry_id.into(), alert)).collect())
    }
}

/// The alerts of messages.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OfMessage;

impl Batch for OfMessage {
    type Value = UrgentAlert;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, UrgentAlert>> {
        let alerts = of(request, ("urgent_alert", "message_id"), keys).await?;
        Ok(alerts.into_iter().map(|alert| (alert.message_id.into(), alert)).collect())
    }
}

/// The alerts of which `parent` is one of these keys, the latest last.
async fn of(request: &Request, parent: Column, keys: &[Key]) -> Result<Vec<UrgentAlert>> {
    let reader = request.reader(UrgentAlert::READ)?.below_parents();
    let mut select = record::visible::<UrgentAlert>(&reader, ());
    select.and_where(keys::among(parent, keys, reader.backend()));
    UrgentAlert::sort(UrgentAlertOrder::RaisedAtAsc).apply(&mut select);
    record::all(&reader, &select, ()).await
}

/// Whether there is an alert of an inquiry that nobody found to be false.
pub fn alarming() -> SimpleExpr {
    let is = |name| column(("urgent_alert", name));
    Expr::exists(
        Query::select()
            .expr(Expr::val(1))
            .from("urgent_alert")
            .and_where(is("inquiry_id").eq(column(("inquiry", "id"))))
            .and_where(is("state").ne(State::FalseAlarm))
            .take(),
    )
}

/// Adds an alert at the end of the change.
pub fn insert(tx: &mut Tx, new: Model) {
    tx.add(new.into_active_model());
}

/// Writes down what became of an alert.
pub async fn handle(
    tx: &Tx,
    id: Uuid,
    state: State,
    handler_id: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = urgent_alert::ActiveModel {
        state: Set(state),
        handled_at: Set(Some(now)),
        handler_id: Set(Some(handler_id)),
        ..Default::default()
    };
    let filter = urgent_alert::Column::Id.eq(id);
    urgent_alert::Entity::update_many().set(row).filter(filter).exec(tx).await?;
    Ok(())
}

/// Where an alert's inquiry lies, and whose matter it is.
pub async fn place(tx: &Tx, alert: &UrgentAlert) -> Result<Option<((String, String), Uuid)>> {
    use inquiry::Column::{HouseholdId, TownshipCode, VillageCode};
    let found: Option<(String, String, Uuid)> = inquiry::Entity::find_by_id(alert.inquiry_id)
        .select_only()
        .columns([VillageCode, TownshipCode, HouseholdId])
        .into_tuple()
        .one(tx)
        .await?;
    Ok(found.map(|(village, township, household_id)| ((village, township), household_id)))
}

/// How many alerts are in each state.
pub async fn count(reader: &Reader, filter: &UrgentAlertFilter) -> Result<Vec<(State, i64)>> {
    let state = column(("urgent_alert", "state"));
    let mut counted = UrgentAlert::select(());
    counted.clear_selects().expr(state.clone()).expr(Expr::cust("count(*)")).add_group_by([state]);
    UrgentAlert::keep(filter, &mut counted, reader.backend());
    let rows = reader.rows(&reader.select(counted, UrgentAlert::PLACE)).await?;
    let read = |row| {
        let mut cells = Cells::new(row, 0, reader);
        Ok((cells.take::<State>()?, cells.take::<i64>()?))
    };
    Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
}

/// The name of a kind of emergency, in the event log.
pub fn kind_name(kind: Stored) -> String {
    kind.to_value()
}

/// The name of a state, in the event log.
pub fn state_name(state: State) -> String {
    state.to_value()
}

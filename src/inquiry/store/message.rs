//! How messages are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::access_log::LookedAt;
use entity::message;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter,
    QueryOrder, Value,
};
use uuid::Uuid;

use super::Outdated;
use crate::access::{Act, Reach, Scope};
use crate::actor::Role;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, keys};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::inquiry::{Inquiry, Message, MessageOrder};
use crate::record::{self, Cells, Record};
use crate::request::Request;

pub(super) const COLUMNS: [&str; 11] = [
    "id",
    "direction",
    "text",
    "sent_at",
    "inquiry_id",
    "officer_id",
    "contact_id",
    "guide_version_id",
    "via",
    "recalled_at",
    "automatic",
];

impl Record for Message {
    type Filter = Option<Outdated>;
    type Order = MessageOrder;
    type With = ();

    const READ: Act = Act::ReadMessage;
    const KIND: Kind = Kind::Message;
    const KEY: Column = ("message", "id");
    const PLACE: Place = Inquiry::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from("message", &COLUMNS);
        record::join(&mut select, "inquiry", "id", ("message", "inquiry_id"));
        record::add_seal(&mut select);
        select
    }

    /// The household never sees what officers write among themselves.
    fn hide(scope: &Scope, select: &mut SelectStatement) {
        if scope.reach() == Reach::Own || scope.actor().role == Role::Channel {
            let note = message::Direction::InternalNote;
            select.and_where(column(("message", "direction")).ne(note));
        }
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let message = Self {
            id: GlobalId::new(Kind::Message, cells.take::<Uuid>()?),
            direction: cells.take::<message::Direction>()?.into(),
            text: cells.take()?,
            sent_at: cells.take()?,
            inquiry_id: cells.take()?,
            officer_id: cells.take()?,
            contact_id: cells.take()?,
            guide_version_id: cells.take()?,
            via: cells.take::<message::Via>()?.into(),
            recalled_at: cells.take()?,
            automatic: cells.take()?,
        };
        cells.shown(LookedAt::Messages)?;
        Ok(message)
    }

    fn keep(outdated: &Option<Outdated>, select: &mut SelectStatement, _: DbBackend) {
        if let Some(outdated) = outdated {
            outdated.keep(select);
        }
    }

    fn sort(order: MessageOrder) -> Sort {
        Sort {
            columns: vec![("message", "sent_at"), Self::KEY],
            descending: order == MessageOrder::SentAtDesc,
        }
    }

    fn sort_values(&self, _: MessageOrder) -> Vec<Value> {
        vec![self.sent_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Adds a message at the end of the change.
pub fn insert_message(tx: &mut Tx, new: &Message) {
    tx.add(row(new));
}

/// Adds a message at once, so that the change itself may refer to it.
pub async fn insert_message_now(tx: &Tx, new: &Message) -> Result<()> {
    message::Entity::insert(row(new)).exec_without_returning(tx).await?;
    Ok(())
}

fn row(new: &Message) -> message::ActiveModel {
    message::ActiveModel {
        id: Set(new.id.uuid()),
        inquiry_id: Set(new.inquiry_id),
        direction: Set(new.direction.into()),
        officer_id: Set(new.officer_id),
        contact_id: Set(new.contact_id),
        text: Set(new.text.clone()),
        sent_at: Set(new.sent_at),
        guide_version_id: Set(new.guide_version_id),
        via: Set(new.via.into()),
        recalled_at: Set(new.recalled_at),
        automatic: Set(new.automatic),
    }
}

/// By which way somebody reads what is said in an inquiry: that by which a contact wrote last.
pub async fn way(tx: &Tx, inquiry_id: Uuid) -> Result<message::Via> {
    let last = message::Entity::find()
        .filter(message::Column::InquiryId.eq(inquiry_id))
        .filter(message::Column::Direction.eq(message::Direction::Inbound))
        .order_by_desc(message::Column::SentAt)
        .order_by_desc(message::Column::Id)
        .one(tx)
        .await?;
    Ok(last.filter(|last| last.officer_id.is_none()).map(|last| last.via).unwrap_or_default())
}

/// Of the messages of a contact in the inquiries of these households remains that a contact wrote them.
pub async fn forget_contact(tx: &Tx, contact_id: Uuid, households: &[Uuid]) -> Result<()> {
    let ids: Vec<Key> = households.iter().copied().map(Key::Id).collect();
    let theirs = sea_orm::sea_query::Query::select()
        .column(("inquiry", "id"))
        .from("inquiry")
        .and_where(keys::among(("inquiry", "household_id"), &ids, tx.backend()))
        .take();
    message::Entity::update_many()
        .col_expr(message::Column::ContactId, Expr::val(None::<Uuid>))
        .filter(message::Column::ContactId.eq(contact_id))
        .filter(message::Column::InquiryId.in_subquery(theirs))
        .exec(tx)
        .await?;
    Ok(())
}

/// The unresolved inquiry of one of these households that a contact took part in last, or in which no other contact
/// did.
pub async fn conversation(tx: &Tx, households: &[Uuid], contact_id: Uuid) -> Result<Option<Uuid>> {
    let ids: Vec<Key> = households.iter().copied().map(Key::Id).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let written = |by: SimpleExpr| {
        let wrote = Query::select()
            .expr(Expr::val(1))
            .from("message")
            .and_where(column(("message", "inquiry_id")).eq(column(("inquiry", "id"))))
            .and_where(by)
            .take();
        Expr::exists(wrote)
    };
    let by = || column(("message", "contact_id"));
    let own = written(by().eq(contact_id));
    let others = written(by().is_not_null().and(by().ne(contact_id)));
    let select = Query::select()
        .column(("inquiry", "id"))
        .from("inquiry")
        .and_where(keys::among(("inquiry", "household_id"), &ids, tx.backend()))
        .and_where(Expr::cust("inquiry.status <> 'RESOLVED'"))
        .and_where(own.or(others.not()))
        .order_by(("inquiry", "updated_at"), Order::Desc)
        .order_by(("inquiry", "id"), Order::Desc)
        .limit(1)
        .take();
    let row = tx.query_one_raw(tx.backend().build(&select)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Notes that a message was taken back, unless it is noted; tells whether it was not.
pub async fn recall(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let recalled = message::Entity::update_many()
        .col_expr(message::Column::RecalledAt, Expr::val(now))
        .filter(message::Column::Id.eq(id))
        .filter(message::Column::RecalledAt.is_null())
        .exec(tx)
        .await?;
    Ok(recalled.rows_affected == 1)
}

//! To whom a message goes.

use std::collections::HashMap;

use entity::message::{Direction, Via};
use entity::{channel_customer, contact};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::customer::same;
use crate::channel as channels;
use crate::db::{Column, Key, Tx, area::column, keys};
use crate::error::Result;
use crate::record::{self, Cells};

const INQUIRY: Column = ("message", "inquiry_id");

/// What the desk wrote, and to whom it goes in WeChat.
pub struct Spoken {
    /// What it wrote.
    pub text: String,
    /// The contact to whom it goes.
    pub to: Option<Uuid>,
}

impl Spoken {
    /// The contact to whom something goes in WeChat: who wrote there last, or the primary contact when only an officer
    /// wrote down what the household said. Who wrote in an app reads there.
    pub fn read(cells: &mut Cells<'_>) -> Result<Option<Uuid>, DbErr> {
        let (via, contact): (Option<Via>, Option<Uuid>) = (cells.take()?, cells.take()?);
        let primary = cells.take()?;
        Ok(match (via, contact) {
            (Some(Via::Wechat), contact) => contact,
            (Some(_), Some(_)) => None,
            (_, None) => primary,
            (None, Some(_)) => None,
        })
    }
}

/// What was written under these ids to households, and has not come from WeChat itself.
pub async fn spoken(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Spoken>> {
    let keys: Vec<Key> = ids.iter().copied().map(Key::Id).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let mut select = record::from("message", &["id", "text"]);
    record::join(&mut select, "inquiry", "id", ("message", "inquiry_id"));
    select
        .expr(last_inbound(INQUIRY, "via", Some(("message", "sent_at"))))
        .expr(last_inbound(INQUIRY, "contact_id", Some(("message", "sent_at"))))
        .expr(primary())
        .and_where(keys::among(("message", "id"), &keys, tx.backend()))
        .and_where(column(("message", "direction")).eq(Direction::Outbound))
        .and_where(column(("message", "via")).eq(Via::App).or(column(("message", "automatic"))));
    let mut found = HashMap::new();
    for row in tx.query_all_raw(tx.backend().build(&select)).await? {
        let mut cells = Cells::new(&row, 0, tx);
        let (id, text) = (cells.take()?, cells.take()?);
        found.insert(id, Spoken { text, to: Spoken::read(&mut cells)? });
    }
    Ok(found)
}

/// A column of what the household wrote last in the inquiry with this id, up to a moment.
pub fn last_inbound(inquiry: Column, name: &'static str, until: Option<Column>) -> SimpleExpr {
    let of = |name| column(("earlier", name));
    let mut select = Query::select();
    select
        .expr(of(name))
        .from_as("message", "earlier")
        .and_where(of("inquiry_id").eq(column(inquiry)))
        .and_where(of("direction").eq(Direction::Inbound))
        .order_by(("earlier", "sent_at"), Order::Desc)
        .order_by(("earlier", "id"), Order::Desc)
        .limit(1);
    if let Some(until) = until {
        select.and_where(of("sent_at").lte(column(until)));
    }
    sub(select)
}

/// The primary contact of an inquiry's household.
pub fn primary() -> SimpleExpr {
    let of = |name| column(("household_contact", name));
    let select = Query::select()
        .expr(of("contact_id"))
        .from("household_contact")
        .and_where(of("household_id").eq(column(("inquiry", "household_id"))))
        .and_where(of("standing").eq("PRIMARY"))
        .limit(1)
        .take();
    sub(select)
}

fn sub(select: SelectStatement) -> SimpleExpr {
    Expr::SubQuery(None, Box::new(select.into()))
}

/// Where a contact can be reached.
#[derive(Clone, Copy)]
pub struct Reachable {
    /// As whom.
    pub customer_id: Uuid,
    /// Through which channel.
    pub channel_id: Uuid,
}

/// Where these contacts wrote last in WeChat, under the name by which they are known now. Nobody else puts anything in
/// line for them until the change is over.
pub async fn reachable(tx: &Tx, contacts: &[Uuid]) -> Result<HashMap<Uuid, Reachable>> {
    use channel_customer::Column as C;
    let keys: Vec<Key> = contacts.iter().copied().map(Key::Id).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = channel_customer::Entity::find()
        .filter(keys::among(("channel_customer", "contact_id"), &keys, tx.backend()))
        .filter(C::ChannelId.in_subquery(channels::used()))
        .filter(C::LastInboundAt.is_not_null())
        .order_by_asc(C::LastInboundAt)
        .lock(LockType::Update)
        .all(tx)
        .await?;
    let named: Vec<(Uuid, Vec<u8>)> = contact::Entity::find()
        .select_only()
        .columns([contact::Column::Id, contact::Column::WechatId])
        .filter(keys::among(("contact", "id"), &keys, tx.backend()))
        .filter(contact::Column::WechatId.is_not_null())
        .into_tuple()
        .all(tx)
        .await?;
    let named: HashMap<Uuid, Vec<u8>> = named.into_iter().collect();
    let mut last = HashMap::new();
    // The latest is put in last.
    for row in rows {
        let Some(contact_id) = row.contact_id else { continue };
        let Some(known) = named.get(&contact_id) else { continue };
        if same(tx.keyring(), known, &row.external_id)? {
            let reachable = Reachable { customer_id: row.id, channel_id: row.channel_id };
            last.insert(contact_id, reachable);
        }
    }
    Ok(last)
}

//! How unknown senders are stored.

use std::collections::HashMap;

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::wechat_message::State;
use entity::{channel_customer, wechat_message};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use super::graphql::{HeldMessage, SenderFilter, SenderOrder, WechatSender};
use crate::access::Act;
use crate::attachment;
use crate::db::{Column, Key, Place, Sort, Tx, area, area::column};
use crate::error::{Error, Result};
use crate::household::WECHAT;
use crate::id::{GlobalId, Kind};
use crate::messenger::inbound;
use crate::messenger::store::{NICKNAME, log};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};
use crate::text;
use crate::wecom::Item;

const TABLE: &str = "channel_customer";
const COLUMNS: [&str; 10] = [
    "id",
    "scene",
    "door",
    "first_seen_at",
    "last_inbound_at",
    "dismissed_at",
    "version",
    "village_code",
    "contact_id",
    "nickname",
];
/// How much of what waits is shown of each.
const SHOWN: u64 = 20;
/// How many households are proposed for each.
const PROPOSED: usize = 20;
/// More than a group has.
const MOST_IN_GROUP: u64 = 1000;

impl Record for WechatSender {
    type Filter = SenderFilter;
    type Order = SenderOrder;
    type With = ();

    const READ: Act = Act::ReadSender;
    const KIND: Kind = Kind::WechatSender;
    const KEY: Column = (TABLE, "id");
    const PLACE: Place = Place {
        township: Some((TABLE, "township_code")),
        village: Some((TABLE, "village_code")),
        common: true,
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from(TABLE, &COLUMNS);
        record::join(&mut select, "channel", "id", (TABLE, "channel_id"));
        record::add(&mut select, "channel", &["name"]);
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::WechatSender, cells.take::<Uuid>()?),
            scene: cells.take()?,
            door: cells.take()?,
            first_seen_at: cells.take()?,
            last_wrote_at: cells.take()?,
            dismissed_at: cells.take()?,
            version: cells.take()?,
            village_code: cells.take()?,
            contact_id: cells.take()?,
            nickname: cells
                .open(NICKNAME)?
                .map(|name| if cells.reveals() { name } else { text::masked_name(&name) }),
            account: cells.take()?,
        })
    }

    fn keep(filter: &SenderFilter, select: &mut SelectStatement, _: DbBackend) {
        let is = |name| column((TABLE, name));
        select
            .and_where(is("contact_id").is_null())
            .and_where(is("last_inbound_at").is_not_null())
            .and_where(
                is("dismissed_at").is_null().or(is("last_inbound_at").gt(is("dismissed_at"))),
            );
        if let Some(code) = &filter.area_code {
            select.and_where(area::in_division(Self::PLACE, &code.0));
        }
    }

    fn sort(order: SenderOrder) -> Sort {
        let descending = order == SenderOrder::LastWroteAtDesc;
        Sort { columns: vec![(TABLE, "last_inbound_at"), Self::KEY], descending }
    }

    fn sort_values(&self, _: SenderOrder) -> Vec<Value> {
        vec![self.last_wrote_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// What senders wrote, and what waits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HeldOf;

impl Batch for HeldOf {
    type Value = Vec<HeldMessage>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<HeldMessage>>> {
        const TABLE: &str = "wechat_message";
        let reader = request.reader(WechatSender::READ)?.below_parents();
        let mut select = record::from(TABLE, &["raw", "sent_at"]);
        record::join(&mut select, "channel_customer", "id", (TABLE, "customer_id"));
        select.and_where(column((TABLE, "state")).eq(State::Held));
        let select = reader.select(select, WechatSender::PLACE);
        let sort = Sort { columns: vec![(TABLE, "sequence")], descending: false };
        let rows = reader.rows_per_key(&select, (TABLE, "customer_id"), keys, &sort, SHOWN).await?;
        let mut held: HashMap<Key, Vec<HeldMessage>> = HashMap::new();
        for row in &rows {
            let mut cells = Cells::new(row, 1, &reader);
            let raw: Vec<u8> = cells.take()?;
            let sent_at: DateTime<Utc> = cells.take()?;
            let item = Item::read(&log::opened(reader.keyring(), &raw)?);
            let text = item.map(|item| inbound::text(&item.body, &item.kind));
            let text = text.filter(|_| reader.reveals());
            held.entry(Key::first_of(row, &keys[0])?)
                .or_default()
                .push(HeldMessage { text, sent_at });
        }
        Ok(held)
    }
}

/// The households that senders may be of: the one at the door that the link names, or those of its group.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProposedFor;

impl Batch for ProposedFor {
    type Value = Vec<Uuid>;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Vec<Uuid>>> {
        let reader = request.reader(WechatSender::READ)?.below_parents();
        let mut select = record::from("household", &["id", "door"]);
        record::join(&mut select, TABLE, "group_code", ("household", "group_code"));
        record::add(&mut select, TABLE, &["door"]);
        let select = reader.select(select, WechatSender::PLACE);
        let sort =
            Sort { columns: vec![("household", "door"), ("household", "id")], descending: false };
        let rows = reader.rows_per_key(&select, (TABLE, "id"), keys, &sort, MOST_IN_GROUP).await?;
        let mut proposed: HashMap<Key, Vec<Uuid>> = HashMap::new();
        let mut at_door: HashMap<Key, Vec<Uuid>> = HashMap::new();
        for row in &rows {
            let mut cells = Cells::new(row, 1, &reader);
            let (id, door): (Uuid, i32) = (cells.take()?, cells.take()?);
            let named: Option<i32> = cells.take()?;
            let key = Key::first_of(row, &keys[0])?;
            if named == Some(door) {
                at_door.entry(key.clone()).or_default().push(id);
            }
            proposed.entry(key).or_default().push(id);
        }
        proposed.extend(at_door);
        for ids in proposed.values_mut() {
            ids.truncate(PROPOSED);
        }
        Ok(proposed)
    }
}

/// A sender's name at the far side.
pub async fn name(tx: &Tx, id: Uuid) -> Result<Option<String>> {
    let row = channel_customer::Entity::find_by_id(id).one(tx).await?;
    let sealed = row.map(|row| row.external_id).filter(|sealed| !sealed.is_empty());
    let opened = sealed.map(|sealed| tx.keyring().open_text(WECHAT, &sealed));
    opened.transpose().map_err(Error::internal)
}

/// Notes who a sender is, and lets what waits be worked off.
pub async fn bind(tx: &Tx, id: Uuid, contact_id: Uuid) -> Result<()> {
    use channel_customer::Column as C;
    channel_customer::Entity::update_many()
        .col_expr(C::ContactId, Expr::val(contact_id))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    log::release_held(tx, id).await.map(drop)
}

/// Leaves aside what a sender wrote so far, and forgets it.
pub async fn dismiss(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    use channel_customer::Column as C;
    channel_customer::Entity::update_many()
        .col_expr(C::DismissedAt, Expr::val(now))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    wechat_message::Entity::update_many()
        .col_expr(wechat_message::Column::State, Expr::val(State::Done))
        .col_expr(wechat_message::Column::Raw, Expr::val(Vec::<u8>::new()))
        .filter(wechat_message::Column::CustomerId.eq(id))
        .filter(wechat_message::Column::State.eq(State::Held))
        .exec(tx)
        .await?;
    attachment::forget(tx, id, now).await
}

//! How far messages are, for those who may read them.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::message_delivery::Model;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{DbErr, FromQueryResult, Iterable};
use uuid::Uuid;

use super::customer::same;
use super::outbox::{Spoken, last_inbound, primary};
use crate::db::{Key, Reader, area::column, keys};
use crate::error::Result;
use crate::inquiry::{Inquiry, Message};
use crate::messenger::graphql::{MessageDelivery, WechatWindow};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

/// How far messages are on their way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OfMessage;

impl Batch for OfMessage {
    type Value = MessageDelivery;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, MessageDelivery>> {
        let reader = request.reader(Message::READ)?.below_parents();
        let mut select = SelectStatement::new();
        select.from("message_delivery").columns(
            entity::message_delivery::Column::iter()
                .map(|column| (entity::message_delivery::Entity, column)),
        );
        record::join(&mut select, "message", "id", ("message_delivery", "message_id"));
        record::join(&mut select, "inquiry", "id", ("message", "inquiry_id"));
        let mut select = reader.select(select, Inquiry::PLACE);
        select.and_where(keys::among(("message_delivery", "message_id"), keys, reader.backend()));
        let rows = reader.rows(&select).await?;
        let read = |row| {
            let row = Model::from_query_result(row, "")?;
            Ok((row.message_id.unwrap_or_default().into(), row.into()))
        };
        Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
    }
}

/// How much may be sent to whom inquiries are with, in WeChat.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OfInquiry;

impl Batch for OfInquiry {
    type Value = WechatWindow;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, WechatWindow>> {
        let reader = request.reader(Inquiry::READ)?.below_parents();
        let mut select = record::from("inquiry", &["id"]);
        let inquiry = ("inquiry", "id");
        select
            .expr(last_inbound(inquiry, "via", None))
            .expr(last_inbound(inquiry, "contact_id", None))
            .expr(primary());
        let mut select = reader.select(select, Inquiry::PLACE);
        select.and_where(keys::among(inquiry, keys, reader.backend()));
        let mut to: HashMap<Key, Uuid> = HashMap::new();
        for row in &reader.rows(&select).await? {
            let mut cells = Cells::new(row, 0, &reader);
            let id: Uuid = cells.take()?;
            to.extend(Spoken::read(&mut cells)?.map(|contact| (id.into(), contact)));
        }
        let contacts: Vec<Key> = to.values().copied().map(Key::Id).collect();
        let windows = windows(&reader, keys, &contacts, request.service().clock.now()).await?;
        let of = |(key, contact)| Some((key, *windows.get(&contact)?));
        Ok(to.into_iter().filter_map(of).collect())
    }
}

/// The windows of contacts who speak for the households of these inquiries, where they wrote last.
async fn windows(
    reader: &Reader,
    inquiries: &[Key],
    contacts: &[Key],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, WechatWindow>> {
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    let customer = ["contact_id", "external_id", "last_inbound_at", "sent_in_window"];
    let mut select = record::from("channel_customer", &customer);
    record::join(&mut select, "channel", "id", ("channel_customer", "channel_id"));
    record::add(&mut select, "channel", &["window_messages", "window_hours"]);
    record::join(&mut select, "contact", "id", ("channel_customer", "contact_id"));
    record::add(&mut select, "contact", &["wechat_id"]);
    let linked = ("household_contact", "household_id");
    record::join(&mut select, "household_contact", "contact_id", ("contact", "id"));
    record::join(&mut select, "inquiry", "household_id", linked);
    select
        .and_where(keys::among(("inquiry", "id"), inquiries, reader.backend()))
        .and_where(keys::among(("channel_customer", "contact_id"), contacts, reader.backend()))
        .and_where(column(("channel", "enabled")))
        .order_by(("channel_customer", "last_inbound_at"), sea_orm::Order::Asc);
    let mut windows = HashMap::new();
    for row in &reader.rows(&reader.select(select, Inquiry::PLACE)).await? {
        let mut cells = Cells::new(row, 0, reader);
        let contact: Uuid = cells.take()?;
        let external_id: Vec<u8> = cells.take()?;
        let last: Option<DateTime<Utc>> = cells.take()?;
        let (sent, of): (i32, i32) = (cells.take()?, cells.take()?);
        let hours: i32 = cells.take()?;
        let known: Option<Vec<u8>> = cells.take()?;
        // Who is called otherwise since writes from elsewhere.
        if !known.map_or(Ok(false), |known| same(reader.keyring(), &known, &external_id))? {
            continue;
        }
        let until = last.map(|last| last + TimeDelta::hours(hours.into()));
        let until = until.filter(|until| *until > now);
        let left = if until.is_some() { (of - sent).max(0) } else { 0 };
        windows.insert(contact, WechatWindow { of, left, until });
    }
    Ok(windows)
}

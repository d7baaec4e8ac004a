//! How channels are stored. What is secret is sealed before it gets here and is opened for the door and for the API only.

use async_graphql::Lookahead;
use entity::channel::{ActiveModel, Column as C, Entity, Kind as Stored, Model};
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value,
};
use uuid::Uuid;

use super::Channel;
use super::graphql::ChannelFilter;
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, changed_one, on_taken};
use crate::error::{Error, Result, UserErrorCode};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

pub mod delivery;
mod facts;

pub use facts::{
    Callback, Gate, account, alone, callback, gate, note_api, used, verified, with_any,
};

const SECRET: &str = "channel secret";
const TOKEN: &str = "channel callback token";
const KEY: &str = "channel callback key";

const COLUMNS: [&str; 17] = [
    "id",
    "kind",
    "name",
    "corp_id",
    "open_kfid",
    "api_base_url",
    "window_messages",
    "window_hours",
    "per_minute",
    "enabled",
    "version",
    "created_at",
    "updated_at",
    "verified_at",
    "api_error",
    "api_error_at",
    "township_code",
];
/// Of these is only told whether they are there.
const HIDDEN: [&str; 3] = ["secret", "callback_token", "old_callback_token"];

impl Record for Channel {
    type Filter = ChannelFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadChannel;
    const KIND: Kind = Kind::Channel;
    const KEY: Column = ("channel", "id");
    const PLACE: Place =
        Place { township: Some(("channel", "township_code")), common: true, ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from("channel", &COLUMNS);
        for hidden in HIDDEN {
            select.expr(column(("channel", hidden)).is_not_null());
        }
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Channel, cells.take::<Uuid>()?),
            kind: cells.take::<Stored>()?.into(),
            name: cells.take()?,
            corp_id: cells.take()?,
            open_kfid: cells.take()?,
            api_base_url: cells.take()?,
            window_messages: cells.take()?,
            window_hours: cells.take()?,
            per_minute: cells.take()?,
            enabled: cells.take()?,
            version: cells.take()?,
            created_at: cells.take()?,
            updated_at: cells.take()?,
            verified_at: cells.take()?,
            api_error: cells.take()?,
            api_checked_at: cells.take()?,
            township_code: cells.take()?,
            has_secret: cells.take()?,
            has_callback_keys: cells.take()?,
            has_old_callback_keys: cells.take()?,
        })
    }

    fn keep(filter: &ChannelFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(kind) = filter.kind {
            select.and_where(column(("channel", "kind")).eq(Stored::from(kind)));
        }
        if let Some(enabled) = filter.enabled {
            select.and_where(column(("channel", "enabled")).eq(enabled));
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("channel", "name"), Self::KEY], descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.name.as_str().into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// A token and a key; without one in plain mode.
pub type CallbackKeys = (String, Option<String>);

/// What is kept secret of a new channel.
pub struct Secrets {
    /// What signs in at WeChat's side.
    pub secret: Option<String>,
    /// The token and the key of the callback.
    pub callback: Option<CallbackKeys>,
}

fn sealed(tx: &Tx, purpose: &str, text: &str) -> Result<Vec<u8>> {
    tx.keyring().seal(purpose, text.as_bytes()).map_err(Error::internal)
}

fn sealed_key(tx: &Tx, key: Option<&str>) -> Result<Option<Vec<u8>>> {
    key.map(|key| sealed(tx, KEY, key)).transpose()
}

/// All that is not secret.
fn row(channel: &Channel) -> ActiveModel {
    ActiveModel {
        id: Set(channel.id.uuid()),
        kind: Set(channel.kind.into()),
        name: Set(channel.name.clone()),
        township_code: Set(channel.township_code.clone()),
        corp_id: Set(channel.corp_id.clone()),
        open_kfid: Set(channel.open_kfid.clone()),
        api_base_url: Set(channel.api_base_url.clone()),
        window_messages: Set(channel.window_messages),
        window_hours: Set(channel.window_hours),
        per_minute: Set(channel.per_minute),
        enabled: Set(channel.enabled),
        version: Set(channel.version),
        created_at: Set(channel.created_at),
        updated_at: Set(channel.updated_at),
        ..Default::default()
    }
}

/// Adds a channel.
pub async fn insert(tx: &Tx, channel: &Channel, secrets: &Secrets) -> Result<()> {
    let mut row = row(channel);
    if let Some(secret) = &secrets.secret {
        row.secret = Set(Some(sealed(tx, SECRET, secret)?));
    }
    if let Some((token, key)) = &secrets.callback {
        row.callback_token = Set(Some(sealed(tx, TOKEN, token)?));
        row.callback_key = Set(sealed_key(tx, key.as_deref())?);
    }
    let inserted = Entity::insert(row).exec_without_returning(tx).await;
    on_taken(inserted, "channel", "open_kfid", taken)?;
    Ok(())
}

/// Changes a channel as it was read, and its secret when there is another.
pub async fn update(
    tx: &Tx,
    before: &Channel,
    after: &Channel,
    secret: Option<&str>,
) -> Result<()> {
    let mut row = row(after);
    if let Some(secret) = secret {
        row.secret = Set(Some(sealed(tx, SECRET, secret)?));
    }
    write(tx, before, row).await
}

/// Gives a channel other keys, and keeps the present ones besides.
pub async fn rotate(
    tx: &Tx,
    before: &Channel,
    after: &Channel,
    (token, key): &CallbackKeys,
) -> Result<()> {
    let present: Option<Model> = Entity::find_by_id(before.id.uuid()).one(tx).await?;
    let present = present.ok_or_else(Error::not_found)?;
    let mut row = row(after);
    row.old_callback_token = Set(present.callback_token);
    row.old_callback_key = Set(present.callback_key);
    row.callback_token = Set(Some(sealed(tx, TOKEN, token)?));
    row.callback_key = Set(sealed_key(tx, key.as_deref())?);
    row.verified_at = Set(None);
    write(tx, before, row).await
}

/// Forgets the keys before the present ones.
pub async fn retire_old(tx: &Tx, before: &Channel, after: &Channel) -> Result<()> {
    let mut row = row(after);
    row.old_callback_token = Set(None);
    row.old_callback_key = Set(None);
    write(tx, before, row).await
}

async fn write(tx: &Tx, before: &Channel, mut row: ActiveModel) -> Result<()> {
    row.id = NotSet;
    let changed = Entity::update_many()
        .set(row)
        .filter(C::Id.eq(before.id.uuid()))
        .filter(C::Version.eq(before.version))
        .exec(tx)
        .await;
    changed_one(on_taken(changed, "channel", "open_kfid", taken)?.rows_affected)
}

fn taken() -> Error {
    Error::user(
        UserErrorCode::Taken,
        "openKfid",
        "该客服账号已属于另一个渠道。",
        "Another channel has this account already.",
    )
}

//! What is read of channels by the door, by the API and by who checks them.

use chrono::{DateTime, Utc};
use entity::channel::{Column as C, Entity, Kind as Stored, Model};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{KEY, SECRET, TOKEN};
use crate::channel::envelope::Keys;
use crate::crypt::Keyring;
use crate::db::{Place, Reader, Tx, area::column};
use crate::error::{Error, Result};
use crate::wecom::{Account, Failure, Issuer};

/// What the door needs of a channel.
pub struct Gate {
    /// Which channel it is.
    pub id: Uuid,
    /// What kind of account it is.
    pub kind: Stored,
    /// To whom everything must be addressed.
    pub receiver: String,
    /// The present keys.
    pub keys: Keys,
    /// The keys before, while they are good.
    pub old: Option<Keys>,
}

/// The gate of a channel that is used and has keys.
pub async fn gate(reader: &Reader, id: Uuid) -> Result<Option<Gate>> {
    let row = model(reader, id).await?.filter(|row| row.enabled);
    let Some(row) = row else { return Ok(None) };
    let keyring = reader.keyring();
    let present = keys(keyring, &row.callback_token, &row.callback_key)?;
    let old = keys(keyring, &row.old_callback_token, &row.old_callback_key)?;
    let both = present.zip(row.corp_id);
    Ok(both.map(|(keys, receiver)| Gate { id, kind: row.kind, receiver, keys, old }))
}

fn keys(keyring: &Keyring, token: &Option<Vec<u8>>, key: &Option<Vec<u8>>) -> Result<Option<Keys>> {
    let Some(token) = token else { return Ok(None) };
    let token = keyring.open_text(TOKEN, token).map_err(Error::internal)?;
    Ok(match key {
        Some(key) => Keys::new(&token, &keyring.open_text(KEY, key).map_err(Error::internal)?),
        None => Keys::plain(&token),
    })
}

/// With what the service signs in at WeChat's side for a channel, when that is there.
pub async fn account(reader: &Reader, id: Uuid) -> Result<Option<Account>> {
    let Some(row) = model(reader, id).await? else { return Ok(None) };
    account_of(reader.keyring(), &row)
}

fn account_of(keyring: &Keyring, row: &Model) -> Result<Option<Account>> {
    let (Some(corp_id), Some(secret)) = (&row.corp_id, &row.secret) else { return Ok(None) };
    let secret = keyring.open_text(SECRET, secret).map_err(Error::internal)?;
    let issuer = match row.kind {
        Stored::OfficialAccount => Issuer::OfficialAccount,
        _ => Issuer::Corp,
    };
    let (base_url, corp_id) = (row.api_base_url.clone(), corp_id.clone());
    Ok(Some(Account { base_url, corp_id, secret, issuer }))
}

/// The channels that are used: id.
pub fn used() -> SelectStatement {
    Query::select().column(C::Id).from(Entity).and_where(C::Enabled.eq(true)).take()
}

/// The channels that are used and have a row of which this holds.
pub async fn with_any<E: EntityTrait>(
    tx: &Tx,
    channel_id: E::Column,
    holds: SimpleExpr,
) -> Result<Vec<Uuid>> {
    Ok(E::find()
        .select_only()
        .column(channel_id)
        .distinct()
        .filter(holds)
        .filter(channel_id.in_subquery(used()))
        .into_tuple()
        .all(tx)
        .await?)
}

/// A channel that is used, and how to sign in. Whoever counts what was tried through it is alone at that until the change
/// is over.
pub async fn alone(tx: &Tx, id: Uuid) -> Result<Option<(Model, Account)>> {
    let used = Entity::find_by_id(id).filter(C::Enabled.eq(true));
    let Some(row) = used.lock(LockType::NoKeyUpdate).one(tx).await? else { return Ok(None) };
    Ok(account_of(tx.keyring(), &row)?.map(|account| (row, account)))
}

async fn model(reader: &Reader, id: Uuid) -> Result<Option<Model>> {
    let select = Entity::find_by_id(id).into_query();
    let rows = reader.rows(&reader.select(select, Place::NOWHERE)).await?;
    let row = rows.first().map(|row| Model::from_query_result(row, "")).transpose();
    Ok(row?)
}

/// Notes that WeChat's side checked the address with the present keys.
pub async fn verified(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::VerifiedAt, Expr::val(now))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes how WeChat's side last answered. Whoever could not reach it has learnt nothing of the channel.
pub async fn note_api(
    tx: &Tx,
    id: Uuid,
    answer: Result<(), Failure>,
    now: DateTime<Utc>,
) -> Result<()> {
    let number = match answer.map_err(Failure::number) {
        Ok(()) => None,
        Err(Some(number)) => i32::try_from(number).ok(),
        Err(None) => return Ok(()),
    };
    Entity::update_many()
        .col_expr(C::ApiError, Expr::val(number))
        .col_expr(C::ApiErrorAt, Expr::val(now))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What is known of the callback of a corporation: all its channels may share one.
#[derive(Debug, Default)]
pub struct Callback {
    /// One of them has keys.
    pub has_keys: bool,
    /// When the address was last checked with present keys.
    pub verified_at: Option<DateTime<Utc>>,
    /// When something last came.
    pub heard_at: Option<DateTime<Utc>>,
}

/// The callback through which a channel is told of what comes.
pub async fn callback(reader: &Reader, corp_id: &str) -> Result<Callback> {
    let mut select = SelectStatement::new();
    let heard = "(SELECT max(received_at) FROM channel_delivery WHERE channel_id = channel.id)";
    select
        .columns([("channel", "verified_at")])
        .expr(Expr::cust(heard))
        .from("channel")
        .and_where(column(("channel", "corp_id")).eq(corp_id))
        .and_where(column(("channel", "enabled")).eq(true))
        .and_where(column(("channel", "callback_token")).is_not_null());
    let rows = reader.rows(&reader.select(select, Place::NOWHERE)).await?;
    rows.iter().try_fold(Callback::default(), |known, row| {
        let verified_at: Option<DateTime<Utc>> = row.try_get_by_index(0)?;
        let heard_at: Option<DateTime<Utc>> = row.try_get_by_index(1)?;
        Ok(Callback {
            has_keys: true,
            verified_at: Ord::max(known.verified_at, verified_at),
            heard_at: Ord::max(known.heard_at, heard_at),
        })
    })
}

//! What those who write call themselves.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel_customer::{Column as C, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::customer::{Known, opened};
use crate::channel as channels;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::text;
use crate::wecom::Account;

/// What a name in WeChat is sealed for.
pub const NICKNAME: &str = "wechat nickname";
/// The most characters of a name that is kept.
const MOST: usize = 64;
/// For how long somebody is one instance's own to ask for.
const LEASE: TimeDelta = TimeDelta::minutes(2);

fn ripe(now: DateTime<Utc>) -> SimpleExpr {
    C::NicknameNextTryAt.is_not_null().and(C::NicknameNextTryAt.lte(now))
}

/// Channels in which there is somebody to ask for.
pub async fn with_nameless(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    channels::with_any::<Entity>(tx, C::ChannelId, ripe(now)).await
}

/// Some who have waited longest, one's own for a while, and how to sign in; nothing when there is nobody.
pub async fn nameless(
    tx: &Tx,
    channel_id: Uuid,
    most: u64,
    now: DateTime<Utc>,
) -> Result<Option<(Account, Vec<Known>)>> {
    let Some(account) = channels::account(tx, channel_id).await? else { return Ok(None) };
    let rows = Entity::find()
        .filter(ripe(now))
        .filter(C::ChannelId.eq(channel_id))
        .order_by_asc(C::NicknameNextTryAt)
        .order_by_asc(C::Id)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let ids = rows.iter().map(|row| row.id);
    Entity::update_many()
        .col_expr(C::NicknameNextTryAt, Expr::val(now + LEASE))
        .filter(C::Id.is_in(ids))
        .exec(tx)
        .await?;
    let people: Result<Vec<Known>> = rows.into_iter().map(|row| opened(tx, row)).collect();
    Ok(Some((account, people?)))
}

/// Notes what somebody calls themselves, or that nothing is to be had; unless they were forgotten meanwhile.
pub async fn note_name(tx: &Tx, row: &Model, name: Option<&str>) -> Result<()> {
    let name = name.map(|name| {
        let shown = |c: &char| !c.is_control() && !text::is_hidden(*c);
        let shown: String = name.chars().filter(shown).take(MOST).collect();
        tx.keyring().seal(NICKNAME, shown.trim().as_bytes()).map_err(Error::internal)
    });
    Entity::update_many()
        .col_expr(C::Nickname, Expr::val(name.transpose()?))
        .col_expr(C::NicknameNextTryAt, Expr::val(None::<DateTime<Utc>>))
        .filter(C::Id.eq(row.id))
        .filter(C::ExternalHash.eq(row.external_hash.clone()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets somebody be asked for later.
pub async fn name_later(tx: &Tx, row: &Model, until: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::NicknameNextTryAt, Expr::val(until))
        .col_expr(C::NicknameTries, Expr::col(C::NicknameTries).add(1))
        .filter(C::Id.eq(row.id))
        .filter(C::NicknameNextTryAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

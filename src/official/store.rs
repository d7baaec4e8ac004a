//! How what becomes of followers is stored.

use chrono::{DateTime, Utc};
use entity::channel_customer::{Column as C, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::db::{Tx, keys};
use crate::error::Result;
use crate::household::WECHAT;

/// Nothing may be sent any more to somebody who has left, until they write again.
pub async fn close_window(tx: &Tx, channel_id: Uuid, follower: &str) -> Result<()> {
    let hashes = tx.keyring().hashes(WECHAT, follower.as_bytes());
    Entity::update_many()
        .col_expr(C::LastInboundAt, Expr::val(None::<DateTime<Utc>>))
        .filter(C::ChannelId.eq(channel_id))
        .filter(keys::among_bytes(("channel_customer", "external_hash"), hashes, tx.backend()))
        .exec(tx)
        .await?;
    Ok(())
}

//! How sessions are stored.

use chrono::{DateTime, Utc};
use entity::{contact, officer, refresh_token, session};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules::REFRESH_TOKEN_LIFE;
use crate::actor::Role;
use crate::db::{Tx, changed_one, statement};
use crate::error::Result;

/// The active account with this user name.
pub async fn account(tx: &Tx, username: &str) -> Result<Option<officer::Model>> {
    Ok(officer::Entity::find()
        .filter(officer::Column::Username.eq(username))
        .filter(officer::Column::DeactivatedAt.is_null())
        .one(tx)
        .await?)
}

/// The hash of an account's password.
pub async fn password_hash(tx: &Tx, id: Uuid) -> Result<Option<String>> {
    let account = officer::Entity::find_by_id(id).one(tx).await?;
    Ok(account.and_then(|account| account.password_hash))
}

/// Gives an account a new password.
pub async fn set_password(tx: &Tx, id: Uuid, hash: String, now: DateTime<Utc>) -> Result<()> {
    let version = Expr::col(officer::Column::Version);
    let result = officer::Entity::update_many()
        .col_expr(officer::Column::PasswordHash, Expr::val(hash))
        .col_expr(officer::Column::UpdatedAt, Expr::val(now))
        .col_expr(officer::Column::Version, sea_orm::sea_query::ExprTrait::add(version, 1))
        .filter(officer::Column::Id.eq(id))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

/// Adds a session.
pub async fn insert_session(tx: &Tx, id: Uuid, subject_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let row = session::ActiveModel {
        id: Set(id),
        subject_id: Set(subject_id),
        created_at: Set(now),
        ended_at: Set(None),
    };
    session::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Who signed in in a session that has not ended, and with which role now.
pub async fn subject(tx: &Tx, session_id: Uuid) -> Result<Option<(Uuid, Role)>> {
    let open = session::Entity::find_by_id(session_id)
        .filter(session::Column::EndedAt.is_null())
        .one(tx)
        .await?;
    let Some(session) = open else { return Ok(None) };
    let account = officer::Entity::find_by_id(session.subject_id)
        .filter(officer::Column::DeactivatedAt.is_null())
        .one(tx)
        .await?;
    if let Some(account) = account {
        return Ok(Some((account.id, account.role.into())));
    }
    let contact = contact::Entity::find_by_id(session.subject_id).one(tx).await?;
    Ok(contact.map(|contact| (contact.id, Role::Resident)))
}

/// Adds a refresh token by its hash.
pub async fn insert_refresh_token(
    tx: &Tx,
    hash: Vec<u8>,
    session_id: Uuid,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let row = refresh_token::ActiveModel {
        hash: Set(hash),
        session_id: Set(session_id),
        expires_at: Set(expires_at),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The refresh token with this hash.
pub async fn refresh_token(tx: &Tx, hash: &[u8]) -> Result<Option<refresh_token::Model>> {
    Ok(refresh_token::Entity::find_by_id(hash.to_vec()).one(tx).await?)
}

/// Uses a refresh token up. False when it was used before, be it a moment ago by somebody else.
pub async fn use_refresh_token(tx: &Tx, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let result = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::val(now))
        .filter(refresh_token::Column::Hash.eq(hash.to_vec()))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Forgets refresh tokens that have expired and then sessions without any, at most `limit` of each, and
/// tells how many. The last access token of such a session has expired long before.
pub async fn forget_old(tx: &Tx, limit: u64, now: DateTime<Utc>) -> Result<u64> {
    let tokens = "DELETE FROM refresh_token WHERE hash IN \
                  (SELECT hash FROM refresh_token WHERE expires_at < {} LIMIT {})";
    let tokens = statement(tx.backend(), tokens, vec![now.into(), limit.into()]);
    let sessions = "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE created_at < {} \
                    AND NOT EXISTS (SELECT 1 FROM refresh_token WHERE session_id = session.id) LIMIT {})";
    let young = now - REFRESH_TOKEN_LIFE;
    let sessions = statement(tx.backend(), sessions, vec![young.into(), limit.into()]);
    let forgotten = tx.execute_raw(tokens).await?.rows_affected();
    Ok(forgotten + tx.execute_raw(sessions).await?.rows_affected())
}

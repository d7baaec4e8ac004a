//! The rules of sessions.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::graphql::Session;
use super::store;
use crate::access::Act;
use crate::actor::Role;
use crate::crypt;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::officer::{Officer, end_sessions, open_sessions};
use crate::password;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::token::ACCESS_TOKEN_LIFE;

/// How long a refresh token is good.
pub(super) const REFRESH_TOKEN_LIFE: TimeDelta = TimeDelta::days(14);

/// Signs an officer in.
pub async fn sign_in(request: &Request, username: &str, password: String) -> Result<Session> {
    let now = request.service().clock.now();
    let tx = request.begin(Act::SignIn).await?;
    let account = store::account(&tx, &username.to_ascii_lowercase()).await?;
    drop(tx);
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let right = password::is_right(password, hash).await?;
    let account = account.filter(|_| right).ok_or_else(|| {
        Error::user(
            UserErrorCode::WrongCredentials,
            "",
            "用户名或密码不正确。",
            "The user name or the password is wrong.",
        )
    })?;
    let session_id = request.new_id();
    let tx = request.begin(Act::SignIn).await?;
    store::insert_session(&tx, session_id, account.id, now).await?;
    let session = issue(request, &tx, session_id, account.id, account.role.into(), now).await?;
    tx.commit().await?;
    Ok(session)
}

/// Exchanges a refresh token for the next pair.
pub async fn refresh(request: &Request, token: &str) -> Result<Session> {
    let now = request.service().clock.now();
    let hash = hash(token);
    let mut tx = request.begin(Act::SignIn).await?;
    let Some(known) = store::refresh_token(&tx, &hash).await? else {
        return Err(session_ended());
    };
    if !store::use_refresh_token(&tx, &hash, now).await? {
        end_sessions(&mut tx, &[known.session_id], now).await?;
        tx.commit().await?;
        request.service().tokens.end(known.session_id);
        tracing::warn!(session = %known.session_id, "a refresh token was used twice");
        return Err(session_ended());
    }
    let subject = store::subject(&tx, known.session_id).await?;
    let (subject_id, role) =
        subject.filter(|_| known.expires_at > now).ok_or_else(session_ended)?;
    let session = issue(request, &tx, known.session_id, subject_id, role, now).await?;
    tx.commit().await?;
    Ok(session)
}

/// Ends the caller's session, or all of the caller's sessions.
pub async fn sign_out(request: &Request, everywhere: bool) -> Result<bool> {
    let now = request.service().clock.now();
    let actor = *request.actor();
    let mut tx = request.begin(Act::ManageSession).await?;
    let mut ended: Vec<Uuid> = actor.session.into_iter().collect();
    if everywhere {
        ended = open_sessions(&tx, actor.id).await?;
    }
    end_sessions(&mut tx, &ended, now).await?;
    tx.commit().await?;
    for id in &ended {
        request.service().tokens.end(*id);
    }
    Ok(!ended.is_empty())
}

/// Changes the caller's password.
pub async fn change_password(request: &Request, current: String, new: String) -> Result<Officer> {
    let now = request.service().clock.now();
    let actor = *request.actor();
    let tx = request.begin(Act::ManageSession).await?;
    let stored = store::password_hash(&tx, actor.id).await?;
    drop(tx);
    if !password::is_right(current, stored).await? {
        return Err(Error::user(
            UserErrorCode::WrongCredentials,
            "currentPassword",
            "当前密码不正确。",
            "The current password is wrong.",
        ));
    }
    let hash = password::hash("newPassword", new).await?;
    let mut tx = request.begin(Act::ManageSession).await?;
    store::set_password(&tx, actor.id, hash, now).await?;
    let others = open_sessions(&tx, actor.id).await?;
    let others: Vec<Uuid> = others.into_iter().filter(|id| Some(*id) != actor.session).collect();
    end_sessions(&mut tx, &others, now).await?;
    let officer = expected(record::one(&tx, &actor.id.into(), ()).await?, "")?;
    tx.commit().await?;
    for id in &others {
        request.service().tokens.end(*id);
    }
    Ok(officer)
}

async fn issue(
    request: &Request,
    tx: &Tx,
    session_id: Uuid,
    subject_id: Uuid,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Session> {
    let refresh_token = URL_SAFE_NO_PAD.encode(crypt::random::<32>().map_err(Error::internal)?);
    let refresh_token_expires_at = now + REFRESH_TOKEN_LIFE;
    store::insert_refresh_token(tx, hash(&refresh_token), session_id, refresh_token_expires_at)
        .await?;
    let tokens = &request.service().tokens;
    let (access_token, access_token_expires_at) =
        tokens.issue(role, subject_id, Some(session_id), ACCESS_TOKEN_LIFE)?;
    Ok(Session { access_token, access_token_expires_at, refresh_token, refresh_token_expires_at })
}

fn hash(token: &str) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

fn session_ended() -> Error {
    Error::user(
        UserErrorCode::SessionEnded,
        "refreshToken",
        "登录已失效，请重新登录。",
        "The session has ended. Sign in again.",
    )
}

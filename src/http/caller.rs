//! Who calls, and in which language: the same for a header and for a WebSocket's first message.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::actor::Actor;
use crate::error::{Error, Language, Result};
use crate::{App, Caller};

/// The language that `Accept-Language` asks for.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.map_or_else(Language::default, Language::accepted)
}

/// The caller of an HTTP request. Who sends no token is anonymous; who sends a bad one is refused.
pub(super) async fn identify(app: &App, headers: &HeaderMap) -> Result<Caller> {
    let authorization = headers.get(header::AUTHORIZATION).map(HeaderValue::to_str).transpose();
    let authorization = authorization.map_err(|_| Error::bad_token())?;
    let actor = authenticate(app, authorization).await?;
    Ok(Caller { actor, language: language(headers) })
}

/// The actor behind `Bearer …`.
pub(super) async fn authenticate(app: &App, authorization: Option<&str>) -> Result<Arc<Actor>> {
    let Some(authorization) = authorization else {
        return Ok(Arc::new(Actor::ANONYMOUS));
    };
    let (scheme, token) = authorization.trim().split_once(' ').ok_or_else(Error::bad_token)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Error::bad_token());
    }
    app.authenticate(token.trim()).await
}

/// Whether the caller's token has expired meanwhile.
pub(super) fn has_expired(app: &App, actor: &Actor) -> bool {
    actor.expires_at.is_some_and(|expires| expires <= app.clock().now())
}

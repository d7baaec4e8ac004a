//! The door for WebSockets: who may open one, and how.

mod message;
mod operations;
mod socket;

use std::sync::Arc;

use axum::extract::{FromRequestParts, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use crate::error::{Code, Error};
use crate::http::reply::Refusal;
use crate::http::{Options, Server, caller};

/// The subprotocol that the service speaks.
const PROTOCOL: &str = "graphql-transport-ws";

/// Whether the request wants to become a WebSocket: over HTTP/1.1 by `Upgrade`, over HTTP/2 by CONNECT.
pub(super) fn is_upgrade(parts: &Parts) -> bool {
    parts.method == Method::CONNECT || parts.headers.contains_key(header::UPGRADE)
}

/// Opens a socket. A bad token in the header is refused at once; one in `connection_init`, later.
pub(super) async fn upgrade(server: Arc<Server>, parts: &mut Parts) -> Result<Response, Refusal> {
    // HTTP/2 has no `Host`: its authority stands in the URL.
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(Authority::as_str));
    if !may_open(server.app.options(), parts.headers.get(header::ORIGIN), host) {
        return Err(foreign_origin());
    }
    let caller = caller::identify(&server.app, &parts.headers).await?;
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await;
    let upgrade = upgrade.map_err(|rejection| not_a_handshake(rejection.status()))?;
    let limit = server.app.limits().body_bytes;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(8 * 1024)
        .write_buffer_size(0)
        .max_message_size(limit)
        .max_frame_size(limit);
    let spoken = upgrade.selected_protocol().is_some();
    let span = tracing::Span::current();
    Ok(upgrade.on_upgrade(move |socket| socket::run(server, socket, caller, spoken, span)))
}

/// A web page may open a socket to its own origin, or when its origin is allowed. Native apps send no
/// `Origin`.
fn may_open(options: &Options, origin: Option<&HeaderValue>, host: Option<&str>) -> bool {
    let Some(origin) = origin else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let same = matches!((authority, host), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b));
    same || options.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
}

fn foreign_origin() -> Refusal {
    Error::top(
        Code::Forbidden,
        "不允许该来源的网页连接。",
        "Web pages of this origin may not connect.",
    )
    .into()
}

fn not_a_handshake(status: StatusCode) -> Refusal {
    let error = Error::top(
        Code::BadRequest,
        "WebSocket 握手不正确。",
        "This is not a WebSocket handshake.",
    );
    Refusal { status: Some(status), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(origin: Option<&'static str>, allowed: &[&str]) -> bool {
        let allowed_origins = allowed.iter().map(|&origin| origin.to_owned()).collect();
        let options = Options { allowed_origins, ..Options::default() };
        let origin = origin.map(HeaderValue::from_static);
        may_open(&options, origin.as_ref(), Some("api.example:8000"))
    }

    #[test]
    fn a_foreign_page_may_not_open_a_socket() {
        assert!(opens(None, &[]));
        assert!(opens(Some("https://api.example:8000"), &[]));
        assert!(!opens(Some("https://evil.example"), &[]));
        assert!(!opens(Some("null"), &[]));
        assert!(opens(Some("https://board.example"), &["https://board.example"]));
        assert!(!opens(Some("https://board.example.evil"), &["https://board.example"]));
    }
}

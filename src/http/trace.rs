//! Around every request: its id, its span, its time in the log, no caching, and no panic that drops
//! the connection. A span holds no URL, no literal, no variable and no token.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};
use uuid::Uuid;

use crate::error::Error;
use crate::http::caller::language;
use crate::http::negotiate::Media;
use crate::http::reply::Refusal;

/// The header that carries a request's id.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// Requests that take longer are logged as warnings.
const SLOW: Duration = Duration::from_secs(1);

/// The middleware.
pub(super) async fn trace(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let language = language(request.headers());
    let span = span(&request, &id);
    let answer = AssertUnwindSafe(next.run(request).instrument(span.clone())).catch_unwind().await;
    let mut response = answer.unwrap_or_else(|_| {
        Refusal::from(Error::internal("a handler panicked")).reply(Media::Json, language)
    });
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    span.in_scope(|| log(response.status().as_u16(), started.elapsed()));
    response
}

fn span(request: &Request, id: &HeaderValue) -> Span {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = request.method().as_str(),
        path,
        kind = Empty,
        operation = Empty,
    )
}

fn log(status: u16, elapsed: Duration) {
    let milliseconds = elapsed.as_secs_f64() * 1000.0;
    if status >= 500 || elapsed > SLOW {
        tracing::warn!(status, milliseconds, "answered");
    } else {
        tracing::debug!(status, milliseconds, "answered");
    }
}

/// The client's id when it is short and plain, else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    match headers.get(REQUEST_ID) {
        Some(id) if (1..=64).contains(&id.len()) && id.as_bytes().iter().all(|b| plain(*b)) => {
            id.clone()
        }
        _ => {
            let mut text = Uuid::encode_buffer();
            let text = Uuid::now_v7().simple().encode_lower(&mut text);
            HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("none"))
        }
    }
}

/// An operation's name for logs and metrics. A name that could hide a telephone number is not shown.
pub(super) fn label(name: Option<&str>) -> &str {
    let digits = |name: &str| name.bytes().filter(u8::is_ascii_digit).count();
    match name {
        None => "anonymous",
        Some(name) if name.len() <= 64 && digits(name) <= 4 => name,
        Some(_) => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_request_id_is_kept_and_any_other_replaced() {
        let id = |sent: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(sent).expect("a header"));
            request_id(&headers).to_str().expect("a text").to_owned()
        };
        assert_eq!(id("4bf92f35-77b3"), "4bf92f35-77b3");
        assert_eq!(id("a b").len(), 32);
        assert_eq!(id(&"a".repeat(65)).len(), 32);
        assert_eq!(id("").len(), 32);
    }

    #[test]
    fn a_label_holds_no_telephone_number() {
        assert_eq!(label(Some("InboxPage2")), "InboxPage2");
        assert_eq!(label(Some("q13800138000")), "other");
        assert_eq!(label(None), "anonymous");
    }
}

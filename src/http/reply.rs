//! Turns a GraphQL response into an HTTP response: status, headers, and the body.

use async_graphql::{Response as Answer, ServerError, Value};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::answer;
use crate::error::{self, Code, Error, Kind, Language};
use crate::http::caller::language;
use crate::http::metrics;
use crate::http::negotiate::{Accepted, Media};

/// Seconds after which a client should try again when a part of the service is away.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// A request that is refused before it is run.
pub(super) struct Refusal {
    /// The status, where the error's code does not give it.
    pub(super) status: Option<StatusCode>,
    pub(super) error: Error,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { status: None, error }
    }
}

impl Refusal {
    /// The HTTP response.
    pub(super) fn reply(self, media: Media, language: Language) -> Response {
        let answer = refused(self.error, language);
        let mut response = reply(&answer, media, language);
        if let Some(status) = self.status {
            *response.status_mut() = status;
        }
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
        }
        response
    }
}

/// A GraphQL response that says why nothing was run.
pub(super) fn refused(error: Error, language: Language) -> Answer {
    if let Kind::Top(code) = error.kind {
        metrics::refusals(code).increment(1);
    }
    let error = async_graphql::Error::from(error);
    let mut error = ServerError {
        message: error.message,
        source: error.source,
        locations: Vec::new(),
        path: Vec::new(),
        extensions: error.extensions,
    };
    error::localise(&mut error, language);
    Answer::from_errors(vec![error])
}

/// Whether the request itself failed, so that there is no `data` (GraphQL §7.1.2).
pub(super) fn is_refused(answer: &Answer) -> bool {
    answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(|error| error.path.is_empty())
}

/// Writes a GraphQL response as JSON: without `data` when the request failed.
pub(super) fn write(answer: &Answer, to: &mut Vec<u8>) {
    let mut before = b'{';
    let mut begin = |name: &str, to: &mut Vec<u8>| {
        to.push(before);
        before = b',';
        to.extend_from_slice(name.as_bytes());
    };
    if !answer.errors.is_empty() {
        begin("\"errors\":", to);
        answer::json(&answer.errors, to);
    }
    if !is_refused(answer) {
        begin("\"data\":", to);
        answer::write(&answer.data, to);
    }
    if !answer.extensions.is_empty() {
        begin("\"extensions\":", to);
        answer::json(&answer.extensions, to);
    }
    to.push(b'}');
}

/// The HTTP response to a GraphQL response.
pub(super) fn reply(answer: &Answer, media: Media, language: Language) -> Response {
    let (status, mut body) = (status(answer, media), Vec::new());
    write(answer, &mut body);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.extend(answer.http_headers.clone());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.insert(header::CONTENT_LANGUAGE, content_language(language));
    match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

/// The response's `Content-Language`.
pub(super) fn content_language(language: Language) -> HeaderValue {
    HeaderValue::from_static(match language {
        Language::Chinese => "zh-CN",
        Language::English => "en",
    })
}

/// GraphQL over HTTP §6.4: with `application/json` a document that is wrong is still answered by 200.
fn status(answer: &Answer, media: Media) -> StatusCode {
    if answer.errors.is_empty() {
        return StatusCode::OK;
    }
    let is = |code: Code| answer.errors.iter().any(|error| has_code(error, code));
    if has_nothing(&answer.data) && is(Code::Unavailable) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if !is_refused(answer) {
        return StatusCode::OK;
    }
    let own = [
        (Code::Internal, StatusCode::INTERNAL_SERVER_ERROR),
        (Code::Timeout, StatusCode::GATEWAY_TIMEOUT),
        (Code::Unauthenticated, StatusCode::UNAUTHORIZED),
        (Code::Forbidden, StatusCode::FORBIDDEN),
        (Code::NotFound, StatusCode::NOT_FOUND),
        (Code::RateLimited, StatusCode::TOO_MANY_REQUESTS),
        (Code::BadRequest, StatusCode::BAD_REQUEST),
    ];
    match own.into_iter().find(|(code, _)| is(*code)) {
        Some((_, status)) => status,
        None if media == Media::Json => StatusCode::OK,
        None => StatusCode::BAD_REQUEST,
    }
}

/// Whether there is no data, or no root field has any.
fn has_nothing(data: &Value) -> bool {
    match data {
        Value::Object(fields) => fields.values().all(|value| *value == Value::Null),
        data => *data == Value::Null,
    }
}

/// Whether `error` carries `code`.
pub(super) fn has_code(error: &ServerError, code: Code) -> bool {
    if let Some(ours) = error.source::<Error>() {
        return ours.kind == Kind::Top(code);
    }
    let value = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    matches!(value, Some(Value::String(value)) if value == code.as_str())
}

/// The answer to a path that does not exist.
pub(super) async fn not_found(headers: HeaderMap) -> Response {
    let media = Accepted::of(&headers).media.unwrap_or(Media::Json);
    Refusal::from(Error::not_found()).reply(media, language(&headers))
}

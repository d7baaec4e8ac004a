//! GraphQL over HTTP (<https://graphql.github.io/graphql-over-http/draft/>) on one path, which is also
//! the door to WebSockets and server-sent events.

use std::sync::Arc;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{self, Method, StatusCode};
use axum::response::Response;
use tokio::time::timeout;

use crate::error::{Code, Error};
use crate::http::negotiate::{Accepted, Events, Media, is_json};
use crate::http::reply::{Refusal, refused, reply};
use crate::http::{Server, caller, parameters, run, sse, websocket};

/// Answers every request to the GraphQL path.
pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    request: http::Request<Body>,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let language = caller::language(&parts.headers);
    if websocket::is_upgrade(&parts) {
        return websocket::upgrade(server, &mut parts)
            .await
            .unwrap_or_else(|refusal| refusal.reply(Media::Json, language));
    }
    let accepted = Accepted::of(&parts.headers);
    let answer = answer(server, &parts, body, accepted).await;
    answer.unwrap_or_else(|refusal| refusal.reply(accepted.media.unwrap_or(Media::Json), language))
}

async fn answer(
    server: Arc<Server>,
    parts: &Parts,
    body: Body,
    accepted: Accepted,
) -> Result<Response, Refusal> {
    if accepted.media.is_none() && accepted.events.is_none() {
        return Err(not_acceptable());
    }
    if parts.method != Method::GET && parts.method != Method::POST {
        return Err(method_not_allowed());
    }
    let caller = caller::identify(&server.app, &parts.headers).await?;
    let language = caller.language;
    let request = read(&server, parts, body).await?;
    let events_only = accepted.media.is_none() || accepted.events == Some(Events::Always);
    let operation = match server.documents.operation(request) {
        Ok(operation) => operation,
        // An event stream tells even this by an event: EventSource shows no body of a refusal.
        Err(error) if events_only => return Ok(sse::refuse(&refused(error, language), language)),
        Err(error) => return Err(error.into()),
    };
    run::note(&operation);
    if parts.method == Method::GET && operation.kind == OperationType::Mutation {
        return Err(method_not_allowed());
    }
    let subscription = operation.kind == OperationType::Subscription;
    match accepted.media {
        Some(media) if !subscription && !events_only => {
            let answer = run::once(&server, operation, caller).await;
            Ok(reply(&answer, media, language))
        }
        _ if accepted.events.is_some() => Ok(sse::stream(server, operation, caller)),
        _ => Err(needs_stream()),
    }
}

async fn read(server: &Server, parts: &Parts, body: Body) -> Result<Request, Refusal> {
    if parts.method == Method::GET {
        return parameters::from_url(&parts.uri);
    }
    if !is_json(&parts.headers) {
        return Err(unsupported_media_type());
    }
    let limits = server.app.limits();
    let body = parameters::from_body(&parts.headers, body, limits.body_bytes);
    timeout(limits.timeout, body).await.unwrap_or_else(|_| Err(too_slow()))
}

fn refusal(status: StatusCode, chinese: &'static str, english: &'static str) -> Refusal {
    Refusal { status: Some(status), error: Error::top(Code::BadRequest, chinese, english) }
}

fn not_acceptable() -> Refusal {
    refusal(
        StatusCode::NOT_ACCEPTABLE,
        "只能返回 application/graphql-response+json、application/json 或 text/event-stream。",
        "Answers are application/graphql-response+json, application/json or text/event-stream.",
    )
}

fn method_not_allowed() -> Refusal {
    refusal(
        StatusCode::METHOD_NOT_ALLOWED,
        "请使用 POST；GET 只能用于查询。",
        "Use POST; GET is for queries only.",
    )
}

fn unsupported_media_type() -> Refusal {
    refusal(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "请求体必须是 UTF-8 编码的 application/json。",
        "The body must be application/json in UTF-8.",
    )
}

fn too_slow() -> Refusal {
    refusal(StatusCode::REQUEST_TIMEOUT, "请求体传输过慢。", "The body took too long to arrive.")
}

fn needs_stream() -> Refusal {
    refusal(
        StatusCode::BAD_REQUEST,
        "订阅请使用 WebSocket，或接受 text/event-stream。",
        "Subscribe over a WebSocket, or accept text/event-stream.",
    )
}

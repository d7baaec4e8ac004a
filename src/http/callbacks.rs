//! The door of channels, `/wechat/callback/{channel}`: WeChat's side checks the address with GET and delivers with POST.
//! Whatever is refused gets one and the same answer.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::ID;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;
use uuid::Uuid;

use crate::channel::door::{self, Delivered, Knock, Refusal};
use crate::channel::xml::{self, NotRead};
use crate::http::{Server, metrics};
use crate::id::{GlobalId, Kind};

/// How long it may take to send what it delivers; it waits no longer for the answer itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the far side wants to hear.
const SUCCESS: &str = "success";
/// What is answered besides is a text and nothing that a browser would run.
const PLAIN: [(HeaderName, HeaderValue); 2] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// What an Official Account says at once.
const XML: [(HeaderName, HeaderValue); 2] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

type Address = Result<Path<String>, PathRejection>;
type Asked = Result<Query<Knock>, QueryRejection>;

/// Answers the check of the address.
pub(super) async fn verify(
    State(server): State<Arc<Server>>,
    channel: Address,
    knock: Asked,
) -> Response {
    let answer = async {
        let (id, knock) = asked(channel, knock)?;
        door::verify(server.app.service(), id, &knock).await
    };
    match answer.await {
        Ok(echo) => {
            metrics::knocks("verification", "answered").increment(1);
            (PLAIN, echo).into_response()
        }
        Err(refusal) => refuse("verification", &refusal),
    }
}

/// Takes in what is delivered.
pub(super) async fn deliver(
    State(server): State<Arc<Server>>,
    channel: Address,
    knock: Asked,
    body: Body,
) -> Response {
    let answer = async {
        let (id, knock) = asked(channel, knock)?;
        let body = timeout(PATIENCE, to_bytes(body, xml::MAX_BYTES)).await;
        let body = body.ok().and_then(Result::ok).ok_or(NotRead)?;
        door::deliver(server.app.service(), id, &knock, &body).await
    };
    match answer.await {
        Ok(Delivered { new, answer }) => {
            metrics::knocks("delivery", if new { "stored" } else { "known" }).increment(1);
            match answer {
                Some(answer) => (XML, answer).into_response(),
                None => (PLAIN, SUCCESS).into_response(),
            }
        }
        Err(refusal) => refuse("delivery", &refusal),
    }
}

fn asked(channel: Address, knock: Asked) -> Result<(Uuid, Knock), Refusal> {
    let Path(channel) = channel.map_err(|_| Refusal::Unknown)?;
    let id = GlobalId::expect_uuid(&ID(channel), Kind::Channel).map_err(|_| Refusal::Unknown)?;
    let Query(knock) = knock.map_err(|_| NotRead)?;
    Ok((id, knock))
}

fn refuse(what: &'static str, refusal: &Refusal) -> Response {
    metrics::knocks(what, refusal.word()).increment(1);
    let (status, text) = match refusal {
        Refusal::Failed(_) => (StatusCode::SERVICE_UNAVAILABLE, "try again"),
        _ => (StatusCode::FORBIDDEN, "refused"),
    };
    (status, PLAIN, text).into_response()
}

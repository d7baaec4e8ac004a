//! The messages of graphql-transport-ws
//! (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>), and the codes that close a socket.

use std::borrow::Cow;

use async_graphql::{Request, Response as Answer, ServerError};
use axum::extract::ws::{CloseFrame, Message};
use serde::{Deserialize, Serialize};

use crate::answer::json;
use crate::http::reply;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Incoming {
    /// The first message.
    ConnectionInit {
        /// Who calls, and in which language.
        payload: Option<Init>,
    },
    /// Are you there?
    Ping,
    /// I am here.
    Pong,
    /// Run an operation.
    Subscribe {
        /// The client's name for it.
        id: String,
        /// The parameters of a GraphQL request.
        payload: Box<Request>,
    },
    /// Stop an operation.
    Complete {
        /// The client's name for it.
        id: String,
    },
}

/// The payload of `connection_init`; what else a client puts there is ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Init {
    /// The same as the HTTP header.
    #[serde(alias = "Authorization")]
    pub(super) authorization: Option<String>,
    /// The same as the HTTP header.
    #[serde(alias = "Accept-Language")]
    pub(super) accept_language: Option<String>,
}

/// What the service says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Outgoing<'a> {
    ConnectionAck,
    Pong,
    Error { id: &'a str, payload: &'a [ServerError] },
    Complete { id: &'a str },
}

pub(super) fn connection_ack() -> Message {
    text(&Outgoing::ConnectionAck)
}

pub(super) fn pong() -> Message {
    text(&Outgoing::Pong)
}

pub(super) fn next(id: &str, answer: &Answer) -> Message {
    let mut message = br#"{"type":"next","id":"#.to_vec();
    json(id, &mut message);
    message.extend_from_slice(br#","payload":"#);
    reply::write(answer, &mut message);
    message.push(b'}');
    as_text(message)
}

pub(super) fn error(id: &str, errors: &[ServerError]) -> Message {
    text(&Outgoing::Error { id, payload: errors })
}

pub(super) fn complete(id: &str) -> Message {
    text(&Outgoing::Complete { id })
}

fn text(message: &Outgoing<'_>) -> Message {
    let mut text = Vec::new();
    json(message, &mut text);
    as_text(text)
}

/// Text of our own, which is UTF-8.
fn as_text(bytes: Vec<u8>) -> Message {
    Message::text(String::from_utf8(bytes).unwrap_or_default())
}

/// Why the service closes a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// 1001: the service stops; connect again.
    GoingAway,
    /// 1009: the message is larger than allowed.
    TooBig,
    /// 1013: a part of the service is away; connect again later.
    TryAgainLater,
    /// 4400: a message that the protocol does not know.
    BadMessage(&'static str),
    /// 4401: an operation before `connection_ack`.
    Unauthorized,
    /// 4403: the token was refused, or has expired.
    Forbidden(&'static str),
    /// 4406: the client does not speak graphql-transport-ws.
    Subprotocol,
    /// 4408: no `connection_init` in time.
    InitTimeout,
    /// 4409: the id is in use.
    Duplicate(String),
    /// 4429: a second `connection_init`.
    TooManyInits,
}

impl Close {
    /// The frame that closes the socket.
    pub(super) fn message(&self) -> Message {
        let (code, reason): (u16, Cow<'_, str>) = match self {
            Self::GoingAway => (1001, "Going away".into()),
            Self::TooBig => (1009, "Message too big".into()),
            Self::TryAgainLater => (1013, "Try again later".into()),
            Self::BadMessage(reason) => (4400, (*reason).into()),
            Self::Unauthorized => (4401, "Unauthorized".into()),
            Self::Forbidden(reason) => (4403, (*reason).into()),
            Self::Subprotocol => (4406, "Subprotocol not acceptable".into()),
            Self::InitTimeout => (4408, "Connection initialisation timeout".into()),
            Self::Duplicate(id) => (4409, format!("Subscriber for {id} already exists").into()),
            Self::TooManyInits => (4429, "Too many initialisation requests".into()),
        };
        Message::Close(Some(CloseFrame { code, reason: reason.into_owned().into() }))
    }
}

//! One WebSocket. A single task reads messages, runs operations and writes their responses, so that a
//! client that reads slowly slows its own operations down and nothing piles up in memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::{Request, Response as Answer};
use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::{Instrument, Span};

use crate::Caller;
use crate::error::{Code, Error, Kind, Language};
use crate::http::reply::{Refusal, is_refused, refused};
use crate::http::websocket::message::{self, Close, Incoming, Init};
use crate::http::websocket::operations::Operations;
use crate::http::{SECOND, Server, caller, metrics, parameters, run};

/// A client that does not take a message for so long is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the client has to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(1);

/// The longest id of an operation, in bytes: it has to fit into the reason of a close frame.
const ID_BYTES: usize = 64;

/// Serves a socket until it is closed.
pub(super) async fn run(
    server: Arc<Server>,
    socket: WebSocket,
    caller: Caller,
    spoken: bool,
    span: Span,
) {
    metrics::sockets().increment(1);
    let mut connection = Connection::new(server, socket, caller);
    let ending = connection.talk(spoken).instrument(span).await;
    metrics::sockets().decrement(1);
    if let Err(End::Close(close)) = ending {
        tracing::debug!(?close, "socket closed");
        connection.close(&close).await;
    }
}

/// Why the talk ends.
enum End {
    /// The service closes the socket.
    Close(Close),
    /// The client has gone.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

/// What happens on a socket next.
enum Event {
    Received(Option<Result<Message, axum::Error>>),
    Answered(Arc<str>, Option<Answer>),
    Tick,
    Stop,
}

struct Connection {
    server: Arc<Server>,
    socket: WebSocket,
    caller: Caller,
    acknowledged: bool,
    opened: Instant,
    /// When the client was last heard.
    heard: Instant,
    pinged: Instant,
    operations: Operations,
}

impl Connection {
    fn new(server: Arc<Server>, socket: WebSocket, caller: Caller) -> Self {
        let now = Instant::now();
        Self {
            server,
            socket,
            caller,
            acknowledged: false,
            opened: now,
            heard: now,
            pinged: now,
            operations: Operations::default(),
        }
    }

    async fn talk(&mut self, spoken: bool) -> Result<(), End> {
        if !spoken {
            return Err(Close::Subprotocol.into());
        }
        let mut ticks = interval(SECOND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stopping = self.server.stopping.clone();
        loop {
            let event = tokio::select! {
                message = self.socket.recv() => Event::Received(message),
                Some((id, answer)) = self.operations.next() => Event::Answered(id, answer),
                _ = ticks.tick() => Event::Tick,
                Ok(_) = stopping.wait_for(|stopping| *stopping) => Event::Stop,
            };
            match event {
                Event::Received(message) => self.receive(message).await?,
                Event::Answered(id, answer) => self.answer(&id, answer).await?,
                Event::Tick => self.tick().await?,
                Event::Stop => return Err(Close::GoingAway.into()),
            }
        }
    }

    async fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard = Instant::now();
        match message {
            Some(Ok(Message::Text(text))) => self.handle(text.as_str()).await,
            Some(Ok(Message::Binary(_))) => Err(Close::BadMessage("Messages are text").into()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
            Some(Err(error)) if is_too_big(&error) => Err(Close::TooBig.into()),
            Some(Err(_)) => Err(End::Gone),
        }
    }

    async fn handle(&mut self, text: &str) -> Result<(), End> {
        let message = serde_json::from_str(text);
        match message.map_err(|_| Close::BadMessage("Invalid message"))? {
            Incoming::ConnectionInit { payload } => self.init(payload.unwrap_or_default()).await,
            Incoming::Ping => self.send(message::pong()).await,
            Incoming::Pong => Ok(()),
            Incoming::Subscribe { id, payload } => self.subscribe(id, *payload).await,
            Incoming::Complete { id } => {
                self.operations.stop(&id);
                Ok(())
            }
        }
    }

    async fn init(&mut self, init: Init) -> Result<(), End> {
        if self.acknowledged {
            return Err(Close::TooManyInits.into());
        }
        if let Some(authorization) = &init.authorization {
            let actor = caller::authenticate(&self.server.app, Some(authorization)).await;
            self.caller.actor = actor.map_err(|error| match error.kind {
                Kind::Top(Code::Unavailable) => Close::TryAgainLater,
                _ => Close::Forbidden("The access token is not valid"),
            })?;
        }
        if let Some(wanted) = &init.accept_language {
            self.caller.language = Language::accepted(wanted);
        }
        self.acknowledged = true;
        self.send(message::connection_ack()).await
    }

    async fn subscribe(&mut self, id: String, request: Request) -> Result<(), End> {
        if !self.acknowledged {
            return Err(Close::Unauthorized.into());
        }
        if caller::has_expired(&self.server.app, &self.caller.actor) {
            return Err(expired().into());
        }
        if id.is_empty() || id.len() > ID_BYTES {
            return Err(Close::BadMessage("The id is empty or too long").into());
        }
        if self.operations.contains(&id) {
            return Err(Close::Duplicate(id).into());
        }
        let language = self.caller.language;
        match self.start(request) {
            Ok(answers) => {
                self.operations.start(id.into(), answers);
                Ok(())
            }
            Err(refusal) => {
                let answer = refused(refusal.error, language);
                self.send(message::error(&id, &answer.errors)).await
            }
        }
    }

    fn start(&self, request: Request) -> Result<BoxStream<'static, Answer>, Refusal> {
        let limit = self.server.app.limits().socket_operations;
        if self.operations.len() >= limit {
            return Err(too_many(limit).into());
        }
        let request = parameters::with_query(request)?;
        let operation = self.server.documents.operation(request)?;
        Ok(run::many(self.server.clone(), operation, self.caller.clone()))
    }

    async fn answer(&mut self, id: &str, answer: Option<Answer>) -> Result<(), End> {
        match answer {
            Some(answer) if is_refused(&answer) => {
                self.operations.stop(id);
                self.send(message::error(id, &answer.errors)).await
            }
            Some(answer) => self.send(message::next(id, &answer)).await,
            None => {
                self.operations.stop(id);
                self.send(message::complete(id)).await
            }
        }
    }

    /// Once a second: is the token still good, did the client introduce itself, is it still there?
    async fn tick(&mut self) -> Result<(), End> {
        if caller::has_expired(&self.server.app, &self.caller.actor) {
            return Err(expired().into());
        }
        let options = self.server.app.options();
        if !self.acknowledged && self.opened.elapsed() >= options.init_timeout {
            return Err(Close::InitTimeout.into());
        }
        if self.heard.elapsed() > options.keep_alive * 3 {
            return Err(End::Gone);
        }
        if self.pinged.elapsed() >= options.keep_alive {
            self.pinged = Instant::now();
            self.send(Message::Ping(Default::default())).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    /// Says goodbye, and reads on for a moment: bytes left unread would cut the goodbye off.
    async fn close(&mut self, close: &Close) {
        self.operations.clear();
        let farewell = async {
            if self.socket.send(close.message()).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
            // What is too big is still arriving; the client has to see the goodbye first.
            if *close == Close::TooBig {
                sleep(FAREWELL).await;
            }
        };
        let _ = timeout(FAREWELL, farewell).await;
    }
}

fn expired() -> Close {
    Close::Forbidden("The access token has expired")
}

fn is_too_big(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}

fn too_many(limit: usize) -> Error {
    Error::top(
        Code::RateLimited,
        format!("同一连接上最多同时运行 {limit} 个操作（socket_operations）。"),
        format!("At most {limit} operations run on one socket at a time (socket_operations)."),
    )
}

//! graphql-sse, distinct connections mode: one operation, one event stream of `next` events that ends
//! with `complete`. A stream that ends without it was cut, and the client may ask again.

use std::convert::Infallible;
use std::sync::Arc;

use async_graphql::Response as Answer;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::Caller;
use crate::error::{Error, Language};
use crate::guard::Operation;
use crate::http::reply::{self, content_language, refused};
use crate::http::{SECOND, Server, caller, run};

/// An event stream with one response that says why nothing was run.
pub(super) fn refuse(answer: &Answer, language: Language) -> Response {
    respond(stream::iter([next(answer), complete()]), language)
}

/// The event stream of an operation.
pub(super) fn stream(server: Arc<Server>, operation: Operation, caller: Caller) -> Response {
    let language = caller.language;
    let mut ticks = interval(SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let events = Events {
        answers: run::many(server.clone(), operation, caller.clone()),
        stopping: server.stopping.clone(),
        server,
        caller,
        ticks,
        silent: 0,
        ended: false,
    };
    respond(stream::unfold(events, Events::event), language)
}

fn respond(events: impl Stream<Item = Bytes> + Send + 'static, language: Language) -> Response {
    let mut response = Response::new(Body::from_stream(events.map(Ok::<_, Infallible>)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CONTENT_LANGUAGE, content_language(language));
    // A proxy that collects the stream would hold its events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

struct Events {
    server: Arc<Server>,
    caller: Caller,
    answers: BoxStream<'static, Answer>,
    stopping: watch::Receiver<bool>,
    ticks: Interval,
    /// Seconds since the last event.
    silent: u64,
    ended: bool,
}

impl Events {
    async fn event(mut self) -> Option<(Bytes, Self)> {
        if self.ended {
            return None;
        }
        let bytes = loop {
            let happened = tokio::select! {
                answer = self.answers.next() => Some(answer),
                _ = self.ticks.tick() => None,
                Ok(_) = self.stopping.wait_for(|stopping| *stopping) => return None,
            };
            match happened {
                Some(Some(answer)) => break next(&answer),
                Some(None) => {
                    self.ended = true;
                    break complete();
                }
                None => {
                    if let Some(bytes) = self.tick() {
                        break bytes;
                    }
                }
            }
        };
        self.silent = 0;
        Some((bytes, self))
    }

    /// Once a second: ends the stream of an expired token, keeps a silent one alive.
    fn tick(&mut self) -> Option<Bytes> {
        if caller::has_expired(&self.server.app, &self.caller.actor) {
            let answer = refused(Error::bad_token(), self.caller.language);
            self.ended = true;
            return Some([next(&answer), complete()].concat().into());
        }
        self.silent += 1;
        let quiet = self.silent >= self.server.app.options().keep_alive.as_secs().max(1);
        quiet.then(|| Bytes::from_static(b":\n\n"))
    }
}

fn next(answer: &Answer) -> Bytes {
    let mut bytes = b"event: next\ndata: ".to_vec();
    reply::write(answer, &mut bytes);
    bytes.extend_from_slice(b"\n\n");
    bytes.into()
}

fn complete() -> Bytes {
    Bytes::from_static(b"event: complete\ndata: \n\n")
}

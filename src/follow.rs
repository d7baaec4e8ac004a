//! Subscriptions: what happens, as objects that the caller may see at that moment, in order and without
//! a gap. What a slice adds is which events it tells of and which object each is about.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, future};

use crate::db::Key;
use crate::error::{Code, Error, Result};
use crate::event::{Event, Kind};
use crate::live;
use crate::record::{self, Record};
use crate::request::Request;

/// Something that happened, and the object that it is about.
pub struct Told<R> {
    /// Where it stands in the log.
    pub cursor: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The object as it is now.
    pub object: R,
}

/// From where and how far a client follows.
pub struct Asked {
    /// After the event with this cursor; from now on when left out.
    pub after: Option<String>,
    /// So many events; for ever when left out.
    pub first: Option<i32>,
}

/// Tells of the events of these kinds that `kept` keeps; `subject` names the object.
pub async fn follow<R, F>(
    request: &Arc<Request>,
    asked: Asked,
    kinds: &'static [Kind],
    kept: F,
    subject: fn(&Event) -> Option<Key>,
) -> Result<impl Stream<Item = Result<Told<R>>> + use<R, F>>
where
    R: Record,
    F: Fn(&Event) -> bool + Send + Sync + 'static,
{
    request.reader(R::READ)?;
    let service = request.service();
    let position = match asked.after {
        Some(cursor) => live::position(&cursor, service.database.keyring())?,
        None => service.live.head().await?,
    };
    let events = service
        .live
        .clone()
        .after(position, kinds)
        .filter(move |event| future::ready(event.as_ref().map_or(true, |event| kept(event))));
    let request = request.clone();
    let told = events.filter_map(move |event| {
        let request = request.clone();
        async move {
            let told = async {
                let event = event?;
                let Some(key) = subject(&event) else { return Ok(None) };
                let found = see::<R>(&request, &key).await?;
                let cursor = live::cursor(event.position, request.service().database.keyring());
                Ok(found.map(|object| Told { cursor, at: event.at, object }))
            };
            told.await.transpose()
        }
    });
    Ok(told.take(limit(asked.first)?))
}

/// The object, when the caller may see it at this moment. The connection goes back at once: the next
/// event may be long in coming.
async fn see<R: Record>(request: &Request, key: &Key) -> Result<Option<R>> {
    let found = record::one(&request.reader(R::READ)?, key, R::With::default()).await;
    request.pause().await;
    found
}

/// Whether an event happened in the county, township or village with this code.
pub fn is_in(event: &Event, area: &str) -> bool {
    event.village_code.as_ref().is_some_and(|code| code.starts_with(area))
}

fn limit(first: Option<i32>) -> Result<usize> {
    match first {
        None => Ok(usize::MAX),
        Some(first @ 1..=10_000) => Ok(first.unsigned_abs() as usize),
        Some(_) => Err(Error::top(
            Code::BadUserInput,
            "first 必须在 1 到 10000 之间。",
            "first must lie between 1 and 10000.",
        )),
    }
}

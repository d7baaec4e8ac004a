//! The event log as it happens. One task an instance follows the log and hands each event on; a
//! subscriber who fell behind, or comes back with a cursor, reads what it missed from the log itself.
//!
//! The follower looks when this instance has committed something, and every tenth of a second for
//! what others did. PostgreSQL's NOTIFY would save those looks, but it makes all commits of the
//! database wait for each other, and still needs the log after each reconnect.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use crate::access::{self, Act};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::crypt::Keyring;
use crate::db::Database;
use crate::error::{Error, Result};
use crate::event::{Event, Kind, Position};
use crate::shelf::Shelf;
use crate::token::Tokens;

/// How often the log is looked at for what other instances did.
const LOOK: Duration = Duration::from_millis(100);
/// How long events gather, so that many changes do not each cost a look of its own.
const GATHER: Duration = Duration::from_millis(10);
/// How long to wait when the database is away.
const AWAY: Duration = Duration::from_secs(1);
/// Events that a slow subscriber may be behind before it reads from the log.
const BUFFER: usize = 4096;
/// Events read at once.
const BATCH: u64 = 500;
/// What a cursor is signed for.
const PURPOSE: &str = "event cursor";
/// The cursor of the log's beginning.
const START: &str = "start";

/// Hands on what happens.
pub struct Live {
    database: Arc<Database>,
    clock: Clock,
    events: broadcast::Sender<Arc<Event>>,
    /// Changes when the follower knows where it starts.
    followed: watch::Sender<()>,
}

impl Live {
    /// Nobody listens yet, and nothing is followed until [`Live::follow`] runs.
    pub fn new(database: Arc<Database>, clock: Clock) -> Self {
        let (events, followed) = (broadcast::Sender::new(BUFFER), watch::Sender::new(()));
        Self { database, clock, events, followed }
    }

    /// Follows the log for ever.
    pub async fn follow(&self, tokens: &Tokens, shelf: &Shelf) {
        let mut position = loop {
            match self.head().await {
                Ok(position) => break position,
                Err(_) => tokio::time::sleep(AWAY).await,
            }
        };
        // What was committed before is not handed on: who listens already looks into the log again.
        self.followed.send_replace(());
        loop {
            match self.read(position, None).await {
                Ok(events) if events.is_empty() => {
                    tokio::select! {
                        () = self.database.committed() => {}
                        () = tokio::time::sleep(LOOK) => {}
                    }
                }
                Ok(events) => {
                    for event in events {
                        position = event.position;
                        match event.kind {
                            Some(Kind::SessionEnded) => tokens.end(event.subject_id),
                            Some(Kind::CalendarChanged | Kind::DeadlineTargetChanged) => {
                                shelf.clear();
                            }
                            _ => {}
                        }
                        // Nobody listens: nothing is lost, the log has it.
                        let _ = self.events.send(Arc::new(event));
                    }
                    tokio::time::sleep(GATHER).await;
                }
                Err(_) => tokio::time::sleep(AWAY).await,
            }
        }
    }

    /// Hears of events from now on, without a promise that none is missed.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    /// The position of the last event that can be read now.
    pub async fn head(&self) -> Result<Position> {
        let scope = access::scope(&Actor::SYSTEM, Act::KeepService, self.clock.now())?;
        self.database.reader(self.database.connection(), scope).event_head().await
    }

    async fn read(&self, position: Position, kinds: Option<&[Kind]>) -> Result<Vec<Event>> {
        let scope = access::scope(&Actor::SYSTEM, Act::KeepService, self.clock.now())?;
        let reader = self.database.reader(self.database.connection(), scope);
        Ok(reader.events_after(position, kinds, BATCH).await?.events)
    }

    /// What of these kinds happens after `position`, without a gap, for ever.
    pub fn after(
        self: Arc<Self>,
        position: Position,
        kinds: &'static [Kind],
    ) -> impl Stream<Item = Result<Arc<Event>>> {
        let receiver = self.events.subscribe();
        let followed = self.followed.subscribe();
        let missed = Vec::new().into_iter();
        stream::unfold(
            (self, receiver, followed, position, missed, true),
            move |(live, mut receiver, mut followed, mut position, mut missed, mut behind)| async move {
                let next = loop {
                    if let Some(event) = missed.next() {
                        let event: Event = event;
                        position = event.position;
                        if event.is_one_of(kinds) {
                            break Ok(Arc::new(event));
                        }
                        continue;
                    }
                    if behind {
                        match live.read(position, Some(kinds)).await {
                            Ok(events) => {
                                behind = !events.is_empty();
                                missed = events.into_iter();
                            }
                            Err(error) => break Err(error),
                        }
                        continue;
                    }
                    let heard = tokio::select! {
                        heard = receiver.recv() => heard,
                        Ok(()) = followed.changed() => Err(RecvError::Lagged(0)),
                    };
                    match heard {
                        Ok(event) if event.position > position => {
                            position = event.position;
                            if event.is_one_of(kinds) {
                                break Ok(event);
                            }
                        }
                        Ok(_) => {}
                        Err(RecvError::Lagged(_)) => behind = true,
                        Err(RecvError::Closed) => return None,
                    }
                };
                Some((next, (live, receiver, followed, position, missed, behind)))
            },
        )
    }
}

/// The cursor of a position, for clients.
pub fn cursor(position: Position, keyring: &Keyring) -> String {
    let body = format!("{}.{}", position.transaction, position.sequence);
    keyring.sign(PURPOSE, body.as_bytes())
}

/// The position of a cursor that a client sent.
pub fn position(cursor: &str, keyring: &Keyring) -> Result<Position> {
    if cursor == START {
        return Ok(Position::default());
    }
    let body = keyring.signed(PURPOSE, cursor).and_then(|body| String::from_utf8(body).ok());
    body.as_deref()
        .and_then(|body| body.split_once('.'))
        .and_then(|(transaction, sequence)| {
            Some(Position {
                transaction: transaction.parse().ok()?,
                sequence: sequence.parse().ok()?,
            })
        })
        .ok_or_else(Error::bad_cursor)
}

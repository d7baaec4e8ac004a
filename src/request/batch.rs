//! Loads what many resolvers ask for with one statement. There is no timer and no spawned task: a
//! request runs until every resolver of it waits, and then everything that they wait for is fetched
//! at once. So the number of statements follows from the shape of the query, never from the number
//! of rows or from luck.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use derive_where::derive_where;
use futures_channel::oneshot;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::Request;
use crate::db::Key;
use crate::error::{Error, Result};

/// Something that is fetched for many keys at once. Equal batches share a statement.
pub trait Batch: Clone + Eq + Hash + Send + Sync + 'static {
    /// What there is for one key.
    type Value: Clone + Send + 'static;

    /// Fetches what there is for `keys`, which are distinct; a key without an entry has nothing.
    fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> impl Future<Output = Result<HashMap<Key, Self::Value>>> + Send;
}

type Waiting<B> = HashMap<Key, Vec<oneshot::Sender<Result<Option<<B as Batch>::Value>>>>>;

trait Queue: Any + Send {
    fn start(&mut self, request: &Arc<Request>, started: &mut Vec<BoxFuture<'static, ()>>);
}

/// What is asked of a kind of batch, and what is known before it is asked.
#[derive_where(Default)]
struct Queued<B: Batch> {
    waiting: HashMap<B, Waiting<B>>,
    known: HashMap<(B, Key), B::Value>,
}

impl<B: Batch> Queue for Queued<B> {
    fn start(&mut self, request: &Arc<Request>, started: &mut Vec<BoxFuture<'static, ()>>) {
        for (batch, waiting) in self.waiting.drain() {
            let request = request.clone();
            started.push(Box::pin(async move { answer(batch, waiting, &request).await }));
        }
    }
}

async fn answer<B: Batch>(batch: B, waiting: Waiting<B>, request: &Request) {
    let keys: Vec<Key> = waiting.keys().cloned().collect();
    let mut fetched = batch.fetch(request, &keys).await;
    for (key, mut senders) in waiting {
        let value = match &mut fetched {
            Ok(values) => Ok(values.remove(&key)),
            Err(error) => Err(error.clone()),
        };
        let last = senders.pop();
        // A receiver that is gone no longer wants its answer.
        for sender in senders {
            let _ = sender.send(value.clone());
        }
        if let Some(sender) = last {
            let _ = sender.send(value);
        }
    }
}

/// What the resolvers of one request wait for.
#[derive(Default)]
pub struct Batches(Mutex<HashMap<TypeId, Box<dyn Queue>>>);

impl Batches {
    /// What there is for `key`, fetched together with what others ask of an equal batch.
    pub async fn load<B: Batch>(&self, batch: B, key: Key) -> Result<Option<B::Value>> {
        let (sender, receiver) = oneshot::channel();
        let known = self.queued(|queued: &mut Queued<B>| {
            let asked = (batch, key);
            if let Some(value) = queued.known.remove(&asked) {
                return Some(value);
            }
            let (batch, key) = asked;
            queued.waiting.entry(batch).or_default().entry(key).or_default().push(sender);
            None
        })?;
        match known {
            Some(value) => Ok(Some(value)),
            None => receiver.await.unwrap_or_else(|_| Err(Error::internal("a batch was given up"))),
        }
    }

    /// Keeps what was fetched for `key` before anybody asked for it, for the first who does.
    pub fn keep<B: Batch>(&self, batch: B, key: Key, value: B::Value) -> Result<()> {
        self.queued(|queued| queued.known.insert((batch, key), value)).map(drop)
    }

    fn queued<B: Batch, T>(&self, run: impl FnOnce(&mut Queued<B>) -> T) -> Result<T> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue: &mut dyn Any = &mut **queues
            .entry(TypeId::of::<B>())
            .or_insert_with(|| Box::new(Queued::<B>::default()));
        let queued =
            queue.downcast_mut().ok_or_else(|| Error::internal("a queue of another batch"));
        queued.map(run)
    }

    fn start(&self, request: &Arc<Request>) -> Vec<BoxFuture<'static, ()>> {
        let mut started = Vec::new();
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for queue in queues.values_mut() {
            queue.start(request, &mut started);
        }
        started
    }
}

/// Tells whether a future woke itself while it was polled: it only made a pause, and has more to
/// ask for before it is worth fetching.
struct Pause {
    taken: AtomicBool,
    task: Waker,
}

impl Wake for Pause {
    fn wake(self: Arc<Self>) {
        self.taken.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

/// Runs a request's future and fetches what its resolvers wait for.
pub async fn drive<T>(request: &Arc<Request>, future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut running = FuturesUnordered::new();
    poll_fn(|context| {
        loop {
            let pause =
                Arc::new(Pause { taken: AtomicBool::new(false), task: context.waker().clone() });
            let waker = Waker::from(pause.clone());
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(output);
            }
            if pause.taken.load(Ordering::Acquire) {
                return Poll::Pending;
            }
            running.extend(request.batches().start(request));
            match running.poll_next_unpin(context) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}

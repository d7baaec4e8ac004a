//! The operations that run on one socket, by the ids that the client gave them.

use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;

use async_graphql::Response as Answer;
use futures_util::StreamExt;
use futures_util::stream::{self, AbortHandle, BoxStream, SelectAll, abortable};

/// A response with its operation's id; `None` when the operation is complete.
pub(super) type Event = (Arc<str>, Option<Answer>);

/// Running operations.
#[derive(Default)]
pub(super) struct Operations {
    running: HashMap<Arc<str>, AbortHandle>,
    events: SelectAll<BoxStream<'static, Event>>,
}

impl Operations {
    /// How many run.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// Whether `id` is in use.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// Follows the responses of a new operation.
    pub(super) fn start(&mut self, id: Arc<str>, answers: BoxStream<'static, Answer>) {
        let events = answers.map(Some).chain(stream::once(ready(None)));
        let (events, abort) = abortable(events);
        self.running.insert(id.clone(), abort);
        self.events.push(events.map(move |answer| (id.clone(), answer)).boxed());
    }

    /// Stops an operation, if it runs. Nothing is heard of it any more, and its id is free.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(running) = self.running.remove(id) {
            running.abort();
        }
    }

    /// Stops all operations.
    pub(super) fn clear(&mut self) {
        self.running.clear();
        self.events.clear();
    }

    /// The next response; `None` while nothing runs.
    pub(super) async fn next(&mut self) -> Option<Event> {
        self.events.next().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stopped_operation_does_not_end_the_next_one_of_its_id() {
        let mut operations = Operations::default();
        operations.start("a".into(), stream::pending().boxed());
        operations.stop("a");
        operations.start("a".into(), stream::iter([Answer::new(1)]).boxed());
        let mut answers = Vec::new();
        while let Some((_, answer)) = operations.next().await {
            answers.push(answer);
        }
        assert_eq!(answers, [Some(Answer::new(1)), None]);
        assert!(operations.contains("a") && operations.len() == 1);
    }
}

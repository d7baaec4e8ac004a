//! Runs an operation for every door alike: bounded in time, safe from panics, measured, and with its
//! cost in the response.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;
use async_graphql::{Name, Response as Answer, Value};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout;
use tracing::Instrument;

use crate::Caller;
use crate::answer;
use crate::error::{Code, Error};
use crate::guard::{Cost, Operation};
use crate::http::metrics::Outcome;
use crate::http::reply::{has_code, is_refused, refused};
use crate::http::{Server, metrics, trace};

/// Runs a query or a mutation.
pub(super) async fn once(server: &Server, operation: Operation, caller: Caller) -> Answer {
    let started = Instant::now();
    let limit = server.app.limits().timeout;
    let language = caller.language;
    let Operation { request, kind, name, cost } = operation;
    let execution = AssertUnwindSafe(server.app.execute(request, caller)).catch_unwind();
    let mut answer = match timeout(limit, execution).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => refused(Error::internal("a resolver panicked"), language),
        Err(_) => refused(timed_out(limit), language),
    };
    add_cost(&mut answer, cost);
    server.metrics.request(kind, name.as_deref(), outcome(&answer), started.elapsed());
    answer
}

/// Runs any operation; a query or a mutation gives one response.
pub(super) fn many(
    server: Arc<Server>,
    operation: Operation,
    caller: Caller,
) -> BoxStream<'static, Answer> {
    let name = trace::label(operation.name.as_deref());
    let span = tracing::info_span!("operation", kind = %operation.kind, operation = name);
    if operation.kind != OperationType::Subscription {
        let answer = async move { once(&server, operation, caller).await };
        return stream::once(answer.instrument(span)).boxed();
    }
    span.in_scope(|| tracing::debug!("subscribed"));
    let language = caller.language;
    let Operation { request, name, cost, .. } = operation;
    let responses = AssertUnwindSafe(server.app.execute_stream(request, caller)).catch_unwind();
    let mut subscription = Subscription::new(server, name);
    let responses = responses.map(move |response| {
        let mut answer = response
            .unwrap_or_else(|_| refused(Error::internal("a subscription panicked"), language));
        add_cost(&mut answer, cost);
        subscription.outcome.get_or_insert_with(|| outcome(&answer));
        answer
    });
    responses.boxed()
}

/// Counts a subscription while it runs, and once when it ends.
struct Subscription {
    server: Arc<Server>,
    name: Option<Name>,
    outcome: Option<Outcome>,
    started: Instant,
}

impl Subscription {
    fn new(server: Arc<Server>, name: Option<Name>) -> Self {
        metrics::subscriptions().increment(1);
        Self { server, name, outcome: None, started: Instant::now() }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        metrics::subscriptions().decrement(1);
        let outcome = self.outcome.unwrap_or(Outcome::Ok);
        let kind = OperationType::Subscription;
        self.server.metrics.request(kind, self.name.as_deref(), outcome, self.started.elapsed());
    }
}

/// Adds what was asked for and what was returned to `extensions.cost`, beside what stands there.
fn add_cost(answer: &mut Answer, cost: Cost) {
    // `data` itself costs nothing.
    let actual = answer::objects(&answer.data).saturating_sub(1);
    let entry = answer.extensions.entry("cost".to_owned()).or_insert_with(empty);
    if let Value::Object(fields) = entry {
        fields.insert(Name::new("requested"), cost.requested.into());
        fields.insert(Name::new("actual"), actual.into());
        fields.insert(Name::new("limit"), cost.limit.into());
    }
}

fn empty() -> Value {
    Value::Object(Default::default())
}

fn outcome(answer: &Answer) -> Outcome {
    let broken = [Code::Internal, Code::Timeout, Code::Unavailable];
    if answer.errors.is_empty() {
        Outcome::Ok
    } else if answer.errors.iter().any(|error| broken.iter().any(|code| has_code(error, *code))) {
        Outcome::Failed
    } else if is_refused(answer) {
        Outcome::Refused
    } else {
        Outcome::Partial
    }
}

fn timed_out(limit: Duration) -> Error {
    let seconds = limit.as_secs_f32();
    Error::top(
        Code::Timeout,
        format!("操作超过 {seconds} 秒，已取消。"),
        format!("The operation took longer than {seconds} seconds and was cancelled."),
    )
}

/// Notes in the request's span what is being run; never more than the operation's name.
pub(super) fn note(operation: &Operation) {
    let (span, name) = (tracing::Span::current(), trace::label(operation.name.as_deref()));
    // Together: every listener is told of each addition.
    tracing::record_all!(span, operation = name, kind = %operation.kind);
}

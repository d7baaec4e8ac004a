//! Counts for operators, in Prometheus' text format. Labels come from closed sets and from a bounded
//! number of operation names; none of them says who called.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use ::metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use async_graphql::parser::types::OperationType;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::error::Code;
use crate::http::trace::label;

/// How many operation names of a kind get a label of their own.
const NAMES: usize = 100;

/// Bounds of the latency histogram, in seconds.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Without errors.
    Ok,
    /// Some fields failed.
    Partial,
    /// The document or the caller was refused.
    Refused,
    /// The service was at fault, or too slow.
    Failed,
}

/// The counts of operations, by kind and name.
pub(super) struct Metrics {
    /// One map for each kind of operation, in the order of [`OperationType`].
    series: [RwLock<HashMap<String, Arc<Series>>>; 3],
}

struct Series {
    /// One for each [`Outcome`], in its order.
    outcomes: [Counter; 4],
    seconds: Histogram,
}

impl Metrics {
    /// Nothing counted yet.
    pub(super) fn new() -> Self {
        recorder();
        Self { series: Default::default() }
    }

    /// Counts an operation. Subscriptions last as long as they like: their time says nothing.
    pub(super) fn request(
        &self,
        kind: OperationType,
        name: Option<&str>,
        outcome: Outcome,
        elapsed: Duration,
    ) {
        let series = self.series(kind, label(name), outcome);
        series.outcomes[outcome as usize].increment(1);
        if kind != OperationType::Subscription {
            series.seconds.record(elapsed.as_secs_f64());
        }
    }

    fn series(&self, kind: OperationType, name: &str, outcome: Outcome) -> Arc<Series> {
        let series = &self.series[kind as usize];
        let known = series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(name) {
            return series.clone();
        }
        // A name gets a label only once a document with it has passed validation.
        let new = outcome != Outcome::Refused && known.len() < NAMES;
        drop(known);
        let name = if new { name } else { "other" };
        let mut known = series.write().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(name.to_owned());
        entry.or_insert_with(|| Arc::new(Series::new(kind, name))).clone()
    }
}

impl Series {
    fn new(kind: OperationType, name: &str) -> Self {
        let kind = kind.to_string();
        let outcomes = ["ok", "partial", "refused", "failed"].map(|outcome| {
            counter!("graphql_requests_total", "kind" => kind.clone(), "operation" => name.to_owned(), "outcome" => outcome)
        });
        let seconds =
            histogram!("graphql_request_seconds", "kind" => kind, "operation" => name.to_owned());
        Self { outcomes, seconds }
    }
}

/// Requests that were not run, or not to their end, by the code of their error.
pub(super) fn refusals(code: Code) -> Counter {
    counter!("graphql_refusals_total", "code" => code.as_str())
}

/// What came of knocking at a channel's door, in one word: who knocked is not said.
pub(super) fn knocks(what: &'static str, result: &'static str) -> Counter {
    counter!("channel_callbacks_total", "what" => what, "result" => result)
}

/// WebSockets that are open.
pub(super) fn sockets() -> Gauge {
    gauge!("graphql_sockets_open")
}

/// Subscriptions that run.
pub(super) fn subscriptions() -> Gauge {
    gauge!("graphql_subscriptions_active")
}

/// Tells how many connections the database pool called `pool` has, and how many of them are idle.
pub fn database_pool(pool: &'static str, size: usize, idle: usize) {
    let used = size.saturating_sub(idle);
    gauge!("database_connections", "pool" => pool, "state" => "idle").set(as_float(idle));
    gauge!("database_connections", "pool" => pool, "state" => "used").set(as_float(used));
}

fn as_float(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// Tells how many events of the log the reader called `reader` has not seen yet.
pub fn event_lag(reader: &'static str, events: u32) {
    gauge!("event_log_lag", "reader" => reader).set(events);
}

/// Tells how many messages of channels wait in this direction. How they ended is counted where they do.
pub fn channel_queue(direction: &'static str, messages: u64) {
    let messages = u32::try_from(messages).unwrap_or(u32::MAX);
    gauge!("channel_queue_length", "direction" => direction).set(messages);
}

/// `/metrics`.
pub(super) async fn render() -> Response {
    let text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}

/// Folds what was recorded into the histograms; without it they grow until somebody asks.
pub(super) fn upkeep() {
    if let Some(recorder) = recorder() {
        recorder.run_upkeep();
    }
}

/// The process has one recorder, made when it is first wanted.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
        match builder.and_then(PrometheusBuilder::install_recorder) {
            Ok(recorder) => Some(recorder),
            Err(error) => {
                tracing::error!(%error, "no metrics");
                None
            }
        }
    };
    RECORDER.get_or_init(install).as_ref()
}

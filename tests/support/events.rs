//! What a subscription delivers.

use std::time::Duration;

use async_graphql::Response;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::Value;
use tokio::time::timeout;

/// How long an event may be in coming.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running subscription.
pub struct Events(BoxStream<'static, Response>);

impl Events {
    pub fn new(stream: BoxStream<'static, Response>) -> Self {
        Self(stream)
    }

    async fn response(&mut self) -> Option<Value> {
        let next = timeout(PATIENCE, self.0.next()).await.expect("an event");
        next.map(|response| serde_json::to_value(response).unwrap())
    }

    /// The one field of the next event.
    pub async fn next(&mut self) -> Value {
        let json = self.response().await.expect("the subscription has ended");
        let data = json["data"].as_object().and_then(|data| data.values().next());
        data.filter(|data| !data.is_null()).unwrap_or_else(|| panic!("{json}")).clone()
    }

    /// The code of the error that comes next.
    pub async fn refusal(&mut self) -> String {
        let json = self.response().await.expect("the subscription has ended");
        json.pointer("/errors/0/extensions/code").and_then(Value::as_str).unwrap_or("none").into()
    }

    /// Whether the subscription is over.
    pub async fn has_ended(&mut self) -> bool {
        self.response().await.is_none()
    }
}

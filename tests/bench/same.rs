//! Makes sure that both servers answer alike, so that the comparison is honest.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use serde_json::Value;
use uuid::Uuid;

use crate::load::Client;
use crate::operations::Operation;
use crate::server::{Server, Side};

/// How many requests of each operation are compared.
const COMPARED: usize = 31;

/// Asks both servers the same and compares what they say.
pub async fn check(operation: &Operation, service: &Server, bare: &Server) {
    let mut ours = Client::connect(service.address).await;
    let mut theirs = Client::connect(bare.address).await;
    for (to_service, to_bare) in operation.service.iter().zip(&operation.bare).take(COMPARED) {
        let answer: Value = serde_json::from_slice(ours.ask(to_service).await).expect("JSON");
        assert!(answer.get("errors").is_none(), "{answer}");
        let data = answer["data"].as_object().and_then(|data| data.values().next());
        let ours = plain(data.expect("data"), operation);
        let answer: Value = serde_json::from_slice(theirs.ask(to_bare).await).expect("JSON");
        let theirs = plain(&answer, operation);
        assert_eq!(
            ours,
            theirs,
            "{}: {:?} differs from {:?}",
            operation.name,
            Side::Service,
            Side::Bare
        );
    }
}

/// An answer without what is only another way of saying the same: lists of edges, global ids, and
/// times in another form. What has just been made has an id of its own on each side.
fn plain(value: &Value, operation: &Operation) -> Value {
    match value {
        Value::Object(fields) => match fields.get("edges") {
            Some(Value::Array(edges)) => {
                edges.iter().map(|edge| plain(&edge["node"], operation)).collect()
            }
            _ => fields
                .iter()
                .filter(|(name, _)| *name != "id" || operation.letter != 'e')
                .map(|(name, value)| (name.clone(), plain(value, operation)))
                .collect(),
        },
        Value::Array(items) => items.iter().map(|item| plain(item, operation)).collect(),
        Value::String(text) => text_as_such(text).into(),
        other => other.clone(),
    }
}

fn text_as_such(text: &str) -> String {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return time.timestamp_micros().to_string();
    }
    let id = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 17);
    match id.and_then(|bytes| Uuid::from_slice(&bytes[1..]).ok()) {
        Some(id) => id.to_string(),
        None => text.to_owned(),
    }
}

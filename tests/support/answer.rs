//! What the service answers.

use axum::http::StatusCode;
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;

/// An answer: its status and its JSON.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub json: Value,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&body).expect("a JSON body");
        Self { status, json }
    }

    /// The data of an answer without errors.
    pub fn data(&self) -> &Value {
        assert_eq!(self.json.get("errors"), None, "{}", self.json);
        &self.json["data"]
    }

    /// What stands at this JSON pointer in the data of an answer without errors.
    pub fn at(&self, pointer: &str) -> &Value {
        self.data().pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The texts at `field` of the nodes of the connection at this pointer.
    pub fn nodes(&self, pointer: &str, field: &str) -> Vec<String> {
        let edges = self.at(pointer)["edges"].as_array().expect("a connection");
        edges
            .iter()
            .map(|edge| match &edge["node"][field] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
            .collect()
    }

    /// The code of the first error.
    pub fn code(&self) -> Option<&str> {
        self.json.pointer("/errors/0/extensions/code").and_then(Value::as_str)
    }

    /// The sentence of the first error, or of the first user error.
    pub fn message(&self) -> &str {
        self.json
            .pointer("/errors/0/message")
            .or_else(|| self.user_errors().first().map(|error| &error["message"]))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The user errors of the one mutation of the operation.
    pub fn user_errors(&self) -> &[Value] {
        let payload = self.json["data"].as_object().and_then(|data| data.values().next());
        payload
            .and_then(|payload| payload["userErrors"].as_array())
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The object of a mutation that was done.
    pub fn done(self) -> Value {
        assert_eq!(self.outcome(), "ok", "{}", self.json);
        self.data().as_object().and_then(|data| data.values().next()).expect("a payload")["object"]
            .clone()
    }

    /// In one word how it went: `ok`, the code of an error, or the code and the field of a user error.
    pub fn outcome(&self) -> String {
        if let Some(code) = self.code() {
            return code.to_owned();
        }
        assert_eq!(self.json.get("errors"), None, "an error without a code");
        let Some(error) = self.user_errors().first() else { return "ok".to_owned() };
        let path: Vec<&str> =
            error["field"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let code = error["code"].as_str().expect("a code");
        if path.is_empty() { code.to_owned() } else { format!("{code} {}", path.join(".")) }
    }
}

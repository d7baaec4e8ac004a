//! Whether the process lives, and whether it can answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::time::timeout;

use crate::error::{Code, Kind};
use crate::http::Server;

/// A check that takes longer counts as failed.
const PATIENCE: Duration = Duration::from_secs(5);

/// `/healthz`: the process lives.
pub(super) async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// `/readyz`: the database can be reached and is migrated, and the service is not stopping.
pub(super) async fn ready(State(server): State<Arc<Server>>) -> Response {
    let reason = if *server.stopping.borrow() {
        Some("STOPPING")
    } else {
        match timeout(PATIENCE, server.app.ready()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(match error.kind {
                Kind::Top(code) => code.as_str(),
                Kind::User(..) => Code::Unavailable.as_str(),
            }),
            Err(_) => Some(Code::Timeout.as_str()),
        }
    };
    match reason {
        None => alive().await,
        Some(code) => {
            let body = json!({ "status": "unavailable", "code": code });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}

//! What the service is compared with: a route an operation that runs one hand-written statement, which
//! builds the JSON in PostgreSQL. No GraphQL, no check of who asks for what.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::{self, PgPool, query_scalar};
use serde::Deserialize;
use uuid::Uuid;

const HOUSEHOLD: &str = include_str!("bare/household.sql");
const INBOX: &str = include_str!("bare/inbox.sql");
const TREE: &str = include_str!("bare/tree.sql");
const DASHBOARD: &str = include_str!("bare/dashboard.sql");
const DESK: &str = include_str!("bare/desk.sql");
const SUBMIT: &str = include_str!("bare/submit.sql");

type Built = Result<String, sqlx::Error>;

/// Serves until the process is ended, with a pool like the service's own.
pub async fn serve(url: &str, listen: SocketAddr) {
    let options: PgConnectOptions = url.parse().expect("a URL");
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(3))
        .test_before_acquire(false)
        .connect_with(options.statement_cache_capacity(500))
        .await
        .expect("a database");
    let router = Router::new()
        .route("/readyz", get(async || StatusCode::OK))
        .route("/household/{id}", get(household))
        .route("/inbox/{village}", get(inbox))
        .route("/tree/{township}", get(tree))
        .route("/dashboard", get(dashboard))
        .route("/desk/{officer}", get(desk))
        .route("/submit", post(submit))
        .with_state(pool);
    let listener = tokio::net::TcpListener::bind(listen).await.expect("an address");
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, router).await.expect("a server");
}

async fn household(State(pool): State<PgPool>, Path(id): Path<Uuid>) -> Response {
    answer(query_scalar(HOUSEHOLD).bind(id).fetch_one(&pool).await)
}

async fn inbox(State(pool): State<PgPool>, Path(village): Path<String>) -> Response {
    answer(query_scalar(INBOX).bind(village).fetch_one(&pool).await)
}

async fn tree(State(pool): State<PgPool>, Path(township): Path<String>) -> Response {
    answer(query_scalar(TREE).bind(township).fetch_one(&pool).await)
}

async fn dashboard(State(pool): State<PgPool>) -> Response {
    answer(query_scalar(DASHBOARD).fetch_one(&pool).await)
}

async fn desk(State(pool): State<PgPool>, Path(officer): Path<Uuid>) -> Response {
    answer(query_scalar(DESK).bind(officer).fetch_one(&pool).await)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Submission {
    officer_id: Uuid,
    household_id: Uuid,
    idempotency_key: String,
    category: String,
    text: String,
}

async fn submit(State(pool): State<PgPool>, body: String) -> Response {
    let Ok(new) = serde_json::from_str::<Submission>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let built = query_scalar(SUBMIT)
        .bind(new.household_id)
        .bind(new.officer_id)
        .bind(new.idempotency_key)
        .bind(vec![0_u8; 32])
        .bind(Uuid::now_v7())
        .bind(Uuid::now_v7())
        .bind(new.category)
        .bind(new.text)
        .fetch_one(&pool);
    answer(built.await)
}

fn answer(built: Built) -> Response {
    match built {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

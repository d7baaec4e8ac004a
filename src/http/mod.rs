//! The doors of the service: GraphQL over HTTP, WebSocket and server-sent events on one path, and
//! what operators look at. Knows nothing of townships or inquiries.

mod attachments;
mod callbacks;
mod caller;
mod exports;
mod files;
mod graphiql;
mod graphql;
mod health;
mod imports;
pub mod metrics;
mod negotiate;
mod parameters;
mod reply;
mod run;
mod sse;
mod trace;
mod websocket;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::from_fn;
use axum::routing::{any, get, post, put};
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{interval, timeout};
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;

use crate::App;
use crate::channel::door;
use crate::guard::Documents;

/// The path of everything GraphQL.
pub const PATH: &str = "/graphql";

/// How often sockets and streams look whether the caller's token has expired.
const SECOND: Duration = Duration::from_secs(1);

/// How the doors behave. Limits of a request are in [`crate::guard::Limits`].
#[derive(Clone, Debug)]
pub struct Options {
    /// Serve the GraphiQL page, which the browser completes from a CDN.
    pub graphiql: bool,
    /// Other origins whose web pages may call, as `https://dashboard.example`.
    pub allowed_origins: Vec<String>,
    /// How long a client may take to send the headers of a request, and stay idle between requests.
    pub header_timeout: Duration,
    /// How long a WebSocket may stay without `connection_init`.
    pub init_timeout: Duration,
    /// How often a WebSocket is pinged, and a silent event stream gets a comment.
    pub keep_alive: Duration,
    /// How long running requests may take when the service stops.
    pub grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            graphiql: false,
            allowed_origins: Vec::new(),
            header_timeout: Duration::from_secs(30),
            init_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(20),
            grace: Duration::from_secs(10),
        }
    }
}

/// What all doors share.
struct Server {
    app: App,
    documents: Documents,
    exports: Arc<Semaphore>,
    uploads: Semaphore,
    metrics: metrics::Metrics,
    /// Becomes true when the service stops. Every socket holds one while it is open.
    stopping: watch::Receiver<bool>,
}

/// The router, for a service that is stopped by dropping it. [`serve`] stops gracefully.
pub fn router(app: App) -> Router {
    let (_, stopping) = watch::channel(false);
    routes(app, stopping)
}

fn routes(app: App, stopping: watch::Receiver<bool>) -> Router {
    let mut graphql = Router::new()
        .route(PATH, any(graphql::handle).layer(CompressionLayer::new()))
        .route(imports::PATH, post(imports::upload).layer(DefaultBodyLimit::disable()))
        .route(imports::REPORT, get(imports::report))
        .route("/exports/{id}", get(exports::take))
        .route(attachments::UPLOAD, put(attachments::take).layer(DefaultBodyLimit::disable()))
        .route(attachments::DOWNLOAD, get(attachments::give));
    if let Some(cors) = cors(app.options()) {
        graphql = graphql.layer(cors);
    }
    let mut router = graphql
        .route(door::PATH, get(callbacks::verify).post(callbacks::deliver))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::render));
    if app.options().graphiql {
        router = router.route("/graphiql", get(graphiql::page));
    }
    let documents = Documents::new(app.limits());
    let metrics = metrics::Metrics::new();
    router.fallback(reply::not_found).layer(from_fn(trace::trace)).with_state(Arc::new(Server {
        app,
        documents,
        exports: Arc::new(Semaphore::new(exports::AT_ONCE)),
        uploads: Semaphore::new(attachments::AT_ONCE),
        metrics,
        stopping,
    }))
}

/// Answers on `listener` until `shutdown` completes. Then no connection is accepted any more, running
/// requests finish within [`Options::grace`], and sockets are closed with code 1001.
pub async fn serve(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let Options { grace, header_timeout, .. } = *app.options();
    let (stop, stopping) = watch::channel(false);
    let router = routes(app, stopping.clone());
    drop(stopping);
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener.into_std()?)?
        .acceptor(NoDelayAcceptor::new())
        .first_request_timeout(header_timeout)
        .handle(handle.clone());
    server.http_builder().http1().header_read_timeout(header_timeout);
    let mut serving = tokio::spawn(server.serve(router.into_make_service()));
    let mut upkeep = interval(Duration::from_secs(5));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            ended = &mut serving => return ended.map_err(io::Error::other)?,
            _ = upkeep.tick() => metrics::upkeep(),
        }
    }
    tracing::info!("stopping");
    stop.send_replace(true);
    handle.graceful_shutdown(None);
    if timeout(grace, stop.closed()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
    handle.shutdown();
    Ok(())
}

/// Lets the pages of the allowed origins call from a browser; `None` when there are none.
fn cors(options: &Options) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> =
        options.allowed_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    if origins.is_empty() {
        return None;
    }
    let request_id = HeaderName::from_static(trace::REQUEST_ID);
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CONTENT_DISPOSITION,
            header::CONTENT_TYPE,
            request_id.clone(),
        ])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::CONTENT_LANGUAGE,
            header::RETRY_AFTER,
            request_id,
        ])
        .max_age(Duration::from_secs(24 * 60 * 60));
    Some(layer)
}

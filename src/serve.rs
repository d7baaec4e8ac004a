//! Serves until it is told to stop: what `serve` and `demo` have in common.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use crate::App;
use crate::clock::Clock;
use crate::config::Serving;
use crate::db::Database;
use crate::guard::Limits;
use crate::http;
use crate::service::{Service, StartError};
use crate::worker;

/// How long what works in the background may take to finish what it has in hand.
const GRACE: Duration = Duration::from_secs(10);

/// The address is taken, or not ours.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {cause}")]
pub struct ListenError {
    address: SocketAddr,
    cause: io::Error,
}

/// Takes the address. Callers wait in line from now on.
pub async fn listen(serving: &Serving) -> Result<TcpListener, ListenError> {
    let address = serving.listen;
    TcpListener::bind(address).await.map_err(|cause| ListenError { address, cause })
}

/// Puts the service together.
pub async fn start(database: Arc<Database>, serving: &Serving) -> Result<Arc<Service>, StartError> {
    Service::start(database, serving, Limits::default(), Clock::System).await
}

/// Answers and works until Ctrl-C or SIGTERM, then finishes what is running and closes the database.
pub async fn until_stopped(
    service: Arc<Service>,
    listener: TcpListener,
    serving: &Serving,
) -> io::Result<()> {
    let options = http::Options {
        graphiql: serving.graphiql,
        allowed_origins: serving.allowed_origins.clone(),
        ..Default::default()
    };
    tracing::info!(address = %listener.local_addr()?, "serving");
    let database = service.database.clone();
    let app = App::new(service.clone(), options);
    let mut working = tokio::spawn(worker::run(service.clone()));
    let served = http::serve(app, listener, stopped()).await;
    service.stop();
    // What it has in hand, another instance could take up only minutes later.
    if timeout(GRACE, &mut working).await.is_err() {
        working.abort();
    }
    database.close().await;
    served
}

/// Waits for the first Ctrl-C or, from the system, SIGTERM.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}

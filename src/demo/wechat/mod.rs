//! A double of the far side: what WeCom and WeChat do for a customer-service account (微信客服), as far as it is
//! documented, in this process and without internet. Residents are played by a page or by a test; it counts
//! windows, seals callbacks in a way of its own, and misbehaves when it is told to.

mod api;
mod control;
mod seal;
mod world;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Notify;

pub use seal::{Callback, Seal};
pub use world::{Contacts, Delivering, Door, Fault, Friend, Line, Official, Way, World};

use crate::clock::Clock;

/// The double, shared by its doors.
#[derive(Clone)]
pub struct Double {
    world: Arc<Mutex<World>>,
    /// There are callbacks to deliver.
    news: Arc<Notify>,
}

impl Double {
    /// A corp with one account and nobody in it.
    pub fn new(clock: Clock) -> Self {
        Self { world: Arc::new(Mutex::new(World::new(clock))), news: Arc::default() }
    }

    /// Everything that there is, to look at or to change.
    pub fn world(&self) -> MutexGuard<'_, World> {
        // Whoever did something else while they looked notifies for nothing.
        self.news.notify_one();
        self.quietly()
    }

    /// The API, the page and what the page calls.
    pub fn router(&self) -> Router {
        api::routes().merge(control::routes()).with_state(self.clone())
    }

    /// Answers at `listener` until it is dropped.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    /// Sends callbacks to the addresses of their doors as they come up, until it is dropped.
    pub async fn deliver(&self, address: impl Fn(&Door) -> String) {
        let client = reqwest::Client::new();
        loop {
            self.news.notified().await;
            let callbacks = self.quietly().take_for_doors();
            for (door, callback) in callbacks {
                let to = format!("{}?{}", address(&door), callback.query);
                let answer = match client.post(to).body(callback.body).send().await {
                    Ok(answer) => answer.text().await.unwrap_or_default(),
                    Err(_) => {
                        tracing::warn!("the double's callback was not taken");
                        continue;
                    }
                };
                if let Door::Account(openid) = door {
                    self.quietly().answered(&openid, &answer);
                }
            }
        }
    }

    fn quietly(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Does everything in the background, each account at its own pace: one that is slow or away delays no other. What is
//! in hand lies in the database, so what breaks off is taken up again here or by another instance.

use std::collections::HashMap;
use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::task::{Id, JoinSet};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::lane::{ACCOUNTS, Work};
use super::{fetch, inbound, outbound};
use crate::service::Service;

/// How often is looked for what other instances, or time, left to do.
const LOOK: Duration = Duration::from_secs(1);
/// How long calls and events gather before they are looked at together.
const GATHER: Duration = Duration::from_millis(50);

/// Works until the service stops; then finishes what is in hand, so that nobody has to wait until that is free again.
pub async fn run(service: &Arc<Service>) {
    let came = Arc::<Notify>::default();
    let (queued, files, people) = (Notify::new(), Notify::new(), Notify::new());
    tokio::join!(
        fetching(service, &came),
        async {
            tokio::select! {
                () = writing(service, &came, [&queued, &files, &people]) => {}
                () = service.stopping() => {}
            }
        },
        through_accounts(service, Work::Sending, &queued),
        through_accounts(service, Work::Files, &files),
        through_accounts(service, Work::Names, &people)
    );
}

/// Fetches from accounts, from each once at a time.
async fn fetching(service: &Arc<Service>, came: &Arc<Notify>) {
    let mut calls: HashMap<Uuid, fetch::Called> = HashMap::new();
    let mut tasks = Tasks::default();
    loop {
        match fetch::calls(service).await {
            Ok(new) => {
                for (channel_id, called) in new {
                    calls.entry(channel_id).or_default().join(called);
                }
            }
            Err(_) => sleep(LOOK).await,
        }
        let free: Vec<Uuid> = calls.keys().copied().filter(|id| tasks.of(*id) == 0).collect();
        for channel_id in free.into_iter().take(fetch::AT_ONCE - tasks.len()) {
            let called = calls.remove(&channel_id).unwrap_or_default();
            let (service, came) = (service.clone(), came.clone());
            tasks.start(channel_id, async move {
                if fetch::one(&service, channel_id, called).await > 0 {
                    came.notify_one();
                }
            });
        }
        tokio::select! {
            () = tasks.ended() => {}
            () = service.delivered.notified() => {}
            () = sleep(LOOK) => {}
            () = service.stopping() => break,
        }
        sleep(GATHER).await;
    }
    tasks.finish().await;
}

/// Makes inquiries of what came, and puts in line what the desk wrote.
async fn writing(service: &Arc<Service>, came: &Notify, then: [&Notify; 3]) {
    let mut news = service.live.listen();
    loop {
        let heard = inbound::all(service).await;
        let planned = outbound::plan(service).await;
        match (heard, planned) {
            (Ok(0), Ok(0)) => {
                let woken = async {
                    tokio::select! {
                        _ = news.recv() => {}
                        () = came.notified() => {}
                    }
                };
                let _ = timeout(LOOK, woken).await;
                // One look is enough for all that has happened until now.
                while !matches!(news.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
            }
            (Ok(heard), Ok(_)) => {
                then.iter().for_each(|woken| woken.notify_one());
                if heard == 0 {
                    sleep(GATHER).await;
                }
            }
            _ => sleep(LOOK).await,
        }
    }
}

/// Does work through each account that has some.
async fn through_accounts(service: &Arc<Service>, work: Work, woken: &Notify) {
    let mut tasks = Tasks::default();
    loop {
        for channel_id in work.busy(service).await.unwrap_or_default() {
            let most = ACCOUNTS * work.lanes();
            while tasks.of(channel_id) < work.lanes() && tasks.len() < most {
                let service = service.clone();
                tasks.start(channel_id, async move {
                    let rest = work.lane(&service, channel_id).await.rest;
                    // A lane that rests is not given to anybody else: it keeps others from trying in vain.
                    tokio::select! {
                        () = sleep(rest) => {}
                        () = service.stopping() => {}
                    }
                });
            }
        }
        tokio::select! {
            () = tasks.ended() => {}
            () = woken.notified() => {}
            () = sleep(LOOK) => {}
            () = service.stopping() => break,
        }
    }
    tasks.finish().await;
}

/// What is being done, by account. It is dropped with this.
#[derive(Default)]
struct Tasks {
    running: JoinSet<()>,
    of: HashMap<Id, Uuid>,
}

impl Tasks {
    fn start(&mut self, channel_id: Uuid, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.running.spawn(task).id();
        self.of.insert(id, channel_id);
    }

    fn len(&self) -> usize {
        self.of.len()
    }

    fn of(&self, channel_id: Uuid) -> usize {
        self.of.values().filter(|id| **id == channel_id).count()
    }

    /// Waits until one has ended, however it did.
    async fn ended(&mut self) {
        let id = match self.running.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
            None => pending().await,
        };
        self.of.remove(&id);
    }

    async fn finish(mut self) {
        while self.running.join_next().await.is_some() {}
    }
}

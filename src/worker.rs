//! What runs in the background on every instance, and how it is shared out: following the event log is
//! each instance's own, counting is done by whoever takes the checkpoint first.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::appointment;
use crate::attachment;
use crate::channel;
use crate::db::once;
use crate::desk;
use crate::error::{Error, Result};
use crate::event::Kind;
use crate::friend;
use crate::http::metrics;
use crate::import;
use crate::merge;
use crate::messenger;
use crate::official;
use crate::seal;
use crate::service::Service;
use crate::session;
use crate::tally;

/// How long to wait for an event before looking whether other instances left something to count.
const LOOK: Duration = Duration::from_secs(1);
/// How long events gather before they are worked off together: that costs a transaction each time.
const GATHER: Duration = Duration::from_millis(250);
/// How long they gather before they are counted, while they come one after the other: a village's numbers
/// are written once then, however much happened in it.
const COUNT: Duration = Duration::from_secs(1);
/// How late reminders and offers may be.
const PUNCTUAL: Duration = Duration::from_secs(5);
/// How often is removed what is kept for a time only.
const SWEEP: Duration = Duration::from_secs(3600);
/// How many rows are removed in one change.
const AT_ONCE: u64 = 1000;
/// How often the gauges are set.
const GAUGES: Duration = Duration::from_secs(5);

/// Works until the service stops, or until it is dropped. What goes on outside is finished then; the rest breaks off, as
/// each piece of it is a change or none.
pub async fn run(service: Arc<Service>) {
    tokio::select! {
        () = messenger::run(&service) => {}
        () = keep_house(&service) => {}
    }
}

async fn keep_house(service: &Arc<Service>) {
    tokio::join!(
        service.live.follow(&service.tokens, &service.shelf),
        count(service),
        import(service),
        escalate(service),
        appointments(service),
        far_sides(service),
        compare_friends(service),
        async {
            loop {
                if let Err(error) = sweep(service).await {
                    tracing::warn!(?error, "not all that is old was removed");
                }
                sleep(SWEEP).await;
            }
        },
        measure(service)
    );
}

async fn count(service: &Service) {
    let mut news = service.live.listen();
    loop {
        match tally::project(&service.database, service.confirmed_days, service.clock.now()).await {
            Ok(0) => {
                // Whether there was an event, or a lag, or only time went by: look.
                let _ = timeout(LOOK, news.recv()).await;
            }
            Ok(counted) if counted < tally::BATCH => sleep(COUNT).await,
            Ok(_) => {}
            Err(_) => sleep(LOOK).await,
        }
    }
}

/// Does imports. News of one ends the waiting.
async fn import(service: &Arc<Service>) {
    let mut news = service.live.listen();
    loop {
        match import::work(service).await {
            Ok(true) => {}
            Ok(false) => {
                let of_one = async {
                    // Who fell behind looks.
                    while news
                        .recv()
                        .await
                        .is_ok_and(|event| event.kind != Some(Kind::ImportChanged))
                    {
                    }
                };
                let _ = timeout(LOOK, of_one).await;
            }
            Err(_) => sleep(LOOK).await,
        }
    }
}

/// Escalates what is overdue, and goes by the working calendar as it changes.
async fn escalate(service: &Service) {
    let work =
        async || Ok::<_, Error>(desk::follow_calendar(service).await? + desk::fire(service).await?);
    loop {
        match work().await {
            Ok(0) | Err(_) => sleep(LOOK).await,
            Ok(_) => {}
        }
    }
}

/// Reminds of appointments, and passes places on that were offered too long.
async fn appointments(service: &Service) {
    loop {
        if let Err(error) = appointment::work(service).await {
            tracing::warn!(?error, "not all reminders were sent");
        }
        sleep(PUNCTUAL).await;
    }
}

/// Takes in what Official Accounts deliver, and follows who is whose friend in WeCom.
async fn far_sides(service: &Arc<Service>) {
    let work =
        async || Ok::<_, Error>(official::work(service).await? | friend::work(service).await?);
    loop {
        match work().await {
            Ok(true) => sleep(GATHER).await,
            Ok(false) => sleep(LOOK).await,
            Err(error) => {
                tracing::warn!(?error, "not all that WeChat told was worked off");
                sleep(LOOK).await;
            }
        }
    }
}

/// Compares officers' friends with the far side's lists, at night.
async fn compare_friends(service: &Arc<Service>) {
    loop {
        if let Err(error) = friend::compare(service).await {
            tracing::warn!(?error, "not all lists of friends were compared");
        }
        sleep(PUNCTUAL).await;
    }
}

/// Removes what is kept for a time only.
pub async fn sweep(service: &Service) -> Result<()> {
    let swept = [
        import::sweep(service).await,
        attachment::sweep(service).await,
        channel::sweep(service).await,
        desk::forget_drafts(service).await,
        merge::forget_old(service).await,
        messenger::sweep(service).await,
        seal::sweep(service).await,
        forget_sessions_and_keys(service).await,
    ];
    swept.into_iter().collect()
}

/// In small changes, so that nobody waits long for SQLite's one writer.
async fn forget_sessions_and_keys(service: &Service) -> Result<()> {
    let now = service.clock.now();
    loop {
        let tx = service.keep().await?;
        let sessions = session::forget_old(&tx, AT_ONCE, now).await?;
        let keys = once::forget_old(&tx, AT_ONCE, now).await?;
        tx.commit().await?;
        if sessions + keys == 0 {
            return Ok(());
        }
    }
}

/// Tells how the database is used, and gives back what is not.
async fn measure(service: &Service) {
    loop {
        let (size, idle) = service.database.pool_size();
        metrics::database_pool("read", size, idle);
        service.database.close_idle();
        if let Ok(waiting) = tally::waiting(&service.database, service.clock.now()).await {
            metrics::event_lag("tally", u32::try_from(waiting).unwrap_or(u32::MAX));
        }
        if let Ok((heard, queued)) = messenger::waiting(service).await {
            metrics::channel_queue("in", heard);
            metrics::channel_queue("out", queued);
        }
        sleep(GAUGES).await;
    }
}

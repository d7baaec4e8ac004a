//! Does imports in the background. A worker has a batch for a limited time, which each transaction
//! renews; when it dies, another one goes on after the last line that is done.

use std::fs::File;
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::chunk::{self, ROWS, Row, Seen};
use super::layout::Layout;
use super::sheet::{self, FileFault, Line};
use super::store::{self, Running};
use super::{Counts, ImportFailure, KEPT, UNUSED, entry, rules, undo, upload};
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::db::Tx;
use crate::error::{Code, Error, Kind, Result, UserErrorCode};
use crate::service::Service;

/// How many chunks are read ahead.
const AHEAD: usize = 2;

/// Does the next import that waits, to its end. False when none does.
pub async fn work(service: &Arc<Service>) -> Result<bool> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let Some(running) = store::claim(&tx, now).await? else { return Ok(false) };
    tx.commit().await?;
    let id = running.id;
    let ended = if running.rolls_back {
        undo::undo(service, running).await
    } else {
        import(service, running).await
    };
    match ended {
        Ok(()) => {}
        // Another worker has gone on with it, or somebody has changed a household just now: again.
        Err(Error { kind: Kind::User(UserErrorCode::VersionConflict, _), .. }) => {
            let tx = service.keep().await?;
            store::unfinished_lease(&tx, id).await?;
            tx.commit().await?;
        }
        Err(Error { kind: Kind::Top(Code::Unavailable), .. }) => return ended.map(|()| true),
        Err(Error { kind: Kind::Top(Code::Forbidden), .. }) => {
            finish(service, id, Some(ImportFailure::Forbidden)).await?;
        }
        Err(_) => finish(service, id, Some(ImportFailure::Internal)).await?,
    }
    Ok(true)
}

/// Forgets files whose time is over.
pub async fn sweep(service: &Service) -> Result<()> {
    let tx = service.keep().await?;
    store::drop_old_parts(&tx, KEPT, UNUSED, service.clock.now()).await?;
    tx.commit().await
}

/// A change in the area of whoever started the import.
pub(super) async fn begin(service: &Service, actor: &Actor) -> Result<Tx> {
    let grant = access::grant(actor, Act::ImportHouseholds, service.clock.now())?;
    service.database.begin(&grant).await
}

async fn finish(service: &Service, id: Uuid, failure: Option<ImportFailure>) -> Result<()> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    store::finish(&tx, id, failure, now).await?;
    let state = if failure.is_some() { "FAILED" } else { "DONE" };
    rules::commit(tx, id, state, now).await
}

async fn import(service: &Arc<Service>, mut running: Running) -> Result<()> {
    let id = running.id;
    let tx = service.keep().await?;
    let file = upload::fetch(&tx, running.upload_id).await?;
    let kept = store::upload(&tx, running.upload_id, None).await?;
    drop(tx);
    let (Some(file), Some(kept)) = (file, kept) else {
        return finish(service, id, Some(ImportFailure::FileGone)).await;
    };
    let (sender, mut chunks) = mpsc::channel(AHEAD);
    let (layout, header) = (running.layout.clone(), kept.outline.header_line);
    let reading = spawn_blocking(move || read(&file, &layout, header, &sender));
    let mut seen = Seen::default();
    while let Some(rows) = chunks.recv().await {
        do_chunk(service, &mut running, rows, &mut seen).await?;
    }
    drop(chunks);
    let failure = match reading.await.map_err(Error::internal)? {
        Ok(()) if running.processed == kept.outline.rows => None,
        Ok(()) => {
            let (done, rows) = (running.processed, kept.outline.rows);
            return Err(Error::internal(format!("{done} of {rows} rows have a fate")));
        }
        Err(_) => Some(ImportFailure::FileUnreadable),
    };
    finish(service, id, failure).await
}

async fn do_chunk(
    service: &Arc<Service>,
    running: &mut Running,
    mut rows: Vec<Row>,
    seen: &mut Seen,
) -> Result<()> {
    let now = service.clock.now();
    let mut tx = begin(service, &running.actor).await?;
    let rest = rows.split_off(rows.partition_point(|row| row.line <= running.line));
    if !rows.is_empty() {
        chunk::recall(&tx, running.dry_run, rows, seen).await?;
    }
    let Some(last) = rest.last().map(|row| row.line) else { return Ok(()) };
    let new_id = || service.new_id();
    let decided =
        chunk::apply(&mut tx, running.id, running.dry_run, rest, seen, &new_id, now).await?;
    let mut counts = Counts::default();
    for row in &decided.fates {
        counts.count(row.fate);
        counts.count_double(row.doubles_strength());
    }
    if !store::advance(&tx, running, last, &counts, now).await? {
        return Err(Error::user(UserErrorCode::VersionConflict, "", "", ""));
    }
    tx.commit().await?;
    running.line = last;
    running.processed += counts.total();
    Ok(())
}

/// Reads the rows of a file and sends them on, some thousand at a time.
fn read(
    file: &File,
    layout: &Layout,
    header: i32,
    chunks: &mpsc::Sender<Vec<Row>>,
) -> Result<(), FileFault> {
    let mut rows = Vec::with_capacity(ROWS);
    sheet::read(file, &mut |line| {
        if line.number <= header {
            return ControlFlow::Continue(());
        }
        rows.extend(row(line, layout));
        if rows.len() < ROWS {
            return ControlFlow::Continue(());
        }
        let full = std::mem::replace(&mut rows, Vec::with_capacity(ROWS));
        // Nobody listens any more when the work was given up.
        chunks.blocking_send(full).map_or(ControlFlow::Break(()), ControlFlow::Continue)
    })?;
    if !rows.is_empty() {
        let _ = chunks.blocking_send(rows);
    }
    Ok(())
}

fn row(line: Line, layout: &Layout) -> Option<Row> {
    let entry = match line.cells {
        Ok(cells) if entry::is_blank(&cells) => return None,
        Ok(cells) => entry::read(&cells, layout),
        Err(unreadable) => Err(unreadable.into()),
    };
    Some(Row { line: line.number, entry })
}

//! The rules of imports: who starts one, and who takes it back.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::layout::{ImportField, Layout};
use super::{ImportBatch, KEPT, store};
use crate::access::Act;
use crate::db::{Once, Tx};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::payload::expected;
use crate::record;
use crate::request::Request;

/// What is to be imported, and how.
pub struct Order {
    /// The file.
    pub upload_id: Uuid,
    /// Which columns mean what, where their names do not say it.
    pub mapping: Vec<(ImportField, String)>,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
}

/// The import with this id, as far as the caller may see it.
pub async fn find(request: &Request, id: Uuid) -> Result<Option<ImportBatch>> {
    record::one(&request.reader(Act::ReadImport)?, &id.into(), ()).await
}

/// Starts an import. A worker does it.
pub async fn start(request: &Request, order: Order, once: Option<Once>) -> Result<ImportBatch> {
    let id = request.new_id();
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ImportHouseholds).await?;
    if let Some(once) = once
        && let Some(first) = once.claim(&tx, id, now).await?
    {
        drop(tx);
        return expected(find(request, first).await?, "idempotencyKey");
    }
    let actor = *tx.scope().actor();
    let own = (!actor.id.is_nil()).then_some(actor.id);
    let upload = expected(store::upload(&tx, order.upload_id, Some(own)).await?, "uploadId")?;
    let layout = Layout::of(&upload.outline.columns, &order.mapping)?;
    store::insert_batch(&tx, id, upload.id, order.dry_run, &layout, now).await?;
    tx.record(changed(id, "WAITING", now));
    tx.commit().await?;
    expected(find(request, id).await?, "uploadId")
}

/// Has an import taken back by a worker, unless somebody has touched what it did.
pub async fn roll_back(request: &Request, id: Uuid) -> Result<ImportBatch> {
    let now = request.service().clock.now();
    let allowed: Option<ImportBatch> =
        record::one(&request.reader(Act::RollBackImport)?, &id.into(), ()).await?;
    let batch = expected(allowed, "batchId")?;
    if batch.kept_until <= now {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "batchId",
            format!("导入超过{}天，不能再撤销。", KEPT.num_days()),
            format!("An import can be taken back for {} days.", KEPT.num_days()),
        ));
    }
    let mut tx = request.begin(Act::ImportHouseholds).await?;
    let touched = store::touched(&tx, id).await?;
    if touched > 0 {
        return Err(touched_since(touched));
    }
    if !store::request_roll_back(&tx, id).await? {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "batchId",
            "只有已结束的正式导入可以撤销。",
            "Only an import that has ended, and was no dry run, can be taken back.",
        ));
    }
    tx.record(changed(id, "ROLLING_BACK", now));
    tx.commit().await?;
    expected(find(request, id).await?, "batchId")
}

fn touched_since(count: i64) -> Error {
    Error::user(
        UserErrorCode::WrongState,
        "batchId",
        format!("导入后已有{count}户被修改、有咨询或有联系人，不能撤销。"),
        format!(
            "{count} of its households were changed since, or have inquiries or contacts: it cannot be \
             taken back."
        ),
    )
}

/// Tells how far an import is.
pub fn changed(id: Uuid, state: &str, now: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::ImportChanged,
        at: now,
        place: None,
        household_id: None,
        subject_id: id,
        detail: json!({ "state": state }),
    }
}

/// Ends a change of a batch.
pub async fn commit(mut tx: Tx, id: Uuid, state: &str, now: DateTime<Utc>) -> Result<()> {
    tx.record(changed(id, state, now));
    tx.commit().await
}

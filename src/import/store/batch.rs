//! Batches: which one a worker takes, and how far it is.

use chrono::{DateTime, TimeDelta, Utc};
use entity::import_batch::{self, Column as Batch, State};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::rows::{value, word};
use crate::actor::{Actor, Role};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::import::layout::Layout;
use crate::import::{Counts, ImportFailure};

/// How long a worker has a batch before another one may think that it is gone.
const LEASE: TimeDelta = TimeDelta::seconds(120);

/// Adds a batch that waits for a worker.
pub async fn insert_batch(
    tx: &Tx,
    id: Uuid,
    upload_id: Uuid,
    dry_run: bool,
    layout: &Layout,
    now: DateTime<Utc>,
) -> Result<()> {
    let actor = tx.scope().actor();
    let row = import_batch::Model {
        id,
        upload_id,
        officer_id: (!actor.id.is_nil()).then_some(actor.id),
        actor_id: actor.id,
        actor_role: word(actor.role).unwrap_or_default(),
        state: State::Waiting,
        dry_run,
        layout: serde_json::to_value(layout).map_err(Error::internal)?,
        line: 0,
        failure: None,
        created: 0,
        updated: 0,
        unchanged: 0,
        skipped: 0,
        failed: 0,
        strong_doubles: 0,
        weak_doubles: 0,
        touched: 0,
        created_at: now,
        finished_at: None,
        leased_until: None,
    };
    import_batch::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// A batch that a worker has.
pub struct Running {
    /// Its id.
    pub id: Uuid,
    /// Its file.
    pub upload_id: Uuid,
    /// In whose area it works.
    pub actor: Actor,
    /// Whether it is to be taken back.
    pub rolls_back: bool,
    /// Whether it only says what would become of the rows.
    pub dry_run: bool,
    /// Which column each field comes from.
    pub layout: Layout,
    /// The last line that is done.
    pub line: i32,
    /// How many rows are done.
    pub processed: i32,
}

/// Takes the oldest batch that nobody has.
pub async fn claim(tx: &Tx, now: DateTime<Utc>) -> Result<Option<Running>> {
    let free = Expr::col(Batch::LeasedUntil).is_null().or(Expr::col(Batch::LeasedUntil).lt(now));
    let row = import_batch::Entity::find()
        .filter(Batch::State.is_in([State::Waiting, State::Running, State::RollingBack]))
        .filter(free)
        .order_by_asc(Batch::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .limit(1)
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let rolls_back = row.state == State::RollingBack;
    let state = if rolls_back { State::RollingBack } else { State::Running };
    import_batch::Entity::update_many()
        .col_expr(Batch::State, Expr::val(state))
        .col_expr(Batch::LeasedUntil, Expr::val(now + LEASE))
        .filter(Batch::Id.eq(row.id))
        .exec(tx)
        .await?;
    let role: Role = value(row.actor_role)?;
    Ok(Some(Running {
        id: row.id,
        upload_id: row.upload_id,
        actor: Actor { role, id: row.actor_id, session: None, expires_at: None },
        rolls_back,
        dry_run: row.dry_run,
        layout: serde_json::from_value(row.layout).map_err(Error::internal)?,
        line: row.line,
        processed: row.created + row.updated + row.unchanged + row.skipped + row.failed,
    }))
}

/// Gives a batch back at once, for another worker.
pub async fn unfinished_lease(tx: &Tx, id: Uuid) -> Result<()> {
    import_batch::Entity::update_many()
        .col_expr(Batch::LeasedUntil, Expr::val(None::<DateTime<Utc>>))
        .filter(Batch::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that the rows up to `line` are done; false when another worker has done them meanwhile.
pub async fn advance(
    tx: &Tx,
    running: &Running,
    line: i32,
    counts: &Counts,
    now: DateTime<Utc>,
) -> Result<bool> {
    let mut update = import_batch::Entity::update_many()
        .col_expr(Batch::Line, Expr::val(line))
        .col_expr(Batch::LeasedUntil, Expr::val(now + LEASE));
    for (counted, more) in [
        (Batch::Created, counts.created),
        (Batch::Updated, counts.updated),
        (Batch::Unchanged, counts.unchanged),
        (Batch::Skipped, counts.skipped),
        (Batch::Failed, counts.failed),
        (Batch::StrongDoubles, counts.strong_doubles),
        (Batch::WeakDoubles, counts.weak_doubles),
    ] {
        update = update.col_expr(counted, Expr::col(counted).add(more));
    }
    let updated = update
        .filter(Batch::Id.eq(running.id))
        .filter(Batch::Line.eq(running.line))
        .filter(Batch::State.eq(State::Running))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

async fn end(
    tx: &Tx,
    id: Uuid,
    state: State,
    row: import_batch::ActiveModel,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = import_batch::ActiveModel {
        state: Set(state),
        finished_at: Set(Some(now)),
        leased_until: Set(None),
        ..row
    };
    import_batch::Entity::update_many().set(row).filter(Batch::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Ends a batch.
pub async fn finish(
    tx: &Tx,
    id: Uuid,
    failure: Option<ImportFailure>,
    now: DateTime<Utc>,
) -> Result<()> {
    let state = if failure.is_some() { State::Failed } else { State::Done };
    let row = import_batch::ActiveModel { failure: Set(word(failure)), ..Default::default() };
    end(tx, id, state, row, now).await
}

/// Notes that a batch was taken back, or that so many households kept it from that.
pub async fn rolled_back(tx: &Tx, id: Uuid, touched: i32, now: DateTime<Utc>) -> Result<()> {
    let state = if touched == 0 { State::RolledBack } else { State::Done };
    let row = import_batch::ActiveModel { touched: Set(touched), ..Default::default() };
    end(tx, id, state, row, now).await
}

/// Asks a worker to take a batch back in the area of whoever makes this change; false when the batch
/// is in no state for that.
pub async fn request_roll_back(tx: &Tx, id: Uuid) -> Result<bool> {
    let actor = tx.scope().actor();
    let row = import_batch::ActiveModel {
        state: Set(State::RollingBack),
        actor_id: Set(actor.id),
        actor_role: Set(word(actor.role).unwrap_or_default()),
        touched: Set(0),
        leased_until: Set(None),
        ..Default::default()
    };
    let updated = import_batch::Entity::update_many()
        .set(row)
        .filter(Batch::Id.eq(id))
        .filter(Batch::DryRun.eq(false))
        .filter(Batch::State.is_in([State::Done, State::Failed]))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

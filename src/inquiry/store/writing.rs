//! How inquiries are written.

use entity::inquiry::{self, Status};
use entity::inquiry_ownership;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, EntityTrait,
    IntoActiveModel, Iterable, QueryFilter,
};

use crate::db::{Tx, changed_one};
use crate::deadline::Stopwatch;
use crate::error::{Error, Result};
use crate::inquiry::change::Changed;

/// The name of a status, in the table and in the event log.
pub fn status_name(status: Status) -> String {
    status.to_value()
}

/// Adds an inquiry at the end of the change.
pub fn insert(tx: &mut Tx, new: &Changed) -> Result<()> {
    tx.add(row(new)?.into_active_model());
    Ok(())
}

/// Writes an inquiry that was changed, unless somebody else changed it meanwhile.
pub async fn update(tx: &mut Tx, changed: &Changed) -> Result<()> {
    let after = &changed.after;
    let mut row = row(changed)?.into_active_model().reset_all();
    row.id = NotSet;
    let result = inquiry::Entity::update_many()
        .set(row)
        .filter(inquiry::Column::Id.eq(after.id.uuid()))
        .filter(inquiry::Column::Version.eq(after.version.saturating_sub(1)))
        .exec(&*tx)
        .await?;
    tx.add_all(past_owner(changed));
    changed_one(result.rows_affected)
}

/// Writes inquiries that are locked, with one statement.
pub async fn update_all(tx: &mut Tx, changed: &[Changed]) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = changed.iter().map(row).collect::<Result<_>>()?;
    let others = inquiry::Column::iter().filter(|column| !matches!(column, inquiry::Column::Id));
    let known = OnConflict::column(inquiry::Column::Id).update_columns(others).to_owned();
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    inquiry::Entity::insert_many(rows).on_conflict(known).exec_without_returning(&*tx).await?;
    tx.add_all(changed.iter().filter_map(past_owner));
    Ok(())
}

fn past_owner(changed: &Changed) -> Option<inquiry_ownership::ActiveModel> {
    let past = changed.past_owner.as_ref()?;
    Some(inquiry_ownership::ActiveModel {
        id: NotSet,
        inquiry_id: Set(changed.after.id.uuid()),
        officer_id: Set(past.officer_id),
        reason: Set(past.reason.into()),
        since: Set(past.since),
        until: Set(past.until.unwrap_or(changed.after.updated_at)),
        shift_id: Set(past.shift_id),
        covers_id: Set(past.covers_id),
        by_id: Set(past.by_id),
    })
}

/// The row of an inquiry whose clock is known.
fn row(changed: &Changed) -> Result<inquiry::Model> {
    let Changed { after, timer_at, .. } = changed;
    let owner = after.owner.as_ref();
    let stopwatch = after.stopwatch.as_ref().and_then(Option::as_ref);
    Ok(inquiry::Model {
        id: after.id.uuid(),
        household_id: after.household_id,
        village_code: after.village_code.clone(),
        township_code: after.township_code.clone(),
        category: after.category.into(),
        status: after.status.into(),
        subject: after.subject.clone(),
        assignee_id: after.assignee_id,
        last_message_id: after.last_message_id,
        version: after.version,
        opened_at: after.opened_at,
        updated_at: after.updated_at,
        resolved_at: after.resolved_at,
        priority: after.priority.into(),
        waiting_since: after.waiting_since,
        due_at: after.due_at,
        timer_at: *timer_at,
        escalation: after.escalation.into(),
        stopwatch: stopwatch
            .map(serde_json::to_value)
            .transpose()
            .map_err(|_| Error::internal("a clock cannot be written"))?,
        due_calendar: stopwatch.and_then(Stopwatch::due_calendar),
        owner_id: owner.map(|owner| owner.officer_id),
        owner_reason: owner.map(|owner| owner.reason.into()),
        owner_since: owner.map(|owner| owner.since),
        owner_shift_id: owner.and_then(|owner| owner.shift_id),
        owner_covers_id: owner.and_then(|owner| owner.covers_id),
        owner_by_id: owner.and_then(|owner| owner.by_id),
        sealed: after.sealed,
        erased_at: after.erased_at,
    })
}

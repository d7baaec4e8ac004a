//! What the desk asks of the database.

use chrono::{DateTime, Utc};
use entity::draft_lock;
use entity::inquiry::Escalation;
use sea_orm::sea_query::{ExprTrait, LockBehavior, LockType, OnConflict, SimpleExpr};
use sea_orm::{ActiveEnum, ActiveValue::Set, ColumnTrait, EntityTrait, Order, QueryFilter};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Scoped, Tx, area::column};
use crate::error::Result;
use crate::inquiry::{DraftLock, Inquiry, InquiryFilter, InquiryWith, add_roster, with_roster};
use crate::record::{self, Columns, Record};
use crate::request::Request;

/// What changes with time needs the clock.
const WITH: InquiryWith = InquiryWith {
    household: None,
    last_message: false,
    stopwatch: true,
    draft_lock: false,
    columns: Columns::ALL,
};

/// How many inquiries each of these filters keeps, counted up to `most`, with one statement.
pub async fn count_tabs(request: &Request, tabs: &[InquiryFilter], most: u64) -> Result<Vec<i64>> {
    let reader = request.reader(Act::ReadInquiry)?;
    let kept = |filter| {
        let mut select = record::visible::<Inquiry>(&reader, InquiryWith::default());
        Inquiry::keep(filter, &mut select, reader.backend());
        select
    };
    let selects: Vec<_> = tabs.iter().map(kept).collect();
    reader.count_each(&selects, most).await
}

/// Who holds the draft lock of an inquiry, or held it last.
pub async fn draft_lock(tx: &Tx, inquiry_id: Uuid) -> Result<Option<DraftLock>> {
    let found = draft_lock::Entity::find_by_id(inquiry_id).one(tx).await?;
    Ok(found.map(|row| DraftLock { until: row.until, officer_id: row.officer_id }))
}

/// Gives an officer the draft lock.
pub async fn hold(tx: &Tx, inquiry_id: Uuid, lock: DraftLock) -> Result<()> {
    let row = draft_lock::ActiveModel {
        inquiry_id: Set(inquiry_id),
        officer_id: Set(lock.officer_id),
        until: Set(lock.until),
    };
    let held = OnConflict::column(draft_lock::Column::InquiryId)
        .update_columns([draft_lock::Column::OfficerId, draft_lock::Column::Until])
        .to_owned();
    draft_lock::Entity::insert(row).on_conflict(held).exec_without_returning(tx).await?;
    Ok(())
}

/// Removes draft locks that ended before this moment.
pub async fn forget_drafts(tx: &Tx, before: DateTime<Utc>) -> Result<u64> {
    let old = draft_lock::Entity::delete_many().filter(draft_lock::Column::Until.lt(before));
    Ok(old.exec(tx).await?.rows_affected)
}

/// The name of a level, in the table and in the event log.
pub fn level_name(level: Escalation) -> String {
    level.to_value()
}

/// Inquiries whose timer has run out, with the roster of this moment: first those that ran out first, without those that another instance has in
/// hand.
pub async fn locked_timers(tx: &Tx, now: DateTime<Utc>, most: u64) -> Result<Vec<Inquiry>> {
    let select = locking(tx, "timer_at", |timer_at| timer_at.lte(now));
    with_roster(tx, select, WITH, Some(most), now).await
}

/// How the database goes about [`locked_timers`].
pub async fn plan_of_timers(tx: &Tx, now: DateTime<Utc>, most: u64) -> Result<String> {
    let mut select = locking(tx, "timer_at", |timer_at| timer_at.lte(now));
    add_roster(tx, &mut select, now);
    tx.plan(&select, most).await
}

/// Inquiries that are due by a calendar older than this version, without those that another instance has in hand.
pub async fn locked_by_older_calendar(tx: &Tx, version: i32, most: u64) -> Result<Vec<Inquiry>> {
    record::first(tx, &by_older_calendar(tx, version), most, WITH).await
}

fn by_older_calendar(tx: &Tx, version: i32) -> Scoped {
    locking(tx, "due_calendar", |due_calendar| due_calendar.lt(version))
}

/// How the database goes about [`locked_by_older_calendar`].
pub async fn plan_of_older_calendar(tx: &Tx, version: i32, most: u64) -> Result<String> {
    tx.plan(&by_older_calendar(tx, version), most).await
}

fn locking(tx: &Tx, name: &'static str, kept: impl FnOnce(SimpleExpr) -> SimpleExpr) -> Scoped {
    let mut select = record::visible::<Inquiry>(tx, WITH);
    select
        .and_where(kept(column(("inquiry", name))))
        .order_by(("inquiry", name), Order::Asc)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    select
}

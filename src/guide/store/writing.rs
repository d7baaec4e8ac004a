//! How the versions of guides are written.

use chrono::{DateTime, NaiveDate, Utc};
use entity::guide_version::{ActiveModel, Column, Entity, Status};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::search::search_text;
use super::version::{holds_on, was_published};
use crate::db::{Tx, changed_one};
use crate::error::{Error, Result};
use crate::guide::GuideVersion;
use crate::guide::content::GuideContent;

fn stored(content: &GuideContent) -> Result<String> {
    serde_json::to_string(content).map_err(Error::internal)
}

fn draft(
    (id, guide_id, number): (Uuid, Uuid, i32),
    content: &GuideContent,
    now: DateTime<Utc>,
) -> Result<ActiveModel> {
    Ok(ActiveModel {
        id: Set(id),
        guide_id: Set(guide_id),
        number: Set(number),
        status: Set(Status::Draft),
        content: Set(stored(content)?),
        search_text: Set(search_text(content)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
}

/// Adds a draft.
pub async fn insert_draft(
    tx: &Tx,
    keys: (Uuid, Uuid, i32),
    content: &GuideContent,
    author_id: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = ActiveModel { author_id: Set(Some(author_id)), ..draft(keys, content, now)? };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Adds a first version that holds from a day on, and that nobody here wrote.
pub async fn insert_published(
    tx: &Tx,
    keys: (Uuid, Uuid, i32),
    content: &GuideContent,
    valid_from: NaiveDate,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = ActiveModel {
        status: Set(Status::Published),
        valid_from: Set(Some(valid_from)),
        published_at: Set(Some(now)),
        ..draft(keys, content, now)?
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The last version of a guide.
pub struct LastVersion {
    /// Its number.
    pub number: i32,
    /// Whether it is still being written or reviewed.
    pub open: bool,
}

/// The last version of a guide.
pub async fn last_version(tx: &Tx, guide_id: Uuid) -> Result<LastVersion> {
    let last = Entity::find()
        .filter(Column::GuideId.eq(guide_id))
        .order_by_desc(Column::Number)
        .one(tx)
        .await?;
    Ok(last.map_or(LastVersion { number: 0, open: false }, |last| LastVersion {
        number: last.number,
        open: matches!(last.status, Status::Draft | Status::InReview),
    }))
}

/// What is to be changed of a version besides its status; `None` leaves it as it is.
#[derive(Default)]
pub struct Change {
    /// What it says.
    pub content: Option<GuideContent>,
    /// Who wrote it last.
    pub author_id: Option<Uuid>,
    /// Who reviewed it last.
    pub reviewer_id: Option<Uuid>,
    /// Why it was given back, or nothing.
    pub review_note: Option<Option<String>>,
    /// The first day, and the end that its publisher sets.
    pub validity: Option<(NaiveDate, Option<NaiveDate>)>,
    /// The end that counts.
    pub valid_until: Option<Option<NaiveDate>>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
}

/// Changes a version as it was read.
pub async fn update(
    tx: &Tx,
    before: &GuideVersion,
    status: Status,
    change: Change,
    now: DateTime<Utc>,
) -> Result<()> {
    let content = change.content.as_ref();
    let (valid_from, ends_on) = change.validity.unzip();
    let row = ActiveModel {
        status: Set(status),
        content: content.map(stored).transpose()?.map_or(NotSet, Set),
        search_text: content.map_or(NotSet, |content| Set(search_text(content))),
        author_id: change.author_id.map_or(NotSet, |id| Set(Some(id))),
        reviewer_id: change.reviewer_id.map_or(NotSet, |id| Set(Some(id))),
        review_note: change.review_note.map_or(NotSet, Set),
        valid_from: valid_from.map_or(NotSet, |day| Set(Some(day))),
        ends_on: ends_on.map_or(NotSet, Set),
        valid_until: change.valid_until.map_or(NotSet, Set),
        published_at: change.published_at.map_or(NotSet, |at| Set(Some(at))),
        version: Set(before.version.saturating_add(1)),
        updated_at: Set(now),
        ..Default::default()
    };
    let changed = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version))
        .exec(tx)
        .await?;
    changed_one(changed.rows_affected)
}

/// Versions of a guide that are published and hold on some day after `day`, or on it.
fn holding_beyond(guide_id: Uuid, day: NaiveDate) -> Condition {
    let open = Column::ValidUntil.is_null().or(Column::ValidUntil.gt(day));
    Condition::all()
        .add(Column::GuideId.eq(guide_id))
        .add(Column::Status.eq(Status::Published))
        .add(open)
}

/// Whether a published version of the guide begins after a day and has not been taken back.
pub async fn begins_after(tx: &Tx, guide_id: Uuid, day: NaiveDate) -> Result<bool> {
    let never = Expr::col(Column::ValidUntil).eq(Expr::col(Column::ValidFrom));
    let later = Entity::find()
        .filter(holding_beyond(guide_id, day))
        .filter(Column::ValidFrom.gt(day))
        .filter(Column::ValidUntil.is_null().or(never.not()))
        .count(tx)
        .await?;
    Ok(later > 0)
}

/// Ends the version that would hold on the day from which the `next` one does.
pub async fn supersede(
    tx: &Tx,
    next: &GuideVersion,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ValidUntil, Expr::val(day))
        .col_expr(Column::SupersededBy, Expr::val(next.id.uuid()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdatedAt, Expr::val(now))
        .filter(holding_beyond(next.guide_id, day))
        .filter(Column::ValidFrom.lte(day))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets the version that one superseded go on to its own end.
pub async fn restore(tx: &Tx, superseded_by: Uuid, now: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ValidUntil, Expr::col(Column::EndsOn))
        .col_expr(Column::SupersededBy, Expr::val(None::<Uuid>))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdatedAt, Expr::val(now))
        .filter(Column::SupersededBy.eq(superseded_by))
        .filter(Column::Status.eq(Status::Published))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether a version that was published is in force on a day; nothing when there is none.
pub async fn in_force(tx: &Tx, id: Uuid, day: NaiveDate) -> Result<Option<bool>> {
    Ok(Entity::find_by_id(id)
        .select_only()
        .expr_as(holds_on(day), "holds")
        .filter(was_published())
        .into_tuple()
        .one(tx)
        .await?)
}

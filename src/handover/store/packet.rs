//! What goes along with a hand-over: inquiries, and the checklist.

use chrono::{DateTime, Utc};
use entity::handover_check::Item;
use entity::inquiry_ownership::{self, Reason};
use entity::{handover, handover_check, handover_inquiry, household, inquiry, message};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, Iterable,
    PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::db::{Key, Tx, changed_one, keys};
use crate::error::{Error, Result};

/// Rows that are written in one statement: databases bound the values of one.
const AT_ONCE: usize = 1000;

/// Which inquiries go along.
pub enum Lot<'a> {
    /// Those of these villages.
    Villages(&'a [Key]),
    /// These.
    Inquiries(&'a [Key]),
}

/// How many households there are in these villages.
pub async fn count_households(tx: &Tx, villages: &[String]) -> Result<i64> {
    let count = household::Entity::find()
        .filter(household::Column::VillageCode.is_in(villages))
        .count(tx)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Assigns those inquiries of a lot that are not resolved from one officer to another, by whose decision the other
/// answers for them, and gives them. Sealed ones go to nobody whom nobody has named.
pub async fn reassign(
    tx: &Tx,
    (from_id, to_id): (Uuid, Uuid),
    lot: Lot<'_>,
    by_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<inquiry::Model>> {
    use inquiry::Column as Of;
    let (name, keys) = match lot {
        Lot::Villages(keys) => ("village_code", keys),
        Lot::Inquiries(keys) => ("id", keys),
    };
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let moved = Of::AssigneeId
        .eq(from_id)
        .and(Of::Status.ne(inquiry::Status::Resolved))
        .and(Of::Sealed.eq(false))
        .and(keys::among(("inquiry", name), keys, tx.backend()));
    keep_owners(tx, moved.clone(), now).await?;
    Ok(inquiry::Entity::update_many()
        .col_expr(Of::AssigneeId, Expr::val(to_id))
        .col_expr(Of::OwnerId, Expr::val(to_id))
        .col_expr(Of::OwnerReason, Expr::val(Reason::HandedOver.to_value()))
        .col_expr(Of::OwnerSince, Expr::val(now))
        .col_expr(Of::OwnerShiftId, Expr::val(None::<Uuid>))
        .col_expr(Of::OwnerCoversId, Expr::val(None::<Uuid>))
        .col_expr(Of::OwnerById, Expr::val(by_id))
        .col_expr(Of::Version, Expr::col(Of::Version).add(1))
        .col_expr(Of::UpdatedAt, Expr::val(now))
        .filter(moved)
        .exec_with_returning(tx)
        .await?)
}

/// Keeps who answers for these inquiries until now.
async fn keep_owners(tx: &Tx, which: SimpleExpr, now: DateTime<Utc>) -> Result<()> {
    use inquiry::Column as Of;
    use inquiry_ownership::Column as Past;
    let until_now = Query::select()
        .columns([Of::Id, Of::OwnerId, Of::OwnerReason, Of::OwnerSince])
        .expr(Expr::val(now))
        .columns([Of::OwnerShiftId, Of::OwnerCoversId, Of::OwnerById])
        .from(inquiry::Entity)
        .and_where(which)
        .and_where(Of::OwnerId.is_not_null())
        .take();
    let mut insert = Query::insert();
    insert.into_table(inquiry_ownership::Entity).columns([
        Past::InquiryId,
        Past::OfficerId,
        Past::Reason,
        Past::Since,
        Past::Until,
        Past::ShiftId,
        Past::CoversId,
        Past::ById,
    ]);
    insert.select_from(until_now).map_err(Error::internal)?;
    tx.execute_raw(tx.backend().build(&insert)).await?;
    Ok(())
}

/// The name of an inquiry's status in the event log.
pub fn status_name(inquiry: &inquiry::Model) -> String {
    inquiry.status.to_value()
}

/// Keeps which inquiries went along, and counts them and the notes in them.
pub async fn keep_inquiries(tx: &Tx, id: Uuid, inquiries: &[Uuid]) -> Result<()> {
    for some in inquiries.chunks(AT_ONCE) {
        let rows = some.iter().map(|inquiry| handover_inquiry::ActiveModel {
            handover_id: Set(id),
            inquiry_id: Set(*inquiry),
        });
        handover_inquiry::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let kept = Query::select()
        .column(handover_inquiry::Column::InquiryId)
        .from(handover_inquiry::Entity)
        .and_where(Expr::col(handover_inquiry::Column::HandoverId).eq(id))
        .take();
    let notes = message::Entity::find()
        .filter(message::Column::InquiryId.in_subquery(kept))
        .filter(message::Column::Direction.eq(message::Direction::InternalNote))
        .count(tx)
        .await?;
    let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
    handover::Entity::update_many()
        .col_expr(handover::Column::InquiryCount, Expr::val(count(inquiries.len() as u64)))
        .col_expr(handover::Column::NoteCount, Expr::val(count(notes)))
        .filter(handover::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The inquiries that went along.
pub async fn inquiries(tx: &Tx, id: Uuid) -> Result<Vec<Key>> {
    let ids: Vec<Uuid> = handover_inquiry::Entity::find()
        .select_only()
        .column(handover_inquiry::Column::InquiryId)
        .filter(handover_inquiry::Column::HandoverId.eq(id))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(ids.into_iter().map(Key::from).collect())
}

/// Makes the checklist of a hand-over: every entry that there is.
pub async fn make_checklist(tx: &Tx, id: Uuid) -> Result<()> {
    let rows = Item::iter().zip(1..).map(|(item, place)| handover_check::ActiveModel {
        handover_id: Set(id),
        item: Set(item),
        place: Set(place),
        from_confirmed_at: Set(None),
        to_confirmed_at: Set(None),
    });
    handover_check::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Confirms an entry for the side that gives, or for the one that receives. The first time counts.
pub async fn confirm(tx: &Tx, id: Uuid, item: Item, gives: bool, now: DateTime<Utc>) -> Result<()> {
    let side = if gives {
        handover_check::Column::FromConfirmedAt
    } else {
        handover_check::Column::ToConfirmedAt
    };
    let first = Expr::col(side).if_null(Expr::val(now));
    let result = handover_check::Entity::update_many()
        .col_expr(side, first)
        .filter(handover_check::Column::HandoverId.eq(id))
        .filter(handover_check::Column::Item.eq(item))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

/// How many entries one side or both have not confirmed.
pub async fn unconfirmed(tx: &Tx, id: Uuid) -> Result<u64> {
    let open = handover_check::Column::FromConfirmedAt
        .is_null()
        .or(handover_check::Column::ToConfirmedAt.is_null());
    Ok(handover_check::Entity::find()
        .filter(handover_check::Column::HandoverId.eq(id))
        .filter(open)
        .count(tx)
        .await?)
}

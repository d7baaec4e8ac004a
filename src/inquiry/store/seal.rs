//! Who sees a sealed inquiry, and whom it concerns.

use chrono::{DateTime, Utc};
use entity::inquiry_reader::Reason;
use entity::{inquiry_exclusion, inquiry_reader};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::db::{Key, Tx, keys};
use crate::error::Result;

/// Somebody who is to see a sealed inquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    /// The inquiry.
    pub inquiry_id: Uuid,
    /// Who is to see it.
    pub officer_id: Uuid,
    /// Why.
    pub reason: Reason,
    /// Who named the officer; nobody when it follows from what the officer does.
    pub by: Option<Uuid>,
}

fn row(named: Named, now: DateTime<Utc>) -> inquiry_reader::ActiveModel {
    inquiry_reader::ActiveModel {
        inquiry_id: Set(named.inquiry_id),
        officer_id: Set(named.officer_id),
        since: Set(now),
        named_by: Set(named.by),
        reason: Set(named.reason),
    }
}

fn exclusion(
    inquiry_id: Uuid,
    officer_id: Uuid,
    now: DateTime<Utc>,
) -> inquiry_exclusion::ActiveModel {
    inquiry_exclusion::ActiveModel {
        inquiry_id: Set(inquiry_id),
        officer_id: Set(officer_id),
        since: Set(now),
    }
}

/// Adds who is to see an inquiry that is added itself, at the end of the change.
pub fn add(tx: &mut Tx, named: Named, now: DateTime<Utc>) {
    tx.add(row(named, now));
}

/// Adds whom an inquiry that is added itself concerns, at the end of the change.
pub fn add_exclusion(tx: &mut Tx, inquiry_id: Uuid, officer_id: Uuid, now: DateTime<Utc>) {
    tx.add(exclusion(inquiry_id, officer_id, now));
}

/// Lets these officers see these inquiries, as far as they do not yet.
pub async fn name(tx: &Tx, named: &[Named], now: DateTime<Utc>) -> Result<()> {
    if named.is_empty() {
        return Ok(());
    }
    let rows = named.iter().map(|named| row(*named, now));
    inquiry_reader::Entity::insert_many(rows)
        .on_conflict_do_nothing_on([
            inquiry_reader::Column::InquiryId,
            inquiry_reader::Column::OfficerId,
        ])
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Lets an officer see an inquiry no longer; answers whether that one was named.
pub async fn remove(tx: &Tx, inquiry_id: Uuid, officer_id: Uuid) -> Result<bool> {
    let removed = inquiry_reader::Entity::delete_by_id((inquiry_id, officer_id)).exec(tx).await?;
    Ok(removed.rows_affected > 0)
}

/// Lets an officer never see an inquiry.
pub async fn exclude(
    tx: &Tx,
    inquiry_id: Uuid,
    officer_id: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    inquiry_exclusion::Entity::insert(exclusion(inquiry_id, officer_id, now))
        .on_conflict_do_nothing_on([
            inquiry_exclusion::Column::InquiryId,
            inquiry_exclusion::Column::OfficerId,
        ])
        .exec_without_returning(tx)
        .await?;
    remove(tx, inquiry_id, officer_id).await?;
    Ok(())
}

/// Whom these inquiries concern: pairs of an inquiry and an officer.
pub async fn concerned(tx: &Tx, inquiries: &[Key]) -> Result<Vec<(Uuid, Uuid)>> {
    if inquiries.is_empty() {
        return Ok(Vec::new());
    }
    Ok(inquiry_exclusion::Entity::find()
        .select_only()
        .columns([inquiry_exclusion::Column::InquiryId, inquiry_exclusion::Column::OfficerId])
        .filter(keys::among(("inquiry_exclusion", "inquiry_id"), inquiries, tx.backend()))
        .into_tuple()
        .all(tx)
        .await?)
}

/// Which of these inquiries have named an officer.
pub async fn named(tx: &Tx, officer_id: Uuid, inquiries: &[Key]) -> Result<Vec<Uuid>> {
    if inquiries.is_empty() {
        return Ok(Vec::new());
    }
    Ok(inquiry_reader::Entity::find()
        .select_only()
        .column(inquiry_reader::Column::InquiryId)
        .filter(inquiry_reader::Column::OfficerId.eq(officer_id))
        .filter(keys::among(("inquiry_reader", "inquiry_id"), inquiries, tx.backend()))
        .into_tuple()
        .all(tx)
        .await?)
}

/// How many officers an inquiry has named.
pub async fn count(tx: &Tx, inquiry_id: Uuid) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    let named = inquiry_reader::Column::InquiryId.eq(inquiry_id);
    Ok(inquiry_reader::Entity::find().filter(named).count(tx).await?)
}

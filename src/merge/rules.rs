//! The rules of merging doubles.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::household;
use entity::household_contact::Standing;
use entity::household_status_change::Cause;
use serde_json::json;
use uuid::Uuid;

use super::HouseholdMerge;
use super::graphql::{HouseholdMergeResult, MergeChoice};
use super::store::{self, Link, Snapshot, Values};
use crate::access::Act;
use crate::db::{Once, Tx, changed_one};
use crate::division::{group_code, living_group, lock_living, parse_group};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::household::state::Move;
use crate::household::{Happened, Household, counted, links, settle};
use crate::inquiry;
use crate::officer::require_officer;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::service::Service;

/// Two households that are one.
pub struct NewMerge {
    /// The one that remains.
    pub survivor: Uuid,
    /// Of this version.
    pub survivor_version: i32,
    /// The one that is merged into it.
    pub merged: Uuid,
    /// Of this version.
    pub merged_version: i32,
    /// Which values are kept.
    pub take: MergeChoice,
    /// Only to tell what would be.
    pub dry_run: bool,
}

/// Makes two households one.
pub async fn merge(request: &Request, new: NewMerge, once: Once) -> Result<HouseholdMergeResult> {
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::MergeHouseholds).await?;
    if new.survivor == new.merged {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "mergedId",
            "不能与自身合并。",
            "A household cannot be merged into itself.",
        ));
    }
    if !new.dry_run
        && let Some(first) = once.claim(&tx, id, now).await?
    {
        return again(&tx, first).await;
    }
    let (before, merged) = both(&tx, &new).await?;
    let (survivor_row, merged_row) = rows(&tx, &new).await?;
    let links = store::links(&tx, new.survivor).await?;
    let merged_links = store::links(&tx, new.merged).await?;
    let speaking: BTreeSet<Uuid> = links.iter().map(|link| link.contact_id).collect();
    let moved: Vec<Uuid> = merged_links
        .iter()
        .map(|link| link.contact_id)
        .filter(|id| !speaking.contains(id))
        .collect();
    let has_primary = links.iter().any(|link| link.standing() == Standing::Primary);
    let own = |link: &Link| link.standing() != Standing::Caretaker;
    let enrolled = links.iter().any(own) || merged_links.iter().any(own);

    let (values, merged_values) = (Values::from(&survivor_row), Values::from(&merged_row));
    let after_values = values.chosen(&merged_values, new.take, enrolled);
    store::move_links(&tx, new.merged, new.survivor, &moved, has_primary).await?;
    let inquiries_moved = store::unsealed_inquiries(&tx, new.merged).await?;
    let moved_rows = store::move_owned(&tx, new.merged, new.survivor).await?;
    store::remove(&tx, new.merged).await?;
    tx.record(told(Kind::HouseholdMerged, &merged, new.survivor, now));
    follow(request, &mut tx, survivor_row, &after_values).await?;
    let after: Household = expected(household_of(&tx, new.survivor).await?, "survivorId")?;
    let villages = [before.village_code, merged.village_code];
    inquiry::follow_households(&mut tx, &villages, now).await?;
    let count = |len: usize| i64::try_from(len).unwrap_or(i64::MAX);
    let mut result = HouseholdMergeResult {
        record: None,
        survivor: after,
        contacts_moved: count(moved.len()),
        inquiries_moved,
    };
    if !new.dry_run {
        let was = Snapshot {
            survivor: values,
            after: after_values,
            merged: merged_values,
            created_at: merged_row.created_at,
            version: merged_row.version,
            links: merged_links,
            moved_contacts: moved,
            moved_rows,
        };
        store::insert(&tx, id, (new.merged, new.survivor), &was, inquiries_moved, now).await?;
        result.record = record::one(&tx, &id.into(), ()).await?;
        tx.commit().await?;
    }
    Ok(result)
}

/// Gives a household these values, and what follows from them and from its contacts.
async fn follow(
    request: &Request,
    tx: &mut Tx,
    row: household::Model,
    values: &Values,
) -> Result<()> {
    let (cause, at) = (Cause::Merge, request.service().clock.now());
    let happened = Happened { made: Move::Stays, cause, reason: None, at };
    settle(request, tx, vec![row], happened, |row| values.put_into(row)).await
}

/// What was merged under the same key before.
async fn again(tx: &Tx, first: Uuid) -> Result<HouseholdMergeResult> {
    let record: Option<HouseholdMerge> = record::one(tx, &first.into(), ()).await?;
    let record = expected(record, "idempotencyKey")?;
    let survivor = expected(household_of(tx, record.survivor_id).await?, "survivorId")?;
    Ok(HouseholdMergeResult {
        contacts_moved: record.contacts_moved,
        inquiries_moved: record.inquiries_moved,
        record: Some(record),
        survivor,
    })
}

async fn household_of(tx: &Tx, id: Uuid) -> Result<Option<Household>> {
    record::one(tx, &id.into(), Default::default()).await
}

/// Both households, in the caller's area and of one township.
async fn both(tx: &Tx, new: &NewMerge) -> Result<(Household, Household)> {
    let survivor = expected(household_of(tx, new.survivor).await?, "survivorId")?;
    let merged = expected(household_of(tx, new.merged).await?, "mergedId")?;
    if survivor.township_code != merged.township_code {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "mergedId",
            "只能合并同一乡镇的住户。",
            "Only households of one township can be merged.",
        ));
    }
    Ok((survivor, merged))
}

/// Both rows of the versions that the choice is based on, locked in the order of their ids.
async fn rows(tx: &Tx, new: &NewMerge) -> Result<(household::Model, household::Model)> {
    let mut ids = [new.survivor, new.merged];
    ids.sort();
    let first = store::lock(tx, ids[0]).await?.ok_or_else(Error::not_found)?;
    let second = store::lock(tx, ids[1]).await?.ok_or_else(Error::not_found)?;
    let (survivor, merged) =
        if first.id == new.survivor { (first, second) } else { (second, first) };
    let fresh = survivor.version == new.survivor_version && merged.version == new.merged_version;
    changed_one(u64::from(fresh))?;
    Ok((survivor, merged))
}

/// Erases, in the background, what can no longer be used to undo a merge.
pub async fn forget_old(service: &Service) -> Result<()> {
    let tx = service.keep().await?;
    store::forget_old(&tx, service.clock.now()).await?;
    tx.commit().await
}

/// Undoes a merge.
pub async fn undo(request: &Request, id: Uuid) -> Result<Household> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::MergeHouseholds).await?;
    let merge: Option<HouseholdMerge> = record::one(&tx, &id.into(), ()).await?;
    let merge = expected(merge, "mergeId")?;
    let merged_id = merge.merged_id;
    if merge.undone_at.is_some() {
        return expected(household_of(&tx, merged_id).await?, "mergeId");
    }
    let was = store::snapshot(&tx, id).await?.filter(|_| now < merge.undo_until);
    let mut was = was.ok_or_else(too_late)?;
    for values in [&mut was.survivor, &mut was.merged, &mut was.after] {
        follow_division(&tx, values).await?;
    }
    let before = expected(household_of(&tx, merge.survivor_id).await?, "mergeId")?;
    let row = store::lock(&tx, merge.survivor_id).await?.ok_or_else(Error::not_found)?;
    let mut values = back(&Values::from(&row), &was)?;
    for village in [&values.village_code, &was.merged.village_code] {
        require_officer(&tx, village, now).await.map_err(|error| error.of_field("mergeId"))?;
    }
    store::restore(&tx, merged_id, &was, now).await?;
    store::return_links(&tx, merged_id, merge.survivor_id, &was.links, &was.moved_contacts).await?;
    for (table, ids) in &was.moved_rows {
        store::return_owned(&tx, table, ids, merged_id).await?;
    }
    store::undone(&tx, id, now).await?;
    let restored = expected(household_of(&tx, merged_id).await?, "mergeId")?;
    tx.record(told(Kind::HouseholdRestored, &restored, merge.survivor_id, now));
    let own = links(&tx, &[merge.survivor_id]).await?;
    if own.values().flatten().any(|link| link.standing != Standing::Caretaker) {
        values.status.clone_from(&was.after.status);
    }
    follow(request, &mut tx, row, &values).await?;
    let row = store::lock(&tx, merged_id).await?.ok_or_else(Error::not_found)?;
    follow(request, &mut tx, row, &was.merged).await?;
    let restored = expected(household_of(&tx, merged_id).await?, "mergeId")?;
    let villages = [before.village_code, restored.village_code.clone()];
    inquiry::follow_households(&mut tx, &villages, now).await?;
    tx.commit().await?;
    Ok(restored)
}

/// Puts a household where its group is today, after reorganisations.
async fn follow_division(tx: &Tx, values: &mut Values) -> Result<()> {
    let (code, number) = parse_group(&values.group_code).ok_or_else(Error::not_found)?;
    let (code, number) = living_group(tx, &code, number).await?;
    let village = expected(lock_living(tx, &code, false).await?, "mergeId")?;
    values.group_code = group_code(&village.code.0, number);
    values.village_code = village.code.0;
    values.township_code = village.township_code;
    Ok(())
}

/// The survivor's values as they were, where they are still those that the merge gave it. A value that
/// the merge did not change keeps what it has become.
fn back(now: &Values, was: &Snapshot) -> Result<Values> {
    let mut values = now.clone();
    let (before, after) = (&was.survivor, &was.after);
    macro_rules! revert {
        ($($field:ident),*) => {
            $(if before.$field != after.$field {
                if now.$field != after.$field {
                    return Err(changed_since(now, after));
                }
                values.$field.clone_from(&before.$field);
            })*
        };
    }
    revert!(label, address, people_count, status, village_code, township_code, group_code, door);
    Ok(values)
}

fn changed_since(now: &Values, after: &Values) -> Error {
    let field = now.differs(after).unwrap_or("place");
    cannot(
        format!("合并后 {field} 已被修改，无法区分，不能撤销。"),
        format!("{field} was changed after the merge, so the two can no longer be told apart."),
    )
}

fn cannot(
    chinese: impl Into<std::borrow::Cow<'static, str>>,
    english: impl Into<std::borrow::Cow<'static, str>>,
) -> Error {
    Error::user(UserErrorCode::WrongState, "mergeId", chinese, english)
}

fn too_late() -> Error {
    cannot(
        "合并已超过30天，或其联系人已退出，不能再撤销。",
        "Thirty days have passed since the merge, or a contact has left and is erased.",
    )
}

fn told(kind: Kind, household: &Household, survivor: Uuid, now: DateTime<Utc>) -> Draft {
    let counted = counted(household);
    Draft {
        kind,
        at: now,
        place: Some((household.village_code.clone(), household.township_code.clone())),
        household_id: Some(household.id.uuid()),
        subject_id: household.id.uuid(),
        detail: match kind {
            Kind::HouseholdMerged => json!({ "before": counted, "into": survivor }),
            _ => json!(counted),
        },
    }
}

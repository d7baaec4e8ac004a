//! How merges are stored, and what belongs to a household.

use async_graphql::Lookahead;
use chrono::{DateTime, TimeDelta, Utc};
use entity::household_contact::{self, Standing};
use entity::{access_log, household, household_merge, inquiry};
use sea_orm::sea_query::{BinOper, Expr, ExprTrait, LockType, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QuerySelect, Value,
};
use uuid::Uuid;

use super::{HouseholdMerge, HouseholdMergeOrder};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, keys};
use crate::error::{Error, Result};
use crate::household::search_text;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

mod snapshot;
mod survivors;

pub use snapshot::{Link, Snapshot, Values};
pub use survivors::survivors;

/// What a sealed snapshot is sealed for.
const SNAPSHOT: &str = "household merge";
/// How long a merge can be undone.
pub const UNDO_FOR: TimeDelta = TimeDelta::days(30);

/// The tables whose rows belong to a household by their column `household_id`, and have an `id`.
const OWNED: [&str; 9] = [
    "inquiry",
    "visit",
    "household_status_change",
    "consent",
    "appointment",
    "waiting_place",
    "correction_request",
    "access_log",
    "friend",
];

impl Record for HouseholdMerge {
    type Filter = ();
    type Order = HouseholdMergeOrder;
    type With = ();

    const READ: Act = Act::ReadHousehold;
    const KIND: Kind = Kind::HouseholdMerge;
    const KEY: Column = ("household_merge", "id");
    const PLACE: Place = Place {
        township: Some(("household_merge", "township_code")),
        village: Some(("household_merge", "village_code")),
        household: Some(("household_merge", "survivor_id")),
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "household_merge",
            &[
                "id",
                "made_at",
                "undone_at",
                "survivor_id",
                "merged_id",
                "contacts_moved",
                "inquiries_moved",
                "officer_id",
            ],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let id = GlobalId::new(Kind::HouseholdMerge, cells.take::<Uuid>()?);
        let made_at: DateTime<Utc> = cells.take()?;
        Ok(Self {
            id,
            made_at,
            undo_until: made_at + UNDO_FOR,
            undone_at: cells.take()?,
            survivor_id: cells.take()?,
            merged_id: cells.take()?,
            contacts_moved: cells.take()?,
            inquiries_moved: cells.take()?,
            officer_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    /// Ids are in the order of time.
    fn sort(order: HouseholdMergeOrder) -> Sort {
        let descending = order == HouseholdMergeOrder::MadeAtDesc;
        Sort { columns: vec![Self::KEY], descending }
    }

    fn sort_values(&self, _: HouseholdMergeOrder) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The row of a household, which nobody else changes until the change is over.
pub async fn lock(tx: &Tx, id: Uuid) -> Result<Option<household::Model>> {
    Ok(household::Entity::find_by_id(id).lock(LockType::Update).one(tx).await?)
}

/// Who speaks for a household.
pub async fn links(tx: &Tx, household_id: Uuid) -> Result<Vec<Link>> {
    let rows = household_contact::Entity::find()
        .filter(household_contact::Column::HouseholdId.eq(household_id))
        .all(tx)
        .await?;
    let links = rows.into_iter().map(|row| Link {
        contact_id: row.contact_id,
        standing: row.standing.to_value(),
        since: row.since,
        confirmed_at: row.confirmed_at,
    });
    Ok(links.collect())
}

/// Moves those contacts to `to` who do not speak for it yet. A primary contact becomes a backup where
/// there is one.
pub async fn move_links(
    tx: &Tx,
    from: Uuid,
    to: Uuid,
    moved: &[Uuid],
    has_primary: bool,
) -> Result<()> {
    use household_contact::Column;
    if has_primary {
        household_contact::Entity::update_many()
            .col_expr(Column::Standing, Expr::val(Standing::Backup))
            .filter(Column::HouseholdId.eq(from))
            .filter(Column::Standing.eq(Standing::Primary))
            .exec(tx)
            .await?;
    }
    household_contact::Entity::update_many()
        .col_expr(Column::HouseholdId, Expr::val(to))
        .filter(Column::HouseholdId.eq(from))
        .filter(Column::ContactId.is_in(moved.iter().copied()))
        .exec(tx)
        .await?;
    household_contact::Entity::delete_many().filter(Column::HouseholdId.eq(from)).exec(tx).await?;
    Ok(())
}

/// Gives a household back the contacts that it had, but for those who were removed since; those who had
/// come to the other household by the merge leave it.
pub async fn return_links(
    tx: &Tx,
    to: Uuid,
    survivor: Uuid,
    links: &[Link],
    moved: &[Uuid],
) -> Result<()> {
    use household_contact::Column;
    let there: Vec<Uuid> = household_contact::Entity::find()
        .select_only()
        .column(Column::ContactId)
        .filter(Column::HouseholdId.eq(survivor))
        .into_tuple()
        .all(tx)
        .await?;
    household_contact::Entity::delete_many()
        .filter(Column::HouseholdId.eq(survivor))
        .filter(Column::ContactId.is_in(moved.iter().copied()))
        .exec(tx)
        .await?;
    let rows = links.iter().filter(|link| there.contains(&link.contact_id)).map(|link| {
        household_contact::ActiveModel {
            household_id: Set(to),
            contact_id: Set(link.contact_id),
            standing: Set(link.standing()),
            since: Set(link.since),
            confirmed_at: Set(link.confirmed_at),
        }
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        household_contact::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Moves everything that belongs to `from` to `to`. Answers with the moved rows, by table.
pub async fn move_owned(tx: &Tx, from: Uuid, to: Uuid) -> Result<Vec<(String, Vec<Uuid>)>> {
    // Both may have been looked at in the same hour, and both entries stay.
    access_log::Entity::update_many()
        .col_expr(access_log::Column::Slot, slot_of(from))
        .filter(access_log::Column::HouseholdId.eq(from))
        .filter(access_log::Column::Slot.is_not_null())
        .exec(tx)
        .await?;
    let mut moved = Vec::new();
    for table in OWNED {
        let mut select = Query::select();
        select.column((table, "id")).from(table);
        select.and_where(column((table, "household_id")).eq(from));
        let rows = tx.query_all_raw(tx.backend().build(&select)).await?;
        let ids: Vec<Uuid> =
            rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, DbErr>>()?;
        return_owned(tx, table, &ids, to).await?;
        moved.push((table.to_owned(), ids));
    }
    Ok(moved)
}

/// The slot of an entry once its household is merged into another.
fn slot_of(household: Uuid) -> SimpleExpr {
    Expr::col(access_log::Column::Slot).binary(BinOper::Custom("||"), format!("/{household}"))
}

/// How many inquiries of a household are not sealed.
pub async fn unsealed_inquiries(tx: &Tx, household_id: Uuid) -> Result<i64> {
    let own = inquiry::Entity::find()
        .filter(inquiry::Column::HouseholdId.eq(household_id))
        .filter(inquiry::Column::Sealed.eq(false));
    Ok(i64::try_from(own.count(tx).await?).unwrap_or(i64::MAX))
}

/// Gives rows of a table to a household.
pub async fn return_owned(tx: &Tx, table: &str, ids: &[Uuid], to: Uuid) -> Result<()> {
    let Some(table) = OWNED.into_iter().find(|known| *known == table) else { return Ok(()) };
    if ids.is_empty() {
        return Ok(());
    }
    let listed: Vec<Key> = ids.iter().copied().map(Key::Id).collect();
    let mut update = Query::update();
    update.table(table).value("household_id", to).and_where(keys::among(
        (table, "id"),
        &listed,
        tx.backend(),
    ));
    tx.execute_raw(tx.backend().build(&update)).await?;
    Ok(())
}

/// Takes a household out of the register.
pub async fn remove(tx: &Tx, id: Uuid) -> Result<()> {
    household::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Puts a household back into the register, as it was.
pub async fn restore(tx: &Tx, id: Uuid, was: &Snapshot, now: DateTime<Utc>) -> Result<()> {
    let values = &was.merged;
    let row = household::ActiveModel {
        id: Set(id),
        label: Set(values.label.clone()),
        reference: Set(values.reference.clone()),
        search_text: Set(search_text(&values.label, std::iter::empty())),
        address: Set(values.address.clone()),
        people_count: Set(values.people_count),
        status: Set(values.status()),
        village_code: Set(values.village_code.clone()),
        township_code: Set(values.township_code.clone()),
        group_code: Set(values.group_code.clone()),
        door: Set(values.door),
        reachable: Set(values.reachable),
        confirmed_at: Set(values.confirmed_at),
        next_visit_on: Set(values.next_visit_on),
        version: Set(was.version.saturating_add(1)),
        created_at: Set(was.created_at),
        updated_at: Set(now),
    };
    household::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes down a merge.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    (merged_id, survivor_id): (Uuid, Uuid),
    was: &Snapshot,
    inquiries_moved: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let snapshot = serde_json::to_vec(was).map_err(Error::internal)?;
    let row = household_merge::ActiveModel {
        id: Set(id),
        survivor_id: Set(survivor_id),
        merged_id: Set(merged_id),
        village_code: Set(was.after.village_code.clone()),
        township_code: Set(was.after.township_code.clone()),
        officer_id: Set(tx.scope().actor().id),
        made_at: Set(now),
        undone_at: Set(None),
        contacts_moved: Set(count(was.moved_contacts.len())),
        inquiries_moved: Set(inquiries_moved),
        snapshot: Set(Some(tx.keyring().seal(SNAPSHOT, &snapshot).map_err(Error::internal)?)),
    };
    household_merge::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

/// Erases what households were before merges that can no longer be undone.
pub async fn forget_old(tx: &Tx, now: DateTime<Utc>) -> Result<()> {
    household_merge::Entity::update_many()
        .col_expr(household_merge::Column::Snapshot, Expr::val(None::<Vec<u8>>))
        .filter(household_merge::Column::Snapshot.is_not_null())
        .filter(household_merge::Column::MadeAt.lte(now - UNDO_FOR))
        .exec(tx)
        .await?;
    Ok(())
}

/// What both households of a merge were. Nothing once that was erased.
pub async fn snapshot(tx: &Tx, id: Uuid) -> Result<Option<Snapshot>> {
    let row = household_merge::Entity::find_by_id(id).lock(LockType::Update).one(tx).await?;
    let Some(sealed) = row.and_then(|row| row.snapshot) else { return Ok(None) };
    let open = tx.keyring().open(SNAPSHOT, &sealed).map_err(Error::internal)?;
    Ok(Some(serde_json::from_slice(&open).map_err(Error::internal)?))
}

/// Writes down that a merge was undone.
pub async fn undone(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let row = household_merge::ActiveModel {
        id: Set(id),
        undone_at: Set(Some(now)),
        snapshot: Set(None),
        ..Default::default()
    };
    household_merge::Entity::update(row).exec(tx).await?;
    Ok(())
}

/// Forgets what these households were before doubles were merged into them, which then stays so.
pub async fn forget(tx: &Tx, survivors: &[Uuid]) -> Result<()> {
    let ids: Vec<Key> = survivors.iter().copied().map(Key::Id).collect();
    household_merge::Entity::update_many()
        .col_expr(household_merge::Column::Snapshot, Expr::val(None::<Vec<u8>>))
        .filter(household_merge::Column::Snapshot.is_not_null())
        .filter(keys::among(("household_merge", "survivor_id"), &ids, tx.backend()))
        .exec(tx)
        .await?;
    Ok(())
}

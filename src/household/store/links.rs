//! How it is stored who speaks for which household.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::household_contact::{self, Column, Standing};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SelectStatement};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::db::{Key, Tx, keys};
use crate::error::Result;
use crate::record;

/// That a contact speaks for a household.
#[derive(Clone, Debug)]
pub struct Link {
    /// The contact.
    pub contact_id: Uuid,
    /// How the contact stands to the household.
    pub standing: Standing,
    /// When the contact was last found to be right.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The contact's name.
    pub name: String,
    /// Whether the contact's consent is in force.
    pub consents: bool,
}

impl Link {
    /// Whether the contact is of the household itself.
    pub fn is_own(&self) -> bool {
        self.standing != Standing::Caretaker
    }
}

/// Who speaks for each of these households, oldest first.
pub async fn links(tx: &Tx, households: &[Uuid]) -> Result<HashMap<Uuid, Vec<Link>>> {
    let ids: Vec<Key> = households.iter().copied().map(Key::Id).collect();
    let mut found: HashMap<Uuid, Vec<Link>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let mut select: SelectStatement = record::from(
        "household_contact",
        &["household_id", "contact_id", "standing", "confirmed_at"],
    );
    record::join(&mut select, "contact", "id", ("household_contact", "contact_id"));
    record::add(&mut select, "contact", &["name", "consent_id"]);
    select
        .and_where(keys::among(("household_contact", "household_id"), &ids, tx.backend()))
        .order_by(("household_contact", "since"), sea_orm::Order::Asc)
        .order_by(("household_contact", "contact_id"), sea_orm::Order::Asc);
    for row in tx.query_all_raw(tx.backend().build(&select)).await? {
        let link = Link {
            contact_id: row.try_get_by_index(1)?,
            standing: row.try_get_by_index(2)?,
            confirmed_at: row.try_get_by_index(3)?,
            name: row.try_get_by_index(4)?,
            consents: row.try_get_by_index::<Option<Uuid>>(5)?.is_some(),
        };
        found.entry(row.try_get_by_index(0)?).or_default().push(link);
    }
    Ok(found)
}

/// Lets a contact speak for a household, or changes the standing in which it does.
pub async fn link(
    tx: &Tx,
    household_id: Uuid,
    contact_id: Uuid,
    standing: Standing,
    now: DateTime<Utc>,
) -> Result<()> {
    let own = standing != Standing::Caretaker;
    let row = household_contact::ActiveModel {
        household_id: Set(household_id),
        contact_id: Set(contact_id),
        standing: Set(standing),
        since: Set(now),
        confirmed_at: if own { Set(Some(now)) } else { NotSet },
    };
    let mut known = OnConflict::columns([Column::HouseholdId, Column::ContactId]);
    known.update_column(Column::Standing);
    if own {
        // One that is told late does not undo a later confirmation.
        let later = "CASE WHEN household_contact.confirmed_at > excluded.confirmed_at \
                     THEN household_contact.confirmed_at ELSE excluded.confirmed_at END";
        known.value(Column::ConfirmedAt, Expr::cust(later));
    }
    household_contact::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Ends a contact's speaking for households. Answers with for how many it did.
pub async fn unlink(tx: &Tx, contact_id: Uuid, households: &[Uuid]) -> Result<u64> {
    let ids: Vec<Key> = households.iter().copied().map(Key::Id).collect();
    let result = household_contact::Entity::delete_many()
        .filter(Column::ContactId.eq(contact_id))
        .filter(keys::among(("household_contact", "household_id"), &ids, tx.backend()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// How a contact stands to a household, when it speaks for it.
pub async fn standing(tx: &Tx, household_id: Uuid, contact_id: Uuid) -> Result<Option<Standing>> {
    let link = household_contact::Entity::find_by_id((household_id, contact_id)).one(tx).await?;
    Ok(link.map(|link| link.standing))
}

/// Changes how contacts stand to their households.
pub async fn set_standing(tx: &Tx, links: &[(Uuid, Uuid)], standing: Standing) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    let pairs = Expr::tuple([Expr::col(Column::HouseholdId), Expr::col(Column::ContactId)]);
    household_contact::Entity::update_many()
        .col_expr(Column::Standing, Expr::val(standing))
        .filter(pairs.in_tuples(links.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes a household's primary contact a backup.
pub async fn demote_primary(tx: &Tx, household_id: Uuid) -> Result<()> {
    household_contact::Entity::update_many()
        .col_expr(Column::Standing, Expr::val(Standing::Backup))
        .filter(Column::HouseholdId.eq(household_id))
        .filter(Column::Standing.eq(Standing::Primary))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that contacts were found to be right for a household.
pub async fn confirm(
    tx: &Tx,
    household_id: Uuid,
    contacts: &[Uuid],
    at: DateTime<Utc>,
) -> Result<()> {
    household_contact::Entity::update_many()
        .col_expr(Column::ConfirmedAt, Expr::val(at))
        .filter(Column::HouseholdId.eq(household_id))
        .filter(Column::ContactId.is_in(contacts.iter().copied()))
        .filter(Column::ConfirmedAt.is_null().or(Column::ConfirmedAt.lt(at)))
        .exec(tx)
        .await?;
    Ok(())
}

/// The households that a contact speaks for.
pub async fn households_of(tx: &Tx, contact_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(household_contact::Entity::find()
        .select_only()
        .column(Column::HouseholdId)
        .filter(Column::ContactId.eq(contact_id))
        .into_tuple()
        .all(tx)
        .await?)
}

/// A contact who is known by a WeChat identity.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// The contact.
    pub contact_id: Uuid,
    /// Whether the contact's consent is in force.
    pub consents: bool,
    /// The households that the contact speaks for: own ones before others, and first those of longest.
    pub households: Vec<Uuid>,
}

/// Who has the WeChat identity with one of these keyed hashes.
pub async fn speaker(tx: &Tx, hashes: Vec<Vec<u8>>) -> Result<Option<Speaker>> {
    let mut select: SelectStatement = record::from("contact", &["id", "consent_id"]);
    record::left_join(&mut select, "household_contact", "contact_id", ("contact", "id"));
    record::add(&mut select, "household_contact", &["household_id", "standing"]);
    select
        .and_where(keys::among_bytes(("contact", "wechat_hash"), hashes, tx.backend()))
        .order_by(("household_contact", "since"), sea_orm::Order::Asc)
        .order_by(("household_contact", "household_id"), sea_orm::Order::Asc);
    let rows = tx.query_all_raw(tx.backend().build(&select)).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let contact_id = first.try_get_by_index(0)?;
    let consents = first.try_get_by_index::<Option<Uuid>>(1)?.is_some();
    let mut links: Vec<(bool, Uuid)> = Vec::new();
    for row in &rows {
        let household: Option<Uuid> = row.try_get_by_index(2)?;
        let standing: Option<Standing> = row.try_get_by_index(3)?;
        links.extend(household.map(|id| (standing == Some(Standing::Caretaker), id)));
    }
    links.sort_by_key(|(caretaker, _)| *caretaker);
    let households = links.into_iter().map(|(_, id)| id).collect();
    Ok(Some(Speaker { contact_id, consents, households }))
}

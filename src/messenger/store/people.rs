//! Who answers somebody.

use chrono::{DateTime, Utc};
use entity::posting::{self, Duty};
use entity::{channel_customer, household, household_contact, officer, station, village};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;

/// Who answers: what can be asked for at the station.
pub struct Answering {
    /// The name of the station.
    pub station: String,
    /// Its public number.
    pub phone: Option<String>,
    /// The name of the officer who looks after the village.
    pub officer: Option<String>,
}

/// Who answers somebody: by the household that they speak for, or else by the link by which they came.
pub async fn answering(
    tx: &Tx,
    customer: &channel_customer::Model,
    now: DateTime<Utc>,
) -> Result<Option<Answering>> {
    let code = match customer.contact_id {
        Some(id) => of_contact(tx, id).await?.or(customer.village_code.clone()),
        None => customer.village_code.clone(),
    };
    let Some(code) = code else { return Ok(None) };
    let Some(village) = village::Entity::find_by_id(code).one(tx).await? else { return Ok(None) };
    let station = station::Entity::find()
        .filter(station::Column::TownshipCode.eq(village.township_code))
        .one(tx)
        .await?;
    let Some(station) = station else { return Ok(None) };
    let posting = posting::Entity::find()
        .filter(posting::Column::VillageCode.eq(village.code))
        .filter(posting::Column::Duty.eq(Duty::Lead))
        .filter(posting::Column::StartsAt.lte(now))
        .filter(posting::Column::EndsAt.is_null().or(posting::Column::EndsAt.gt(now)))
        .order_by_desc(posting::Column::StartsAt)
        .one(tx)
        .await?;
    let officer = match posting {
        Some(posting) => {
            officer::Entity::find_by_id(posting.officer_id)
                .filter(officer::Column::DeactivatedAt.is_null())
                .one(tx)
                .await?
        }
        None => None,
    };
    Ok(Some(Answering {
        station: station.name,
        phone: station.phone,
        officer: officer.map(|officer| officer.name),
    }))
}

/// The village of the household that a contact has spoken for longest.
async fn of_contact(tx: &Tx, contact_id: Uuid) -> Result<Option<String>> {
    let linked = household_contact::Entity::find()
        .filter(household_contact::Column::ContactId.eq(contact_id))
        .order_by_asc(household_contact::Column::Since)
        .one(tx)
        .await?;
    let Some(linked) = linked else { return Ok(None) };
    let household = household::Entity::find_by_id(linked.household_id).one(tx).await?;
    Ok(household.map(|household| household.village_code))
}

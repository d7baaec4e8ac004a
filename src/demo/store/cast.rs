//! Whom the demo introduces.

use chrono::{DateTime, Utc};
use entity::household_contact::Standing;
use entity::{contact, household_contact, inquiry, officer, posting, station, village};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::begin;
use crate::db::{Database, Tx};
use crate::demo::DemoError;
use crate::demo::content::divisions::CHENJI;

/// Whom the demo introduces: one account of each role, who have to do with each other.
#[derive(Default)]
pub struct Cast {
    /// The village of the officer and the resident.
    pub village: Option<village::Model>,
    /// A staff account of each role that there is.
    pub staff: Vec<officer::Model>,
    /// The contact of a household of the village that has asked several times.
    pub resident: Option<contact::Model>,
}

/// Chooses them.
pub async fn cast(database: &Database, now: DateTime<Utc>) -> Result<Cast, DemoError> {
    let tx = begin(database, now).await?;
    let mut cast = Cast::default();
    let chenji =
        station::Entity::find().filter(station::Column::TownshipCode.eq(CHENJI)).one(&tx).await?;
    cast.staff.extend(first(&tx, officer::Role::CountyAdmin, None).await?);
    if let Some(station) = chenji {
        cast.staff.extend(first(&tx, officer::Role::StationChief, Some(station.id)).await?);
    }
    if let Some((household_id, village_code)) = busiest(&tx).await? {
        cast.village = village::Entity::find_by_id(village_code.as_str()).one(&tx).await?;
        cast.staff.extend(lead(&tx, &village_code).await?);
        cast.resident = primary(&tx, household_id).await?;
    }
    cast.staff.extend(first(&tx, officer::Role::Analyst, None).await?);
    cast.staff.extend(first(&tx, officer::Role::Auditor, None).await?);
    Ok(cast)
}

async fn first(
    tx: &Tx,
    role: officer::Role,
    station_id: Option<Uuid>,
) -> Result<Option<officer::Model>, DbErr> {
    officer::Entity::find()
        .filter(officer::Column::Role.eq(role))
        .filter(officer::Column::DeactivatedAt.is_null())
        .apply_if(station_id, |select, id| select.filter(officer::Column::StationId.eq(id)))
        .order_by_asc(officer::Column::Id)
        .one(tx)
        .await
}

/// The enrolled household of the pilot town with the most inquiries, and its village.
async fn busiest(tx: &Tx) -> Result<Option<(Uuid, String)>, DbErr> {
    let speaking = household_contact::Entity::find()
        .select_only()
        .column(household_contact::Column::HouseholdId)
        .filter(household_contact::Column::Standing.eq(Standing::Primary))
        .into_query();
    inquiry::Entity::find()
        .select_only()
        .columns([inquiry::Column::HouseholdId, inquiry::Column::VillageCode])
        .filter(inquiry::Column::TownshipCode.eq(CHENJI))
        .filter(inquiry::Column::HouseholdId.in_subquery(speaking))
        .group_by(inquiry::Column::HouseholdId)
        .group_by(inquiry::Column::VillageCode)
        .order_by(Expr::cust("count(*)"), Order::Desc)
        .order_by_asc(inquiry::Column::HouseholdId)
        .into_tuple()
        .one(tx)
        .await
}

async fn lead(tx: &Tx, village_code: &str) -> Result<Option<officer::Model>, DbErr> {
    let leading = posting::Entity::find()
        .select_only()
        .column(posting::Column::OfficerId)
        .filter(posting::Column::VillageCode.eq(village_code))
        .filter(posting::Column::Duty.eq(posting::Duty::Lead))
        .filter(posting::Column::EndsAt.is_null())
        .into_query();
    officer::Entity::find()
        .filter(officer::Column::Id.in_subquery(leading))
        .filter(officer::Column::Role.eq(officer::Role::Officer))
        .filter(officer::Column::DeactivatedAt.is_null())
        .order_by_asc(officer::Column::Id)
        .one(tx)
        .await
}

async fn primary(tx: &Tx, household_id: Uuid) -> Result<Option<contact::Model>, DbErr> {
    let speaking = household_contact::Entity::find()
        .select_only()
        .column(household_contact::Column::ContactId)
        .filter(household_contact::Column::HouseholdId.eq(household_id))
        .filter(household_contact::Column::Standing.eq(Standing::Primary))
        .into_query();
    contact::Entity::find()
        .filter(Expr::col(contact::Column::Id).in_subquery(speaking))
        .one(tx)
        .await
}

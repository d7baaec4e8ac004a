//! 服务窗口: where appointments are booked at a station.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_window")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub station_id: Uuid,
    /// The township that the station serves.
    pub township_code: String,
    pub name: String,
    pub slot_minutes: i32,
    /// How many come at the same time.
    pub capacity: i32,
    /// How many days ahead may be booked.
    pub bookable_days: i32,
    /// How long before its start a slot must be booked.
    pub lead_minutes: i32,
    /// JSON.
    pub hours: String,
    /// JSON.
    pub closures: String,
    /// JSON.
    pub openings: String,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub retired_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A place of a slot that is taken: by an appointment, or by an offer to who waits.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "slot_place")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub window_id: Uuid,
    pub starts_at: DateTimeUtc,
    pub place: i32,
    pub appointment_id: Option<Uuid>,
    pub waiting_place_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

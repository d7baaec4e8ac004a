//! A village's present numbers, kept up to date from the event log.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "village_tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub village_code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub township_code: String,
    pub people: i64,
    pub unvisited: i64,
    pub visited: i64,
    pub enrolled: i64,
    pub declined: i64,
    pub moved_away: i64,
    pub no_smartphone: i64,
    pub vacant: i64,
    pub reachable: i64,
    pub open_inquiries: i64,
    /// Those of them that are sealed.
    pub sealed_inquiries: i64,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

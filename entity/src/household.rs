//! 户: the unit of coverage.

use sea_orm::entity::prelude::*;

/// How far the household is with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Unvisited,
    Visited,
    Enrolled,
    Declined,
    MovedAway,
    NoSmartphone,
    Vacant,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub village_code: String,
    pub township_code: String,
    pub group_code: String,
    /// The place of the house in its group, for walking from door to door.
    pub door: i32,
    pub label: String,
    /// The number by which the register outside knows it.
    pub reference: Option<String>,
    /// Sealed.
    pub address: Option<Vec<u8>>,
    pub people_count: i32,
    pub status: Status,
    /// Whether one of its contacts may be messaged.
    pub reachable: bool,
    /// When a contact was last found to be right.
    pub confirmed_at: Option<DateTimeUtc>,
    /// The day for which the next visit is planned.
    pub next_visit_on: Option<Date>,
    /// The label and the contacts' names, normalised for search.
    pub search_text: String,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

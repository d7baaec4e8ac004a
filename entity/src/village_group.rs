//! 村民组: keyed by the village's code, a hyphen and the number of the group in two digits.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "village_group")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub village_code: String,
    pub township_code: String,
    pub number: i32,
    /// Since when it has had its present name and place.
    pub valid_from: Date,
    /// The first day on which it is no more.
    pub ended_on: Option<Date>,
    /// Who followed it, when it was one alone.
    pub successor_code: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

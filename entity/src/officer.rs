//! 民警、辅警: a staff account. County staff belong to no station.

use sea_orm::entity::prelude::*;

/// What a staff account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    Officer,
    StationChief,
    CountyAdmin,
    Analyst,
    Auditor,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "officer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub username: String,
    pub name: String,
    /// Sealed.
    pub phone: Option<Vec<u8>>,
    pub role: Role,
    pub station_id: Option<Uuid>,
    /// An argon2id hash in PHC form; an officer of an external identity provider has none.
    pub password_hash: Option<String>,
    /// The id of the member at WeCom, in lower case.
    pub wecom_user_id: Option<String>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deactivated_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

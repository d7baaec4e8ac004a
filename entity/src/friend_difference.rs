//! Where an officer's friends here and at the far side are not the same.

use sea_orm::entity::prelude::*;

/// What is not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// A friend at the far side was none here.
    MissingHere,
    /// A friend here was none at the far side.
    MissingThere,
    /// The remark is another one.
    OtherRemark,
    /// The far side does not know the officer.
    UnknownOfficer,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "friend_difference")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    pub user_id: String,
    pub kind: Kind,
    /// The friend, or the officer.
    pub subject_id: Uuid,
    pub officer_id: Uuid,
    pub friend_id: Option<Uuid>,
    pub township_code: Option<String>,
    pub found_at: DateTimeUtc,
    /// When it was last found so.
    pub seen_at: DateTimeUtc,
    /// When it was found to be gone.
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

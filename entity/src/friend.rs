//! A resident whom a member of a corp at WeCom has, or had, as an external contact.

use sea_orm::entity::prelude::*;

/// How it is between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// They are friends.
    Friend,
    /// The resident has added the officer, who has not confirmed it; or the other way round.
    Half,
    /// The officer has deleted the resident.
    DeletedByOfficer,
    /// The resident has deleted the officer.
    DeletedByResident,
    /// The resident went along to another officer.
    Transferred,
    /// They are no friends at the far side, and nobody told why.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "friend")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    /// The member's id at WeCom, in lower case.
    pub user_id: String,
    /// The officer who has that id.
    pub officer_id: Option<Uuid>,
    /// The far side's name for the resident, sealed.
    pub external_id: Vec<u8>,
    /// A keyed hash, as that of a contact's WeChat identity.
    pub external_hash: Vec<u8>,
    /// Who that is, once it is known.
    pub contact_id: Option<Uuid>,
    /// Of which household, once it is known.
    pub household_id: Option<Uuid>,
    /// The household's village, or one that the officer looks after.
    pub village_code: Option<String>,
    pub township_code: Option<String>,
    /// What follows from the moments below.
    pub state: State,
    pub since: DateTimeUtc,
    /// When they last became friends.
    pub added_at: Option<DateTimeUtc>,
    /// When that was last begun.
    pub half_at: Option<DateTimeUtc>,
    /// When it last ended, and how.
    pub ended_at: Option<DateTimeUtc>,
    pub ended_by: Option<State>,
    /// A keyed hash of the remark that was written last.
    pub remark_hash: Option<Vec<u8>>,
    /// The village whose tag was given last.
    pub tagged_village: Option<String>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Officers and postings as the contract shows them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::input::{
    CreateOfficerInput, DeactivateOfficerInput, EndPostingInput, PostOfficerInput,
    UpdateOfficerInput,
};
use super::rules::{self, NewOfficer, NewPosting, OfficerChange};
use crate::access::Act;
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::payload;
use crate::record::{self, Filter, Found};
use crate::request::Request;
use crate::scalar::{DivisionCode, Level, PhoneNumber, check_moments};
use crate::text;

/// What a staff account is for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::officer::Role")]
pub enum StaffRole {
    /// 民警、辅警: looks after the villages of their current postings.
    Officer,
    /// 所长: looks after the township of their station.
    StationChief,
    /// 县局管理员: looks after the whole county.
    CountyAdmin,
    /// 分析员: sees numbers of the whole county, and never a person.
    Analyst,
    /// 审计员: sees who did what, with personal data masked, and changes nothing.
    Auditor,
}

/// A staff account (民警、辅警).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Officer {
    /// Global id.
    pub id: GlobalId,
    /// The officer's name.
    pub name: String,
    /// What the account is for.
    pub role: StaffRole,
    /// The name to sign in with. Null for residents.
    pub username: Option<String>,
    /// The phone number on duty. Null for residents, and where none is known.
    pub phone: Option<PhoneNumber>,
    /// The id of the officer's account in WeCom (企业微信账号); null for residents, and where none is known.
    pub wecom_user_id: Option<String>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When the account was last changed.
    pub updated_at: DateTime<Utc>,
    /// When the account was deactivated; null while it is active.
    pub deactivated_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) station_id: Option<uuid::Uuid>,
}

/// In which standing an officer looks after a village.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::posting::Duty")]
pub enum PostingDuty {
    /// 包村民警: answers for the village.
    Lead,
    /// 辅警: helps.
    Auxiliary,
    /// 顶岗: stands in while the officer who answers for the village, or helps there, is away.
    Cover,
}

/// An officer looks after a village from one moment to another (包村).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Posting {
    /// Global id.
    pub id: GlobalId,
    /// In which standing.
    pub duty: PostingDuty,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when, exclusive; null while no end is known.
    pub ends_at: Option<DateTime<Utc>>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    #[graphql(skip)]
    pub(crate) officer_id: uuid::Uuid,
    #[graphql(skip)]
    pub(crate) village_code: String,
}

/// Which officers a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OfficerFilter {
    /// With this text in the name or the user name: 2 characters and more.
    pub text: Option<String>,
    /// With one of these roles.
    pub roles: Option<Vec<StaffRole>>,
    /// Of the station of this township.
    pub township_code: Option<DivisionCode>,
    /// Active (true) or deactivated (false).
    pub active: Option<bool>,
}

impl Filter for OfficerFilter {
    fn checked(mut self) -> Result<Self> {
        self.township_code.as_ref().map(|code| code.expect(Level::Township)).transpose()?;
        self.text = self.text.as_deref().map(text::search).transpose()?;
        Ok(self)
    }
}

/// In which order officers come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OfficerOrder {
    /// By the time the account was made, oldest first.
    #[default]
    CreatedAtAsc,
    /// By the time the account was made, newest first.
    CreatedAtDesc,
}

/// Which postings a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PostingFilter {
    /// That have begun and not ended at this moment. Leave it out for all, past and future.
    pub current_at: Option<DateTime<Utc>>,
    /// In this standing.
    pub duty: Option<PostingDuty>,
}

impl Filter for PostingFilter {
    fn checked(self) -> Result<Self> {
        check_moments(&[self.current_at])?;
        Ok(self)
    }
}

/// How officers are looked up.
#[derive(Default)]
pub struct OfficerQuery;

lists! {
    #[Object]
    impl OfficerQuery {
        /// Officers in the caller's area: one's own township, or the whole county.
        officers: Officer, filter OfficerFilter, order OfficerOrder => all(Act::ListOfficers);
        ---
        /// The officer with this id.
        async fn officer(&self, context: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Found<Officer> {
            record::find(context, GlobalId::expect(&id, Kind::Officer)).await
        }
    }
}

payload! {
    /// The answer of `createOfficer`.
    CreateOfficerPayload {
        /// The new officer.
        officer: Officer
    }
}
payload! {
    /// The answer of `updateOfficer`.
    UpdateOfficerPayload {
        /// The officer after the change.
        officer: Officer
    }
}
payload! {
    /// The answer of `deactivateOfficer`.
    DeactivateOfficerPayload {
        /// The officer, who can no longer sign in.
        officer: Officer
    }
}
payload! {
    /// The answer of `postOfficer`.
    PostOfficerPayload {
        /// The new posting.
        posting: Posting
    }
}
payload! {
    /// The answer of `endPosting`.
    EndPostingPayload {
        /// The posting with its end.
        posting: Posting
    }
}

/// How officers and postings are kept.
#[derive(Default)]
pub struct OfficerMutation;

#[Object]
impl OfficerMutation {
    /// Makes a staff account. A station chief makes accounts of officers of the own station only.
    async fn create_officer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CreateOfficerInput,
    ) -> Result<CreateOfficerPayload> {
        let made = async {
            let once = Once::new("createOfficer", &input.idempotency_key, &input)?;
            let new = NewOfficer {
                username: input.username,
                name: input.name,
                phone: input.phone.map(|phone| phone.0),
                role: input.role.into(),
                station_id: optional_id(input.station_id.as_ref(), Kind::Station)?,
                password: input.password,
            };
            rules::create(Request::of(context)?, new, Some(once)).await
        };
        CreateOfficerPayload::of(context, made.await)
    }

    /// Changes a staff account. A new role or station signs the officer out everywhere.
    async fn update_officer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateOfficerInput,
    ) -> Result<UpdateOfficerPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.officer_id, Kind::Officer)?;
            let change = OfficerChange {
                name: input.name,
                phone: input.phone.map_value(|phone| phone.0).into(),
                wecom_user_id: input.wecom_user_id.into(),
                role: input.role.map(Into::into),
                station_id: input
                    .station_id
                    .map_value(|id| GlobalId::expect_uuid(&id, Kind::Station))
                    .transpose()?
                    .into(),
            };
            rules::update(Request::of(context)?, id, input.expected_version, change).await
        };
        UpdateOfficerPayload::of(context, made.await)
    }

    /// Deactivates a staff account: ends its postings, and signs it out everywhere. Refused with
    /// WITHOUT_OFFICER when a village with households would be left to nobody.
    async fn deactivate_officer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: DeactivateOfficerInput,
    ) -> Result<DeactivateOfficerPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.officer_id, Kind::Officer)?;
            rules::deactivate(Request::of(context)?, id, input.expected_version).await
        };
        DeactivateOfficerPayload::of(context, made.await)
    }

    /// Posts an officer to a village.
    async fn post_officer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: PostOfficerInput,
    ) -> Result<PostOfficerPayload> {
        let made = async {
            let once = Once::new("postOfficer", &input.idempotency_key, &input)?;
            check_moments(&[input.starts_at])?;
            let new = NewPosting {
                officer_id: GlobalId::expect_uuid(&input.officer_id, Kind::Officer)?,
                village_code: input.village_code.expect(Level::Village)?.to_owned(),
                duty: input.duty.into(),
                starts_at: input.starts_at,
            };
            rules::post(Request::of(context)?, new, once).await
        };
        PostOfficerPayload::of(context, made.await)
    }

    /// Ends a posting, now or later. Refused with WITHOUT_OFFICER when a village with households
    /// would be left to nobody.
    async fn end_posting(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: EndPostingInput,
    ) -> Result<EndPostingPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.posting_id, Kind::Posting)?;
            check_moments(&[input.ends_at])?;
            let request = Request::of(context)?;
            rules::end_posting(request, id, input.expected_version, input.ends_at).await
        };
        EndPostingPayload::of(context, made.await)
    }
}

fn optional_id(id: Option<&ID>, kind: Kind) -> Result<Option<uuid::Uuid>> {
    id.map(|id| GlobalId::expect_uuid(id, kind)).transpose()
}

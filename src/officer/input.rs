//! What the mutations on officers and postings take.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::{DateTime, Utc};

use super::{PostingDuty, StaffRole};
use crate::scalar::{DivisionCode, PhoneNumber};

/// The input of `createOfficer`.
#[derive(InputObject)]
pub struct CreateOfficerInput {
    /// Chosen by the caller, new for each officer: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The name to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores.
    pub username: String,
    /// The officer's name, at most 40 characters.
    pub name: String,
    /// What the account is for.
    pub role: StaffRole,
    /// The station. Officers and chiefs have one, others have none.
    pub station_id: Option<ID>,
    /// The phone number on duty.
    pub phone: Option<PhoneNumber>,
    /// The first password: at least 10 characters. Leave it out when an identity provider signs the
    /// officer in.
    pub password: Option<String>,
}

/// The input of `updateOfficer`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateOfficerInput {
    /// The officer.
    pub officer_id: ID,
    /// The officer's `version` that the change is based on.
    pub expected_version: i32,
    /// The officer's name, at most 40 characters.
    pub name: Option<String>,
    /// The phone number on duty; null deletes it.
    pub phone: MaybeUndefined<PhoneNumber>,
    /// The id of the officer's account in WeCom (企业微信账号), which has no other officer: up to 64 letters, digits, dots,
    /// hyphens, underscores and @; small and capital letters are one. Null deletes it.
    pub wecom_user_id: MaybeUndefined<String>,
    /// What the account is for.
    pub role: Option<StaffRole>,
    /// The station; null for county staff.
    pub station_id: MaybeUndefined<ID>,
}

/// The input of `deactivateOfficer`.
#[derive(InputObject)]
pub struct DeactivateOfficerInput {
    /// The officer.
    pub officer_id: ID,
    /// The officer's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `postOfficer`.
#[derive(InputObject)]
pub struct PostOfficerInput {
    /// Chosen by the caller, new for each posting: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The officer.
    pub officer_id: ID,
    /// The village.
    pub village_code: DivisionCode,
    /// In which standing.
    pub duty: PostingDuty,
    /// From when; now when left out.
    pub starts_at: Option<DateTime<Utc>>,
}

/// The input of `endPosting`.
#[derive(InputObject)]
pub struct EndPostingInput {
    /// The posting.
    pub posting_id: ID,
    /// The posting's `version` that the change is based on.
    pub expected_version: i32,
    /// Until when, exclusive; now when left out.
    pub ends_at: Option<DateTime<Utc>>,
}

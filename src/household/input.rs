//! What the mutations on households and contacts take.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::consent::ConsentInput;
use super::{ContactStanding, HouseholdStatus};
use crate::scalar::{DivisionCode, PhoneNumber};

/// The input of `registerHousehold`.
#[derive(InputObject)]
pub struct RegisterHouseholdInput {
    /// Chosen by the caller, new for each household: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The village.
    pub village_code: DivisionCode,
    /// The number of the village group, from 1 to 99. A group that is new is made.
    pub group_number: i32,
    /// The place in the group; the next one when left out.
    pub door: Option<i32>,
    /// How officers call it, such as 刘河村3组-王建国: at most 60 characters.
    pub label: String,
    /// Where it is, at most 200 characters.
    pub address: Option<String>,
    /// How many people live there, from 0 to 99.
    pub people_count: i32,
    /// How far the household is with us; UNVISITED when left out. ENROLLED comes from `enrolContact`.
    pub status: Option<HouseholdStatus>,
    /// Why it has this status, at most 200 characters. Required with DECLINED, MOVED_AWAY, NO_SMARTPHONE and
    /// VACANT.
    pub status_reason: Option<String>,
}

/// The input of `updateHousehold`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateHouseholdInput {
    /// The household.
    pub household_id: ID,
    /// The household's `version` that the change is based on.
    pub expected_version: i32,
    /// The number of the village group, from 1 to 99. A group that is new is made.
    pub group_number: Option<i32>,
    /// The place in the group.
    pub door: Option<i32>,
    /// How officers call it, at most 60 characters.
    pub label: Option<String>,
    /// Where it is, at most 200 characters; null deletes it.
    pub address: MaybeUndefined<String>,
    /// How many people live there, from 0 to 99.
    pub people_count: Option<i32>,
    /// How far the household is with us. ENROLLED comes from `enrolContact`; nothing leads back to UNVISITED.
    pub status: Option<HouseholdStatus>,
    /// Why it has this status now, at most 200 characters. Required when it becomes DECLINED, MOVED_AWAY,
    /// NO_SMARTPHONE or VACANT.
    pub status_reason: Option<String>,
}

/// The input of `enrolContact`: either an existing contact, or the name of a new one.
#[derive(InputObject)]
pub struct EnrolContactInput {
    /// Chosen by the caller, new for each contact: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The household.
    pub household_id: ID,
    /// A contact who already speaks for another household.
    pub contact_id: Option<ID>,
    /// The name of a new contact, at most 40 characters.
    pub name: Option<String>,
    /// The phone number of a new contact.
    pub phone: Option<PhoneNumber>,
    /// The WeChat identity of a new contact, at most 128 characters. It is never shown again.
    pub wechat_id: Option<String>,
    /// How the contact stands to the household. A new primary contact makes the former one a backup.
    pub standing: ContactStanding,
    /// What the contact agreed to. Required of a new contact; a known one may agree anew.
    pub consent: Option<ConsentInput>,
}

/// The input of `updateContact`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateContactInput {
    /// The contact.
    pub contact_id: ID,
    /// The contact's `version` that the change is based on.
    pub expected_version: i32,
    /// The contact's name, at most 40 characters.
    pub name: Option<String>,
    /// The phone number; null deletes it.
    pub phone: MaybeUndefined<PhoneNumber>,
    /// The WeChat identity, at most 128 characters; null deletes it.
    pub wechat_id: MaybeUndefined<String>,
}

/// The input of `changeContactStanding`.
#[derive(InputObject)]
pub struct ChangeContactStandingInput {
    /// The household.
    pub household_id: ID,
    /// A contact who speaks for it.
    pub contact_id: ID,
    /// How the contact is to stand to it.
    pub standing: ContactStanding,
    /// The household's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `confirmContact`.
#[derive(InputObject)]
pub struct ConfirmContactInput {
    /// The household.
    pub household_id: ID,
    /// The contact who still speaks for it and can be reached as written down.
    pub contact_id: ID,
}

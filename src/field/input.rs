//! What an app hands in.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use chrono::{DateTime, Utc};

use crate::household::consent::ConsentInput;
use crate::household::{ContactStanding, HouseholdStatus};
use crate::scalar::{Date, PhoneNumber};
use crate::visit::VisitOutcome;

/// The input of `syncFieldWork`.
#[derive(InputObject)]
pub struct SyncFieldWorkInput {
    /// What was done, 1 to 100 pieces in any order.
    pub items: Vec<FieldWorkItemInput>,
}

/// One piece of work that was done where there was no network.
#[derive(InputObject)]
pub struct FieldWorkItemInput {
    /// Chosen on the device when the work was done, and the same whenever it is sent again.
    pub idempotency_key: String,
    /// When it was done, by the device's clock: not more than 5 minutes ahead of the service's, not before the
    /// household was registered, and not more than 89 days ago. Items of one request are done in the order
    /// of these times.
    pub made_at: DateTime<Utc>,
    /// What was done.
    pub work: FieldWorkInput,
}

/// What was done: one of these.
#[derive(OneofObject)]
pub enum FieldWorkInput {
    /// 走访: an officer was at a household's door.
    Visit(FieldVisitInput),
    /// 登记联系人: somebody is to speak for a household.
    Enrolment(FieldEnrolmentInput),
    /// 修改住户: values of a household are different.
    HouseholdEdit(HouseholdEditInput),
    /// 修改联系人: values of a contact are different.
    ContactEdit(ContactEditInput),
}

/// A visit, as `recordVisit` has it; `madeAt` is when it was.
#[derive(InputObject)]
pub struct FieldVisitInput {
    /// The household.
    pub household_id: ID,
    /// What came of it.
    pub outcome: VisitOutcome,
    /// What is worth knowing next time, at most 500 characters.
    pub note: Option<String>,
    /// The day for which the next visit is planned: not before the day of this one. None when left out.
    pub next_visit_on: Option<Date>,
    /// How many people live there, from 0 to 99, if that was asked.
    pub people_count: Option<i32>,
}

/// An enrolment, as `enrolContact` has it: either an existing contact, or the name of a new one.
#[derive(InputObject)]
pub struct FieldEnrolmentInput {
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

/// Other values for a household. Each value stands beside the one that its author saw: where that is still
/// the present one, the new one takes its place; where somebody else has changed it, the item is a CONFLICT.
#[derive(InputObject)]
pub struct HouseholdEditInput {
    /// The household.
    pub household_id: ID,
    /// The household's `version` that the author saw.
    pub base_version: i32,
    /// What the author saw, of each value that is given in `mine`.
    pub base: HouseholdValuesInput,
    /// What it is to be. What is left out stays as it is.
    pub mine: HouseholdValuesInput,
    /// Why it has this status now, at most 200 characters. Required when it becomes DECLINED, MOVED_AWAY,
    /// NO_SMARTPHONE or VACANT.
    pub status_reason: Option<String>,
}

/// Values of a household, as far as they are known or meant.
#[derive(InputObject)]
pub struct HouseholdValuesInput {
    /// The number of the village group, from 1 to 99.
    pub group_number: Option<i32>,
    /// The place in the group.
    pub door: Option<i32>,
    /// How officers call it, at most 60 characters.
    pub label: Option<String>,
    /// Where it is, at most 200 characters; null when unknown.
    pub address: MaybeUndefined<String>,
    /// How many people live there, from 0 to 99.
    pub people_count: Option<i32>,
    /// How far the household is with us. ENROLLED comes from an enrolment; nothing leads back to UNVISITED.
    pub status: Option<HouseholdStatus>,
}

/// Other values for a contact, each beside the one that its author saw.
#[derive(InputObject)]
pub struct ContactEditInput {
    /// The contact. Left out for one whom an enrolment that is handed in as well has made.
    pub contact_id: Option<ID>,
    /// The `idempotencyKey` of the enrolment that made the contact, while the app does not know its id.
    pub enrolled_by: Option<String>,
    /// The contact's `version` that the author saw; 1 right after the enrolment.
    pub base_version: i32,
    /// What the author saw, of each value that is given in `mine`.
    pub base: ContactValuesInput,
    /// What it is to be. What is left out stays as it is.
    pub mine: ContactValuesInput,
}

/// Values of a contact, as far as they are known or meant. Another WeChat identity goes by `updateContact`:
/// nobody can see the present one, so nobody could tell a conflict.
#[derive(InputObject)]
pub struct ContactValuesInput {
    /// The contact's name, at most 40 characters.
    pub name: Option<String>,
    /// The phone number; null when unknown.
    pub phone: MaybeUndefined<PhoneNumber>,
}

//! How households and contacts are kept.

use async_graphql::{Context, MaybeUndefined, Object};

use super::contacts::{self, ContactChange, Enrolment, Newcomer, Who};
use super::input::{
    EnrolContactInput, RegisterHouseholdInput, RemoveContactInput, UpdateContactInput,
    UpdateHouseholdInput,
};
use super::rules::{self, HouseholdChange, NewHousehold};
use super::{Contact, Household};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;
use crate::scalar::Level;

payload! {
    /// The answer of `registerHousehold`.
    RegisterHouseholdPayload {
        /// The new household.
        household: Household
    }
}
payload! {
    /// The answer of `updateHousehold`.
    UpdateHouseholdPayload {
        /// The household after the change.
        household: Household
    }
}
payload! {
    /// The answer of `enrolContact`.
    EnrolContactPayload {
        /// The contact, who now speaks for the household.
        contact: Contact
    }
}
payload! {
    /// The answer of `updateContact`.
    UpdateContactPayload {
        /// The contact after the change.
        contact: Contact
    }
}
payload! {
    /// The answer of `removeContact`.
    RemoveContactPayload {
        /// The household, which the contact no longer speaks for.
        household: Household
    }
}

/// How households and contacts are kept.
#[derive(Default)]
pub struct HouseholdMutation;

#[Object]
impl HouseholdMutation {
    /// Registers a household. Refused with WITHOUT_OFFICER where no officer looks after the village.
    async fn register_household(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RegisterHouseholdInput,
    ) -> Result<RegisterHouseholdPayload> {
        let made = async {
            let once = Once::new("registerHousehold", &input.idempotency_key, &input)?;
            let new = NewHousehold {
                village_code: input.village_code.expect(Level::Village)?.to_owned(),
                group_number: input.group_number,
                door: input.door,
                label: input.label,
                address: input.address,
                people_count: input.people_count,
                status: input.status.map(Into::into),
            };
            rules::register(Request::of(context)?, new, once).await
        };
        RegisterHouseholdPayload::of(context, made.await)
    }

    /// Changes a household.
    async fn update_household(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateHouseholdInput,
    ) -> Result<UpdateHouseholdPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.household_id, Kind::Household)?;
            let change = HouseholdChange {
                group_number: input.group_number,
                door: input.door,
                label: input.label,
                address: given(input.address),
                people_count: input.people_count,
                status: input.status.map(Into::into),
            };
            rules::update(Request::of(context)?, id, input.expected_version, change).await
        };
        UpdateHouseholdPayload::of(context, made.await)
    }

    /// Lets a contact speak for a household, which makes the household ENROLLED. A caretaker leaves
    /// its status as it is.
    async fn enrol_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: EnrolContactInput,
    ) -> Result<EnrolContactPayload> {
        let made = async {
            let once = Once::new("enrolContact", &input.idempotency_key, &input)?;
            let who = match &input.contact_id {
                Some(id) => Who::Known(GlobalId::expect_uuid(id, Kind::Contact)?),
                None => Who::New(Newcomer {
                    name: input.name.unwrap_or_default(),
                    phone: input.phone.map(|phone| phone.0),
                    wechat_id: input.wechat_id,
                }),
            };
            let enrolment = Enrolment {
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                who,
                standing: input.standing.into(),
            };
            contacts::enrol(Request::of(context)?, enrolment, once).await
        };
        EnrolContactPayload::of(context, made.await)
    }

    /// Changes a contact.
    async fn update_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateContactInput,
    ) -> Result<UpdateContactPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.contact_id, Kind::Contact)?;
            let change = ContactChange {
                name: input.name,
                phone: given(input.phone.map_value(|phone| phone.0)),
                wechat_id: given(input.wechat_id),
            };
            contacts::update(Request::of(context)?, id, input.expected_version, change).await
        };
        UpdateContactPayload::of(context, made.await)
    }

    /// Ends a contact's speaking for a household. The oldest backup becomes the primary contact. A
    /// contact who speaks for nobody any more is deleted.
    async fn remove_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RemoveContactInput,
    ) -> Result<RemoveContactPayload> {
        let made = async {
            let household_id = GlobalId::expect_uuid(&input.household_id, Kind::Household)?;
            let contact_id = GlobalId::expect_uuid(&input.contact_id, Kind::Contact)?;
            let request = Request::of(context)?;
            contacts::remove(request, household_id, contact_id, input.expected_version).await
        };
        RemoveContactPayload::of(context, made.await)
    }
}

/// Left out, deleted, or given.
fn given<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

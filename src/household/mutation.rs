//! How households and contacts are kept.

use async_graphql::{Context, Object};

use super::contacts::{self, ContactChange};
use super::edit::{self, HouseholdChange};
use super::enrolment::{self, Enrolment, Newcomer, Who};
use super::input::{
    ChangeContactStandingInput, ConfirmContactInput, EnrolContactInput, RegisterHouseholdInput,
    UpdateContactInput, UpdateHouseholdInput,
};
use super::rules::{self, NewHousehold};
use super::{Contact, Household};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::payload::expected;
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
    /// The answer of `changeContactStanding`.
    ChangeContactStandingPayload {
        /// The household after the change.
        household: Household
    }
}
payload! {
    /// The answer of `confirmContact`.
    ConfirmContactPayload {
        /// The household, whose contact is right.
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
                status_reason: input.status_reason,
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
                address: input.address.into(),
                people_count: input.people_count,
                status: input.status.map(Into::into),
                status_reason: input.status_reason,
            };
            edit::update(Request::of(context)?, id, input.expected_version, change).await
        };
        UpdateHouseholdPayload::of(context, made.await)
    }

    /// Lets a contact speak for a household, which makes the household ENROLLED. A caretaker leaves its status
    /// as it is, and makes a NO_SMARTPHONE household reachable. Somebody new joins only with a consent.
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
                consent: input.consent,
                made_at: None,
            };
            let made = enrolment::enrol(Request::of(context)?, enrolment, once).await?;
            expected(made.object(), "idempotencyKey")
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
                phone: input.phone.map_value(|phone| phone.0).into(),
                wechat_id: input.wechat_id.into(),
            };
            contacts::update(Request::of(context)?, id, input.expected_version, change).await
        };
        UpdateContactPayload::of(context, made.await)
    }

    /// Changes how a contact stands to a household (联系人接替). A new primary contact makes the former one a
    /// backup; where no primary contact is left, the oldest backup becomes it. A household whose last own
    /// contact becomes a caretaker is VISITED.
    async fn change_contact_standing(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ChangeContactStandingInput,
    ) -> Result<ChangeContactStandingPayload> {
        let made = async {
            let household = GlobalId::expect_uuid(&input.household_id, Kind::Household)?;
            let contact = GlobalId::expect_uuid(&input.contact_id, Kind::Contact)?;
            let (standing, version) = (input.standing.into(), input.expected_version);
            let request = Request::of(context)?;
            contacts::change_standing(request, household, contact, standing, version).await
        };
        ChangeContactStandingPayload::of(context, made.await)
    }

    /// Notes that a contact still speaks for the household and can be reached (核实). Repeating it on the same
    /// day changes nothing. `serviceInfo.confirmedDays` says for how long it counts as recent.
    async fn confirm_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ConfirmContactInput,
    ) -> Result<ConfirmContactPayload> {
        let made = async {
            let household = GlobalId::expect_uuid(&input.household_id, Kind::Household)?;
            let contact = GlobalId::expect_uuid(&input.contact_id, Kind::Contact)?;
            contacts::confirm(Request::of(context)?, household, contact).await
        };
        ConfirmContactPayload::of(context, made.await)
    }
}

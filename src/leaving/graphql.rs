//! Leaving as the contract has it.

use async_graphql::{Context, ID, InputObject, Object};

use super::rules;
use crate::db::Once;
use crate::error::Result;
use crate::household::{Consent, Household};
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

/// The input of `removeContact`.
#[derive(InputObject)]
pub struct RemoveContactInput {
    /// The household that the contact no longer speaks for.
    pub household_id: ID,
    /// The contact.
    pub contact_id: ID,
    /// The household's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `withdrawConsent`.
#[derive(InputObject)]
pub struct WithdrawConsentInput {
    /// Chosen by the caller, new for each withdrawal: repeating a call with it gives the same answer.
    pub idempotency_key: String,
    /// The contact: a resident's own, or for an officer one who asked for it.
    pub contact_id: ID,
}

payload! {
    /// The answer of `removeContact`.
    RemoveContactPayload {
        /// The household, which the contact no longer speaks for.
        household: Household
    }
}
payload! {
    /// The answer of `withdrawConsent`.
    WithdrawConsentPayload {
        /// The consent, which is withdrawn. It stays as proof and names nobody.
        consent: Consent
    }
}

/// How contacts leave.
#[derive(Default)]
pub struct LeavingMutation;

#[Object]
impl LeavingMutation {
    /// Ends a contact's speaking for a household. The oldest backup becomes the primary contact; a household
    /// without a contact of its own is VISITED. A contact who speaks for nobody any more is erased, as
    /// `withdrawConsent` does it.
    async fn remove_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RemoveContactInput,
    ) -> Result<RemoveContactPayload> {
        let made = async {
            let household_id = GlobalId::expect_uuid(&input.household_id, Kind::Household)?;
            let contact_id = GlobalId::expect_uuid(&input.contact_id, Kind::Contact)?;
            let request = Request::of(context)?;
            rules::remove(request, household_id, contact_id, input.expected_version).await
        };
        RemoveContactPayload::of(context, made.await)
    }

    /// Withdraws a contact's consent (撤回同意), and cannot be undone. At once the contact is not messaged any
    /// more, speaks for no household, and is signed out; name, number and WeChat identity are erased. The
    /// households stay in the register; the oldest backup of each becomes the primary contact.
    async fn withdraw_consent(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: WithdrawConsentInput,
    ) -> Result<WithdrawConsentPayload> {
        let made = async {
            let once = Once::new("withdrawConsent", &input.idempotency_key, &input)?;
            let contact_id = GlobalId::expect_uuid(&input.contact_id, Kind::Contact)?;
            rules::withdraw(Request::of(context)?, contact_id, once).await
        };
        WithdrawConsentPayload::of(context, made.await)
    }
}

//! What ratings and requests for correction lead to.

use async_graphql::{ComplexObject, Context};

use crate::error::Result;
use crate::household::{Contact, Household};
use crate::inquiry::Inquiry;
use crate::officer::Officer;
use crate::privacy::CorrectionRequest;
use crate::rating::Rating;
use crate::record::{self, Related};
use crate::walk::Walked;

#[ComplexObject]
impl Rating {
    /// The inquiry that it is about.
    async fn inquiry(&self, context: &Context<'_>) -> Result<Walked<Inquiry>> {
        record::parent(context, self.inquiry_id).await
    }
}

#[ComplexObject]
impl CorrectionRequest {
    /// The household of which, or of whose contact, something is wrong.
    async fn household(&self, context: &Context<'_>) -> Result<Walked<Household>> {
        record::parent(context, self.household_id).await
    }

    /// The contact who asks; null when that one has left.
    async fn contact(&self, context: &Context<'_>) -> Related<Contact> {
        record::related(context, self.contact_id).await
    }

    /// The officer who answered; null before.
    async fn answered_by(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.answerer_id).await
    }
}

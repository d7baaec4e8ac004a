//! What work in the field leads to.

use async_graphql::{ComplexObject, Context};

use crate::field::{FieldBookRemoval, FieldWorkResult};
use crate::household::{Contact, Household};
use crate::record::{self, Related};
use crate::visit::Visit;

#[ComplexObject]
impl FieldBookRemoval {
    /// The household that it was merged into; null when it was not, or that one lies outside the caller's
    /// area.
    async fn survivor(&self, context: &Context<'_>) -> Related<Household> {
        record::related(context, self.survivor_id).await
    }
}

#[ComplexObject]
impl FieldWorkResult {
    /// The household as it is now. It is another one than the item named when that one was merged into it.
    /// Null when the caller may not see it, and for edits of contacts.
    async fn household(&self, context: &Context<'_>) -> Related<Household> {
        record::related(context, self.household_id).await
    }

    /// The visit; null when the item was none, or was not done.
    async fn visit(&self, context: &Context<'_>) -> Related<Visit> {
        record::related(context, self.visit_id).await
    }

    /// The contact as it is now; null when the item was about none, or was not done.
    async fn contact(&self, context: &Context<'_>) -> Related<Contact> {
        record::related(context, self.contact_id).await
    }
}

//! What visits, changes of status and consents lead to.

use async_graphql::{ComplexObject, Context};

use crate::error::Result;
use crate::household::{Consent, Household, HouseholdStatusChange};
use crate::officer::Officer;
use crate::record::{self, Related};
use crate::visit::Visit;
use crate::walk::Walked;

#[ComplexObject]
impl Visit {
    /// The household.
    async fn household(&self, context: &Context<'_>) -> Result<Walked<Household>> {
        record::parent(context, self.household_id).await
    }

    /// The officer who was there.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, Some(self.officer_id)).await
    }
}

#[ComplexObject]
impl HouseholdStatusChange {
    /// The household.
    async fn household(&self, context: &Context<'_>) -> Result<Walked<Household>> {
        record::parent(context, self.household_id).await
    }

    /// The officer who changed it; null when a contact did, by leaving.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.officer_id).await
    }
}

#[ComplexObject]
impl Consent {
    /// The officer who wrote it down; null from before consents were written down.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.officer_id).await
    }
}

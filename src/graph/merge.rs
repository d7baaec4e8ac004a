//! What merges lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::household::Household;
use crate::merge::HouseholdMerge;
use crate::officer::Officer;
use crate::record;

#[ComplexObject]
impl HouseholdMerge {
    /// The household that remained.
    async fn survivor(&self, context: &Context<'_>) -> Alone<Option<Household>> {
        record::related(context, Some(self.survivor_id)).await
    }

    /// Who merged them.
    async fn officer(&self, context: &Context<'_>) -> Alone<Option<Officer>> {
        record::related(context, Some(self.officer_id)).await
    }
}

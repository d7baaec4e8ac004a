//! What merges lead to.

use async_graphql::{ComplexObject, Context};

use crate::household::Household;
use crate::merge::HouseholdMerge;
use crate::officer::Officer;
use crate::record::{self, Related};

#[ComplexObject]
impl HouseholdMerge {
    /// The household that remained.
    async fn survivor(&self, context: &Context<'_>) -> Related<Household> {
        record::related(context, Some(self.survivor_id)).await
    }

    /// Who merged them.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, Some(self.officer_id)).await
    }
}

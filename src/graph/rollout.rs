//! What the rollout leads to.

use async_graphql::{ComplexObject, Context};
use futures_util::future::try_join_all;

use crate::division::{Township, Village};
use crate::error::Result;
use crate::record;
use crate::rollout::RolloutProgress;
use crate::walk::Walked;

/// The most villages of a list.
const MOST: usize = 50;

async fn villages(context: &Context<'_>, codes: &[String]) -> Result<Vec<Walked<Village>>> {
    try_join_all(codes.iter().take(MOST).map(|code| record::parent(context, code.as_str()))).await
}

#[ComplexObject]
impl RolloutProgress {
    /// The township.
    async fn township(&self, context: &Context<'_>) -> Result<Walked<Township>> {
        record::parent(context, self.township_code.as_str()).await
    }

    /// The villages that `staleVillageCount` counts, by code: the first 50.
    async fn stale_villages(&self, context: &Context<'_>) -> Result<Vec<Walked<Village>>> {
        villages(context, &self.stale).await
    }

    /// The villages that `villageWithoutOfficerCount` counts, by code: the first 50.
    async fn villages_without_officer(
        &self,
        context: &Context<'_>,
    ) -> Result<Vec<Walked<Village>>> {
        villages(context, &self.without_officer).await
    }
}

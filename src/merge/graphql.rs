//! Merges as the contract shows them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rules::{self, NewMerge};
use crate::db::Once;
use crate::error::Result;
use crate::household::Household;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

/// From which of the two households a value is taken.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MergeSide {
    /// From the one that remains.
    #[default]
    Survivor,
    /// From the one that is merged into it.
    Merged,
}

/// Two households that were found to be one (合并记录), or the preview of that.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct HouseholdMerge {
    /// Global id. A preview's leads nowhere.
    pub id: GlobalId,
    /// When it was done.
    pub made_at: DateTime<Utc>,
    /// Until when it can be undone: for thirty days.
    pub undo_until: DateTime<Utc>,
    /// When it was undone; null when it was not.
    pub undone_at: Option<DateTime<Utc>>,
    /// Contacts that came to speak for the survivor by it.
    pub contacts_moved: i64,
    /// Inquiries that came to the survivor by it, without sealed ones.
    pub inquiries_moved: i64,
    #[graphql(skip)]
    pub(crate) survivor_id: Uuid,
    #[graphql(skip)]
    pub(crate) merged_id: Uuid,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
}

/// In which order merges come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HouseholdMergeOrder {
    /// Made last first.
    #[default]
    MadeAtDesc,
    /// Made first first.
    MadeAtAsc,
}

/// Which values the household keeps. Everything of the survivor's when left out.
#[derive(InputObject, Clone, Copy, Debug, Default)]
pub struct MergeChoice {
    /// How officers call it.
    #[graphql(default)]
    pub label: MergeSide,
    /// Where it is.
    #[graphql(default)]
    pub address: MergeSide,
    /// How many people live there.
    #[graphql(default)]
    pub people_count: MergeSide,
    /// How far it is with us. With a contact of its own it is ENROLLED in any case.
    #[graphql(default)]
    pub status: MergeSide,
    /// Its village, its group and its door.
    #[graphql(default)]
    pub place: MergeSide,
}

/// The input of `mergeHouseholds`.
#[derive(InputObject)]
pub struct MergeHouseholdsInput {
    /// Chosen by the caller, new for each merge: repeating a call with it merges nothing more.
    pub idempotency_key: String,
    /// The household that remains.
    pub survivor_id: ID,
    /// The survivor's `version` that the choice is based on.
    pub survivor_version: i32,
    /// The household that is merged into it. Its id leads nowhere afterwards.
    pub merged_id: ID,
    /// Its `version` that the choice is based on.
    pub merged_version: i32,
    /// Which values are kept.
    #[graphql(default)]
    pub take: MergeChoice,
    /// Only tell what would be.
    #[graphql(default)]
    pub dry_run: bool,
}

/// What came, or would come, of a merge.
#[derive(SimpleObject, Clone)]
pub struct HouseholdMergeResult {
    /// The record of it; null for a preview.
    pub record: Option<HouseholdMerge>,
    /// The household that remains, as it is afterwards.
    pub survivor: Household,
    /// Contacts that speak for it now and did not before.
    pub contacts_moved: i64,
    /// Inquiries that are its own now, without sealed ones.
    pub inquiries_moved: i64,
}

/// The input of `undoMerge`.
#[derive(InputObject)]
pub struct UndoMergeInput {
    /// The merge.
    pub merge_id: ID,
}

payload! {
    /// The answer of `mergeHouseholds`.
    MergeHouseholdsPayload {
        /// What came of it.
        result: HouseholdMergeResult
    }
}
payload! {
    /// The answer of `undoMerge`.
    UndoMergePayload {
        /// The household that was merged and is there again.
        household: Household
    }
}

/// How doubles are merged.
#[derive(Default)]
pub struct MergeMutation;

#[Object]
impl MergeMutation {
    /// Makes two households one. Contacts and inquiries of both are the survivor's; where both have a
    /// primary contact, the survivor's stays and the other becomes a backup. The merged one leaves the
    /// register and the numbers, for it was never another household.
    async fn merge_households(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: MergeHouseholdsInput,
    ) -> Result<MergeHouseholdsPayload> {
        let made = async {
            let once = Once::new("mergeHouseholds", &input.idempotency_key, &input)?;
            let new = NewMerge {
                survivor: GlobalId::expect_uuid(&input.survivor_id, Kind::Household)?,
                survivor_version: input.survivor_version,
                merged: GlobalId::expect_uuid(&input.merged_id, Kind::Household)?,
                merged_version: input.merged_version,
                take: input.take,
                dry_run: input.dry_run,
            };
            rules::merge(Request::of(context)?, new, once).await
        };
        MergeHouseholdsPayload::of(context, made.await)
    }

    /// Undoes a merge within thirty days: both households are there again with what they had. What came
    /// after the merge stays with the survivor. Repeating it changes nothing more. Refused with WRONG_STATE where a value that was taken from
    /// the merged household was changed since.
    async fn undo_merge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UndoMergeInput,
    ) -> Result<UndoMergePayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.merge_id, Kind::HouseholdMerge)?;
            rules::undo(Request::of(context)?, id).await
        };
        UndoMergePayload::of(context, made.await)
    }
}

//! What hand-overs, their households and leaves lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::division::Village;
use crate::error::Result;
use crate::friend::{Counts, FriendTransfer, FriendTransferFilter, HandoverFriends};
use crate::handover::graphql::HandoverCheck;
use crate::handover::{
    Checks, Handover, HandoverTransfer, HandoverTransferCount, HandoverTransferFilter,
    TransferCounts, Villages,
};
use crate::household::{Household, HouseholdFilter, HouseholdOrder};
use crate::inquiry::{Inquiry, InquiryFilter, InquiryOrder};
use crate::officer::{Leave, Officer};
use crate::page::lists;
use crate::record::{self, Record, Related};
use crate::request::Request;
use crate::walk::Walked;

lists! {
    #[ComplexObject]
    impl Handover {
        /// Its households in the caller's area, each on its way to the new officer's WeChat account.
        transfers: HandoverTransfer, filter HandoverTransferFilter
            => below("handover_transfer", "handover_id");
        /// The households that its villages had when it was made, as far as they lie in the caller's area today.
        households: Household, filter HouseholdFilter, order HouseholdOrder
            => through("handover_transfer", "handover_id", "household_id");
        /// The inquiries that went from the giver to the receiver, open when it was made, as far as they lie in the
        /// caller's area today.
        inquiries: Inquiry, filter InquiryFilter, order InquiryOrder
            => through("handover_inquiry", "handover_id", "inquiry_id");
        /// The giver's friends in WeCom who are to go along, as far as they lie in the caller's area: filter by REFUSED for
        /// those who refused, who are then visited.
        friend_transfers: FriendTransfer, filter FriendTransferFilter
            => below("friend_transfer", "handover_id");
        ---
        /// The officer who gives.
        async fn from(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
            record::parent(context, self.from_id).await
        }

        /// The officer who receives.
        async fn to(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
            record::parent(context, self.to_id).await
        }

        /// How many of the giver's friends in WeCom went along, as far as they lie in the caller's area.
        async fn friends(&self, context: &Context<'_>) -> Alone<HandoverFriends> {
            Alone::of(async {
                let loaded = Request::of(context)?.load(Counts, self.id.key.clone()).await?;
                Ok(loaded.unwrap_or_default())
            }).await
        }

        /// The villages, by their codes: at most 50.
        async fn villages(&self, context: &Context<'_>) -> Result<Vec<Village>> {
            let request = Request::of(context)?;
            let with = Village::with(request, &context.look_ahead());
            Ok(request.load(Villages(with), self.id.key.clone()).await?.unwrap_or_default())
        }

        /// The checklist, in the order in which it is gone through: one entry of each kind.
        async fn checklist(&self, context: &Context<'_>) -> Result<Vec<HandoverCheck>> {
            let loaded = Request::of(context)?.load(Checks, self.id.key.clone()).await?;
            Ok(loaded.unwrap_or_default())
        }

        /// How many of its households in the caller's area are in each state: one entry a state.
        async fn transfer_counts(&self, context: &Context<'_>) -> Alone<Vec<HandoverTransferCount>> {
            Alone::of(async {
                let loaded = Request::of(context)?.load(TransferCounts, self.id.key.clone()).await?;
                Ok(loaded.unwrap_or_default())
            }).await
        }
    }
}

#[ComplexObject]
impl HandoverTransfer {
    /// The household; null when it was merged into another one since.
    async fn household(&self, context: &Context<'_>) -> Related<Household> {
        record::related(context, Some(self.household_id)).await
    }

    /// The hand-over that it belongs to; null for who is not one of its sides.
    async fn handover(&self, context: &Context<'_>) -> Related<Handover> {
        record::related(context, Some(self.handover_id)).await
    }
}

#[ComplexObject]
impl Leave {
    /// Who is away.
    async fn officer(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
        record::parent(context, self.officer_id).await
    }

    /// Who stands in.
    async fn cover_officer(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
        record::parent(context, self.cover_id).await
    }
}

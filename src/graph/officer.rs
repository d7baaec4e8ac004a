//! What officers and postings lead to.

use async_graphql::{ComplexObject, Context};

use crate::division::{Station, Village};
use crate::error::Result;
use crate::friend::{Friend, FriendFilter};
use crate::handover::{Handover, HandoverFilter};
use crate::inquiry::{Inquiry, InquiryFilter, InquiryOrder};
use crate::officer::{Leave, Officer, Posting, PostingFilter};
use crate::page::lists;
use crate::record::{self, Related};
use crate::roster::{Shift, ShiftFilter};
use crate::walk::Walked;

lists! {
    #[ComplexObject]
    impl Officer {
        /// The villages that the officer looks after, looked after, or will: latest first.
        postings: Posting, filter PostingFilter => below("posting", "officer_id");
        /// The inquiries that the officer takes on, where they lie in the caller's area; null for roles
        /// that see no inquiries.
        assigned_inquiries: Inquiry, filter InquiryFilter, order InquiryOrder
            => below("inquiry", "assignee_id");
        /// When the officer is away, and who stands in: latest first; null for roles that do not see it.
        leaves: Leave => below("leave", "officer_id");
        /// The shifts that the officer does, swaps aside; null for roles that do not see them.
        shifts: Shift, filter ShiftFilter => below("shift", "officer_id");
        /// The hand-overs in which the officer gives, newest first; null for roles that do not see them.
        given_handovers: Handover, filter HandoverFilter => below("handover", "from_id");
        /// The hand-overs in which the officer receives, newest first; null for roles that do not see them.
        received_handovers: Handover, filter HandoverFilter => below("handover", "to_id");
        /// Whom the officer has as friends in WeCom, or had, where they lie in the caller's area: last changed first.
        friends: Friend, filter FriendFilter => below("friend", "officer_id");
        ---
        /// The station that the officer belongs to; null for county staff.
        async fn station(&self, context: &Context<'_>) -> Related<Station> {
            record::related(context, self.station_id).await
        }
    }
}

#[ComplexObject]
impl Posting {
    /// Who looks after the village.
    async fn officer(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
        record::parent(context, self.officer_id).await
    }

    /// The village.
    async fn village(&self, context: &Context<'_>) -> Result<Walked<Village>> {
        record::parent(context, self.village_code.as_str()).await
    }
}

//! What canned replies lead to.

use async_graphql::{ComplexObject, Context};

use crate::canned::{CannedReply, CannedReplyVersion};
use crate::division::Station;
use crate::officer::Officer;
use crate::page::lists;
use crate::record::{self, Related};

lists! {
    #[ComplexObject]
    impl CannedReply {
        /// What it said and says, last version first.
        versions: CannedReplyVersion => below("canned_reply_version", "canned_reply_id");
        ---
        /// The station that it is for; null for the whole county.
        async fn station(&self, context: &Context<'_>) -> Related<Station> {
            record::related(context, self.station_id).await
        }
    }
}

#[ComplexObject]
impl CannedReplyVersion {
    /// The officer who wrote it.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.officer_id).await
    }
}

//! How canned replies are kept.

use async_graphql::{Context, Object};

use super::CannedReply;
use super::input::{CreateCannedReplyInput, RetireCannedReplyInput, UpdateCannedReplyInput};
use super::rules::{self, NewReply, ReplyChange};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

payload! {
    /// The answer of `createCannedReply`.
    CreateCannedReplyPayload {
        /// The new canned reply.
        canned_reply: CannedReply
    }
}
payload! {
    /// The answer of `updateCannedReply`.
    UpdateCannedReplyPayload {
        /// The canned reply after the change.
        canned_reply: CannedReply
    }
}
payload! {
    /// The answer of `retireCannedReply`.
    RetireCannedReplyPayload {
        /// The canned reply, out of use.
        canned_reply: CannedReply
    }
}

/// How canned replies are kept.
#[derive(Default)]
pub struct CannedReplyMutation;

#[Object]
impl CannedReplyMutation {
    /// Writes a canned reply for a station, or for the whole county.
    async fn create_canned_reply(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CreateCannedReplyInput,
    ) -> Result<CreateCannedReplyPayload> {
        let made = async {
            let once = Once::new("createCannedReply", &input.idempotency_key, &input)?;
            let station = input.station_id.as_ref();
            let new = NewReply {
                station_id: station
                    .map(|id| GlobalId::expect_uuid(id, Kind::Station))
                    .transpose()?,
                category: input.category.map(Into::into),
                title: input.title,
                text: input.text,
            };
            rules::create(Request::of(context)?, new, once).await
        };
        CreateCannedReplyPayload::of(context, made.await)
    }

    /// Changes a canned reply. What it said is kept among its versions.
    async fn update_canned_reply(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateCannedReplyInput,
    ) -> Result<UpdateCannedReplyPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.canned_reply_id, Kind::CannedReply)?;
            let change = ReplyChange {
                category: input.category.map_value(Into::into).into(),
                title: input.title,
                text: input.text,
            };
            rules::update(Request::of(context)?, id, input.expected_version, change).await
        };
        UpdateCannedReplyPayload::of(context, made.await)
    }

    /// Takes a canned reply out of use.
    async fn retire_canned_reply(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RetireCannedReplyInput,
    ) -> Result<RetireCannedReplyPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.canned_reply_id, Kind::CannedReply)?;
            rules::retire(Request::of(context)?, id, input.expected_version).await
        };
        RetireCannedReplyPayload::of(context, made.await)
    }
}

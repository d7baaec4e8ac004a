//! What unknown senders lead to.

use async_graphql::{ComplexObject, Context};
use futures_util::future::try_join_all;

use crate::alone::Alone;
use crate::division::Village;
use crate::household::{Contact, Household};
use crate::messenger::{HeldMessage, HeldOf, ProposedFor, WechatSender};
use crate::record::{self, Related};
use crate::request::Request;

#[ComplexObject]
impl WechatSender {
    /// The village of the link by which they came; null when they came without one.
    async fn village(&self, context: &Context<'_>) -> Related<Village> {
        record::related(context, self.village_code.as_deref()).await
    }

    /// Who they are; null while it is not known, or when it is nobody of the caller's area.
    async fn contact(&self, context: &Context<'_>) -> Related<Contact> {
        record::related(context, self.contact_id).await
    }

    /// What they wrote and what waits, in order: the first 20. Empty once they are known.
    async fn messages(&self, context: &Context<'_>) -> Alone<Vec<HeldMessage>> {
        Alone::of(async {
            let held = Request::of(context)?.load(HeldOf, self.id.key.clone()).await?;
            Ok(held.unwrap_or_default())
        })
        .await
    }

    /// The households that they may be of by their link: the one at its door, or else those of its group, at most 20.
    async fn proposed_households(&self, context: &Context<'_>) -> Alone<Vec<Household>> {
        Alone::of(async {
            let ids = Request::of(context)?.load(ProposedFor, self.id.key.clone()).await?;
            let ids = ids.unwrap_or_default();
            let all = ids.into_iter().map(|id| record::load::<Household>(context, id.into()));
            Ok(try_join_all(all).await?.into_iter().flatten().collect())
        })
        .await
    }
}

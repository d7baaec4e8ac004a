//! What friends lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::friend::{Friend, FriendDifference, FriendTransfer, FriendWriting, WritingsOf};
use crate::household::{Contact, Household};
use crate::officer::Officer;
use crate::record::{self, Related};
use crate::request::Request;

#[ComplexObject]
impl Friend {
    /// The officer; null while nobody here has that account in WeCom.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.officer_id).await
    }

    /// Who it is; null while that is not known.
    async fn contact(&self, context: &Context<'_>) -> Related<Contact> {
        record::related(context, self.contact_id).await
    }

    /// The household; null while that is not known.
    async fn household(&self, context: &Context<'_>) -> Related<Household> {
        record::related(context, self.household_id).await
    }

    /// How far what the service writes to WeCom about the friend is: at most one entry of each kind.
    async fn writings(&self, context: &Context<'_>) -> Alone<Vec<FriendWriting>> {
        Alone::of(async {
            let loaded = Request::of(context)?.load(WritingsOf, self.id.key.clone()).await?;
            Ok(loaded.unwrap_or_default())
        })
        .await
    }
}

#[ComplexObject]
impl FriendTransfer {
    /// The friend, as the officer who gives has or had it; null when it lies in the caller's area no more.
    async fn friend(&self, context: &Context<'_>) -> Related<Friend> {
        record::related(context, Some(self.friend_id)).await
    }
}

#[ComplexObject]
impl FriendDifference {
    /// Whose friends were compared.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, Some(self.officer_id)).await
    }

    /// The friend; null when it is the officer who is not known there.
    async fn friend(&self, context: &Context<'_>) -> Related<Friend> {
        record::related(context, self.friend_id).await
    }
}

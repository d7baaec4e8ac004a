//! What can be done about friends.

use async_graphql::{Context, ID, InputObject, Object};

use super::rules::{self, Match};
use super::{Friend, FriendLink};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

/// The input of `createFriendLink`.
#[derive(InputObject)]
pub struct CreateFriendLinkInput {
    /// Chosen by the caller, new for each household.
    pub idempotency_key: String,
    /// The household.
    pub household_id: ID,
}

/// The input of `matchFriend`.
#[derive(InputObject)]
pub struct MatchFriendInput {
    /// The friend.
    pub friend_id: ID,
    /// The friend's `version` that the change is based on.
    pub expected_version: i32,
    /// The household.
    pub household_id: ID,
    /// Who of the household's contacts it is; leave it out when that is not known.
    pub contact_id: Option<ID>,
}

payload! {
    /// The answer of `createFriendLink`.
    CreateFriendLinkPayload {
        /// The household's QR code.
        link: FriendLink
    }
}
payload! {
    /// The answer of `matchFriend`.
    MatchFriendPayload {
        /// The friend after the change.
        friend: Friend
    }
}

/// How friends are found and known.
#[derive(Default)]
pub struct FriendMutation;

#[Object]
impl FriendMutation {
    /// Makes a QR code for a household, by which it becomes the friend of the officer who answers for its village. A
    /// household has one: made again it is the same. After a hand-over it leads to the officer who took over.
    async fn create_friend_link(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CreateFriendLinkInput,
    ) -> Result<CreateFriendLinkPayload> {
        let made = async {
            let once = Once::new("createFriendLink", &input.idempotency_key, &input)?;
            let household_id = GlobalId::expect_uuid(&input.household_id, Kind::Household)?;
            rules::create_link(Request::of(context)?, household_id, once).await
        };
        CreateFriendLinkPayload::of(context, made.await)
    }

    /// Says of which household a friend is, and who it is.
    async fn match_friend(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: MatchFriendInput,
    ) -> Result<MatchFriendPayload> {
        let made = async {
            let contact_id = input.contact_id.as_ref();
            let contact_id = contact_id.map(|id| GlobalId::expect_uuid(id, Kind::Contact));
            let wanted = Match {
                friend_id: GlobalId::expect_uuid(&input.friend_id, Kind::Friend)?,
                version: input.expected_version,
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                contact_id: contact_id.transpose()?,
            };
            rules::match_friend(Request::of(context)?, wanted).await
        };
        MatchFriendPayload::of(context, made.await)
    }
}

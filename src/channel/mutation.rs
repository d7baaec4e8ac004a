//! How channels are kept.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::Channel;
use super::check::{self, ChannelCheck};
use super::input::{
    CheckChannelInput, CreateChannelInput, DisableChannelInput, EnableChannelInput,
    RetireOldChannelKeysInput, RotateChannelKeysInput, UpdateChannelInput,
};
use super::rules::{self, Wish};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

payload! {
    /// The answer of `createChannel`.
    CreateChannelPayload {
        /// The new channel.
        channel: Channel
    }
}
payload! {
    /// The answer of `updateChannel`.
    UpdateChannelPayload {
        /// The channel after the change.
        channel: Channel
    }
}
payload! {
    /// The answer of `rotateChannelKeys`.
    RotateChannelKeysPayload {
        /// The channel, with both pairs of keys.
        channel: Channel
    }
}
payload! {
    /// The answer of `retireOldChannelKeys`.
    RetireOldChannelKeysPayload {
        /// The channel, with its present keys only.
        channel: Channel
    }
}
payload! {
    /// The answer of `disableChannel`.
    DisableChannelPayload {
        /// The channel, out of use.
        channel: Channel
    }
}
payload! {
    /// The answer of `enableChannel`.
    EnableChannelPayload {
        /// The channel, in use.
        channel: Channel
    }
}
payload! {
    /// The answer of `checkChannel`.
    CheckChannelPayload {
        /// What was found.
        check: ChannelCheck
    }
}

/// How channels are kept.
#[derive(Default)]
pub struct ChannelMutation;

fn channel_id(id: &ID) -> Result<Uuid> {
    GlobalId::expect_uuid(id, Kind::Channel)
}

async fn change(context: &Context<'_>, id: &ID, version: i32, wish: Wish) -> Result<Channel> {
    rules::change(Request::of(context)?, channel_id(id)?, version, wish).await
}

#[Object]
impl ChannelMutation {
    /// Makes a channel. It is in use at once; `checkChannel` says what is missing.
    async fn create_channel(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CreateChannelInput,
    ) -> Result<CreateChannelPayload> {
        let made = async {
            let once = Once::new("createChannel", &input.idempotency_key, &input)?;
            rules::create(Request::of(context)?, input, once).await
        };
        CreateChannelPayload::of(context, made.await)
    }

    /// Changes a channel.
    async fn update_channel(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateChannelInput,
    ) -> Result<UpdateChannelPayload> {
        let made = async {
            let id = channel_id(&input.channel_id)?;
            rules::update(Request::of(context)?, id, input).await
        };
        UpdateChannelPayload::of(context, made.await)
    }

    /// Gives the callback new keys. The ones before stay good besides until `retireOldChannelKeys`, so that nothing is
    /// lost while the same is done at WeChat's side: first here, then there.
    async fn rotate_channel_keys(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RotateChannelKeysInput,
    ) -> Result<RotateChannelKeysPayload> {
        let wish = Wish::Rotate(input.callback_keys);
        let made = change(context, &input.channel_id, input.expected_version, wish);
        RotateChannelKeysPayload::of(context, made.await)
    }

    /// Ends the keys before the present ones.
    async fn retire_old_channel_keys(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RetireOldChannelKeysInput,
    ) -> Result<RetireOldChannelKeysPayload> {
        let made = change(context, &input.channel_id, input.expected_version, Wish::RetireOld);
        RetireOldChannelKeysPayload::of(context, made.await)
    }

    /// Takes a channel out of use: nothing comes in through it and nothing is sent. It keeps its secrets.
    async fn disable_channel(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: DisableChannelInput,
    ) -> Result<DisableChannelPayload> {
        let made = change(context, &input.channel_id, input.expected_version, Wish::Use(false));
        DisableChannelPayload::of(context, made.await)
    }

    /// Takes a channel into use again.
    async fn enable_channel(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: EnableChannelInput,
    ) -> Result<EnableChannelPayload> {
        let made = change(context, &input.channel_id, input.expected_version, Wish::Use(true));
        EnableChannelPayload::of(context, made.await)
    }

    /// Looks whether a channel works, and says in words what is to be done about what does not. It signs in at WeChat's
    /// side; nobody is sent anything.
    async fn check_channel(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CheckChannelInput,
    ) -> Result<CheckChannelPayload> {
        let made =
            async { check::check(Request::of(context)?, channel_id(&input.channel_id)?).await };
        CheckChannelPayload::of(context, made.await)
    }
}

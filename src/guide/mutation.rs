//! How guides are written, reviewed and published.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::GuideVersion;
use super::input::{
    CreateGuideInput, PublishGuideInput, RetireGuideInput, ReturnGuideInput, ReviseGuideInput,
    SubmitGuideInput, UpdateGuideDraftInput,
};
use super::publishing::{self, Validity};
use super::rules::{self, NewGuide};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

payload! {
    /// The answer of `createGuide`.
    CreateGuidePayload {
        /// The first version of the new guide, a draft.
        guide_version: GuideVersion
    }
}
payload! {
    /// The answer of `reviseGuide`.
    ReviseGuidePayload {
        /// The next version, a draft.
        guide_version: GuideVersion
    }
}
payload! {
    /// The answer of `updateGuideDraft`.
    UpdateGuideDraftPayload {
        /// The draft after the change.
        guide_version: GuideVersion
    }
}
payload! {
    /// The answer of `submitGuide`.
    SubmitGuidePayload {
        /// The version, in review.
        guide_version: GuideVersion
    }
}
payload! {
    /// The answer of `returnGuide`.
    ReturnGuidePayload {
        /// The version, a draft again.
        guide_version: GuideVersion
    }
}
payload! {
    /// The answer of `publishGuide`.
    PublishGuidePayload {
        /// The version, published.
        guide_version: GuideVersion
    }
}
payload! {
    /// The answer of `retireGuide`.
    RetireGuidePayload {
        /// The version, retired.
        guide_version: GuideVersion
    }
}

/// How guides are written, reviewed and published.
#[derive(Default)]
pub struct GuideMutation;

fn version_id(id: &ID) -> Result<Uuid> {
    GlobalId::expect_uuid(id, Kind::GuideVersion)
}

#[Object]
impl GuideMutation {
    /// Begins a guide with a draft of its first version.
    async fn create_guide(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CreateGuideInput,
    ) -> Result<CreateGuidePayload> {
        let made = async {
            let once = Once::new("createGuide", &input.idempotency_key, &input)?;
            let CreateGuideInput { slug, category, content, .. } = input;
            let new = NewGuide { slug, category: category.into(), content };
            rules::create(Request::of(context)?, new, once).await
        };
        CreateGuidePayload::of(context, made.await)
    }

    /// Begins the next version of a guide. The one in force stays so until the new one is published. Refused
    /// with WRONG_STATE while another draft of the guide is being written or reviewed.
    async fn revise_guide(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ReviseGuideInput,
    ) -> Result<ReviseGuidePayload> {
        let made = async {
            let once = Once::new("reviseGuide", &input.idempotency_key, &input)?;
            let id = GlobalId::expect_uuid(&input.guide_id, Kind::Guide)?;
            rules::revise(Request::of(context)?, id, input.content, once).await
        };
        ReviseGuidePayload::of(context, made.await)
    }

    /// Writes a draft anew. The caller becomes its author.
    async fn update_guide_draft(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateGuideDraftInput,
    ) -> Result<UpdateGuideDraftPayload> {
        let made = async {
            let id = version_id(&input.guide_version_id)?;
            let request = Request::of(context)?;
            rules::update(request, id, input.expected_version, input.content).await
        };
        UpdateGuideDraftPayload::of(context, made.await)
    }

    /// Hands a draft in for review.
    async fn submit_guide(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: SubmitGuideInput,
    ) -> Result<SubmitGuidePayload> {
        let made = async {
            let id = version_id(&input.guide_version_id)?;
            rules::submit(Request::of(context)?, id, input.expected_version).await
        };
        SubmitGuidePayload::of(context, made.await)
    }

    /// Gives a version in review back to be changed. Refused for its author.
    async fn return_guide(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ReturnGuideInput,
    ) -> Result<ReturnGuidePayload> {
        let made = async {
            let id = version_id(&input.guide_version_id)?;
            let request = Request::of(context)?;
            publishing::send_back(request, id, input.expected_version, &input.note).await
        };
        ReturnGuidePayload::of(context, made.await)
    }

    /// Publishes a version in review: somebody other than its author does (审核人不能是撰写人). The version in
    /// force until then holds up to the day before; `outdatedReplies` lists who was told by it.
    async fn publish_guide(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: PublishGuideInput,
    ) -> Result<PublishGuidePayload> {
        let made = async {
            let id = version_id(&input.guide_version_id)?;
            let validity = Validity {
                from: input.valid_from.map(|day| day.0),
                until: input.valid_until.map(|day| day.0),
            };
            publishing::publish(Request::of(context)?, id, input.expected_version, validity).await
        };
        PublishGuidePayload::of(context, made.await)
    }

    /// Takes a published version out of use from today on. One that has not begun never will, and the one
    /// before it goes on.
    async fn retire_guide(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RetireGuideInput,
    ) -> Result<RetireGuidePayload> {
        let made = async {
            let id = version_id(&input.guide_version_id)?;
            publishing::retire(Request::of(context)?, id, input.expected_version).await
        };
        RetireGuidePayload::of(context, made.await)
    }
}

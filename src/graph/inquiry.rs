//! What inquiries and messages lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::attachment::{Attachment, OfMessage};
use crate::division::Village;
use crate::error::Result;
use crate::guide::GuideVersion;
use crate::household::{Contact, Household};
use crate::inquiry::{Inquiry, Message, MessageOrder};
use crate::officer::Officer;
use crate::page::lists;
use crate::record;
use crate::request::Request;

lists! {
    #[ComplexObject]
    impl Inquiry {
        /// What was said. Internal notes appear to officers only.
        messages: Message, order MessageOrder => below("message", "inquiry_id");
        ---
        /// The household whose matter it is.
        async fn household(&self, context: &Context<'_>) -> Result<Household> {
            match &self.household {
                Some(household) => Ok(household.clone()),
                None => record::parent(context, self.household_id).await,
            }
        }

        /// The village of the household.
        async fn village(&self, context: &Context<'_>) -> Result<Village> {
            record::parent(context, self.village_code.as_str()).await
        }

        /// The officer who takes it on; null while it is the whole desk's.
        async fn assignee(&self, context: &Context<'_>) -> Alone<Option<Officer>> {
            record::related(context, self.assignee_id).await
        }

        /// What was said last between the desk and the household; internal notes do not count.
        async fn last_message(&self, context: &Context<'_>) -> Alone<Option<Message>> {
            match &self.last_message {
                Some(message) => Alone::of(async { Ok(Some(message.clone())) }).await,
                None => record::related(context, self.last_message_id).await,
            }
        }
    }
}

#[ComplexObject]
impl Message {
    /// The inquiry that it belongs to.
    async fn inquiry(&self, context: &Context<'_>) -> Result<Inquiry> {
        record::parent(context, self.inquiry_id).await
    }

    /// The officer who wrote it, or who wrote it down on the household's behalf.
    async fn officer(&self, context: &Context<'_>) -> Alone<Option<Officer>> {
        record::related(context, self.officer_id).await
    }

    /// The files that came with it (附件), in the order in which they were sent: at most 9.
    async fn attachments(&self, context: &Context<'_>) -> Alone<Vec<Attachment>> {
        Alone::of(async {
            let files = Request::of(context)?.load(OfMessage, self.id.key.clone()).await?;
            Ok(files.unwrap_or_default())
        })
        .await
    }

    /// The version of the guide that it was made from; null when it was made from none.
    async fn guide_version(&self, context: &Context<'_>) -> Alone<Option<GuideVersion>> {
        record::related(context, self.guide_version_id).await
    }

    /// The contact who wrote it; null when an officer did, or when the contact was removed.
    async fn contact(&self, context: &Context<'_>) -> Alone<Option<Contact>> {
        record::related(context, self.contact_id).await
    }
}

//! Canned replies as the contract shows them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rules;
use super::template::CannedReplyVariable;
use crate::access::Act;
use crate::alone::Alone;
use crate::category::InquiryCategory;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::Filter;
use crate::request::Request;
use crate::text;

/// A text to answer with again and again (快捷回复), of a station or of the whole county.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CannedReply {
    /// Global id.
    pub id: GlobalId,
    /// What inquiries it is for; null when for all.
    pub category: Option<InquiryCategory>,
    /// What officers find it by.
    pub title: String,
    /// What it says, with variables such as `{household}` (`{住户}`) left open.
    pub text: String,
    /// The variables in its text.
    pub variables: Vec<CannedReplyVariable>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was written first.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was taken out of use; null while it is in use.
    pub retired_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) station_id: Option<Uuid>,
}

/// What a canned reply said, until the next version.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CannedReplyVersion {
    /// Global id.
    pub id: GlobalId,
    /// Counts the versions, from 1: the `version` of the reply while it said so.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) officer_id: Option<Uuid>,
}

/// A canned reply, filled for an inquiry.
#[derive(SimpleObject)]
pub struct RenderedReply {
    /// The text, to be looked through and sent with `replyToInquiry`.
    pub text: String,
    /// Variables for which there is no value, such as a household without a contact. They still stand in the
    /// text.
    pub missing: Vec<CannedReplyVariable>,
}

/// Which canned replies a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CannedReplyFilter {
    /// For inquiries about this: those for all inquiries are kept too.
    pub category: Option<InquiryCategory>,
    /// Of this station; those of the whole county are kept too.
    pub station_id: Option<ID>,
    /// With this text in the title or the text: 2 to 50 characters.
    pub text: Option<String>,
    /// Those out of use (true), instead of those in use.
    #[graphql(default)]
    pub retired: bool,
}

impl Filter for CannedReplyFilter {
    fn checked(self) -> Result<Self> {
        self.station_id.as_ref().map(|id| GlobalId::expect(id, Kind::Station)).transpose()?;
        let text = self.text.as_deref().map(text::search).transpose()?;
        Ok(Self { text, ..self })
    }
}

/// How canned replies are looked up.
#[derive(Default)]
pub struct CannedReplyQuery;

lists! {
    #[Object]
    impl CannedReplyQuery {
        /// The canned replies of the caller's station and of the whole county, by title: those in use, unless the
        /// filter says otherwise. County staff see those of all stations.
        canned_replies: CannedReply, filter CannedReplyFilter => all(Act::ReadCannedReply);
        ---
        /// A canned reply in use with its variables filled for an inquiry in the caller's area. Nothing is sent.
        async fn render_canned_reply(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The canned reply.")] canned_reply_id: ID,
            #[graphql(desc = "The inquiry to be answered.")] inquiry_id: ID,
        ) -> Alone<RenderedReply> {
            Alone::of(async move {
                let reply = GlobalId::expect(&canned_reply_id, Kind::CannedReply)?;
                let inquiry = GlobalId::expect(&inquiry_id, Kind::Inquiry)?;
                rules::render(Request::of(context)?, &reply, &inquiry).await
            })
            .await
        }
    }
}

//! Guides and their versions as the contract shows them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::content::GuideContent;
use super::rules;
use crate::access::Act;
use crate::alone::Alone;
use crate::category::InquiryCategory;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::Filter;
use crate::request::Request;
use crate::scalar::Date;
use crate::text;

/// How far a version of a guide is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::guide_version::Status")]
pub enum GuideStatus {
    /// 草稿: it is being written. Residents and officers do not see it.
    Draft,
    /// 待审核: it waits for somebody other than its author. Residents and officers do not see it.
    InReview,
    /// 已发布: it holds from `validFrom` to `validUntil`.
    Published,
    /// 已停用: it was taken out of use, and can still be read.
    Retired,
}

/// A service guide (办事指南): what to bring and to do for one matter. What it says stands in its versions,
/// of which at most one is in force on any day.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Guide {
    /// Global id.
    pub id: GlobalId,
    /// Its name for programs, such as `newborn-registration`. It never changes.
    pub slug: String,
    /// What inquiries it belongs to.
    pub category: InquiryCategory,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
}

/// One version of a guide. A published one never changes: a new version follows it.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct GuideVersion {
    /// Global id.
    pub id: GlobalId,
    /// Counts the versions of the guide, from 1.
    pub number: i32,
    /// How far it is.
    pub status: GuideStatus,
    /// What it says.
    pub content: GuideContent,
    /// The first day on which it holds; null before it is published.
    pub valid_from: Option<Date>,
    /// The first day on which it no longer holds, because it was set so, a newer version follows or it was
    /// retired; null while no end is known. The same as `validFrom` when it never held.
    pub valid_until: Option<Date>,
    /// Why the reviewer gave it back; null when nobody did, and for roles that see no drafts.
    pub review_note: Option<String>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was published; null before.
    pub published_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) guide_id: Uuid,
    #[graphql(skip)]
    pub(crate) author_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) reviewer_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) superseded_by: Option<Uuid>,
}

/// Which guides a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GuideFilter {
    /// For inquiries about one of these.
    pub categories: Option<Vec<InquiryCategory>>,
    /// With a version in force on this day.
    pub in_force_on: Option<Date>,
    /// With this text in the title or a keyword of a version that was published: 2 to 50 characters.
    pub text: Option<String>,
}

impl Filter for GuideFilter {
    fn checked(self) -> Result<Self> {
        let text = self.text.as_deref().map(text::search).transpose()?;
        Ok(Self { text, ..self })
    }
}

/// Which versions a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GuideVersionFilter {
    /// In one of these statuses.
    pub statuses: Option<Vec<GuideStatus>>,
    /// In force on this day.
    pub in_force_on: Option<Date>,
}

impl Filter for GuideVersionFilter {}

/// In which order versions come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GuideVersionOrder {
    /// Begun last first.
    #[default]
    CreatedAtDesc,
    /// Begun first first.
    CreatedAtAsc,
}

/// How guides are looked up.
#[derive(Default)]
pub struct GuideQuery;

lists! {
    #[Object]
    impl GuideQuery {
        /// The guides, by slug. Roles that see no drafts see those of which a version was published.
        guides: Guide, filter GuideFilter => all(Act::ReadGuide);
        /// Versions of all guides: with `statuses: [IN_REVIEW]`, what waits for a reviewer.
        guide_versions: GuideVersion, filter GuideVersionFilter, order GuideVersionOrder
            => all(Act::ReadGuide);
        ---
        /// The guide with this id or this slug: give one of the two.
        async fn guide(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The global id.")] id: Option<ID>,
            #[graphql(desc = "The name for programs.")] slug: Option<String>,
        ) -> Alone<Guide> {
            Alone::of(async move {
                let id = id.map(|id| GlobalId::expect(&id, Kind::Guide)).transpose()?;
                rules::find(Request::of(context)?, id, slug.as_deref()).await
            })
            .await
        }

        /// The guides in force today that fit everyday words best (小孩入户、身份证丢了怎么办), best first. A
        /// whole sentence may be given. Empty when no word of it is known.
        async fn search_guides(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "What somebody asks, in 2 to 200 characters.")] text: String,
            #[graphql(default = 5, desc = "So many at most, from 1 to 20.")] first: i32,
        ) -> Alone<Vec<Guide>> {
            Alone::of(async move { rules::search(Request::of(context)?, &text, first).await }).await
        }
    }
}

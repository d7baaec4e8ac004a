//! The inbox as the contract shows it.

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::rules;
use crate::access::Act;
use crate::alone::Alone;
use crate::error::Result;
use crate::inquiry::{Inquiry, InquiryOrder};
use crate::page::{Connection, Listing, Window};
use crate::record::Found;
use crate::request::Request;
use crate::scalar::DivisionCode;

/// A part of the inbox.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InboxTab {
    /// 待答复: the household waits for an answer.
    Unanswered,
    /// 我的: not resolved, and the caller's own work: taken on, or the caller is its `owner`, or it is so of somebody in
    /// whose place the caller is just now: of a colleague on leave for whom the caller covers, or of one who has gone
    /// from a village that the caller leads or covers.
    Mine,
    /// 待认领: the household waits for an answer, and nobody has taken it on.
    Unassigned,
    /// 已超时: a deadline has run out.
    Overdue,
    /// 待居民回复: the household has to answer.
    WaitingForResident,
    /// 已上报: a deadline ran out, and the station's chief or the county has to see to it.
    Escalated,
    /// 待回访: it was referred to somebody else, and it is the day to ask how that went, or past it.
    FollowUp,
}

/// How many inquiries there are in each part of the inbox. Counted up to 1,000: show that as "999+".
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct InboxCounts {
    /// In `UNANSWERED`.
    pub unanswered: i64,
    /// In `MINE`.
    pub mine: i64,
    /// In `UNASSIGNED`.
    pub unassigned: i64,
    /// In `OVERDUE`.
    pub overdue: i64,
    /// In `WAITING_FOR_RESIDENT`.
    pub waiting_for_resident: i64,
    /// In `ESCALATED`.
    pub escalated: i64,
    /// In `FOLLOW_UP`.
    pub follow_up: i64,
}

/// What the desk has to do (收件箱), as far as the caller's area goes.
#[derive(Clone, Debug)]
pub struct Inbox {
    pub(super) area_code: Option<DivisionCode>,
}

/// What the desk has to do (收件箱), as far as the caller's area goes.
#[Object]
impl Inbox {
    /// How many inquiries there are in each part.
    async fn counts(&self, context: &Context<'_>) -> Alone<InboxCounts> {
        Alone::of(rules::counts(context, self.area_code.clone())).await
    }

    /// The inquiries of a part: who has been waited for longest first.
    async fn inquiries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which part.")] tab: InboxTab,
        #[graphql(
            desc = "The first so many rows, from 1 to 100; 20 when neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor. Goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "The last so many rows, from 1 to 100. Not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor. Goes with `last`.")] before: Option<
            String,
        >,
    ) -> Found<Connection<Inquiry>> {
        let request = match Request::of(context) {
            Ok(request) => request,
            Err(error) => return Err(error).into(),
        };
        let filter = rules::tab(request, tab, self.area_code.clone());
        let window = Window::new(first, after, last, before);
        let listing = Listing { filter, order: InquiryOrder::WaitingSinceAsc, window };
        Connection::all(context, Act::ReadInquiry, listing).await
    }
}

/// How the inbox is looked at.
#[derive(Default)]
pub struct InboxQuery;

#[Object]
impl InboxQuery {
    /// The inbox of the caller's area: who has waited longest comes first. `inquiryChanged` tells when it changes.
    async fn inbox(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of this county, township or village only: a code of 6, 9 or 12 digits.")]
        area_code: Option<DivisionCode>,
    ) -> Result<Inbox> {
        Request::of(context)?.reader(Act::HandleInquiry)?;
        if let Some(code) = &area_code {
            code.expect_area()?;
        }
        Ok(Inbox { area_code })
    }
}

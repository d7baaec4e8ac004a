//! What officers and postings lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::db::Column;
use crate::division::{Station, Village};
use crate::error::Result;
use crate::inquiry::{Inquiry, InquiryFilter, InquiryOrder};
use crate::officer::{Officer, Posting, PostingFilter};
use crate::page::{Connection, Window};
use crate::record;

#[ComplexObject]
impl Officer {
    /// The station that the officer belongs to; null for county staff.
    async fn station(&self, context: &Context<'_>) -> Alone<Option<Station>> {
        record::related(context, self.station_id).await
    }

    /// The villages that the officer looks after, looked after, or will: latest first.
    async fn postings(
        &self,
        context: &Context<'_>,
        filter: Option<PostingFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Posting>> {
        let window = Window::new(first, after, last, before);
        let parent = ("posting", "officer_id");
        let filter = Ok(filter.unwrap_or_default());
        Connection::below(context, parent, &self.id.key, filter, (), window).await
    }

    /// The inquiries that the officer takes on, where they lie in the caller's area; null for roles
    /// that see no inquiries.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn assigned_inquiries(
        &self,
        context: &Context<'_>,
        filter: Option<InquiryFilter>,
        order_by: Option<InquiryOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Inquiry>> {
        const PARENT: Column = ("inquiry", "assignee_id");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }
}

#[ComplexObject]
impl Posting {
    /// Who looks after the village.
    async fn officer(&self, context: &Context<'_>) -> Result<Officer> {
        record::parent(context, self.officer_id).await
    }

    /// The village.
    async fn village(&self, context: &Context<'_>) -> Result<Village> {
        record::parent(context, self.village_code.as_str()).await
    }
}

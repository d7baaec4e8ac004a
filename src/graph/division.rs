//! What the divisions and the stations lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::db::{Column, Key};
use crate::division::{
    County, Station, Township, TownshipFilter, TownshipOrder, Village, VillageFilter, VillageGroup,
    VillageOrder,
};
use crate::error::Result;
use crate::household::{Household, HouseholdFilter, HouseholdOrder};
use crate::inquiry::{Inquiry, InquiryFilter, InquiryOrder};
use crate::officer::{Officer, OfficerFilter, OfficerOrder, Posting, PostingFilter};
use crate::page::{self, Connection, Window};
use crate::record;
use crate::request::Request;
use crate::tally::{Coverage, Level, Tallies, Tally};

/// A number of a division, from what was brought along with it, or loaded with its siblings'.
async fn counted<T>(
    context: &Context<'_>,
    brought: Option<&Tally>,
    level: Level,
    key: &Key,
    number: fn(&Tally) -> T,
) -> Alone<T> {
    Alone::of(async {
        if let Some(tally) = brought {
            return Ok(number(tally));
        }
        let loaded = Request::of(context)?.load(Tallies(level), key.clone()).await?;
        Ok(number(&loaded.unwrap_or_default()))
    })
    .await
}

#[ComplexObject]
impl County {
    /// Its townships.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn townships(
        &self,
        context: &Context<'_>,
        filter: Option<TownshipFilter>,
        order_by: Option<TownshipOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Township>> {
        const PARENT: Column = ("township", "county_code");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }

    /// How many of its households are reached, as far as the caller's area goes.
    async fn coverage(&self, context: &Context<'_>) -> Alone<Coverage> {
        counted(context, None, Level::County, &self.id.key, |tally| tally.into()).await
    }

    /// How many inquiries are not resolved, as far as the caller's area goes.
    async fn open_inquiry_count(&self, context: &Context<'_>) -> Alone<i64> {
        counted(context, None, Level::County, &self.id.key, |tally| tally.open_inquiries).await
    }
}

#[ComplexObject]
impl Township {
    /// The county that it belongs to.
    async fn county(&self, context: &Context<'_>) -> Result<County> {
        record::parent(context, self.county_code.as_str()).await
    }

    /// Its police station (派出所); null while none is set up.
    async fn station(&self, context: &Context<'_>) -> Alone<Option<Station>> {
        let parent = ("station", "township_code");
        page::first_below(context, parent, &self.id.key, (), ()).await
    }

    /// Its villages.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn villages(
        &self,
        context: &Context<'_>,
        filter: Option<VillageFilter>,
        order_by: Option<VillageOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Village>> {
        const PARENT: Column = ("village", "township_code");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }

    /// Its households in the caller's area; null for roles that see no households.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn households(
        &self,
        context: &Context<'_>,
        filter: Option<HouseholdFilter>,
        order_by: Option<HouseholdOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Household>> {
        const PARENT: Column = ("household", "township_code");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }

    /// Its inquiries in the caller's area; null for roles that see no inquiries.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn inquiries(
        &self,
        context: &Context<'_>,
        filter: Option<InquiryFilter>,
        order_by: Option<InquiryOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Inquiry>> {
        const PARENT: Column = ("inquiry", "township_code");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }

    /// How many of its households are reached; null for roles that see no numbers.
    async fn coverage(&self, context: &Context<'_>) -> Alone<Coverage> {
        let brought = self.tally.as_ref();
        counted(context, brought, Level::Township, &self.id.key, |tally| tally.into()).await
    }

    /// How many inquiries are not resolved; null for roles that see no numbers.
    async fn open_inquiry_count(&self, context: &Context<'_>) -> Alone<i64> {
        let (brought, key) = (self.tally.as_ref(), &self.id.key);
        counted(context, brought, Level::Township, key, |tally| tally.open_inquiries).await
    }
}

#[ComplexObject]
impl Village {
    /// The township that it belongs to.
    async fn township(&self, context: &Context<'_>) -> Result<Township> {
        match &self.township {
            Some(township) => Ok(township.clone()),
            None => record::parent(context, self.township_code.as_str()).await,
        }
    }

    /// Its village groups (村民组), by number.
    async fn groups(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<VillageGroup>> {
        let window = Window::new(first, after, last, before);
        let parent = ("village_group", "village_code");
        Connection::below(context, parent, &self.id.key, Ok(()), (), window).await
    }

    /// Who looks after it, looked after it, or will: latest first.
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
        let parent = ("posting", "village_code");
        let filter = Ok(filter.unwrap_or_default());
        Connection::below(context, parent, &self.id.key, filter, (), window).await
    }

    /// Its households, where it lies in the caller's area; null for roles that see no households.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn households(
        &self,
        context: &Context<'_>,
        filter: Option<HouseholdFilter>,
        order_by: Option<HouseholdOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Household>> {
        const PARENT: Column = ("household", "village_code");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }

    /// Its inquiries, where it lies in the caller's area; null for roles that see no inquiries.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn inquiries(
        &self,
        context: &Context<'_>,
        filter: Option<InquiryFilter>,
        order_by: Option<InquiryOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Inquiry>> {
        const PARENT: Column = ("inquiry", "village_code");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }

    /// How many of its households are reached; null for roles that see no numbers.
    async fn coverage(&self, context: &Context<'_>) -> Alone<Coverage> {
        counted(context, None, Level::Village, &self.id.key, |tally| tally.into()).await
    }

    /// How many inquiries are not resolved; null for roles that see no numbers.
    async fn open_inquiry_count(&self, context: &Context<'_>) -> Alone<i64> {
        counted(context, None, Level::Village, &self.id.key, |tally| tally.open_inquiries).await
    }
}

#[ComplexObject]
impl VillageGroup {
    /// The village that it belongs to.
    async fn village(&self, context: &Context<'_>) -> Result<Village> {
        record::parent(context, self.village_code.as_str()).await
    }

    /// Its households, where it lies in the caller's area; null for roles that see no households.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn households(
        &self,
        context: &Context<'_>,
        filter: Option<HouseholdFilter>,
        order_by: Option<HouseholdOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Household>> {
        const PARENT: Column = ("household", "group_code");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }
}

#[ComplexObject]
impl Station {
    /// The township that it serves.
    async fn township(&self, context: &Context<'_>) -> Result<Township> {
        record::parent(context, self.township_code.as_str()).await
    }

    /// Its officers; null for roles that see no officers.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn officers(
        &self,
        context: &Context<'_>,
        filter: Option<OfficerFilter>,
        order_by: Option<OfficerOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Officer>> {
        const PARENT: Column = ("officer", "station_id");
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        Connection::below(context, PARENT, &self.id.key, filter, order, window).await
    }
}

//! What the divisions and the stations lead to.

use async_graphql::{ComplexObject, Context};
use chrono::NaiveDate;
use futures_util::future::BoxFuture;

use crate::alone::Alone;
use crate::appointment::{ServiceWindow, ServiceWindowFilter};
use crate::db::Key;
use crate::division::{
    County, DivisionVersion, Pasts, Station, Township, TownshipFilter, TownshipOrder, Village,
    VillageFilter, VillageGroup, VillageGroupFilter, VillageOrder,
};
use crate::error::{Error, Result};
use crate::household::{Household, HouseholdFilter, HouseholdOrder};
use crate::id::GlobalId;
use crate::inquiry::{Inquiry, InquiryFilter, InquiryOrder};
use crate::officer::{Officer, OfficerFilter, OfficerOrder, Posting, PostingFilter};
use crate::page::{self, lists};
use crate::record::{self, Related};
use crate::request::Request;
use crate::rollout::{Plans, Rollout};
use crate::roster::{Shift, ShiftFilter};
use crate::scalar::{Date, DivisionCode};
use crate::tally::{self, Coverage, Level, Seen, Tallies};
use crate::walk::Walked;

/// The most predecessors that are shown.
const MAX_PREDECESSORS: u32 = 50;

/// What a division was, and last what it is.
fn versions<'a>(
    context: &'a Context<'_>,
    key: &'a Key,
    now: DivisionVersion,
) -> BoxFuture<'a, Alone<Vec<DivisionVersion>>> {
    Alone::of(async move {
        let past = Request::of(context)?.load(Pasts, key.clone()).await?;
        Ok(past.unwrap_or_default().into_iter().chain([now]).collect())
    })
}

/// A division whose numbers are asked for.
struct Counts<'a> {
    level: Level,
    key: &'a Key,
    /// Its present numbers, where they were brought along with it.
    brought: Option<&'a Seen>,
}

impl<'a> Counts<'a> {
    fn new(level: Level, id: &'a GlobalId) -> Self {
        Self { level, key: &id.key, brought: None }
    }

    /// Its numbers at the end of a day, or now: brought along, or loaded with its siblings'.
    async fn tally(&self, request: &Request, day: Option<NaiveDate>) -> Result<Seen> {
        if let (Some(tally), None) = (self.brought, day) {
            return Ok(tally.clone());
        }
        let loaded = request.load(Tallies(self.level, day), self.key.clone()).await?;
        Ok(loaded.unwrap_or_default())
    }

    fn coverage(
        self,
        context: &'a Context<'_>,
        as_of: Option<Date>,
    ) -> BoxFuture<'a, Alone<Coverage>> {
        Alone::of(async move {
            let request = Request::of(context)?;
            let day = tally::past(request, as_of)?;
            let tally = self.tally(request, day).await?;
            Ok(Coverage::new(tally, self.level, self.key.clone(), day))
        })
    }

    fn open_inquiries(self, context: &'a Context<'_>) -> BoxFuture<'a, Alone<i64>> {
        Alone::of(async move { Ok(self.tally(Request::of(context)?, None).await?.open_inquiries) })
    }
}

lists! {
    #[ComplexObject]
    impl County {
        /// Its townships.
        townships: Township, filter TownshipFilter, order TownshipOrder => below("township", "county_code");
        ---
        /// What it was called and where it belonged, earliest first, and last what it is: at most 101.
        async fn history(&self, context: &Context<'_>) -> Alone<Vec<DivisionVersion>> {
            let now = DivisionVersion {
                name: self.name.clone(),
                parent_code: None,
                valid_from: self.valid_from,
                valid_until: None,
            };
            versions(context, &self.id.key, now).await
        }

        /// How many of its households are reached, as far as the caller's area goes.
        async fn coverage(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "At the end of this day, in China, in the division tree of that day; now when left out.")]
            as_of: Option<Date>,
        ) -> Alone<Coverage> {
            Counts::new(Level::County, &self.id).coverage(context, as_of).await
        }

        /// How many inquiries are not resolved, as far as the caller's area goes; rounded as `coverage.roundedTo` says.
        async fn open_inquiry_count(&self, context: &Context<'_>) -> Alone<i64> {
            Counts::new(Level::County, &self.id).open_inquiries(context).await
        }
    }
}

lists! {
    #[ComplexObject]
    impl Township {
        /// Its villages.
        villages: Village, filter VillageFilter, order VillageOrder => below("village", "township_code");
        /// Its households in the caller's area; null for roles that see no households.
        households: Household, filter HouseholdFilter, order HouseholdOrder => below("household", "township_code");
        /// Its inquiries in the caller's area; null for roles that see no inquiries.
        inquiries: Inquiry, filter InquiryFilter, order InquiryOrder => below("inquiry", "township_code");
        ---
        /// What it was called and where it belonged, earliest first, and last what it is: at most 101.
        async fn history(&self, context: &Context<'_>) -> Alone<Vec<DivisionVersion>> {
            let now = DivisionVersion {
                name: self.name.clone(),
                parent_code: Some(DivisionCode(self.county_code.clone())),
                valid_from: self.valid_from,
                valid_until: None,
            };
            versions(context, &self.id.key, now).await
        }

        /// The county that it belongs to.
        async fn county(&self, context: &Context<'_>) -> Result<Walked<County>> {
            record::parent(context, self.county_code.as_str()).await
        }

        /// Its police station (派出所); null while none is set up.
        async fn station(&self, context: &Context<'_>) -> Related<Station> {
            let parent = ("station", "township_code");
            page::first_below(context, parent, &self.id.key, (), ()).await
        }

        /// What is planned for its rollout (推广); null while nothing is, and for roles that see no plans.
        async fn rollout(&self, context: &Context<'_>) -> Alone<Option<Rollout>> {
            let plan: BoxFuture<'_, _> = Alone::of(async move {
                Request::of(context)?.load(Plans, self.id.key.clone()).await
            });
            plan.await
        }

        /// How many of its households are reached; null for roles that see no numbers.
        async fn coverage(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "At the end of this day, in China, in the division tree of that day; now when left out.")]
            as_of: Option<Date>,
        ) -> Alone<Coverage> {
            let brought = self.tally.as_ref();
            let counts = Counts { brought, ..Counts::new(Level::Township, &self.id) };
            counts.coverage(context, as_of).await
        }

        /// How many inquiries are not resolved; null for roles that see no numbers, and rounded as
        /// `coverage.roundedTo` says.
        async fn open_inquiry_count(&self, context: &Context<'_>) -> Alone<i64> {
            let brought = self.tally.as_ref();
            let counts = Counts { brought, ..Counts::new(Level::Township, &self.id) };
            counts.open_inquiries(context).await
        }
    }
}

lists! {
    #[ComplexObject]
    impl Village {
        /// Its village groups (村民组), by number.
        groups: VillageGroup, filter VillageGroupFilter => below("village_group", "village_code");
        /// Who looks after it, looked after it, or will: latest first.
        postings: Posting, filter PostingFilter => below("posting", "village_code");
        /// Its households, where it lies in the caller's area; null for roles that see no households.
        households: Household, filter HouseholdFilter, order HouseholdOrder => below("household", "village_code");
        /// Its inquiries, where it lies in the caller's area; null for roles that see no inquiries.
        inquiries: Inquiry, filter InquiryFilter, order InquiryOrder => below("inquiry", "village_code");
        ---
        /// What it was called and where it belonged, earliest first, and last what it is: at most 101.
        async fn history(&self, context: &Context<'_>) -> Alone<Vec<DivisionVersion>> {
            let now = DivisionVersion {
                name: self.name.clone(),
                parent_code: Some(DivisionCode(self.township_code.clone())),
                valid_from: self.valid_from,
                valid_until: self.ended_on,
            };
            versions(context, &self.id.key, now).await
        }

        /// The village that took its place; null while it lives, or when several did.
        async fn successor(&self, context: &Context<'_>) -> Related<Village> {
            record::related(context, self.successor_code.as_deref()).await
        }

        /// The villages whose place it took: at most 50.
        async fn predecessors(&self, context: &Context<'_>) -> Alone<Vec<Village>> {
            let parent = ("village", "successor_code");
            let ended = VillageFilter { include_ended: Some(true), ..Default::default() };
            page::few_below(context, parent, &self.id.key, ended, MAX_PREDECESSORS).await
        }

        /// The township that it belongs to, or belonged to on the day that was asked for.
        async fn township(&self, context: &Context<'_>) -> Result<Walked<Township>> {
            if let Some(township) = &self.township {
                return Ok(township.clone().into());
            }
            let filter = TownshipFilter { as_of: self.day.map(Date), ..Default::default() };
            let found = record::load_as::<Township>(context, self.township_code.as_str().into(), &filter);
            found.await?.map(Walked::from).ok_or_else(Error::not_found)
        }

        /// How many of its households are reached; null for roles that see no numbers.
        async fn coverage(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "At the end of this day, in China, in the division tree of that day; now when left out.")]
            as_of: Option<Date>,
        ) -> Alone<Coverage> {
            Counts::new(Level::Village, &self.id).coverage(context, as_of).await
        }

        /// How many inquiries are not resolved; null for roles that see no numbers, and rounded as
        /// `coverage.roundedTo` says.
        async fn open_inquiry_count(&self, context: &Context<'_>) -> Alone<i64> {
            Counts::new(Level::Village, &self.id).open_inquiries(context).await
        }
    }
}

lists! {
    #[ComplexObject]
    impl VillageGroup {
        /// Its households, where it lies in the caller's area; null for roles that see no households.
        households: Household, filter HouseholdFilter, order HouseholdOrder
            => below("household", "group_code");
        ---
        /// The group that took its place; null while it lives.
        async fn successor(&self, context: &Context<'_>) -> Related<VillageGroup> {
            record::related(context, self.successor_code.as_deref()).await
        }

        /// The groups whose place it took: at most 50.
        async fn predecessors(&self, context: &Context<'_>) -> Alone<Vec<VillageGroup>> {
            let parent = ("village_group", "successor_code");
            let ended = VillageGroupFilter { include_ended: Some(true), ..Default::default() };
            page::few_below(context, parent, &self.id.key, ended, MAX_PREDECESSORS).await
        }

        /// The village that it belongs to.
        async fn village(&self, context: &Context<'_>) -> Result<Walked<Village>> {
            record::parent(context, self.village_code.as_str()).await
        }
    }
}

lists! {
    #[ComplexObject]
    impl Station {
        /// Its officers; null for roles that see no officers.
        officers: Officer, filter OfficerFilter, order OfficerOrder
            => below("officer", "station_id");
        /// Its shifts and those of its villages; null for roles that do not see them.
        shifts: Shift, filter ShiftFilter => below("shift", "station_id");
        /// The windows at which appointments are booked, by name.
        service_windows: ServiceWindow, filter ServiceWindowFilter => below("service_window", "station_id");
        ---
        /// The township that it serves.
        async fn township(&self, context: &Context<'_>) -> Result<Walked<Township>> {
            record::parent(context, self.township_code.as_str()).await
        }
    }
}

//! The types of the division tree and how to look them up.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::filter::{CountyFilter, TownshipFilter, TownshipOrder, VillageFilter, VillageOrder};
use super::store::OnDay;
use crate::access::Act;
use crate::db::Key;
use crate::id::GlobalId;
use crate::page::lists;
use crate::record::{self, Found};
use crate::scalar::{Date, DivisionCode, Level, PhoneNumber};
use crate::tally::Seen;

/// A county or county-level city (县市).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct County {
    /// Global id.
    pub id: GlobalId,
    /// Six digits (GB/T 2260), the key.
    pub code: DivisionCode,
    /// Its name, such as 永城市.
    pub name: String,
    /// Since when it has had its present name and place; null when that was before our records began.
    pub valid_from: Option<Date>,
}

/// What kind of township it is, as its name says.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::township::Kind")]
pub enum TownshipKind {
    /// 街道: in town.
    Subdistrict,
    /// 镇: a market town and its villages.
    Town,
    /// 乡: rural.
    Township,
}

/// A township, town or subdistrict (乡镇街道).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Township {
    /// Global id.
    pub id: GlobalId,
    /// Nine digits (GB/T 10114), the key.
    pub code: DivisionCode,
    /// Its name, such as 陈集镇.
    pub name: String,
    /// What kind of township it is.
    pub kind: TownshipKind,
    /// Since when it has had its present name and place; null when that was before our records began.
    pub valid_from: Option<Date>,
    #[graphql(skip)]
    pub(crate) county_code: String,
    #[graphql(skip)]
    pub(crate) tally: Option<Seen>,
}

/// A village or an urban community (村、社区).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Village {
    /// Global id.
    pub id: GlobalId,
    /// Twelve digits (statistics code), the key. Names repeat, codes do not.
    pub code: DivisionCode,
    /// Its name, such as 刘河村委会.
    pub name: String,
    /// Since when it has had its present name and place; null when that was before our records began.
    pub valid_from: Option<Date>,
    /// The first day on which it was no more, because it was merged or moved; null while it lives.
    pub ended_on: Option<Date>,
    #[graphql(skip)]
    pub(crate) township_code: String,
    #[graphql(skip)]
    pub(crate) successor_code: Option<String>,
    /// The day on which it is looked at, when that is not today.
    #[graphql(skip)]
    pub(crate) day: OnDay,
    #[graphql(skip)]
    pub(crate) township: Option<Arc<Township>>,
}

/// A village group (村民组), the smallest unit: a few dozen households.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct VillageGroup {
    /// Global id.
    pub id: GlobalId,
    /// The village's code, a hyphen, and the group's number in two digits.
    pub code: String,
    /// Its number in the village, from 1.
    pub number: i32,
    /// Since when it has had its present name and place; null when that was before our records began.
    pub valid_from: Option<Date>,
    /// The first day on which it was no more, because it was merged or moved; null while it lives.
    pub ended_on: Option<Date>,
    #[graphql(skip)]
    pub(crate) village_code: String,
    #[graphql(skip)]
    pub(crate) successor_code: Option<String>,
}

/// A police station (派出所). Each township has one.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Station {
    /// Global id.
    pub id: GlobalId,
    /// Its name, such as 永城市公安局陈集派出所.
    pub name: String,
    /// The number that residents may call about what is not urgent; null while it is not known.
    pub phone: Option<PhoneNumber>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    #[graphql(skip)]
    pub(crate) township_code: String,
}

/// What a division was called, and where it belonged, from one day to another.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct DivisionVersion {
    /// Its name.
    pub name: String,
    /// The code of the division that it belonged to; null for a county.
    pub parent_code: Option<DivisionCode>,
    /// From when; null when that was before our records began.
    pub valid_from: Option<Date>,
    /// The first day on which it was no longer so; null while it is.
    pub valid_until: Option<Date>,
}

/// How the division tree is looked up.
#[derive(Default)]
pub struct DivisionQuery;

lists! {
    #[Object]
    impl DivisionQuery {
        /// All counties of this service, by code.
        counties: County, filter CountyFilter => all(Act::ReadDivision);
        /// Townships.
        townships: Township, filter TownshipFilter, order TownshipOrder => all(Act::ReadDivision);
        /// Villages.
        villages: Village, filter VillageFilter, order VillageOrder => all(Act::ReadDivision);
        ---
        /// The county with this code of 6 digits.
        async fn county(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The division's code.")] code: DivisionCode,
            #[graphql(desc = "As it was on this day; today when left out.")] as_of: Option<Date>,
        ) -> Found<County> {
            let filter = CountyFilter { as_of };
            record::find_as(context, code.expect(Level::County).map(Key::from), filter).await
        }

        /// The township with this code of 9 digits.
        async fn township(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The division's code.")] code: DivisionCode,
            #[graphql(desc = "As it was on this day; today when left out.")] as_of: Option<Date>,
        ) -> Found<Township> {
            let filter = TownshipFilter { as_of, ..Default::default() };
            record::find_as(context, code.expect(Level::Township).map(Key::from), filter).await
        }

        /// The village with this code of 12 digits. One that has ended is found, with who followed it.
        async fn village(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The division's code.")] code: DivisionCode,
            #[graphql(desc = "As it was on this day; today when left out.")] as_of: Option<Date>,
        ) -> Found<Village> {
            let filter = VillageFilter { as_of, ..Default::default() };
            record::find_as(context, code.expect(Level::Village).map(Key::from), filter).await
        }
    }
}

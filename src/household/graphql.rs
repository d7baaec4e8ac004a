//! Households and contacts as the contract shows them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::consent::{self, ConsentText};
use crate::access::Act;
use crate::division::Village;
use crate::error::{Code, Error, Result};
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::{self, Filter, Found};
use crate::request::Request;
use crate::scalar::{Date, DivisionCode, Level, PhoneNumber, check_moments};
use crate::text;

/// How far a household is with us. It stays in the denominator of coverage whatever its status.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::household::Status")]
pub enum HouseholdStatus {
    /// 未走访: no officer has been at the door yet.
    Unvisited,
    /// 已走访: visited, but nobody is enrolled yet.
    Visited,
    /// 已建联: a contact is enrolled and can be reached.
    Enrolled,
    /// 不愿加入: the household declined.
    Declined,
    /// 已迁出: moved away.
    MovedAway,
    /// 无智能手机: reached by a caretaker or by hand.
    NoSmartphone,
    /// 空户: nobody lives there.
    Vacant,
}

/// A household (户), the unit of coverage.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Household {
    /// Global id.
    pub id: GlobalId,
    /// How officers call it: village, group and contact, such as 刘河村3组-王建国. The name is masked
    /// for roles that may not see it.
    pub label: String,
    /// Its place in the group, for walking from door to door.
    pub door: i32,
    #[graphql(skip)]
    pub address: Option<String>,
    /// How many people live there. They are counted, not listed.
    pub people_count: i32,
    /// How far the household is with us.
    pub status: HouseholdStatus,
    /// Whether one of its contacts may be messaged.
    pub reachable: bool,
    /// When a contact was last found to be right (核实); null when none was, or nobody speaks for it.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The day for which the next visit is planned; null when none is.
    pub next_visit_on: Option<Date>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) village_code: String,
    #[graphql(skip)]
    pub(crate) township_code: String,
    #[graphql(skip)]
    pub(crate) group_code: String,
    #[graphql(skip)]
    pub(crate) village: Option<Arc<Village>>,
}

/// How a contact stands to a household.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::household_contact::Standing")]
pub enum ContactStanding {
    /// 主联系人: asked first. A household has at most one.
    Primary,
    /// 备用联系人: asked when the primary contact cannot be reached.
    Backup,
    /// 代管人: cares for a household that has no smartphone.
    Caretaker,
}

/// The person who speaks for one household or several (联系人).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Contact {
    /// Global id.
    pub id: GlobalId,
    /// The contact's name, masked for roles that may not see it.
    pub name: String,
    #[graphql(skip)]
    pub phone: Option<PhoneNumber>,
    /// Whether the contact can be reached in WeChat.
    pub has_wechat: bool,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When the contact was enrolled.
    pub created_at: DateTime<Utc>,
    /// When the contact was last changed.
    pub updated_at: DateTime<Utc>,
    /// The household by which the contact was found, when the number is told in full.
    #[graphql(skip)]
    pub(crate) revealed: Option<Uuid>,
}

/// One household that a contact speaks for.
#[derive(SimpleObject, Clone)]
pub struct ContactResponsibility {
    /// The household.
    pub household: Household,
    /// How the contact stands to it.
    pub standing: ContactStanding,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When the contact was last found to be right for this household; null when never.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// Which households a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HouseholdFilter {
    /// Of this township.
    pub township_code: Option<DivisionCode>,
    /// Of this village, or of the one that took its place.
    pub village_code: Option<DivisionCode>,
    /// Of the group with this number; needs `villageCode`.
    pub group_number: Option<i32>,
    /// With one of these statuses.
    pub statuses: Option<Vec<HouseholdStatus>>,
    /// With this text in the label or a contact's name, or where names are masked in what is shown: 2 characters and more.
    pub text: Option<String>,
    /// Changed at this moment or later.
    pub updated_since: Option<DateTime<Utc>>,
    /// That may be messaged, or that may not.
    pub reachable: Option<bool>,
    /// Of which a contact was last found to be right before this moment.
    pub confirmed_before: Option<DateTime<Utc>>,
    /// To be visited by this day: never visited yet, or with the next visit planned for it or earlier. In
    /// the order DOOR_ASC it is a list to walk by (走访清单).
    pub visit_due_by: Option<Date>,
}

impl Filter for HouseholdFilter {
    fn checked(mut self) -> Result<Self> {
        self.township_code.as_ref().map(|code| code.expect(Level::Township)).transpose()?;
        self.village_code.as_ref().map(|code| code.expect(Level::Village)).transpose()?;
        self.text = self.text.as_deref().map(text::search).transpose()?;
        check_moments(&[self.updated_since, self.confirmed_before])?;
        if self.group_number.is_some() && self.village_code.is_none() {
            return Err(Error::top(
                Code::BadUserInput,
                "groupNumber 须与 villageCode 一起使用。",
                "groupNumber needs villageCode.",
            ));
        }
        Ok(self)
    }

    fn is_wide(&self) -> bool {
        self.village_code.is_none() && self.text.is_none()
    }
}

/// In which order households come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HouseholdOrder {
    /// By village, group and door: the way an officer walks.
    #[default]
    DoorAsc,
    /// Longest unchanged first.
    UpdatedAtAsc,
    /// Last changed first.
    UpdatedAtDesc,
}

/// Which contacts a list keeps.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContactFilter {
    /// With this standing to the household.
    pub standing: Option<ContactStanding>,
}

impl Filter for ContactFilter {}

/// How households are looked up.
#[derive(Default)]
pub struct HouseholdQuery;

lists! {
    #[Object]
    impl HouseholdQuery {
        /// Households in the caller's area.
        households: Household, filter HouseholdFilter, order HouseholdOrder
            => all(Act::ReadHousehold);
        ---
        /// The household with this id.
        async fn household(&self, context: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Found<Household> {
            record::find(context, GlobalId::expect(&id, Kind::Household)).await
        }

        /// The texts that contacts agree to when they join (告知书), oldest first; the last one is in use.
        async fn consent_texts(&self, context: &Context<'_>) -> Result<&'static [ConsentText]> {
            Request::of(context)?.reader(Act::ReadService)?;
            Ok(consent::texts())
        }
    }
}

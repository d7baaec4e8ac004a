//! The households of the pilot town 陈集镇: 34 villages, 307 village groups and about 20,000 doors,
//! most of them already in contact. It knows nothing of who may see them. Every phone number
//! begins with 100, which no mobile network has ever been given.

use super::divisions::{CHENJI, County};
use super::group::Group;
use super::names;

const GROUPS: &str = include_str!("chenji_groups.txt");

/// How far the work at one door has come (走访状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MadeUpStatus {
    /// Nobody has been at the door yet.
    Unvisited,
    /// An officer was there; no contact yet.
    Visited,
    /// A contact was added and speaks for the household.
    Enrolled,
    /// The household does not want to be contacted.
    Declined,
    /// The household lives elsewhere now.
    MovedAway,
    /// Nobody in it uses a smartphone.
    NoSmartphone,
    /// The house stands empty.
    Vacant,
}

/// A person who speaks for a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUpContact {
    /// Surname and given name.
    pub name: String,
    /// Eleven digits that cannot be a mobile phone.
    pub phone: String,
    /// To the head of the household (与户主关系), or how a carer knows it.
    pub relation: Option<&'static str>,
}

/// One household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUpHousehold {
    /// Twelve digits.
    pub village_code: String,
    /// The village group, from 1.
    pub group_number: u16,
    /// Its place in the group, from 1.
    pub door: u16,
    /// 刘河村3组-王建国: the primary contact if enrolled, the head of the household otherwise.
    pub label: String,
    /// Such as 陈集镇刘河村3组12号.
    pub address: String,
    /// Registered people, 1 to 8.
    pub people_count: u8,
    /// How far the work at this door has come.
    pub status: MadeUpStatus,
    /// The primary contact first. Only enrolled households and some without a smartphone have any.
    pub contacts: Vec<MadeUpContact>,
}

/// The numbers of the groups of one village of the pilot town; none for other villages.
pub fn groups(village_code: &str) -> impl Iterator<Item = u16> + use<> {
    let count = names::lines(GROUPS)
        .filter_map(|line| line.split_once(' '))
        .find(|(code, _)| *code == village_code)
        .and_then(|(_, count)| count.parse::<u16>().ok())
        .unwrap_or_default();
    1..=count
}

/// Every household of the pilot town, village by village, group by group, door by door.
pub fn chenji(county: &County, seed: u64) -> impl Iterator<Item = MadeUpHousehold> + use<'_> {
    let villages = county
        .township(CHENJI)
        .into_iter()
        .flat_map(|town| (0..).zip(&town.villages).map(move |(at, v)| (town, at, v)));
    villages
        .flat_map(move |(town, at, village)| {
            groups(&village.code).map(move |number| (town, at, village, number))
        })
        .flat_map(move |(town, at, village, number)| {
            Group::new(seed, town, at, village, number).households()
        })
}

/// An eleven-digit number behind a prefix no network has: different for every number below 100,000,000.
pub(super) fn unassigned_phone(prefix: &str, number: u32) -> String {
    // The factor shares no divisor with 10^8, so the scattering never meets itself.
    let scattered = (u64::from(number) * 48_271_001 + 7_654_321) % 100_000_000;
    format!("{prefix}{scattered:08}")
}

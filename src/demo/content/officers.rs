//! The made-up staff of the county: a station chief for every township, a lead officer for every
//! village (一村一警), auxiliaries for some villages of the pilot town, and the county office.
//! What each role may do is decided elsewhere. Phone numbers begin with 101, which no mobile
//! network has.

use super::divisions::{CHENJI, County, Township};
use super::households::unassigned_phone;
use super::names::{self, Gender, Generation};
use super::random::Random;

const TOWNS: &str = include_str!("towns.txt");

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MadeUpRole {
    /// Village officer or auxiliary (民警、辅警).
    Officer,
    /// Head of a township's station (派出所所长).
    StationChief,
    /// The county office that runs the rollout.
    CountyAdmin,
    /// Sees numbers, never a person.
    Analyst,
    /// Sees who looked at or changed what.
    Auditor,
}

/// One staff account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUpOfficer {
    /// Sign-in name such as `chenji.li01`.
    pub username: String,
    /// Surname and given name.
    pub name: String,
    /// Eleven digits that cannot be a mobile phone; only those who answer residents have one.
    pub phone: Option<String>,
    /// What the account is for.
    pub role: MadeUpRole,
    /// Nine digits; none for the county office.
    pub township_code: Option<String>,
    /// Village codes, and whether this officer leads there.
    pub posts: Vec<(String, bool)>,
}

/// The whole staff: the county office first, then township by township, each with its chief first.
pub fn officers(county: &County, seed: u64) -> Vec<MadeUpOfficer> {
    let mut office = Staff::new(seed, 0, "yongcheng", None);
    office.add(MadeUpRole::CountyAdmin, Vec::new());
    office.add(MadeUpRole::Analyst, Vec::new());
    office.add(MadeUpRole::Auditor, Vec::new());
    let townships = (1..).zip(&county.townships);
    office
        .hired
        .into_iter()
        .chain(townships.flat_map(|(at, township)| staff_of(seed, at, township)))
        .collect()
}

fn staff_of(seed: u64, at: u32, township: &Township) -> Vec<MadeUpOfficer> {
    let mut staff = Staff::new(seed, at, romanised(&township.code), Some(&township.code));
    staff.add(MadeUpRole::StationChief, Vec::new());
    let villages: Vec<&str> = township.villages.iter().map(|v| v.code.as_str()).collect();
    let team: usize = match villages.len() {
        all if township.code == CHENJI => all,
        0..=17 => 2,
        18..=26 => 3,
        _ => 4,
    };
    for share in villages.chunks(villages.len().div_ceil(team).max(1)) {
        staff.add(MadeUpRole::Officer, posts(share, true));
    }
    if township.code == CHENJI {
        for pair in villages.chunks(2).step_by(2) {
            staff.add(MadeUpRole::Officer, posts(pair, false));
        }
    }
    staff.hired
}

fn posts(villages: &[&str], is_lead: bool) -> Vec<(String, bool)> {
    villages.iter().map(|code| ((*code).to_owned(), is_lead)).collect()
}

fn romanised(township_code: &str) -> &'static str {
    names::lines(TOWNS)
        .filter_map(|line| line.split_once(' '))
        .find(|(code, _)| *code == township_code)
        .map_or("town", |(_, name)| name)
}

/// The accounts of one office while they are being filled.
struct Staff<'a> {
    random: Random,
    at: u32,
    place: &'static str,
    township_code: Option<&'a str>,
    hired: Vec<MadeUpOfficer>,
}

impl<'a> Staff<'a> {
    fn new(seed: u64, at: u32, place: &'static str, township_code: Option<&'a str>) -> Self {
        // Apart from the streams the households of the same seed use.
        let random = Random::of(seed, &[0x0FF1_CE12, u64::from(at)]);
        Self { random, at, place, township_code, hired: Vec::new() }
    }

    fn add(&mut self, role: MadeUpRole, posts: Vec<(String, bool)>) {
        let number = self.hired.len() + 1;
        let surname = names::surname(&mut self.random);
        let gender = if self.random.chance(75) { Gender::Man } else { Gender::Woman };
        let generation = match role {
            MadeUpRole::StationChief | MadeUpRole::CountyAdmin => Generation::Middle,
            _ if self.random.chance(45) => Generation::Middle,
            _ => Generation::Young,
        };
        let given = names::given_name(&mut self.random, generation, gender);
        let answers = matches!(role, MadeUpRole::Officer | MadeUpRole::StationChief);
        let line = self.at * 1000 + u32::try_from(number).unwrap_or_default();
        self.hired.push(MadeUpOfficer {
            username: format!("{}.{}{number:02}", self.place, surname.romanised),
            name: format!("{}{given}", surname.written),
            phone: answers.then(|| unassigned_phone("101", line)),
            role,
            township_code: self.township_code.map(str::to_owned),
            posts,
        });
    }
}

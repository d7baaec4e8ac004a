//! The made-up staff.

use std::collections::{HashMap, HashSet};

use super::super::divisions::{CHENJI, county};
use super::super::officers::{MadeUpOfficer, MadeUpRole, officers};

fn all() -> Vec<MadeUpOfficer> {
    officers(&county(), 7)
}

fn with_role(role: MadeUpRole) -> Vec<MadeUpOfficer> {
    all().into_iter().filter(|o| o.role == role).collect()
}

#[test]
fn every_village_of_the_county_has_exactly_one_lead_officer() {
    let staff = all();
    let mut leads: HashMap<&str, usize> = HashMap::new();
    for (village, _) in staff.iter().flat_map(|o| &o.posts).filter(|(_, is_lead)| *is_lead) {
        *leads.entry(village).or_default() += 1;
    }
    let county = county();
    for village in county.townships.iter().flat_map(|t| &t.villages) {
        assert_eq!(leads.remove(village.code.as_str()), Some(1), "{}", village.name);
    }
    assert!(leads.is_empty());
}

#[test]
fn in_the_pilot_town_each_lead_officer_has_one_village_and_some_villages_an_auxiliary() {
    let here: Vec<_> = with_role(MadeUpRole::Officer)
        .into_iter()
        .filter(|o| o.township_code.as_deref() == Some(CHENJI))
        .collect();
    let (leads, auxiliaries): (Vec<_>, Vec<_>) = here.iter().partition(|o| o.posts[0].1);
    assert_eq!(leads.len(), 34);
    assert!(leads.iter().all(|o| o.posts.len() == 1));
    assert!(!auxiliaries.is_empty() && auxiliaries.iter().all(|o| o.posts.iter().all(|p| !p.1)));
}

#[test]
fn other_townships_share_their_villages_among_two_to_four_officers() {
    let mut teams: HashMap<String, usize> = HashMap::new();
    for officer in with_role(MadeUpRole::Officer) {
        *teams.entry(officer.township_code.unwrap()).or_default() += 1;
    }
    teams.remove(CHENJI);
    assert_eq!(teams.len(), 30);
    assert!(teams.values().all(|size| (2..=4).contains(size)), "{teams:?}");
}

#[test]
fn officers_are_posted_only_in_their_own_township() {
    for officer in all() {
        let home = officer.township_code.unwrap_or_default();
        assert!(officer.posts.iter().all(|(village, _)| village.starts_with(&home)));
    }
}

#[test]
fn every_station_has_a_chief_and_the_county_office_one_of_each() {
    let chiefs: HashSet<_> =
        with_role(MadeUpRole::StationChief).into_iter().map(|o| o.township_code).collect();
    assert_eq!(chiefs.len(), 31);
    for role in [MadeUpRole::CountyAdmin, MadeUpRole::Analyst, MadeUpRole::Auditor] {
        let holders = with_role(role);
        assert!(
            holders.len() == 1 && holders[0].township_code.is_none() && holders[0].posts.is_empty()
        );
    }
}

#[test]
fn user_names_are_unique_and_plain() {
    let staff = all();
    let names: HashSet<_> = staff.iter().map(|o| o.username.as_str()).collect();
    assert_eq!(names.len(), staff.len());
    for name in names {
        let (place, person) = name.split_once('.').unwrap();
        assert!(place != "town" && place.bytes().all(|b| b.is_ascii_lowercase()), "{name}");
        assert!(person.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{name}");
    }
}

#[test]
fn officers_phones_are_unique_and_no_network_has_them() {
    let staff = all();
    let phones: Vec<_> = staff.iter().filter_map(|o| o.phone.as_deref()).collect();
    assert_eq!(phones.iter().collect::<HashSet<_>>().len(), phones.len());
    assert!(phones.iter().all(|p| p.len() == 11 && p.starts_with("101")));
}

#[test]
fn the_same_seed_gives_the_same_staff() {
    assert_eq!(all(), all());
    assert_ne!(all(), officers(&county(), 8));
}

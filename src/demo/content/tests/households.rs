//! The pilot town's households.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::super::divisions::{CHENJI, county, short_name};
use super::super::households::{MadeUpHousehold, MadeUpStatus, chenji, groups};

fn all() -> Vec<MadeUpHousehold> {
    chenji(&county(), 7).collect()
}

#[test]
fn the_pilot_town_has_307_groups_of_5_to_14_a_village() {
    let county = county();
    let villages = &county.township(CHENJI).unwrap().villages;
    let sizes: Vec<_> = villages.iter().map(|v| groups(&v.code).count()).collect();
    assert_eq!((sizes.len(), sizes.iter().sum::<usize>()), (34, 307));
    assert!(sizes.iter().all(|size| (5..=14).contains(size)));
    assert_eq!(groups("411481001009").count(), 0);
}

#[test]
fn about_twenty_thousand_households_fill_every_group() {
    let county = county();
    for seed in 0..5 {
        let filled: Vec<_> = chenji(&county, seed).collect();
        assert!((19_000..=21_000).contains(&filled.len()), "{}", filled.len());
        let groups: HashSet<_> = filled.iter().map(|h| (&h.village_code, h.group_number)).collect();
        assert_eq!(groups.len(), 307);
    }
}

#[test]
fn about_four_fifths_are_enrolled_and_every_status_occurs() {
    let households = all();
    let mut counts: HashMap<MadeUpStatus, usize> = HashMap::new();
    for household in &households {
        *counts.entry(household.status).or_default() += 1;
    }
    assert_eq!(counts.len(), 7);
    let enrolled = counts[&MadeUpStatus::Enrolled] * 100 / households.len();
    assert!((78..=83).contains(&enrolled), "{counts:?}");
}

#[test]
fn labels_and_addresses_have_the_exact_form() {
    let county = county();
    let villages = &county.township(CHENJI).unwrap().villages;
    let names: HashMap<_, _> =
        villages.iter().map(|v| (v.code.as_str(), short_name(&v.name))).collect();
    for household in all() {
        let place =
            format!("{}{}组", names[household.village_code.as_str()], household.group_number);
        let person = household.label.strip_prefix(&format!("{place}-")).unwrap();
        assert!((3..=4).contains(&person.chars().count()), "{}", household.label);
        assert_eq!(household.address, format!("陈集镇{place}{}号", household.door));
        if household.status == MadeUpStatus::Enrolled {
            assert_eq!(person, household.contacts[0].name);
        }
    }
}

#[test]
fn a_group_and_a_door_name_one_household() {
    let households = all();
    let doors: HashSet<_> =
        households.iter().map(|h| (&h.village_code, h.group_number, h.door)).collect();
    assert_eq!(doors.len(), households.len());
    assert!(households.iter().all(|h| h.door >= 1 && (1..=8).contains(&h.people_count)));
}

#[test]
fn only_enrolled_households_and_those_without_a_smartphone_have_contacts() {
    for household in all() {
        let allowed = match household.status {
            MadeUpStatus::Enrolled => 1..=3,
            MadeUpStatus::NoSmartphone => 0..=1,
            _ => 0..=0,
        };
        assert!(allowed.contains(&household.contacts.len()), "{household:?}");
    }
}

#[test]
fn phones_are_unique_and_no_network_has_them() {
    let households = all();
    let contacts: Vec<_> = households.iter().flat_map(|h| &h.contacts).collect();
    let phones: HashSet<_> = contacts.iter().map(|c| c.phone.as_str()).collect();
    assert_eq!(phones.len(), contacts.len());
    for phone in phones {
        assert!(phone.len() == 11 && phone.starts_with("100"), "{phone}");
        assert!(phone.bytes().all(|digit| digit.is_ascii_digit()));
    }
}

#[test]
fn the_same_seed_gives_the_same_households_and_another_seed_others() {
    let county = county();
    let first: Vec<_> = chenji(&county, 7).take(100).collect();
    assert_eq!(first, chenji(&county, 7).take(100).collect::<Vec<_>>());
    assert_ne!(first, chenji(&county, 8).take(100).collect::<Vec<_>>());
}

#[test]
fn a_whole_town_is_made_up_in_a_moment() {
    let started = Instant::now();
    assert!(all().len() > 19_000);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

//! The made-up inquiries.

use std::collections::{HashMap, HashSet};

use chrono::{Duration, NaiveDate, NaiveDateTime, Timelike};

use super::super::inquiries::{Asker, MadeUpInquiry, inquiries};
use super::super::talks::{Category, Speaker};

const DAY: u32 = 24 * 60;

fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 3, 18).and_then(|day| day.and_hms_opt(10, 17, 0)).unwrap()
}

fn askers() -> Vec<Asker> {
    let asker = |household_index| Asker {
        household_index,
        label: "刘河村3组-王建国".to_owned(),
        village: "刘河村".to_owned(),
        contact: "王建国".to_owned(),
    };
    (500..800).map(asker).collect()
}

fn some(seed: u64, count: usize) -> Vec<MadeUpInquiry> {
    inquiries(seed, now(), &askers(), count).unwrap().collect()
}

fn resolved_percent(inquiries: &[&MadeUpInquiry]) -> usize {
    inquiries.iter().filter(|i| i.resolved).count() * 100 / inquiries.len()
}

#[test]
fn as_many_as_asked_for_come_and_each_belongs_to_a_household() {
    let inquiries = some(7, 2000);
    assert_eq!(inquiries.len(), 2000);
    assert!(inquiries.iter().all(|i| (500..800).contains(&i.household_index)));
}

#[test]
fn without_a_household_there_is_no_inquiry() {
    assert_eq!(inquiries(7, now(), &[], 10).unwrap().count(), 0);
}

#[test]
fn every_category_occurs_and_id_cards_come_up_most() {
    let mut counts: HashMap<Category, usize> = HashMap::new();
    for inquiry in some(7, 2000) {
        *counts.entry(inquiry.category).or_default() += 1;
    }
    assert_eq!(counts.len(), 17);
    assert_eq!(counts.values().max(), counts.get(&Category::IdCard));
    assert!(counts[&Category::Dispute] * 5 < counts[&Category::IdCard]);
}

#[test]
fn the_last_word_agrees_with_the_state() {
    for inquiry in some(7, 3000) {
        let last = inquiry.turns.last().unwrap().from;
        match (inquiry.resolved, inquiry.waiting_for_resident) {
            (true, waiting) => assert!(!waiting),
            (false, true) => assert_eq!(last, Speaker::Officer, "{inquiry:?}"),
            (false, false) => assert_eq!(last, Speaker::Resident, "{inquiry:?}"),
        }
    }
}

#[test]
fn about_three_quarters_are_resolved_and_older_ones_mostly() {
    let inquiries = some(7, 5000);
    let all: Vec<_> = inquiries.iter().collect();
    let (new, old): (Vec<_>, Vec<_>) = all.iter().partition(|i| i.opened_minutes_ago < 3 * DAY);
    assert!((72..=79).contains(&resolved_percent(&all)), "{}", resolved_percent(&all));
    assert!(resolved_percent(&old) > 75 && resolved_percent(&new) < 60);
    let long_unanswered = |i: &&&MadeUpInquiry| {
        !i.resolved && !i.waiting_for_resident && i.opened_minutes_ago > 30 * DAY
    };
    assert!(all.iter().filter(long_unanswered).count() < 60);
}

#[test]
fn nothing_happens_after_now_and_time_never_runs_back() {
    for inquiry in some(7, 5000) {
        let times: Vec<_> = inquiry.turns.iter().map(|t| t.minutes_after_opening).collect();
        assert!(times[0] == 0 && times.is_sorted(), "{inquiry:?}");
        assert!(times.last().unwrap() <= &inquiry.opened_minutes_ago, "{inquiry:?}");
        assert!(inquiry.opened_minutes_ago <= 182 * DAY);
    }
}

#[test]
fn most_are_asked_by_day_and_all_months_have_some() {
    let inquiries = some(7, 3000);
    let opened = |i: &MadeUpInquiry| now() - Duration::minutes(i64::from(i.opened_minutes_ago));
    let by_day = inquiries.iter().filter(|i| (8..21).contains(&opened(i).hour())).count();
    assert!(by_day * 100 / inquiries.len() >= 85, "{by_day}");
    let months: HashSet<_> = inquiries.iter().map(|i| i.opened_minutes_ago / (30 * DAY)).collect();
    assert!((0..6).all(|month| months.contains(&month)));
}

#[test]
fn officers_answer_by_day_unless_it_is_urgent_or_automatic() {
    let told = some(7, 3000);
    let mut by_night = 0;
    for inquiry in &told {
        for turn in inquiry.turns.iter().filter(|t| t.from == Speaker::Officer) {
            let ago = i64::from(inquiry.opened_minutes_ago) - i64::from(turn.minutes_after_opening);
            let hour = (now() - Duration::minutes(ago)).hour();
            by_night +=
                usize::from(!(8..21).contains(&hour) && !turn.text.starts_with("【自动回复】"));
        }
    }
    assert!(by_night * 100 < told.len() * 5, "{by_night}");
}

#[test]
fn no_place_is_left_open() {
    for inquiry in some(7, 3000) {
        assert!(inquiry.turns.iter().all(|t| !t.text.contains(['{', '}'])), "{inquiry:?}");
    }
}

#[test]
fn just_after_midnight_works_too() {
    let midnight = now().date().and_hms_opt(0, 0, 0).unwrap();
    let askers = askers();
    let told: Vec<_> = inquiries(7, midnight, &askers, 500).unwrap().collect();
    assert_eq!(told.len(), 500);
}

#[test]
fn the_same_seed_gives_the_same_inquiries_and_another_seed_others() {
    assert_eq!(some(7, 100), some(7, 100));
    assert_ne!(some(7, 100), some(8, 100));
}

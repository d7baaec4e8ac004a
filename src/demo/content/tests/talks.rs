//! The conversation templates.

use std::collections::HashSet;

use super::super::talks::{Category, Speaker, Talk, talks};

fn texts(talks: &[Talk]) -> impl Iterator<Item = &str> {
    talks.iter().flat_map(|talk| talk.turns.iter().map(|turn| turn.text.as_str()))
}

#[test]
fn there_are_at_least_sixty_talks_and_every_category_has_some_in_each_state() {
    let talks = talks().unwrap();
    assert!(talks.len() >= 60);
    assert_eq!(talks.iter().map(|t| &t.subject).collect::<HashSet<_>>().len(), talks.len());
    for (category, _) in Category::BY_FREQUENCY {
        let of_it = || talks.iter().filter(|t| t.category == category);
        assert!(of_it().any(|t| t.resolved), "{category:?}");
        assert!(of_it().any(|t| !t.urgent), "{category:?}");
        assert!(of_it().any(|t| !t.urgent && t.turns.iter().any(|turn| turn.asks)), "{category:?}");
    }
}

#[test]
fn the_frequencies_name_every_category_once_and_add_up_to_a_hundred() {
    let all = Category::BY_FREQUENCY;
    assert_eq!(all.iter().map(|(category, _)| category).collect::<HashSet<_>>().len(), 17);
    assert_eq!(all.iter().map(|(_, weight)| weight).sum::<u32>(), 100);
}

#[test]
fn talks_have_one_to_eight_turns_a_short_subject_and_begin_with_the_resident() {
    for talk in talks().unwrap() {
        assert!((1..=8).contains(&talk.turns.len()), "{}", talk.subject);
        assert!(talk.subject.chars().count() <= 40);
        assert_eq!(talk.turns[0].from, Speaker::Resident);
        assert!(
            talk.turns.iter().all(|t| !t.asks || t.from == Speaker::Officer),
            "{}",
            talk.subject
        );
        assert!(talk.resolved || !talk.urgent, "urgent talks are always told to the end");
    }
}

#[test]
fn every_automatic_reply_sends_emergencies_to_110() {
    let talks = talks().unwrap();
    let automatic = || talks.iter().flat_map(|t| &t.turns).filter(|t| t.is_automatic());
    assert!(automatic().count() > 0);
    assert!(automatic().all(|t| t.text.contains("110")));
}

#[test]
fn no_text_holds_a_number_longer_than_a_service_line() {
    for text in texts(&talks().unwrap()) {
        let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(longest <= Some(5), "{text}");
    }
}

#[test]
fn every_open_place_is_a_known_one() {
    for text in texts(&talks().unwrap()) {
        let known = ["{name}", "{village}", "{label}", "{date}", "{time}"];
        let rest = known.iter().fold(text.to_owned(), |text, place| text.replace(place, ""));
        assert!(!rest.contains(['{', '}']), "{text}");
    }
}

#[test]
fn residents_never_see_a_label() {
    for talk in talks().unwrap() {
        let seen = talk.turns.iter().filter(|turn| turn.from != Speaker::Note);
        assert!(seen.into_iter().all(|turn| !turn.text.contains("{label}")));
    }
}

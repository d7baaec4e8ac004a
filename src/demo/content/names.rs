//! Names that sound like Henan and belong to nobody in particular: surnames by their frequency,
//! given names by generation. The syllables are chosen so that no combination is a person known
//! throughout the country.

use std::sync::LazyLock;

use super::random::Random;

const SURNAMES: &str = include_str!("surnames.txt");
const GIVEN_NAMES: &str = include_str!("given_names.txt");

/// A surname with its romanised form, such as 李 and `li`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surname {
    /// As written, one or two characters.
    pub written: &'static str,
    /// In lower-case letters without tone.
    pub romanised: &'static str,
}

/// When a person was born, as far as names care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Before 1965.
    Elder,
    /// 1965 to 1984.
    Middle,
    /// 1985 and later.
    Young,
}

/// Which given names fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// 女
    Woman,
    /// 男
    Man,
}

static BY_FREQUENCY: LazyLock<Vec<(Surname, u32)>> = LazyLock::new(|| {
    lines(SURNAMES)
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let surname = Surname { written: words.next()?, romanised: words.next()? };
            Some((surname, words.next()?.parse().ok()?))
        })
        .collect()
});

struct Syllables {
    who: &'static str,
    first: Vec<char>,
    second: Vec<char>,
}

static SYLLABLES: LazyLock<Vec<Syllables>> = LazyLock::new(|| {
    lines(GIVEN_NAMES)
        .filter_map(|line| {
            let (head, second) = line.split_once(" / ")?;
            let (who, first) = head.rsplit_once(' ')?;
            Some(Syllables {
                who,
                first: first.chars().collect(),
                second: second.chars().collect(),
            })
        })
        .collect()
});

/// The lines of a data table without its comments.
pub(super) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A surname, drawn by frequency.
pub fn surname(random: &mut Random) -> Surname {
    let none = Surname { written: "", romanised: "" };
    random.weighted(&BY_FREQUENCY).copied().unwrap_or(none)
}

/// The surname a village is named after (大陈庄村 → 陈), if it is one.
pub fn surname_in(village: &str) -> Option<Surname> {
    village.char_indices().find_map(|(at, letter)| {
        let written = village.get(at..at + letter.len_utf8())?;
        let known = BY_FREQUENCY.iter().find(|(s, _)| s.written == written)?;
        Some(known.0)
    })
}

/// A given name of two syllables.
pub fn given_name(random: &mut Random, generation: Generation, gender: Gender) -> String {
    let who = match (generation, gender) {
        (Generation::Elder, Gender::Woman) => "elder woman",
        (Generation::Elder, Gender::Man) => "elder man",
        (Generation::Middle, Gender::Woman) => "middle woman",
        (Generation::Middle, Gender::Man) => "middle man",
        (Generation::Young, Gender::Woman) => "young woman",
        (Generation::Young, Gender::Man) => "young man",
    };
    let Some(syllables) = SYLLABLES.iter().find(|s| s.who == who) else {
        return String::new();
    };
    [&syllables.first, &syllables.second]
        .into_iter()
        .filter_map(|choice| random.pick(choice))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_generation_and_gender_has_names() {
        let mut random = Random::new(1);
        for generation in [Generation::Elder, Generation::Middle, Generation::Young] {
            for gender in [Gender::Woman, Gender::Man] {
                assert_eq!(given_name(&mut random, generation, gender).chars().count(), 2);
            }
        }
    }

    #[test]
    fn frequent_surnames_come_up_often_and_rare_ones_do_come_up() {
        let mut random = Random::new(1);
        let drawn: Vec<_> = (0..20_000).map(|_| surname(&mut random).written).collect();
        let share = |name| drawn.iter().filter(|s| **s == name).count();
        assert!(share("王") > 2000 && share("王") > share("赵"));
        assert!(drawn.iter().any(|s| s.chars().count() == 2));
        assert_eq!(share(""), 0);
    }

    #[test]
    fn a_village_named_after_a_family_tells_which() {
        assert_eq!(surname_in("大陈庄村").map(|s| s.romanised), Some("chen"));
        assert_eq!(surname_in("东风村"), None);
    }
}

//! The menu of guides (办事菜单): what one chooses in it leads through the questions of a guide to a checklist. Where one
//! is stands in the names of the choices, so nothing is kept of who is where.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::words;
use crate::guide::{Current, GuideNext, follow};
use crate::wecom::{MOST_CHOICES, MOST_LABEL, Menu};

/// How many questions a guide asks at most.
const DEEPEST: usize = 8;

/// What is sent.
pub enum Said {
    /// Words.
    Text(String),
    /// A menu.
    Menu(Menu),
}

/// What somebody chose.
#[derive(Debug, PartialEq, Eq)]
pub enum Choice {
    /// A guide.
    Guide(Uuid),
    /// Answers to the questions of a version, by their places.
    Answers(Uuid, String),
}

impl Choice {
    /// Reads the name of a choice; nothing when it is none of ours.
    pub fn read(name: &str) -> Option<Self> {
        let id = |text: &str| Uuid::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match name.split_at_checked(1)? {
            ("g", guide) => id(guide).map(Self::Guide),
            ("v", version) => {
                let (version, places) = version.split_once('.')?;
                let fits = (1..=DEEPEST).contains(&places.len()) && digits(places);
                fits.then_some(Self::Answers(id(version)?, places.to_owned()))
            }
            _ => None,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Guide(id) => format!("g{}", URL_SAFE_NO_PAD.encode(id)),
            Self::Answers(id, places) => format!("v{}.{places}", URL_SAFE_NO_PAD.encode(id)),
        }
    }
}

/// The menu of guides below some words; the words alone when there are none.
pub fn of_guides(words: &str, guides: &[Current]) -> Said {
    let choices: Vec<_> = guides
        .iter()
        .take(MOST_CHOICES)
        .map(|guide| (Choice::Guide(guide.guide_id).name(), label(&guide.content.title)))
        .collect();
    if choices.is_empty() {
        return Said::Text(words.to_owned());
    }
    Said::Menu(Menu { head: words.to_owned(), choices, tail: words::BELOW_MENU.to_owned() })
}

/// What a version says after these answers: the next question, or the checklist at the end. Nothing when they do not fit.
pub fn at(version: &Current, places: &str) -> Option<Said> {
    let chosen = places.bytes().map(|byte| usize::from(byte.wrapping_sub(b'0')));
    Some(match follow(&version.content, chosen)? {
        GuideNext::Checklist(list) => Said::Text(version.as_message(&list)),
        GuideNext::Question(question) => {
            let choices = question.choices.iter().enumerate().map(|(place, choice)| {
                let places = format!("{places}{place}");
                (Choice::Answers(version.version_id, places).name(), label(&choice.text))
            });
            Said::Menu(Menu {
                head: format!("【{}】{}", version.content.title, question.text),
                choices: choices.collect(),
                tail: words::BELOW_QUESTION.to_owned(),
            })
        }
    })
}

/// A text as far as it fits into a choice.
fn label(text: &str) -> String {
    if text.len() <= MOST_LABEL {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(MOST_LABEL - '…'.len_utf8());
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_choice_leads_back_and_fits() {
        let id = Uuid::from_u128(u128::MAX / 3);
        for choice in [Choice::Guide(id), Choice::Answers(id, "01234567".to_owned())] {
            let name = choice.name();
            assert!(name.len() <= 128, "{name}");
            assert_eq!(Choice::read(&name), Some(choice));
        }
    }

    #[test]
    fn what_is_no_choice_of_ours_leads_nowhere() {
        let version = URL_SAFE_NO_PAD.encode(Uuid::nil());
        for name in ["", "g", "gabc", "单", "v", &format!("v{version}"), &format!("v{version}.")] {
            assert_eq!(Choice::read(name), None, "{name}");
        }
        for places in ["x", "012345678", "-1", "٣"] {
            assert_eq!(Choice::read(&format!("v{version}.{places}")), None, "{places}");
        }
    }

    #[test]
    fn a_choice_that_is_too_long_is_cut_within_its_bytes() {
        assert_eq!(label("户口迁移"), "户口迁移");
        let cut = label(&"字".repeat(60));
        assert!(cut.len() <= MOST_LABEL && cut.ends_with("字…"));
    }
}

//! Possible doubles as the contract shows them.

use async_graphql::{Enum, SimpleObject};
use serde::{Deserialize, Serialize};

use super::names::Likeness;
use crate::error::{Language, Text};
use crate::household::Household;

/// Why two households may be one.
#[derive(
    Enum, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DuplicateReason {
    /// 电话相同: contacts of both have the same phone number.
    SamePhone,
    /// 联系人相同: one contact, with one WeChat identity, speaks for both, and not as a caretaker.
    SameContact,
    /// 同组同名: the same name in the same group; 国 and 囯 count as the same.
    SameName,
    /// 同组同音: names in the same group that are read alike, tones aside.
    SameSound,
    /// 同组仅一字不同: names of three characters or more in the same group, one of which differs.
    OneCharacterDifferent,
}

impl From<Likeness> for DuplicateReason {
    fn from(likeness: Likeness) -> Self {
        match likeness {
            Likeness::Same => Self::SameName,
            Likeness::Sound => Self::SameSound,
            Likeness::OneCharacter => Self::OneCharacterDifferent,
        }
    }
}

impl DuplicateReason {
    /// How much speaks for it.
    pub fn strength(self) -> DuplicateStrength {
        match self {
            Self::SamePhone | Self::SameContact | Self::SameName => DuplicateStrength::Strong,
            Self::SameSound | Self::OneCharacterDifferent => DuplicateStrength::Weak,
        }
    }

    /// The reason in words.
    pub fn say(self, language: Language) -> String {
        let text = match self {
            Self::SamePhone => Text::new("电话相同", "same phone number"),
            Self::SameContact => Text::new("联系人相同", "same contact"),
            Self::SameName => Text::new("同组同名", "same name in the group"),
            Self::SameSound => Text::new("同组同音", "name read alike in the group"),
            Self::OneCharacterDifferent => {
                Text::new("同组仅一字不同", "one character of the name differs in the group")
            }
        };
        text.say(language).to_owned()
    }
}

/// How much speaks for it.
#[derive(
    Enum, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DuplicateStrength {
    /// 很可能: a phone number, a contact or a name is the same.
    Strong,
    /// 有可能: names are alike.
    Weak,
}

/// A household that may be the same as another one. It is a suggestion, and nothing is merged by itself.
#[derive(SimpleObject, Clone)]
pub struct PossibleDuplicate {
    /// The other household.
    pub household: Household,
    /// What speaks for it.
    pub reasons: Vec<DuplicateReason>,
    /// How much speaks for it.
    pub strength: DuplicateStrength,
}

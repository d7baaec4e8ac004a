//! Possible doubles as the contract shows them.

use async_graphql::{Enum, SimpleObject};

use crate::household::Household;

/// Why two households may be one.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// How much speaks for it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DuplicateStrength {
    /// Look at it: a phone number, a contact or a name is the same.
    Strong,
    /// It may be: names are alike.
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

//! Which of the households that a file registers may be there already, or twice in the file. It is only
//! said: every row is registered, and people decide. Names and numbers of contacts in a file are compared
//! here and kept nowhere.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::chunk::Located;
use super::decide::Decided;
use super::fate::ImportFate;
use crate::db::{Key, Tx};
use crate::duplicate::{self, DuplicateReason, DuplicateStrength, Name};
use crate::error::{Error, Result};
use crate::household::PHONE;
use crate::text;

/// The most suggestions for one row.
const MOST: usize = 5;

/// What a row is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Other {
    /// An earlier line of the file.
    Line(i32),
    /// A household that was there before.
    Household(Uuid),
}

/// One that may be the same, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Suggestion {
    /// Which one.
    pub other: Other,
    /// Why.
    pub reasons: BTreeSet<DuplicateReason>,
}

impl Suggestion {
    /// How much speaks for it.
    pub fn strength(&self) -> DuplicateStrength {
        duplicate::strength(&self.reasons).unwrap_or(DuplicateStrength::Weak)
    }
}

/// What the rows of a file are compared with: the names of their groups, and the numbers of the file as
/// hashes under a random key. Half a million of each are held, so each takes few bytes.
#[derive(Default)]
pub struct Compared {
    groups: HashMap<String, Names>,
    read: HashSet<String>,
    households: Vec<Uuid>,
    numbers: HashMap<u64, i32>,
    random: RandomState,
}

/// The names of a group, one a line, and whose each is: a line of the file, or below zero the place of a
/// household among those that were there before.
#[derive(Default)]
struct Names {
    plain: String,
    whose: Vec<i32>,
}

impl Names {
    fn add(&mut self, name: &Name, whose: i32) {
        self.plain.push_str(name.plain());
        self.plain.push('\n');
        self.whose.push(whose);
    }
}

impl Compared {
    /// Notes the number of a row for those that follow.
    pub fn note_number(&mut self, line: i32, row: &Located) {
        if let Some(phone) = &row.entry.phone {
            self.numbers.entry(self.random.hash_one(phone)).or_insert(line);
        }
    }

    /// Notes the names of a row for those that follow.
    pub fn note_names(&mut self, line: i32, row: &Located) {
        let group = self.groups.entry(row.group_code.clone()).or_default();
        names(row).for_each(|name| group.add(&name, line));
    }

    /// Says of each household that is to be registered which ones may be the same. It must not be there yet.
    pub async fn suggest(&mut self, tx: &Tx, decided: &mut Decided) -> Result<()> {
        self.read_groups(tx, decided).await?;
        let phones = decided.created.iter().filter_map(|new| new.row.entry.phone.as_deref());
        let hashes = |phone: &str| tx.keyring().hashes(PHONE, phone.as_bytes());
        let known = duplicate::spoken_for_by(tx, phones.flat_map(hashes).collect()).await?;
        let created = decided.fates.iter_mut().filter(|row| row.fate == ImportFate::Created);
        for (fate, new) in created.zip(&decided.created) {
            let mut found = self.alike(fate.line, &new.row);
            let phone = new.row.entry.phone.as_deref();
            for hash in phone.into_iter().flat_map(hashes) {
                for id in known.get(&hash).into_iter().flatten() {
                    let reasons = found.entry(Other::Household(*id)).or_default();
                    reasons.insert(DuplicateReason::SamePhone);
                }
            }
            fate.doubles =
                found.into_iter().map(|(other, reasons)| Suggestion { other, reasons }).collect();
            fate.doubles.sort_by_key(Suggestion::strength);
            fate.doubles.truncate(MOST);
            self.note_names(fate.line, &new.row);
        }
        Ok(())
    }

    /// Reads the names of groups that no row was in before.
    async fn read_groups(&mut self, tx: &Tx, decided: &Decided) -> Result<()> {
        let groups = decided.created.iter().map(|new| &new.row.group_code);
        let new: BTreeSet<&String> = groups.filter(|group| !self.read.contains(*group)).collect();
        let keys: Vec<Key> = new.into_iter().map(|code| Key::Code(code.clone())).collect();
        for part in keys.chunks(duplicate::GROUPS) {
            for (group, id, names) in duplicate::names_in_groups(tx, part).await? {
                let place = i32::try_from(self.households.len()).map_err(Error::internal)?;
                self.households.push(id);
                let group = self.groups.entry(group).or_default();
                names.iter().for_each(|name| group.add(name, !place));
            }
        }
        self.read.extend(decided.created.iter().map(|new| new.row.group_code.clone()));
        Ok(())
    }

    /// What a row is like by its names, and by its number in the file.
    fn alike(&self, line: i32, row: &Located) -> BTreeMap<Other, BTreeSet<DuplicateReason>> {
        let mut best = BTreeMap::new();
        let group = self.groups.get(&row.group_code);
        for own in names(row) {
            for (name, whose) in
                group.iter().flat_map(|group| group.plain.lines().zip(&group.whose))
            {
                if let Some(likeness) = own.likeness(name) {
                    let known = best.entry(self.other(*whose)).or_insert(likeness);
                    *known = likeness.min(*known);
                }
            }
        }
        let mut found: BTreeMap<Other, BTreeSet<DuplicateReason>> = best
            .into_iter()
            .map(|(other, likeness)| (other, BTreeSet::from([likeness.into()])))
            .collect();
        let phone = row.entry.phone.as_ref();
        let first = phone.and_then(|phone| self.numbers.get(&self.random.hash_one(phone)));
        if let Some(first) = first.filter(|first| **first < line) {
            found.entry(Other::Line(*first)).or_default().insert(DuplicateReason::SamePhone);
        }
        found
    }

    fn other(&self, whose: i32) -> Other {
        let before = usize::try_from(!whose).ok().and_then(|place| self.households.get(place));
        before.map_or(Other::Line(whose), |id| Other::Household(*id))
    }
}

fn names(row: &Located) -> impl Iterator<Item = Name> {
    let label = Name::in_label(&text::normalised(&row.entry.label));
    let contact = row.entry.contact_name.as_deref().map(text::normalised);
    label.into_iter().chain(contact.and_then(|name| Name::of(&name)))
}

//! Finds the village that a row names.

use std::collections::HashMap;

use super::chunk::Located;
use super::entry::{Entry, NamedVillage};
use super::fate::{Fault, ImportCode};
use super::layout::ImportField;
use crate::division::{group_code, parse_group};
use crate::text;

/// A village, and whether the caller may import into it.
pub struct Place {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of its township.
    pub township_code: String,
    /// The name of its township.
    pub township_name: String,
    /// Whether it lies in the caller's area.
    pub mine: bool,
    /// Whether it is no more.
    pub ended: bool,
    /// The code of the village that followed it.
    pub successor_code: Option<String>,
}

/// All villages, by code and by name, and the groups that others have followed.
pub struct Places {
    all: Vec<Place>,
    followed: HashMap<String, String>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

/// What a name is without the words that are left out in speaking.
fn short(name: &str, words: &[&str]) -> String {
    let mut name = text::normalised(name);
    while let Some(shorter) =
        words.iter().find_map(|word| name.strip_suffix(word)).filter(|shorter| !shorter.is_empty())
    {
        name = shorter.to_owned();
    }
    name
}

fn short_village(name: &str) -> String {
    short(name, &["村民委员会", "居民委员会", "村委会", "居委会", "行政村", "社区", "村"])
}

fn short_township(name: &str) -> String {
    short(name, &["人民政府", "街道办事处", "办事处", "街道", "镇", "乡"])
}

impl Places {
    /// Prepares villages for being found.
    pub fn new(all: Vec<Place>, followed: HashMap<String, String>) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, place) in all.iter().enumerate().filter(|(_, place)| !place.ended) {
            by_name.entry(short_village(&place.name)).or_default().push(index);
        }
        let by_code =
            all.iter().enumerate().map(|(index, place)| (place.code.clone(), index)).collect();
        Self { all, followed, by_code, by_name }
    }

    /// Where a row lies. A village outside the caller's area is not found, like one that does not exist.
    pub fn locate(&self, entry: Entry) -> Result<Located, Fault> {
        let (named, field) = match &entry.village {
            NamedVillage::Code(code) => (self.by_code.get(code).copied(), ImportField::VillageCode),
            NamedVillage::Name(name, township) => {
                (self.named(name, township.as_deref())?, ImportField::VillageName)
            }
        };
        let found = named.and_then(|index| self.living(&self.all[index].code, entry.group));
        let found = found.filter(|(place, _)| place.mine);
        let (place, group_code) = found.ok_or(Fault::of(ImportCode::NotFound, field))?;
        Ok(Located {
            group_code,
            village_code: place.code.clone(),
            township_code: place.township_code.clone(),
            entry,
        })
    }

    /// The village in which a village's group is today, and the group's code: a list may be older than the last
    /// reorganisation.
    fn living(&self, code: &str, number: i32) -> Option<(&Place, String)> {
        let mut group = group_code(code, number);
        // What followed itself would be followed for ever.
        for _ in 0..=self.all.len() + self.followed.len() {
            if let Some(successor) = self.followed.get(&group) {
                group.clone_from(successor);
                continue;
            }
            let (code, number) = parse_group(&group)?;
            let place = &self.all[*self.by_code.get(&code)?];
            match &place.successor_code {
                Some(successor) => group = group_code(successor, number),
                None => return (!place.ended).then_some((place, group)),
            }
        }
        None
    }

    fn named(&self, name: &str, township: Option<&str>) -> Result<Option<usize>, Fault> {
        let mut found =
            self.by_name.get(&short_village(name)).into_iter().flatten().filter(|index| {
                let place = &self.all[**index];
                township.is_none_or(|township| {
                    place.township_code == township
                        || short_township(&place.township_name) == short_township(township)
                })
            });
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => {
                Err(Fault::of(ImportCode::AmbiguousVillage, ImportField::VillageName))
            }
            (found, _) => Ok(found.copied()),
        }
    }
}

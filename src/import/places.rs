//! Finds the village that a row names.

use std::collections::HashMap;

use super::chunk::Located;
use super::entry::{Entry, NamedVillage};
use super::fate::{Fault, ImportCode};
use super::layout::ImportField;
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

/// All villages, by code and by name.
pub struct Places {
    all: Vec<Place>,
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
    pub fn new(all: Vec<Place>) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, place) in all.iter().enumerate().filter(|(_, place)| !place.ended) {
            by_name.entry(short_village(&place.name)).or_default().push(index);
        }
        let by_code =
            all.iter().enumerate().map(|(index, place)| (place.code.clone(), index)).collect();
        Self { all, by_code, by_name }
    }

    /// Where a row lies. A village outside the caller's area is not found, like one that does not exist.
    pub fn locate(&self, entry: Entry) -> Result<Located, Fault> {
        let (found, field) = match &entry.village {
            NamedVillage::Code(code) => (self.living(code), ImportField::VillageCode),
            NamedVillage::Name(name, township) => {
                (self.named(name, township.as_deref())?, ImportField::VillageName)
            }
        };
        let place = found.map(|index| &self.all[index]).filter(|place| place.mine);
        let place = place.ok_or(Fault::of(ImportCode::NotFound, field))?;
        Ok(Located {
            group_code: format!("{}-{:02}", place.code, entry.group),
            village_code: place.code.clone(),
            township_code: place.township_code.clone(),
            entry,
        })
    }

    /// The living village with this code, or the one that followed it.
    fn living(&self, code: &str) -> Option<usize> {
        let mut index = *self.by_code.get(code)?;
        // A village that followed itself would be followed for ever.
        for _ in 0..self.all.len() {
            match &self.all[index].successor_code {
                Some(successor) => index = *self.by_code.get(successor)?,
                None => return Some(index).filter(|index| !self.all[*index].ended),
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

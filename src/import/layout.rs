//! Which column of a file means what. Names of columns are known in Chinese and English; what the caller
//! says counts more.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};

use super::names::meaning;
use crate::error::{Error, Result, UserErrorCode};

/// What a column of an imported file may mean.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportField {
    /// 户编号: the number by which the village's own register knows the household.
    Reference,
    /// 村代码: the village's code of 12 digits.
    VillageCode,
    /// 村名: the village's name, for files without codes. Names repeat, so a township belongs to it.
    VillageName,
    /// 乡镇: the name or the code of 9 digits of the township in which the name of the village is meant.
    Township,
    /// 组: the number of the village group.
    Group,
    /// 门牌: the place in the group.
    Door,
    /// 户主标签: how officers call the household, such as 刘河村3组-王建国.
    Label,
    /// 地址: where it is.
    Address,
    /// 人数: how many people live there.
    PeopleCount,
    /// 联系人: compared for finding doubles, and not kept: a contact joins by own consent and not by a list.
    ContactName,
    /// 电话: compared for finding doubles, and not kept.
    ContactPhone,
    /// 关系: recognised and not kept.
    ContactRelation,
}

use ImportField as Field;

/// From which column, counted from 0, a field is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    columns: Vec<(Field, usize)>,
    /// The columns' names, for telling where something is wrong.
    names: Vec<String>,
}

impl Layout {
    /// Reads the names of columns as `chosen` says, and otherwise as they are known.
    pub fn of(names: &[String], chosen: &[(Field, String)]) -> Result<Self> {
        let mut columns: Vec<(Field, usize)> = Vec::new();
        for (field, name) in chosen {
            if chosen.iter().filter(|(other, _)| other == field).count() > 1 {
                return Err(twice());
            }
            columns.push((*field, find(names, name)?));
        }
        for (index, name) in names.iter().enumerate() {
            let Some(field) = meaning(name) else { continue };
            if columns.iter().any(|(_, taken)| *taken == index)
                || chosen.iter().any(|(given, _)| *given == field)
            {
                continue;
            }
            if columns.iter().any(|(known, _)| *known == field) {
                return Err(twice());
            }
            columns.push((field, index));
        }
        let layout = Self { columns, names: names.to_vec() };
        layout.complete()?;
        Ok(layout)
    }

    fn complete(&self) -> Result<()> {
        let has = |field| self.column(field).is_some();
        if (has(Field::VillageCode) || has(Field::VillageName))
            && has(Field::Group)
            && has(Field::Label)
        {
            return Ok(());
        }
        Err(Error::user(
            UserErrorCode::Blank,
            "mapping",
            "文件须有村代码（或村名）、组、户主标签三列；列名不同时请在 mapping 中指明。",
            "The file needs columns for the village (code or name), the group and the label. Say in \
             `mapping` which they are when they have other names.",
        ))
    }

    /// The column of a field.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().find(|(known, _)| *known == field).map(|(_, index)| *index)
    }

    /// The fields and the names of their columns.
    pub fn pairs(&self) -> impl Iterator<Item = (Field, &str)> {
        self.columns
            .iter()
            .filter_map(|(field, index)| Some((*field, self.names.get(*index)?.as_str())))
    }
}

/// The column of this name, or of this place, such as `#3` for the third.
fn find(names: &[String], wanted: &str) -> Result<usize> {
    let place = wanted.strip_prefix('#').and_then(|place| place.parse::<usize>().ok());
    if let Some(place) = place.filter(|place| (1..=names.len()).contains(place)) {
        return Ok(place - 1);
    }
    let mut found = names.iter().enumerate().filter(|(_, name)| name.trim() == wanted.trim());
    match (found.next(), found.next()) {
        (Some((index, _)), None) => Ok(index),
        (Some(_), Some(_)) => Err(twice()),
        _ => Err(Error::user(
            UserErrorCode::NotFound,
            "mapping",
            "文件中没有这一列。",
            "The file has no column of this name.",
        )),
    }
}

fn twice() -> Error {
    Error::user(
        UserErrorCode::Taken,
        "mapping",
        "有两列含义相同；请在 mapping 中指明用哪一列，可用 #3 表示第三列。",
        "Two columns mean the same. Say in `mapping` which one counts; `#3` is the third column.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_known_in_both_languages_and_with_remarks() {
        let layout =
            Layout::of(&names(&["村代码（12位）", "Group *", "户主 标签", "人 数"]), &[]).unwrap();
        let columns = [Field::VillageCode, Field::Group, Field::Label, Field::PeopleCount]
            .map(|field| layout.column(field));
        assert_eq!(columns, [Some(0), Some(1), Some(2), Some(3)]);
    }

    #[test]
    fn what_the_caller_says_counts_more() {
        let head = names(&["村", "组", "户主", "备注", "户主"]);
        assert!(Layout::of(&head, &[]).is_err());
        let chosen = [(Field::Label, "#5".to_owned()), (Field::Address, "备注".to_owned())];
        let layout = Layout::of(&head, &chosen).unwrap();
        assert_eq!(
            (layout.column(Field::Label), layout.column(Field::Address)),
            (Some(4), Some(3))
        );
    }

    #[test]
    fn a_missing_column_is_refused() {
        assert!(Layout::of(&names(&["村", "户主"]), &[]).is_err());
    }
}

//! A table of divisions as the statistics office publishes it: a code and a name a line. The code says on which
//! level a division is, and where it lies.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{TownshipKind, store};
use crate::access::Act;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{self, Draft};
use crate::request::Request;
use crate::scalar::Level;
use crate::text;

/// Yongcheng: 31 townships and 770 villages. Its first line names the source and its licence.
const YONGCHENG: &str = include_str!("yongcheng.csv");
/// The most characters of a name.
pub const MAX_NAME: usize = 40;

/// A division of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Six digits for a county, nine for a township, twelve for a village.
    pub code: String,
    /// Its full name, such as 刘河村委会.
    pub name: String,
}

impl Row {
    /// On which level it is.
    pub fn level(&self) -> Level {
        level(&self.code).unwrap_or(Level::Village)
    }
}

/// What came of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// How many counties are new.
    pub counties: u64,
    /// How many townships are new.
    pub townships: u64,
    /// How many villages are new.
    pub villages: u64,
    /// How many stations are new.
    pub stations: u64,
    /// What the tree has otherwise than the table, and keeps.
    pub different: Vec<Different>,
}

/// A division of the table that the tree has otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Different {
    /// Its code.
    pub code: String,
    /// Its name in the tree.
    pub name: String,
    /// Whether it has ended.
    pub ended: bool,
}

/// Adds the divisions of a table that the tree has not, and a station for each township that has none. What the
/// tree has stays as it is: it is renamed and moved with its past.
///
/// # Errors
/// `NOT_FOUND` when a division's parent is neither in the table nor in the tree. Then nothing is added.
pub async fn import(request: &Request, rows: &[Row]) -> Result<Added> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ImportDivisions).await?;
    let added = add(&tx, rows, now).await?;
    if added.counties + added.townships + added.villages + added.stations > 0 {
        tx.record(Draft {
            kind: event::Kind::DivisionChanged,
            at: now,
            place: None,
            household_id: None,
            subject_id: Uuid::nil(),
            detail: Value::Null,
        });
    }
    tx.commit().await?;
    Ok(added)
}

/// The same within a change.
pub async fn add(tx: &Tx, rows: &[Row], now: DateTime<Utc>) -> Result<Added> {
    let mut added = Added::default();
    for level in [Level::County, Level::Township, Level::Village] {
        let rows = store::Rows::of(level, rows, now);
        if let Some(code) = rows.orphans(tx).await?.first() {
            return Err(without_parent(code));
        }
        let new = rows.add(tx).await?;
        match level {
            Level::County => added.counties = new,
            Level::Township => {
                added.townships = new;
                added.stations = rows.add_stations(tx).await?;
            }
            Level::Village => added.villages = new,
        }
        added.different.extend(rows.different(tx).await?);
    }
    Ok(added)
}

fn without_parent(code: &str) -> Error {
    Error::user(
        UserErrorCode::NotFound,
        "",
        format!("{code} 的上级行政区划不存在。"),
        format!("The division above {code} is neither in the table nor in the database."),
    )
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is in no encoding that is known, too long, or has a quotation mark that is not closed.
    #[error("this line cannot be read")]
    Unreadable,
    /// It begins with no code.
    #[error("a code has 6, 9 or 12 digits")]
    Code,
    /// It has no name.
    #[error("there is no name")]
    NoName,
    /// Its name is none.
    #[error("a name has at most {MAX_NAME} characters, and no control characters")]
    Name,
    /// An earlier line has its code.
    #[error("an earlier line has this code")]
    Twice,
}

/// The county that the program knows.
pub fn shipped() -> Vec<Row> {
    let lines = YONGCHENG.lines().map(|line| Some(line.split(',').map(str::to_owned).collect()));
    read((1..).zip(lines)).unwrap_or_default()
}

/// Reads the numbered lines of a table; there is nothing of a line that cannot be read. What stands above the first
/// number are titles.
///
/// # Errors
/// All lines that are wrong, by their numbers.
pub fn read(
    lines: impl IntoIterator<Item = (i32, Option<Vec<String>>)>,
) -> std::result::Result<Vec<Row>, Vec<(i32, Fault)>> {
    let (mut rows, mut faults, mut codes) = (Vec::new(), Vec::new(), HashSet::new());
    for (number, cells) in lines {
        let Some(cells) = cells else {
            faults.push((number, Fault::Unreadable));
            continue;
        };
        let begins = cells.first().map_or("", |cell| cell.trim());
        let is_title = codes.is_empty() && !begins.starts_with(|c: char| c.is_ascii_digit());
        if is_title || cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match row(&cells) {
            Ok(row) if codes.insert(row.code.clone()) => rows.push(row),
            Ok(_) => faults.push((number, Fault::Twice)),
            Err(fault) => faults.push((number, fault)),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

fn row(cells: &[String]) -> std::result::Result<Row, Fault> {
    let code = cells.first().map_or("", |cell| cell.trim());
    let level = level(code).ok_or(Fault::Code)?;
    let name = cells.get(1).map_or("", |cell| cell.trim());
    if name.is_empty() {
        return Err(Fault::NoName);
    }
    let name = text::required("name", name, MAX_NAME).map_err(|_| Fault::Name)?;
    Ok(Row { code: code[..level as usize].to_owned(), name })
}

/// The level of a code. Some tables fill the codes of counties and townships up with zeros.
fn level(code: &str) -> Option<Level> {
    let code = code.trim();
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match code.len() {
        6 => Some(Level::County),
        9 => Some(Level::Township),
        12 if code.ends_with("000000") => Some(Level::County),
        12 if code.ends_with("000") => Some(Level::Township),
        12 => Some(Level::Village),
        _ => None,
    }
}

/// What a township is, and its name without that: 陈集镇 is a town named 陈集.
pub fn kind(name: &str) -> (TownshipKind, &str) {
    let ends = [
        ("街道办事处", TownshipKind::Subdistrict),
        ("街道", TownshipKind::Subdistrict),
        ("镇", TownshipKind::Town),
        ("乡", TownshipKind::Township),
    ];
    ends.into_iter()
        .find_map(|(end, kind)| {
            name.strip_suffix(end).filter(|rest| !rest.is_empty()).map(|rest| (kind, rest))
        })
        .unwrap_or((TownshipKind::Township, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(i32, Option<Vec<String>>)> {
        let cells = |line: &str| Some(line.split(',').map(str::to_owned).collect());
        (1..).zip(text.lines().map(cells)).collect()
    }

    #[test]
    fn the_county_has_31_townships_and_770_villages() {
        let rows = shipped();
        let of = |level: Level| rows.iter().filter(|row| row.code.len() == level as usize).count();
        assert_eq!(rows[0], Row { code: "411481".into(), name: "永城市".into() });
        assert_eq!((of(Level::County), of(Level::Township), of(Level::Village)), (1, 31, 770));
    }

    #[test]
    fn codes_that_are_filled_up_with_zeros_are_those_of_counties_and_townships() {
        let rows = read(lines("411481000000,永城市\n411481109000,陈集镇\n411481109222,刘河村委会"));
        let codes: Vec<_> = rows.unwrap().into_iter().map(|row| row.code).collect();
        assert_eq!(codes, ["411481", "411481109", "411481109222"]);
    }

    #[test]
    fn every_wrong_line_is_named_and_blank_ones_are_passed_over() {
        let text = "永城市\n代码,名称\n411481,永城市\n,\n4114811,甲镇\n411481109,\n411481,永城市\n411481110,乙\u{0}镇";
        let lines = lines(text).into_iter().chain([(9, None)]);
        assert_eq!(
            read(lines),
            Err(vec![
                (5, Fault::Code),
                (6, Fault::NoName),
                (7, Fault::Twice),
                (8, Fault::Name),
                (9, Fault::Unreadable)
            ])
        );
    }

    #[test]
    fn the_name_of_a_township_says_what_it_is() {
        assert_eq!(kind("演集街道办事处"), (TownshipKind::Subdistrict, "演集"));
        assert_eq!(kind("陈集镇"), (TownshipKind::Town, "陈集"));
        assert_eq!(kind("新桥乡"), (TownshipKind::Township, "新桥"));
        assert_eq!(kind("产业集聚区"), (TownshipKind::Township, "产业集聚区"));
    }
}

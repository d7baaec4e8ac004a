//! A table of divisions as the statistics office publishes it: a code and a name a line. The code says on which
//! level a division is, and where it lies.

use std::collections::HashSet;

use super::{MAX_NAME, TownshipKind};
use crate::scalar::Level;

/// Yongcheng: 31 townships and 770 villages. Its first line names the source and its licence.
const YONGCHENG: &str = include_str!("yongcheng.csv");

/// A division of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Six digits for a county, nine for a township, twelve for a village.
    pub code: String,
    /// Its full name, such as 刘河村委会.
    pub name: String,
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
    /// Its code is that of a province or of a city with counties (GB/T 2260).
    #[error(
        "this is a province or a city; counties are what is wanted, whose codes do not end in 00"
    )]
    AboveCounties,
    /// It has no name.
    #[error("there is no name")]
    NoName,
    /// Its name is too long, or has control characters in it.
    #[error("a name has at most {MAX_NAME} characters, and no control characters")]
    Name,
    /// An earlier line has its code.
    #[error("an earlier line has this code")]
    Twice,
}

impl Row {
    /// On which level it is.
    pub fn level(&self) -> Level {
        match self.code.len() {
            6 => Level::County,
            9 => Level::Township,
            _ => Level::Village,
        }
    }

    fn read(cells: &[String]) -> Result<Self, Fault> {
        let mut cells = cells.iter().map(|cell| cell.trim());
        let code = code(cells.next().unwrap_or_default()).ok_or(Fault::Code)?;
        if code.len() == 6 && code.ends_with("00") {
            return Err(Fault::AboveCounties);
        }
        // Between code and name the office writes how urban a village is, as a number.
        let name = cells.find(|cell| !is_number(cell)).ok_or(Fault::NoName)?;
        if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(Fault::Name);
        }
        Ok(Self { code: code.to_owned(), name: name.to_owned() })
    }
}

/// The county that the program knows.
pub fn shipped() -> Vec<Row> {
    let lines = YONGCHENG.lines().map(|line| Some(line.split(',').map(str::to_owned).collect()));
    read((1..).zip(lines)).unwrap_or_default()
}

/// Reads the numbered lines of a table; there is nothing of a line that cannot be read. Titles may stand above the
/// first code.
///
/// # Errors
/// All lines that are wrong, by their numbers.
pub fn read(
    lines: impl IntoIterator<Item = (i32, Option<Vec<String>>)>,
) -> Result<Vec<Row>, Vec<(i32, Fault)>> {
    let (mut rows, mut faults, mut codes) = (Vec::new(), Vec::new(), HashSet::new());
    for (number, cells) in lines {
        let Some(cells) = cells else {
            faults.push((number, Fault::Unreadable));
            continue;
        };
        if cells.iter().all(|cell| cell.trim().is_empty())
            || codes.is_empty() && faults.is_empty() && is_title(&cells)
        {
            continue;
        }
        match Row::read(&cells) {
            Ok(row) if codes.insert(row.code.clone()) => rows.push(row),
            Ok(_) => faults.push((number, Fault::Twice)),
            Err(fault) => faults.push((number, fault)),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// Whether a line is words alone, such as the names of the columns.
fn is_title(cells: &[String]) -> bool {
    let mut cells = cells.iter().map(|cell| cell.trim());
    let first = cells.next().unwrap_or_default();
    let alone = cells.all(str::is_empty);
    !first.starts_with(|c: char| c.is_ascii_digit()) || alone && !is_number(first)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A code without the zeros that fill those of counties and townships up in some tables.
fn code(text: &str) -> Option<&str> {
    if !is_number(text) || !matches!(text.len(), 6 | 9 | 12) {
        return None;
    }
    let mut code = text;
    while let Some(shorter) = code.strip_suffix("000").filter(|shorter| shorter.len() >= 6) {
        code = shorter;
    }
    Some(code)
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
    fn titles_stand_above_the_first_code_and_numbers_between_code_and_name() {
        let text = "2023年统计用区划代码,,\n代码,城乡分类代码,名称\n411481109222,220,刘河村委会";
        let row = Row { code: "411481109222".into(), name: "刘河村委会".into() };
        assert_eq!(read(lines(text)), Ok(vec![row]));
    }

    #[test]
    fn codes_that_are_filled_up_with_zeros_are_those_of_counties_and_townships() {
        let rows = read(lines(
            "411481000000,永城市\n411481109000,陈集镇\n411481109222,刘河村委会\n411482000,某县",
        ));
        let codes: Vec<_> = rows.unwrap().into_iter().map(|row| row.code).collect();
        assert_eq!(codes, ["411481", "411481109", "411481109222", "411482"]);
    }

    #[test]
    fn every_wrong_line_is_named_and_blank_ones_are_passed_over() {
        let text = "永城市\n代码,名称\n411481,永城市\n,\n4114811,甲镇\n411481109,\n411481,永城市\n411481110,乙\t镇\n411400,商丘市";
        let lines = lines(text).into_iter().chain([(10, None)]);
        assert_eq!(
            read(lines),
            Err(vec![
                (5, Fault::Code),
                (6, Fault::NoName),
                (7, Fault::Twice),
                (8, Fault::Name),
                (9, Fault::AboveCounties),
                (10, Fault::Unreadable)
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

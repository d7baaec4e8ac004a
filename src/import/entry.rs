//! Reads one row as a household. What a spreadsheet program does to cells is undone where that is safe,
//! and refused by name where it is not.

use super::fate::{Fault, ImportCode};
use super::layout::{ImportField as Field, Layout};
use crate::household::limits::{MAX_ADDRESS, MAX_DOOR, MAX_LABEL, MAX_NUMBER};
use crate::text;

/// The most characters of a reference.
const MAX_REFERENCE: usize = 40;

/// A row, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number by which the village's register knows it.
    pub reference: Option<String>,
    /// Where it is said to be.
    pub village: NamedVillage,
    /// The number of its group.
    pub group: i32,
    /// Its place in the group.
    pub door: Option<i32>,
    /// How officers call it.
    pub label: String,
    /// Where it is.
    pub address: Option<String>,
    /// How many people live there.
    pub people_count: Option<i32>,
    /// The contact's name, for finding doubles only.
    pub contact_name: Option<String>,
    /// The contact's number, if it is one, for finding doubles only.
    pub phone: Option<String>,
}

/// How a row names its village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedVillage {
    /// By its code.
    Code(String),
    /// By its name, perhaps with its township's name or code.
    Name(String, Option<String>),
}

/// Whether there is nothing in a row.
pub fn is_blank(cells: &[String]) -> bool {
    cells.iter().all(|cell| clean(cell).is_empty())
}

/// Reads a row.
pub fn read(cells: &[String], layout: &Layout) -> Result<Entry, Fault> {
    let row = Row { cells, layout };
    let phone = row.digits(Field::ContactPhone)?;
    let reference = row.digits(Field::Reference)?;
    let reference =
        reference.map(|text| bounded(text, Field::Reference, MAX_REFERENCE)).transpose()?;
    let label = row.text(Field::Label)?.ok_or(Fault::of(ImportCode::Blank, Field::Label))?;
    let address = row.text(Field::Address)?;
    let group = row.number(Field::Group, 1, MAX_NUMBER)?;
    Ok(Entry {
        reference,
        village: row.village()?,
        group: group.ok_or(Fault::of(ImportCode::Blank, Field::Group))?,
        door: row.number(Field::Door, 0, MAX_DOOR)?,
        label: bounded(label, Field::Label, MAX_LABEL)?,
        address: address.map(|text| bounded(text, Field::Address, MAX_ADDRESS)).transpose()?,
        people_count: row.number(Field::PeopleCount, 0, MAX_NUMBER)?,
        // Nothing is kept of a contact, so nothing is refused because of one.
        contact_name: row.text(Field::ContactName).unwrap_or_default(),
        phone: phone.and_then(|phone| text::phone("", &phone).ok()),
    })
}

struct Row<'a> {
    cells: &'a [String],
    layout: &'a Layout,
}

impl Row<'_> {
    /// What stands in a field's column; nothing when it is blank.
    fn text(&self, field: Field) -> Result<Option<String>, Fault> {
        let column = self.layout.column(field);
        let cell = column.and_then(|column| self.cells.get(column)).map(|cell| clean(cell));
        let Some(cell) = cell.filter(|cell| !cell.is_empty()) else { return Ok(None) };
        if cell.starts_with('=') {
            return Err(Fault::of(ImportCode::Formula, field));
        }
        if cell.chars().any(char::is_control) {
            return Err(Fault::of(ImportCode::Invalid, field));
        }
        Ok(Some(cell))
    }

    /// A text of digits, unless a spreadsheet program took it for a number and lost some.
    fn digits(&self, field: Field) -> Result<Option<String>, Fault> {
        let text = self.text(field)?;
        match &text {
            Some(text) if is_scientific(text) => Err(Fault::of(ImportCode::DigitsLost, field)),
            _ => Ok(text.map(|text| text.strip_suffix(".0").map_or(text.clone(), str::to_owned))),
        }
    }

    fn number(&self, field: Field, least: i32, most: i32) -> Result<Option<i32>, Fault> {
        let Some(text) = self.digits(field)? else { return Ok(None) };
        let bare = text.strip_prefix('第').unwrap_or(&text);
        let bare = bare.trim_end_matches(['村', '民', '小', '组', '人', '口', '户', '号']).trim();
        let number = bare.parse().ok().or_else(|| chinese_number(bare));
        match number.filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(Fault::of(ImportCode::Invalid, field)),
        }
    }

    fn village(&self) -> Result<NamedVillage, Fault> {
        if let Some(code) = self.digits(Field::VillageCode)? {
            let sound = code.len() == 12 && code.bytes().all(|byte| byte.is_ascii_digit());
            return if sound {
                Ok(NamedVillage::Code(code))
            } else {
                Err(Fault::of(ImportCode::Invalid, Field::VillageCode))
            };
        }
        match self.text(Field::VillageName)? {
            Some(name) => Ok(NamedVillage::Name(name, self.digits(Field::Township)?)),
            None if self.layout.column(Field::VillageCode).is_some() => {
                Err(Fault::of(ImportCode::Blank, Field::VillageCode))
            }
            None => Err(Fault::of(ImportCode::Blank, Field::VillageName)),
        }
    }
}

fn bounded(text: String, field: Field, most: usize) -> Result<String, Fault> {
    if text.chars().count() <= most {
        return Ok(text);
    }
    Err(Fault::of(ImportCode::TooLong, field).with(i32::try_from(most).unwrap_or(i32::MAX)))
}

/// A cell without the apostrophe by which Excel marks texts, without spaces at its ends, and with
/// digits and letters of the usual width.
pub fn clean(cell: &str) -> String {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
    let cell = cell.strip_prefix('\'').unwrap_or(cell).trim();
    cell.chars()
        .map(|c| match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＋' | '－' | '．' => {
                char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
            }
            '\n' | '\r' | '\t' => ' ',
            c => c,
        })
        .collect()
}

/// Whether a text is a number such as 1.38E+10.
fn is_scientific(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['E', 'e']) else { return false };
    let sign_or_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && !sign_or_digits.is_empty()
        && sign_or_digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number up to 99 in Chinese characters: 三, 十二, 二十一.
fn chinese_number(text: &str) -> Option<i32> {
    let digit = |text: &str| match text {
        "一" => Some(1),
        "二" | "两" => Some(2),
        "三" => Some(3),
        "四" => Some(4),
        "五" => Some(5),
        "六" => Some(6),
        "七" => Some(7),
        "八" => Some(8),
        "九" => Some(9),
        _ => None,
    };
    match text.split_once('十') {
        None => digit(text),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { digit(tens)? };
            let ones = if ones.is_empty() { 0 } else { digit(ones)? };
            Some(tens * 10 + ones)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_does_to_cells_is_undone() {
        assert_eq!(clean(" '０１２３　"), "0123");
        assert_eq!(clean("\u{feff}刘河村　王建国 "), "刘河村　王建国");
    }

    #[test]
    fn scientific_numbers_are_told_from_references_with_letters() {
        assert!(is_scientific("1.38E+10") && is_scientific("4.11481E11"));
        assert!(!is_scientific("A12E5") && !is_scientific("E5") && !is_scientific("12E"));
    }

    #[test]
    fn chinese_numbers_are_read() {
        let read = ["三", "十", "十二", "二十", "九十九", "百", "十十"].map(chinese_number);
        assert_eq!(read, [Some(3), Some(10), Some(12), Some(20), Some(99), None, None]);
    }
}

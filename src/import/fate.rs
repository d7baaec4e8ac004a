//! What becomes of each row of a file, and why. The code and its number are stored and not the sentence,
//! which is said in the language of whoever reads it.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};

use super::layout::ImportField;
use super::sheet::Unreadable;
use crate::error::{Language, Text};

/// What became of a row of an imported file.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportFate {
    /// 新增: a household was registered.
    Created,
    /// 更新: a household was changed.
    Updated,
    /// 无变化: the household was known and is the same.
    Unchanged,
    /// 跳过: an earlier row of the file is about the same household.
    Skipped,
    /// 失败: nothing was done, for the reason that is given.
    Failed,
}

/// Why a row was skipped or failed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportCode {
    /// A required cell is empty.
    Blank,
    /// A text is longer than allowed.
    TooLong,
    /// The cell is not in the form that its column needs.
    Invalid,
    /// A number is in scientific notation, such as 1.38E+10: the spreadsheet program has lost digits.
    DigitsLost,
    /// The cell is a formula. Formulas are not computed.
    Formula,
    /// The village does not exist, or lies outside the area of whoever imports.
    NotFound,
    /// Several villages have this name; the township or the code tells them apart.
    AmbiguousVillage,
    /// No officer looks after the village.
    WithoutOfficer,
    /// Several registered households fit, so none is changed.
    AmbiguousHousehold,
    /// An earlier row is about the same household; `argument` is its line.
    DuplicateRow,
    /// The group has no free place left.
    GroupFull,
    /// The line is neither UTF-8 nor GB 18030.
    BadEncoding,
    /// The line has more than 64 KiB.
    RowTooLong,
    /// A quotation mark is opened and not closed.
    OpenQuote,
}

/// Why a row was skipped or failed, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub code: ImportCode,
    /// The field whose column is meant.
    pub field: Option<ImportField>,
    /// A number that belongs to it: a line, or a limit.
    pub argument: Option<i32>,
}

impl Fault {
    /// A fault of one field.
    pub fn of(code: ImportCode, field: ImportField) -> Self {
        Self { code, field: Some(field), argument: None }
    }

    /// A fault that names a line or a limit.
    pub fn with(self, argument: i32) -> Self {
        Self { argument: Some(argument), ..self }
    }
}

impl From<Unreadable> for Fault {
    fn from(unreadable: Unreadable) -> Self {
        let code = match unreadable {
            Unreadable::Encoding => ImportCode::BadEncoding,
            Unreadable::TooLong => ImportCode::RowTooLong,
            Unreadable::Quote => ImportCode::OpenQuote,
        };
        Self { code, field: None, argument: None }
    }
}

impl ImportCode {
    /// The reason as a sentence.
    pub fn say(self, argument: Option<i32>, language: Language) -> String {
        let n = argument.unwrap_or_default();
        let text = match self {
            Self::Blank => Text::new("此项不能为空。", "This must not be empty."),
            Self::TooLong => Text::new(
                format!("此项不能超过{n}个字符。"),
                format!("This must not be longer than {n} characters."),
            ),
            Self::Invalid => Text::new(
                "此项格式不正确或超出范围。",
                "This is not in the form that the column needs, or out of range.",
            ),
            Self::DigitsLost => Text::new(
                "数字为科学计数法，已丢失位数；请将该列设为文本后重新填写。",
                "The number is in scientific notation and has lost digits. Format the column as text and \
                 enter it again.",
            ),
            Self::Formula => Text::new(
                "单元格是公式；请改为数值或文本。",
                "The cell is a formula. Put its value instead.",
            ),
            Self::NotFound => Text::new("没有找到该村。", "There is no such village."),
            Self::AmbiguousVillage => Text::new(
                "有同名的村；请填写乡镇或12位村代码。",
                "Several villages have this name. Give the township, or the code of 12 digits.",
            ),
            Self::WithoutOfficer => {
                Text::new("该村没有包村民警。", "No officer looks after the village.")
            }
            Self::AmbiguousHousehold => Text::new(
                "有多户与此行相符，未作修改。",
                "Several registered households fit this row; none was changed.",
            ),
            Self::DuplicateRow => Text::new(
                format!("与第{n}行是同一户。"),
                format!("Line {n} is about the same household."),
            ),
            Self::GroupFull => Text::new("该组门牌已满。", "The group has no free place left."),
            Self::BadEncoding => Text::new(
                "此行既不是 UTF-8 也不是 GB 18030 编码。",
                "The line is neither UTF-8 nor GB 18030.",
            ),
            Self::RowTooLong => Text::new("此行超过64 KiB。", "The line has more than 64 KiB."),
            Self::OpenQuote => {
                Text::new("引号没有结束。", "A quotation mark is opened and not closed.")
            }
        };
        text.say(language).to_owned()
    }
}

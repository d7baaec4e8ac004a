//! Rows as a file: CSV, an Excel workbook, or JSON lines. A cell can never become a formula.

use std::fs::File;
use std::io::{Seek, Write};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use rust_xlsxwriter::{Workbook, XlsxError};
use serde_json::{Map, Value};

use super::ExportFormat;
use crate::clock;
use crate::error::{Error, Language, Result};
use crate::text;

/// The rows that a sheet of Excel can hold below its header.
pub const MAX_EXCEL_ROWS: i64 = 1_048_575;

/// A column: its name for programs, in Chinese, and in English.
pub type Column = (&'static str, &'static str, &'static str);

/// What stands in a cell.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A value of a closed set: its code for programs, and its word for people.
    Word(String, &'static str),
    /// A number.
    Number(i64),
    /// A share in percent.
    Share(f64),
    /// Yes or no.
    Flag(bool),
    /// A moment: in UTC for programs, in China's time for people.
    Moment(DateTime<Utc>),
    /// A day of China's calendar.
    Day(NaiveDate),
}

impl Cell {
    /// A text, or nothing.
    pub fn text(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }

    /// A moment, or nothing.
    pub fn moment(moment: Option<DateTime<Utc>>) -> Self {
        moment.map_or(Self::Empty, Self::Moment)
    }

    /// What people read.
    fn say(&self, language: Language) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Word(code, word) => match language {
                Language::Chinese => (*word).to_owned(),
                Language::English => code.clone(),
            },
            Self::Number(number) => number.to_string(),
            Self::Share(share) => share.to_string(),
            Self::Flag(flag) => match (flag, language) {
                (true, Language::Chinese) => "是".to_owned(),
                (false, Language::Chinese) => "否".to_owned(),
                (flag, Language::English) => if *flag { "yes" } else { "no" }.to_owned(),
            },
            Self::Moment(moment) => in_china(*moment).format("%Y-%m-%d %H:%M").to_string(),
            Self::Day(day) => day.to_string(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Word(code, _) => code.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Share(share) => (*share).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Moment(moment) => moment.to_rfc3339().into(),
            Self::Text(_) | Self::Day(_) => self.say(Language::English).into(),
        }
    }
}

fn in_china(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(clock::CHINA.num_seconds() as i32);
    offset.map_or_else(|| moment.fixed_offset(), |offset| moment.with_timezone(&offset))
}

enum Form {
    Csv,
    JsonLines,
    Xlsx(Box<Workbook>, u32),
}

/// A file in the making.
pub struct Sheet {
    form: Form,
    columns: &'static [Column],
    language: Language,
}

impl Sheet {
    /// An empty file of these columns, for people who read `language`.
    pub fn new(
        format: ExportFormat,
        columns: &'static [Column],
        language: Language,
    ) -> Result<Self> {
        let form = match format {
            ExportFormat::Csv => Form::Csv,
            ExportFormat::JsonLines => Form::JsonLines,
            ExportFormat::Xlsx => {
                let mut workbook = Workbook::new();
                workbook.add_worksheet_with_constant_memory().map_err(Error::internal)?;
                Form::Xlsx(Box::new(workbook), 0)
            }
        };
        Ok(Self { form, columns, language })
    }

    /// The header; bytes that can be sent already.
    pub fn begin(&mut self) -> Result<Vec<u8>> {
        let language = self.language;
        let titles = self.columns.iter().map(|(_, chinese, english)| {
            let title = if language == Language::Chinese { chinese } else { english };
            Cell::Text((*title).to_owned())
        });
        let titles: Vec<Cell> = titles.collect();
        match &self.form {
            Form::JsonLines => Ok(Vec::new()),
            Form::Csv => Ok([b"\xef\xbb\xbf".to_vec(), self.add(&[titles])?].concat()),
            Form::Xlsx(..) => self.add(&[titles]),
        }
    }

    /// More rows; bytes that can be sent already.
    pub fn add(&mut self, rows: &[Vec<Cell>]) -> Result<Vec<u8>> {
        match &mut self.form {
            Form::Csv => csv(rows, self.language),
            Form::JsonLines => json_lines(rows, self.columns),
            Form::Xlsx(workbook, next) => {
                fill(workbook, next, rows, self.language).map_err(Error::internal)?;
                Ok(Vec::new())
            }
        }
    }

    /// What could not be sent before the end, as a file that is gone when it is closed.
    pub fn end(self) -> Result<Option<File>> {
        let Form::Xlsx(mut workbook, _) = self.form else { return Ok(None) };
        let mut file = tempfile::tempfile().map_err(Error::internal)?;
        workbook.save_to_writer(&mut file).map_err(Error::internal)?;
        file.rewind().map_err(Error::internal)?;
        Ok(Some(file))
    }
}

fn csv(rows: &[Vec<Cell>], language: Language) -> Result<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| match cell {
                Cell::Text(text) => text::defused(text).into_owned(),
                other => other.say(language),
            }))
            .map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}

fn json_lines(rows: &[Vec<Cell>], columns: &[Column]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for row in rows {
        let object: Map<String, Value> = columns
            .iter()
            .zip(row)
            .map(|((name, ..), cell)| ((*name).to_owned(), cell.json()))
            .collect();
        serde_json::to_writer(&mut lines, &object).map_err(Error::internal)?;
        lines.write_all(b"\n").map_err(Error::internal)?;
    }
    Ok(lines)
}

fn fill(
    workbook: &mut Workbook,
    next: &mut u32,
    rows: &[Vec<Cell>],
    language: Language,
) -> Result<(), XlsxError> {
    let sheet = workbook.worksheet_from_index(0)?;
    for row in rows {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Empty => continue,
                Cell::Number(number) =>
                {
                    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^52")]
                    sheet.write_number(*next, column, *number as f64)?
                }
                Cell::Share(share) => sheet.write_number(*next, column, *share)?,
                other => sheet.write_string(*next, column, other.say(language))?,
            };
        }
        *next += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[("label", "标签", "Label"), ("people", "人数", "People")];

    #[test]
    fn no_text_of_a_csv_file_is_taken_for_a_formula() {
        let rows: Vec<Vec<Cell>> = ["=1+1", "+86", "-1", "@a", "\tb", "王"]
            .map(|text| vec![Cell::Text(text.to_owned()), Cell::Number(-3)])
            .to_vec();
        let mut sheet = Sheet::new(ExportFormat::Csv, COLUMNS, Language::Chinese).unwrap();
        let bytes = [sheet.begin().unwrap(), sheet.add(&rows).unwrap()].concat();
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.starts_with("\u{feff}标签,人数\r\n'=1+1,-3\r\n'+86,-3\r\n'-1,-3\r\n"),
            "{text}"
        );
        assert!(text.contains("\r\n王,-3\r\n"), "{text}");
    }

    #[test]
    fn a_moment_is_said_in_the_time_of_china() {
        let moment = "2026-11-25T17:30:00Z".parse().unwrap();
        assert_eq!(Cell::Moment(moment).say(Language::Chinese), "2026-11-26 01:30");
        assert_eq!(Cell::Moment(moment).json(), "2026-11-25T17:30:00+00:00");
    }
}

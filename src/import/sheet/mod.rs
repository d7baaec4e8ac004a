//! Reads a table that somebody made with a spreadsheet program, line by line and in little memory: CSV in
//! UTF-8 or GB 18030 (of which GBK is a part), separated by commas, semicolons or tabs, and XLSX.
//! It knows lines and cells, and not what they mean.

mod outline;
mod text;
mod workbook;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

pub use outline::{Outline, outline};

/// The most bytes of a file.
pub const MAX_BYTES: u64 = 64 << 20;
/// The most rows below the names of the columns.
pub const MAX_ROWS: i32 = 1_000_000;
/// The most columns.
pub const MAX_COLUMNS: usize = 100;
/// The most bytes of a line.
pub const MAX_LINE: usize = 64 << 10;

/// A line of a table, counted from 1 as a spreadsheet program shows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: i32,
    /// Its cells; none at the end where the line is shorter.
    pub cells: Result<Vec<String>, Unreadable>,
}

/// Why one line cannot be read. The lines after it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is neither UTF-8 nor GB 18030.
    Encoding,
    /// It is longer than [`MAX_LINE`].
    TooLong,
    /// A quotation mark is opened and not closed.
    Quote,
}

/// Why a file cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// There is nothing in it.
    Empty,
    /// It is no table.
    Binary,
    /// It is UTF-16, which Excel calls Unicode text.
    Utf16,
    /// It is of Excel 2003 or older, or has a password.
    OldExcel,
    /// It unpacks to more than can be meant.
    Bomb,
    /// It is damaged.
    Broken,
    /// It has more columns than [`MAX_COLUMNS`].
    TooManyColumns,
    /// It has more rows than [`MAX_ROWS`].
    TooManyRows,
}

/// What a reader calls with each line, until it is told to stop.
pub type Each<'a> = dyn FnMut(Line) -> ControlFlow<()> + 'a;

/// Reads the lines of a file; of a workbook those of its first sheet.
pub fn read(file: &File, each: &mut Each<'_>) -> Result<(), FileFault> {
    let mut file = file.try_clone().map_err(|_| FileFault::Broken)?;
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(|_| FileFault::Broken)?;
    (&file).take(64 << 10).read_to_end(&mut head).map_err(|_| FileFault::Broken)?;
    match head.as_slice() {
        [] => Err(FileFault::Empty),
        [b'P', b'K', 3, 4, ..] => workbook::read(file, each),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(FileFault::OldExcel),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Err(FileFault::Utf16),
        head if head.contains(&0) => Err(FileFault::Binary),
        head => text::read(file, head, each),
    }
}

#[cfg(test)]
mod tests;

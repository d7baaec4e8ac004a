//! Reads the first sheet of an XLSX workbook. Of a formula the value counts that the spreadsheet program
//! computed; nothing is computed here.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use calamine::{DataRef, Reader, Xlsx};

use super::{Each, FileFault, Line, MAX_COLUMNS};

/// The most bytes that a workbook may unpack to, and its shared strings, which are kept in memory.
const MAX_UNPACKED: u64 = 512 << 20;
const MAX_STRINGS: u64 = 48 << 20;
const MAX_ENTRIES: usize = 1000;
/// Numbers with more digits than this have lost some: spreadsheets keep fifteen.
const EXACT: f64 = 1e15;

pub(super) fn read(mut file: File, each: &mut Each<'_>) -> Result<(), FileFault> {
    check_size(&file)?;
    file.seek(SeekFrom::Start(0)).map_err(|_| FileFault::Broken)?;
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|_| FileFault::Broken)?;
    let sheet = workbook.sheet_names().into_iter().next().ok_or(FileFault::Empty)?;
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|_| FileFault::Broken)?;
    let mut line = Line { number: 0, cells: Ok(Vec::new()) };
    while let Some(cell) = cells.next_cell().map_err(|_| FileFault::Broken)? {
        let (row, column) = cell.get_position();
        let number = i32::try_from(row).map_err(|_| FileFault::Broken)? + 1;
        if number < line.number {
            return Err(FileFault::Broken);
        }
        if number > line.number {
            let next = Line { number, cells: Ok(Vec::new()) };
            let done = std::mem::replace(&mut line, next);
            if done.number > 0 && each(done).is_break() {
                return Ok(());
            }
        }
        let text = text(cell.get_value());
        let column = column as usize;
        if text.is_empty() {
            continue;
        }
        if column >= MAX_COLUMNS {
            return Err(FileFault::TooManyColumns);
        }
        if let Ok(cells) = &mut line.cells {
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
    }
    if line.number > 0 {
        let _ = each(line);
    }
    Ok(())
}

/// Unpacks everything once, into nothing: what a workbook says of its own size need not be true.
fn check_size(file: &File) -> Result<(), FileFault> {
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|_| FileFault::Broken)?;
    if archive.len() > MAX_ENTRIES {
        return Err(FileFault::Bomb);
    }
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| FileFault::Broken)?;
        let strings = entry.name().is_ok_and(|name| name.ends_with("sharedStrings.xml"));
        let most = if strings { MAX_STRINGS.min(left) } else { left };
        let unpacked = std::io::copy(&mut entry.take(most + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(|_| FileFault::Broken)?;
        left = left.checked_sub(unpacked).filter(|_| unpacked <= most).ok_or(FileFault::Bomb)?;
    }
    Ok(())
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < EXACT => {
            format!("{number:.0}")
        }
        DataRef::Float(number) if number.abs() >= EXACT => format!("{number:E}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

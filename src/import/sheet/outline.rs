//! Looks through a file before anything is done with it.

use std::fs::File;
use std::ops::ControlFlow;

use super::{FileFault, Line, MAX_ROWS, read};
use crate::import::entry::is_blank;
use crate::import::names::likeness;

/// The names of the columns stand in one of the first so many lines; titles may stand above them.
const HEAD: usize = 20;

/// What there is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The line with the names of the columns.
    pub header_line: i32,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// How many lines with something in them come after it.
    pub rows: i32,
    /// How many empty lines come after it.
    pub blank_rows: i32,
}

/// Looks through a file.
pub fn outline(file: &File) -> Result<Outline, FileFault> {
    let mut head: Vec<Line> = Vec::new();
    let (mut rows, mut blank_rows) = (0, 0);
    read(file, &mut |line| {
        if head.len() < HEAD {
            head.push(line);
        } else {
            count(&line, &mut rows, &mut blank_rows);
        }
        if rows > MAX_ROWS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if rows > MAX_ROWS {
        return Err(FileFault::TooManyRows);
    }
    // Of lines that look alike the first one counts.
    let header = (0..head.len()).rev().max_by_key(|place| match &head[*place].cells {
        Ok(cells) => likeness(cells),
        Err(_) => (0, 0),
    });
    let header = header.ok_or(FileFault::Empty)?;
    for line in &head[header + 1..] {
        count(line, &mut rows, &mut blank_rows);
    }
    let columns = head[header].cells.as_ref().map_err(|_| FileFault::Binary)?;
    if is_blank(columns) {
        return Err(FileFault::Empty);
    }
    let columns = columns.iter().map(|name| name.trim().chars().take(100).collect()).collect();
    Ok(Outline { header_line: head[header].number, columns, rows, blank_rows })
}

fn count(line: &Line, rows: &mut i32, blank_rows: &mut i32) {
    match &line.cells {
        Ok(cells) if is_blank(cells) => *blank_rows += 1,
        _ => *rows += 1,
    }
}

//! The import of the division tree from the command line.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::division::adding::{self, Added, Different};
use crate::division::table::{self, Fault, Row};
use crate::import;
use crate::service::Service;

use super::{open, own_request, say};

/// The most wrong lines that are shown.
const SHOWN: usize = 20;
/// The most lines of a table; a county has about a thousand.
const MAX_LINES: usize = 100_000;

/// Imports the divisions of a file, or those that the program knows, and says in words what came of it.
pub async fn divisions(service: Arc<Service>, file: Option<&Path>) -> Result<String, String> {
    let rows = file.map_or_else(|| Ok(table::shipped()), read)?;
    let added = adding::import(&own_request(service), &rows).await.map_err(say)?;
    Ok(summary(rows.len(), &added))
}

fn read(path: &Path) -> Result<Vec<Row>, String> {
    let file = open(path)?;
    let mut lines = Vec::new();
    let read = import::read(&file, &mut |line| {
        lines.push((line.number, line.cells.ok()));
        if lines.len() > MAX_LINES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    read.map_err(|fault| say(import::refused(fault)))?;
    if lines.len() > MAX_LINES {
        return Err(format!("a table of divisions has at most {MAX_LINES} lines"));
    }
    let rows = table::read(lines).map_err(|faults| list(&faults))?;
    if rows.is_empty() {
        return Err("there is no code in the file".to_owned());
    }
    Ok(rows)
}

fn list(faults: &[(i32, Fault)]) -> String {
    let lines = faults.iter().take(SHOWN).map(|(line, fault)| format!("line {line}: {fault}"));
    let more = faults.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("and {more} more"));
    lines.chain(more).collect::<Vec<_>>().join("\n")
}

fn summary(rows: usize, added: &Added) -> String {
    let Added { counties, townships, villages, stations, different } = added;
    let mut text = String::new();
    for Different { code, name, ended } in different {
        let why = if *ended { "has ended" } else { "is not renamed by an import" };
        text += &format!("{code} {why}; it stays {name}\n");
    }
    text + &format!(
        "{rows} divisions: added {counties} counties, {townships} townships, {villages} villages \
         and {stations} stations"
    )
}

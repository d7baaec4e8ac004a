//! The import of the division tree from the command line.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::Caller;
use crate::actor::Actor;
use crate::division::adding::{self, Added, Different};
use crate::division::table::{self, Fault, Row};
use crate::error::Language;
use crate::import;
use crate::request::Request;
use crate::service::Service;

use super::say;

/// The most wrong lines that are shown.
const SHOWN: usize = 20;
/// The most lines of a table; a county has about a thousand.
const MAX_LINES: usize = 100_000;

/// Imports the divisions of a file, or those that the program knows, and says in words what came of it.
pub async fn divisions(service: Arc<Service>, file: Option<&Path>) -> Result<String, String> {
    let rows = file.map_or_else(|| Ok(table::shipped()), read)?;
    let caller = Caller { actor: Arc::new(Actor::SYSTEM), language: Language::English };
    let added = adding::import(&Request::new(service, caller), &rows).await.map_err(say)?;
    Ok(summary(rows.len(), &added))
}

fn read(path: &Path) -> Result<Vec<Row>, String> {
    let file = File::open(path).map_err(|error| format!("cannot open the file: {error}"))?;
    if file.metadata().is_ok_and(|file| file.len() > import::MAX_BYTES) {
        return Err(say(import::too_large()));
    }
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

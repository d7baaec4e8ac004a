//! The report: the rows of which nothing came, and those that may be doubles, with their original cells and
//! the reason, as CSV that every spreadsheet program opens and none runs.

use std::collections::HashMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::sheet::{self, MAX_COLUMNS};
use super::{ImportBatch, ImportRow, Other, Suggestion, store, upload};
use crate::access::Act;
use crate::duplicate;
use crate::error::{Code, Error, Language, Result, Text};
use crate::household::{Household, HouseholdWith};
use crate::record;
use crate::request::Request;
use crate::text;

/// How many fates are read together.
const PAGE: u64 = 2000;
/// The mark by which Excel knows UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Sends the report of an import, piece by piece.
pub async fn report(request: &Arc<Request>, id: Uuid) -> Result<mpsc::Receiver<Vec<u8>>> {
    let reader = request.reader(Act::ReadImport)?;
    let batch: Option<ImportBatch> = record::one(&reader, &id.into(), ()).await?;
    let batch = batch.ok_or_else(Error::not_found)?;
    // Original cells are personal data in full.
    if !reader.reveals() && batch.officer_id.is_none_or(|officer| officer != request.actor().id) {
        return Err(Error::forbidden());
    }
    let tx = request.service().keep().await?;
    let file = upload::fetch(&tx, batch.upload_id).await?;
    let kept = store::upload(&tx, batch.upload_id, None).await?;
    drop(tx);
    let (Some(file), Some(kept)) = (file, kept) else { return Err(gone()) };
    let (fates, wanted) = mpsc::channel(2);
    let (sender, pieces) = mpsc::channel(4);
    let language = request.language();
    let columns = kept.outline.columns;
    spawn_blocking(move || write(&file, &columns, wanted, &sender, language));
    let request = request.clone();
    tokio::spawn(async move {
        let mut after = 0;
        while let Ok(page) = page(&request, id, after).await {
            let Some(last) = page.last().map(|told| told.line) else { break };
            after = last;
            if fates.send(page).await.is_err() {
                break;
            }
        }
        request.pause().await;
    });
    Ok(pieces)
}

/// What is told of a row.
struct Told {
    line: i32,
    cells: [String; 6],
}

async fn page(request: &Request, id: Uuid, after: i32) -> Result<Vec<Told>> {
    let rows = store::fates(&request.reader(Act::ReadImport)?, id, after, PAGE).await?;
    let others = rows.iter().flat_map(|row| &row.doubles).filter_map(|one| match one.other {
        Other::Household(id) => Some(id),
        Other::Line(_) => None,
    });
    let reader = request.reader(Act::ReadHousehold)?;
    let known = duplicate::households(&reader, HouseholdWith::default(), others.collect()).await?;
    let language = request.language();
    Ok(rows.iter().map(|row| told(row, &known, language)).collect())
}

/// Doubles in words: what each is, and what speaks for it.
fn said(row: &ImportRow, known: &HashMap<Uuid, Household>, language: Language) -> String {
    let one = |one: &Suggestion| {
        let other = match one.other {
            Other::Line(line) => {
                Text::new(format!("第{line}行"), format!("line {line}")).say(language).to_owned()
            }
            Other::Household(id) => match known.get(&id) {
                Some(household) => household.label.clone(),
                None => Text::new("已登记的户", "a registered household").say(language).to_owned(),
            },
        };
        let reasons: Vec<String> = one.reasons.iter().map(|reason| reason.say(language)).collect();
        format!("{other} ({})", reasons.join(", "))
    };
    row.doubles.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn gone() -> Error {
    Error::top(Code::NotFound, "原始文件已按期清除。", "The file is no longer kept.")
}

/// Goes through the file and the fates side by side; both are in the order of lines.
fn write(
    file: &File,
    columns: &[String],
    mut fates: mpsc::Receiver<Vec<Told>>,
    pieces: &mpsc::Sender<Vec<u8>>,
    language: Language,
) {
    let mut page = Vec::new().into_iter();
    let mut next = || loop {
        match page.next() {
            Some(told) => return Some::<Told>(told),
            None => page = fates.blocking_recv()?.into_iter(),
        }
    };
    let own = match language {
        Language::Chinese => ["行号", "结果", "代码", "列", "原因", "疑似重复"],
        Language::English => ["line", "fate", "code", "column", "reason", "possible duplicates"],
    };
    let head = columns.iter().map(String::as_str).chain(own);
    let first = [MARK, &record_of(head)].concat();
    let mut open = pieces.blocking_send(first).is_ok();
    let mut wanted = next();
    let read = sheet::read(file, &mut |line| {
        let Some(told) = wanted.as_ref().filter(|_| open) else { return ControlFlow::Break(()) };
        if line.number < told.line {
            return ControlFlow::Continue(());
        }
        let mut cells = line.cells.unwrap_or_default();
        cells.resize(columns.len().min(MAX_COLUMNS), String::new());
        cells.extend_from_slice(&told.cells);
        open = pieces.blocking_send(record_of(cells.iter().map(String::as_str))).is_ok();
        wanted = next();
        ControlFlow::Continue(())
    });
    if let Err(fault) = read {
        tracing::warn!(?fault, "a kept file cannot be read");
    }
}

fn told(row: &ImportRow, known: &HashMap<Uuid, Household>, language: Language) -> Told {
    let word = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let code = row.code.map(|code| serde_json::json!(code));
    let field = row.field.map(|field| serde_json::json!(field));
    let cells = [
        row.line.to_string(),
        word(serde_json::json!(row.fate).as_str()),
        word(code.as_ref().and_then(|code| code.as_str())),
        word(field.as_ref().and_then(|field| field.as_str())),
        row.code.map(|code| code.say(row.argument, language)).unwrap_or_default(),
        said(row, known, language),
    ];
    Told { line: row.line, cells }
}

/// One record. A cell that a spreadsheet program might run is marked as a text.
fn record_of<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    if let Err(error) = writer.write_record(cells.map(|cell| text::defused(cell).into_owned())) {
        tracing::error!(%error, "a report's row cannot be written");
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_program_might_run_is_marked_as_a_text() {
        let cells = ["=1+1", "+86", "-3", "@a", "\tb", "\rc", "王建国", ""];
        let written = String::from_utf8(record_of(cells.into_iter())).unwrap();
        assert_eq!(written, "'=1+1,'+86,'-3,'@a,'\tb,\"'\rc\",王建国,\r\n");
    }
}

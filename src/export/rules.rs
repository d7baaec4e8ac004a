//! The rules of exports.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use async_graphql::ID;
use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use uuid::Uuid;

use super::contents::{self, Rows};
use super::sheet::{MAX_EXCEL_ROWS, Sheet};
use super::{Export, ExportContent, ExportFormat, store};
use crate::access::Act;
use crate::db::{Once, Tx};
use crate::error::{Code, Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::id::{self, GlobalId};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::DivisionCode;
use crate::text;

const MIN_PURPOSE: usize = 2;
const MAX_PURPOSE: usize = 200;
/// How long after it was asked for a file may be taken.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);
/// Bytes of a finished file that are sent at once.
const PIECE: usize = 64 * 1024;

/// An export to be written down.
pub struct NewExport {
    /// What is taken out.
    pub content: ExportContent,
    /// As what kind of file.
    pub format: ExportFormat,
    /// Of which area.
    pub area_code: Option<DivisionCode>,
    /// What for.
    pub purpose: String,
}

/// Writes down that the caller is going to take data out.
pub async fn request(request: &Request, new: NewExport, once: Once) -> Result<Export> {
    let purpose = text::required("purpose", &new.purpose, MAX_PURPOSE)?;
    if purpose.chars().count() < MIN_PURPOSE {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "purpose",
            "请写明用途，至少两个字。",
            "Say what it is for, in at least two characters.",
        ));
    }
    request.reader(contents::act(new.content))?;
    let now = request.service().clock.now();
    let export = Export {
        id: GlobalId::new(id::Kind::Export, request.new_id()),
        content: new.content,
        format: new.format,
        area_code: new.area_code,
        purpose,
        requested_at: now,
        downloads: 0,
        row_count: None,
        downloaded_at: None,
        officer_id: request.actor().id,
    };
    let mut tx = request.begin(Act::RequestExport).await?;
    if let Some(first) = once.claim(&tx, export.id.uuid(), now).await? {
        return find(&tx, first).await;
    }
    store::insert(&tx, &export).await?;
    tx.record(happened(Kind::ExportRequested, &export, request, serde_json::Value::Null));
    let export = find(&tx, export.id.uuid()).await?;
    tx.commit().await?;
    Ok(export)
}

async fn find(tx: &Tx, id: Uuid) -> Result<Export> {
    expected(record::one(tx, &id.into(), ()).await?, "idempotencyKey")
}

/// A file on its way.
pub struct Download {
    /// How it is to be called.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes. An error breaks it off, so that nobody takes a part for the whole.
    pub bytes: BoxStream<'static, io::Result<Vec<u8>>>,
}

/// Opens the file of the caller's own export. What is taken is written down, before and after.
pub async fn open(request: Arc<Request>, id: &ID) -> Result<Download> {
    let key = GlobalId::expect(id, id::Kind::Export)?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::RequestExport).await?;
    let export: Option<Export> = record::lock(&tx, &key).await?;
    let export = export
        .filter(|export| export.requested_at + GOOD_FOR > now)
        .ok_or_else(Error::not_found)?;
    store::taken(&tx, &export, None, now).await?;
    tx.record(happened(Kind::ExportTaken, &export, &request, serde_json::Value::Null));
    tx.commit().await?;
    if export.format == ExportFormat::Xlsx {
        let rows = contents::count(&request, export.content, export.area_code.as_ref()).await?;
        fits(rows)?;
    }
    let sheet = Sheet::new(export.format, contents::columns(export.content), request.language())?;
    Ok(Download {
        name: name(&export),
        media_type: match export.format {
            ExportFormat::Csv => "text/csv; charset=utf-8",
            ExportFormat::Xlsx => {
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
            ExportFormat::JsonLines => "application/jsonl",
        },
        bytes: bytes(request, export, sheet),
    })
}

fn fits(rows: i64) -> Result<()> {
    if rows <= MAX_EXCEL_ROWS {
        return Ok(());
    }
    Err(Error::top(
        Code::BadUserInput,
        format!("共{rows}行，超过一张Excel工作表的容量，请改用CSV，或选择较小的区域。"),
        format!("An Excel sheet cannot hold {rows} rows. Ask for CSV, or for a smaller area."),
    ))
}

fn name(export: &Export) -> String {
    let content = match export.content {
        ExportContent::Households => "households",
        ExportContent::Inquiries => "inquiries",
        ExportContent::Visits => "visits",
        ExportContent::Coverage => "coverage",
    };
    let ending = match export.format {
        ExportFormat::Csv => "csv",
        ExportFormat::Xlsx => "xlsx",
        ExportFormat::JsonLines => "jsonl",
    };
    let area = export.area_code.as_ref().map(|code| format!("-{}", code.0)).unwrap_or_default();
    format!("{content}{area}.{ending}")
}

/// Where a file stands.
#[expect(clippy::large_enum_variant, reason = "one lives for each file that is being written")]
enum Stage {
    Rows(Sheet, Rows),
    Finished(File),
    Over,
}

struct Writing {
    request: Arc<Request>,
    export: Export,
    stage: Stage,
    rows: i64,
}

fn bytes(
    request: Arc<Request>,
    export: Export,
    mut sheet: Sheet,
) -> BoxStream<'static, io::Result<Vec<u8>>> {
    let header = sheet.begin().map_err(broken);
    let stage = Stage::Rows(sheet, Rows::of(export.content));
    let writing = Writing { request, export, stage, rows: 0 };
    let rest = stream::try_unfold(writing, |mut writing| async move {
        let piece = writing.next().await.map_err(broken)?;
        Ok(piece.map(|piece| (piece, writing)))
    });
    stream::once(async { header }).chain(rest).boxed()
}

/// The cause is in the log; who takes the file only sees that it breaks off.
fn broken(_: Error) -> io::Error {
    io::Error::other("the export broke off")
}

impl Writing {
    /// The next bytes; nothing when the file is whole.
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        match &mut self.stage {
            Stage::Rows(sheet, rows) => {
                let found = rows.next(&self.request, self.export.area_code.as_ref()).await?;
                // Who takes the file may be slow.
                self.request.pause().await;
                self.rows += i64::try_from(found.len()).unwrap_or(i64::MAX);
                if !found.is_empty() {
                    return sheet.add(&found).map(Some);
                }
                self.finish().await
            }
            Stage::Finished(file) => {
                let mut piece = vec![0; PIECE];
                let read = file.read(&mut piece).map_err(Error::internal)?;
                piece.truncate(read);
                Ok((read > 0).then_some(piece))
            }
            Stage::Over => Ok(None),
        }
    }

    /// Writes down that the file was taken whole, and gives what is left of it.
    async fn finish(&mut self) -> Result<Option<Vec<u8>>> {
        let now = self.request.service().clock.now();
        let mut tx = self.request.begin(Act::RequestExport).await?;
        store::taken(&tx, &self.export, Some(self.rows), now).await?;
        let detail = serde_json::json!({ "rows": self.rows });
        tx.record(happened(Kind::ExportTaken, &self.export, &self.request, detail));
        tx.commit().await?;
        if let Stage::Rows(sheet, _) = std::mem::replace(&mut self.stage, Stage::Over)
            && let Some(file) = sheet.end()?
        {
            self.stage = Stage::Finished(file);
            return Ok(Some(Vec::new()));
        }
        Ok(None)
    }
}

fn happened(kind: Kind, export: &Export, request: &Request, detail: serde_json::Value) -> Draft {
    Draft {
        kind,
        at: request.service().clock.now(),
        place: None,
        household_id: None,
        subject_id: export.id.uuid(),
        detail,
    }
}

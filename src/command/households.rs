//! The import of a file from the command line: the same rules as over HTTP, with a bar that shows how far
//! it is.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::error::Error;
use crate::import::{self, ImportBatch, ImportField, ImportState, Order};
use crate::request::Request;
use crate::service::Service;

use super::{open, own_request, say};

/// How often the bar is moved.
const LOOK: Duration = Duration::from_millis(200);

/// What is asked for.
#[derive(Args, Clone)]
pub struct Asked {
    /// The file.
    file: PathBuf,
    /// Only say what would become of the rows.
    #[arg(long)]
    dry_run: bool,
    /// A field and the name of its column, such as `LABEL=户主`. May be repeated.
    #[arg(long)]
    mapping: Vec<String>,
    /// Where to write the rows of which nothing came, with the reasons.
    #[arg(long)]
    report: Option<PathBuf>,
}

/// Imports households, and says in words what came of it.
pub async fn households(service: Arc<Service>, asked: Asked) -> Result<String, String> {
    let mapping = asked.mapping.iter().map(|one| read(one)).collect::<Result<Vec<_>, _>>()?;
    let file = open(&asked.file)?;
    let request = own_request(service);
    let name = asked.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let kept = import::keep(&request, file, name).await.map_err(say)?;
    let order = Order { upload_id: kept.id, mapping, dry_run: asked.dry_run };
    let batch = import::start(&request, order, None).await.map_err(say)?;
    let batch = done(&request, batch).await.map_err(say)?;
    if let Some(path) = &asked.report {
        write_report(&request, &batch, path).await?;
    }
    Ok(summary(&batch))
}

fn read(mapping: &str) -> Result<(ImportField, String), String> {
    let (field, column) = mapping.split_once('=').ok_or("a mapping is FIELD=COLUMN")?;
    let field = serde_json::from_value(field.into());
    let field = field.map_err(|_| "no such field; the contract lists them as ImportField")?;
    Ok((field, column.to_owned()))
}

/// Works, and moves the bar, until the import has ended: here, or at a service on the same database.
async fn done(request: &Arc<Request>, mut batch: ImportBatch) -> Result<ImportBatch, Error> {
    let total = u64::try_from(batch.row_count).unwrap_or_default();
    let style = ProgressStyle::with_template(
        "{bar:40} {human_pos} of {human_len} rows, {per_sec}, {eta} left",
    );
    let bar =
        ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let service = request.service().clone();
    let working = tokio::spawn(async move {
        while import::work(&service).await? {}
        Ok::<_, Error>(())
    });
    while matches!(batch.state, ImportState::Waiting | ImportState::Running) {
        sleep(LOOK).await;
        let found = import::find(request, batch.id.uuid()).await?;
        batch = found.ok_or_else(Error::not_found)?;
        bar.set_position(u64::try_from(batch.counts().total()).unwrap_or_default());
    }
    bar.finish_and_clear();
    working.await.map_err(Error::internal)??;
    Ok(batch)
}

async fn write_report(
    request: &Arc<Request>,
    batch: &ImportBatch,
    path: &PathBuf,
) -> Result<(), String> {
    let text = |error: std::io::Error| format!("cannot write the report: {error}");
    let mut file = tokio::fs::File::create(path).await.map_err(text)?;
    let mut pieces = import::report(request, batch.id.uuid()).await.map_err(say)?;
    while let Some(piece) = pieces.recv().await {
        file.write_all(&piece).await.map_err(text)?;
    }
    file.flush().await.map_err(text)
}

fn summary(batch: &ImportBatch) -> String {
    let counts = batch.counts();
    let mut text = String::new();
    for mapping in batch.mappings() {
        let field = serde_json::json!(mapping.field);
        text += &format!("{}={}\n", field.as_str().unwrap_or_default(), mapping.column);
    }
    let would = if batch.dry_run { " (dry run: nothing was changed)" } else { "" };
    text + &format!(
        "{} rows: {} created, {} updated, {} unchanged, {} skipped, {} failed; {} empty; {:?}{would}",
        batch.row_count,
        counts.created,
        counts.updated,
        counts.unchanged,
        counts.skipped,
        counts.failed,
        batch.blank_row_count,
        batch.state,
    )
}

//! Takes a file in, and out again for whoever works on it. On the way it lies in a temporary file that
//! has no name, so that it is gone with the process; it is kept in the database, sealed, so that any
//! instance can do the work.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use async_graphql::ID;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::sheet::{FileFault, MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Outline, outline};
use super::store::{self, NewUpload};
use crate::access::Act;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::id::{GlobalId, Kind};
use crate::request::Request;

/// How many bytes are sealed together.
const PART: usize = 256 << 10;
const MAX_NAME: usize = 200;

/// A file that was taken in.
pub struct Uploaded {
    /// What `importHouseholds` wants.
    pub id: Uuid,
    /// What there is in it.
    pub outline: Outline,
}

impl Uploaded {
    /// Its global id.
    pub fn global_id(&self) -> ID {
        ID(GlobalId::new(Kind::ImportUpload, self.id).to_string())
    }
}

/// Takes a file in that the caller wants to import.
pub async fn keep(request: &Request, file: File, name: Option<String>) -> Result<Uploaded> {
    let (file, outline) = spawn_blocking(move || {
        let outline = outline(&file);
        (file, outline)
    })
    .await
    .map_err(Error::internal)?;
    let outline = outline.map_err(refused)?;
    let id = request.new_id();
    let now = request.service().clock.now();
    let tx = request.begin(Act::ImportHouseholds).await?;
    let actor = tx.scope().actor();
    let officer_id = (!actor.id.is_nil()).then_some(actor.id);
    let file_name =
        name.map(|name| name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect());
    store::insert_upload(&tx, NewUpload { id, officer_id, file_name }, &outline, now).await?;
    let mut file = rewound(file)?;
    let mut part = Vec::with_capacity(PART);
    for number in 0.. {
        part.clear();
        (&mut file).take(PART as u64).read_to_end(&mut part).map_err(Error::internal)?;
        if part.is_empty() {
            break;
        }
        store::insert_part(&tx, id, number, &part).await?;
    }
    tx.commit().await?;
    Ok(Uploaded { id, outline })
}

/// The file, in a temporary file without a name; nothing when it is no longer kept.
pub async fn fetch(tx: &Tx, upload_id: Uuid) -> Result<Option<File>> {
    let mut file = tempfile::tempfile().map_err(Error::internal)?;
    for number in 0.. {
        let Some(part) = store::part(tx, upload_id, number).await? else { break };
        file.write_all(&part).map_err(Error::internal)?;
    }
    let empty = file.metadata().map_err(Error::internal)?.len() == 0;
    Ok((!empty).then_some(file))
}

fn rewound(mut file: File) -> Result<File> {
    file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
    Ok(file)
}

/// A file that is larger than what is taken.
pub fn too_large() -> Error {
    let most = MAX_BYTES >> 20;
    Error::top(
        Code::FileTooLarge,
        format!("文件不能超过 {most} MiB。"),
        format!("A file has at most {most} MiB."),
    )
}

/// A file that is no table.
pub fn refused(fault: FileFault) -> Error {
    let (chinese, english) = match fault {
        FileFault::Empty => ("文件是空的。".into(), "There is nothing in the file.".into()),
        FileFault::Binary => {
            ("这不是 CSV 或 XLSX 文件。".into(), "This is neither CSV nor XLSX.".into())
        }
        FileFault::Utf16 => (
            "文件是 UTF-16 编码；请另存为 CSV（UTF-8）。".into(),
            "The file is UTF-16. Save it as CSV in UTF-8.".into(),
        ),
        FileFault::OldExcel => (
            "旧版 Excel 文件（.xls）或有密码的文件；请另存为无密码的 .xlsx。".into(),
            "This is of Excel 2003 (.xls) or has a password. Save it as .xlsx without one.".into(),
        ),
        FileFault::Bomb => (
            "文件解压后过大；请另存为 CSV。".into(),
            "The file unpacks to too much. Save it as CSV.".into(),
        ),
        FileFault::Broken => ("文件已损坏。".into(), "The file is damaged.".into()),
        FileFault::TooManyColumns => (
            format!("文件不能超过 {MAX_COLUMNS} 列。"),
            format!("A file has at most {MAX_COLUMNS} columns."),
        ),
        FileFault::TooManyRows => (
            format!("文件不能超过 {MAX_ROWS} 行；请分成几个文件。"),
            format!("A file has at most {MAX_ROWS} rows. Split it."),
        ),
    };
    Error::top(Code::BadFile, chinese, english)
}

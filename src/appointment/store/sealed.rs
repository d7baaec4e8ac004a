//! What an appointment keeps sealed: notes and the names of papers.

use sea_orm::DbErr;

use crate::db::Tx;
use crate::error::{Error, Result};

pub const NOTE: &str = "appointment note";
pub const PAPERS: &str = "appointment papers";

/// The names of papers, opened.
pub fn papers(json: Option<String>) -> Result<Vec<String>, DbErr> {
    json.map_or(Ok(Vec::new()), |json| {
        serde_json::from_str(&json).map_err(|error| DbErr::Json(error.to_string()))
    })
}

/// A note, sealed.
pub fn sealed_note(tx: &Tx, note: &str) -> Result<Vec<u8>> {
    tx.keyring().seal(NOTE, note.as_bytes()).map_err(Error::internal)
}

/// The names of papers, sealed; nothing when there are none.
pub fn sealed_papers(tx: &Tx, papers: &[String]) -> Result<Option<Vec<u8>>> {
    if papers.is_empty() {
        return Ok(None);
    }
    let json = serde_json::to_vec(papers).map_err(Error::internal)?;
    tx.keyring().seal(PAPERS, &json).map(Some).map_err(Error::internal)
}

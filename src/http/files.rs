//! Files that come in as the body of a request: never whole in memory, never longer than they may be, never
//! waited for without end.

use std::fs::File;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::error::{Code, Error};
use crate::http::Server;
use crate::http::reply::Refusal;

/// The body of at most `max` bytes in a temporary file without a name, which is gone with the request.
/// `too_large` says what to do about a longer one.
pub(super) async fn receive(
    server: &Server,
    headers: &HeaderMap,
    body: Body,
    max: u64,
    too_large: fn() -> Error,
) -> Result<File, Refusal> {
    let too_large = || Refusal { status: Some(StatusCode::PAYLOAD_TOO_LARGE), error: too_large() };
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length > max) {
        return Err(too_large());
    }
    let file = tempfile::tempfile().map_err(Error::internal)?;
    let mut file = tokio::fs::File::from_std(file);
    let mut left = max;
    let patience = server.app.limits().timeout;
    let mut body = body.into_data_stream();
    loop {
        let piece = timeout(patience, body.next()).await.map_err(|_| broken_off())?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|_| broken_off())?;
        left = left.checked_sub(piece.len() as u64).ok_or_else(too_large)?;
        file.write_all(&piece).await.map_err(Error::internal)?;
    }
    file.flush().await.map_err(Error::internal)?;
    Ok(file.into_std().await)
}

fn broken_off() -> Refusal {
    let error =
        Error::top(Code::BadRequest, "文件没有传完。", "The file did not arrive completely.");
    Refusal { status: Some(StatusCode::BAD_REQUEST), error }
}

//! The files that `requestExport` leads to. A few at a time: each reads a whole area.

use std::sync::Arc;

use async_graphql::ID;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;

use crate::error::{Code, Error};
use crate::export;
use crate::http::negotiate::Media;
use crate::http::reply::Refusal;
use crate::http::{Server, caller};
use crate::request::Request;

/// Files that are written at the same time.
pub(super) const AT_ONCE: usize = 4;

/// Answers with a file.
pub(super) async fn take(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = caller::language(&headers);
    let answer = open(server, ID(id), &headers).await;
    answer.unwrap_or_else(|error| Refusal::from(error).reply(Media::GraphqlResponse, language))
}

async fn open(server: Arc<Server>, id: ID, headers: &HeaderMap) -> Result<Response, Error> {
    let caller = caller::identify(&server.app, headers).await?;
    let place = server.exports.clone().try_acquire_owned().map_err(|_| busy())?;
    let request = Request::new(server.app.service().clone(), caller);
    let file = export::open(request, &id).await?;
    let bytes = file.bytes.map(move |bytes| {
        // Held until the last byte is sent, or nobody takes any more.
        let _ = &place;
        bytes
    });
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    let disposition = HeaderValue::try_from(disposition).map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.media_type)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

fn busy() -> Error {
    Error::top(
        Code::RateLimited,
        "正在导出的文件较多，请稍后再试。",
        "Many files are being taken just now. Try again in a while.",
    )
}

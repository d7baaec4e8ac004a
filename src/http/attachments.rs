//! Files of messages on their way in, `PUT /uploads/{address}`, and out, `GET /attachments/{address}`. Both
//! addresses are given out by GraphQL and good for a while; they are the permission, so no token is wanted.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::attachment;
use crate::error::{Code, Error};
use crate::http::negotiate::Media;
use crate::http::reply::Refusal;
use crate::http::{Server, caller, files};
use crate::id::GlobalId;

/// Where files come in.
pub(super) const UPLOAD: &str = "/uploads/{address}";
/// Where files are had.
pub(super) const DOWNLOAD: &str = "/attachments/{address}";
/// Files that come in at the same time: each takes its room on the disk until it is kept.
pub(super) const AT_ONCE: usize = 32;

/// What is served was sent by somebody whom nobody knows. No browser may show it as a page of ours, guess what it
/// is, run anything in it, or put it into another page.
const GUARDS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Takes in the file that is the request's body.
pub(super) async fn take(
    State(server): State<Arc<Server>>,
    Path(address): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = receive(&server, &address, &headers, body).await;
    taken
        .unwrap_or_else(|refusal| refusal.reply(Media::GraphqlResponse, caller::language(&headers)))
}

async fn receive(
    server: &Server,
    address: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let service = server.app.service().clone();
    let offer = attachment::offered(&service, address).await?;
    let _place = server.uploads.try_acquire().map_err(|_| busy())?;
    let file = files::receive(server, headers, body, offer.bytes, attachment::too_long).await?;
    // Whoever hangs up now does not leave a half behind.
    let keeping = tokio::spawn(attachment::keep(service, offer, file));
    let file = keeping.await.map_err(Error::internal)??;
    let answer = json!({
        "attachmentId": GlobalId::to_string(&file.id),
        "name": file.name,
        "mediaType": file.media_type,
        "bytes": file.bytes,
        "width": file.width,
        "height": file.height,
    });
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}

/// Answers with a file.
pub(super) async fn give(
    State(server): State<Arc<Server>>,
    Path(address): Path<String>,
    headers: HeaderMap,
) -> Response {
    match attachment::open(server.app.service().clone(), &address).await {
        Ok(download) => response(download),
        Err(error) => {
            Refusal::from(error).reply(Media::GraphqlResponse, caller::language(&headers))
        }
    }
}

fn response(download: attachment::Download) -> Response {
    let file = download.file;
    // RFC 6266; every other sign is encoded, so that no name ends the header or begins another.
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
    let disposition = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}"));
    let media_type = HeaderValue::try_from(file.media_type);
    let (Ok(disposition), Ok(media_type)) = (disposition, media_type) else {
        return Refusal::from(Error::internal("a file's name makes no header"))
            .reply(Media::GraphqlResponse, Default::default());
    };
    // The status is sent by now: whatever fails cuts the file off, and its length shows that.
    let bytes = download.bytes.map_err(|_| io::Error::other("the file broke off"));
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    headers.extend(GUARDS);
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CONTENT_LENGTH, file.bytes.into());
    response
}

fn busy() -> Error {
    Error::top(
        Code::RateLimited,
        "正在上传的文件较多，请稍后再试。",
        "Many files are coming in just now. Try again in a while.",
    )
}

//! Files on their way in and reports on their way out: `POST /imports`, `GET /imports/{id}/report`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::{self, Act};
use crate::error::Error;
use crate::http::negotiate::Media;
use crate::http::reply::{Refusal, content_language};
use crate::http::{Server, caller, files};
use crate::id::{GlobalId, Kind};
use crate::import::{self, MAX_BYTES};
use crate::request::Request;

/// Where files come in.
pub(super) const PATH: &str = "/imports";
/// Where a report is.
pub(super) const REPORT: &str = "/imports/{id}/report";

/// Takes in the file that is the request's body. `Content-Disposition: attachment; filename*=UTF-8''…`
/// names it.
pub(super) async fn upload(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let language = caller::language(&headers);
    match take(&server, &headers, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.reply(Media::GraphqlResponse, language),
    }
}

async fn take(server: &Server, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
    let caller = caller::identify(&server.app, headers).await?;
    // Nobody sends us a file for nothing.
    access::scope(&caller.actor, Act::ImportHouseholds, server.app.clock().now())?;
    let file = files::receive(server, headers, body, MAX_BYTES, import::too_large).await?;
    let request = Request::new(server.app.service().clone(), caller);
    let kept = import::keep(&request, file, file_name(headers)).await.map_err(unprocessable)?;
    let answer = json!({
        "uploadId": kept.global_id().to_string(),
        "columns": kept.outline.columns,
        "rows": kept.outline.rows,
    });
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}

/// The report of an import as CSV.
pub(super) async fn report(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = caller::language(&headers);
    match send(&server, &id, &headers).await {
        Ok(mut response) => {
            response.headers_mut().insert(header::CONTENT_LANGUAGE, content_language(language));
            response
        }
        Err(error) => Refusal::from(error).reply(Media::GraphqlResponse, language),
    }
}

async fn send(server: &Server, id: &str, headers: &HeaderMap) -> Result<Response, Error> {
    let caller = caller::identify(&server.app, headers).await?;
    let request = Request::new(server.app.service().clone(), caller);
    let id = GlobalId::expect_uuid(&id.to_owned().into(), Kind::ImportBatch)?;
    let pieces = import::report(&request, id).await?;
    let pieces = futures_util::stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(piece), pieces))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let kept = response.headers_mut();
    kept.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    kept.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"import-report.csv\""),
    );
    kept.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The name that `Content-Disposition` gives (RFC 6266), as far as it is plain.
fn file_name(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_DISPOSITION)?.to_str().ok()?;
    let parameter = |name: &str| {
        value.split(';').find_map(|part| part.trim().strip_prefix(name).map(str::to_owned))
    };
    let encoded = parameter("filename*=").and_then(|name| {
        let name = name.strip_prefix("UTF-8''")?;
        percent_encoding::percent_decode_str(name).decode_utf8().ok().map(|name| name.into_owned())
    });
    let name = encoded.or_else(|| Some(parameter("filename=")?.trim_matches('"').to_owned()))?;
    // Some programs send the whole path.
    name.rsplit(['/', '\\']).next().map(str::to_owned).filter(|name| !name.is_empty())
}

fn unprocessable(error: Error) -> Refusal {
    Refusal { status: None, error }
}

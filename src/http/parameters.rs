//! Reads the parameters of a GraphQL request from a URL or a JSON body.

use async_graphql::{Request, Variables};
use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::{Code, Error};
use crate::http::reply::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UrlParameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Parameters in a URL; `variables` and `extensions` are JSON texts there.
pub(super) fn from_url(uri: &Uri) -> Result<Request, Refusal> {
    let Query(parameters) = Query::<UrlParameters>::try_from_uri(uri).map_err(|_| {
        bad_request("URL 参数格式不正确。", "The parameters of the URL are not well-formed.")
    })?;
    let mut request = Request::new(parameters.query.unwrap_or_default());
    request.operation_name = parameters.operation_name;
    request.variables = part(parameters.variables.as_deref())?.unwrap_or_else(Variables::default);
    request.extensions = part(parameters.extensions.as_deref())?.unwrap_or_default();
    with_query(request)
}

fn part<T: DeserializeOwned>(json: Option<&str>) -> Result<Option<T>, Refusal> {
    let json = json.filter(|json| !json.is_empty());
    json.map(serde_json::from_str).transpose().map_err(|error| not_json(&error).into())
}

/// Parameters in a JSON body of at most `limit` bytes.
pub(super) async fn from_body(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Request, Refusal> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: u64| length > limit as u64)
    {
        return Err(too_long(limit));
    }
    let body = http_body_util::Limited::new(body, limit);
    let bytes = match http_body_util::BodyExt::collect(body).await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(too_long(limit));
        }
        Err(_) => {
            return Err(bad_request("请求体不完整。", "The body ended too early."));
        }
    };
    from_json(&bytes)
}

fn from_json(bytes: &[u8]) -> Result<Request, Refusal> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(bad_request(
            "不支持批量请求：请每次只发送一个操作。",
            "Batches are not supported: send one operation in each request.",
        ));
    }
    with_query(serde_json::from_slice(bytes).map_err(|error| not_json(&error))?)
}

/// The request, if it has a document.
pub(super) fn with_query(request: Request) -> Result<Request, Refusal> {
    if request.query.is_empty() {
        return Err(bad_request("缺少参数 query。", "The parameter `query` is missing."));
    }
    Ok(request)
}

fn not_json(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => Error::top(
            Code::BadRequest,
            format!(
                "参数类型不正确（第 {line} 行第 {column} 列）：query、operationName 为字符串，variables、extensions 为对象。"
            ),
            format!(
                "A parameter has the wrong type (line {line}, column {column}): `query` and `operationName` are strings, `variables` and `extensions` are objects."
            ),
        ),
        _ => Error::top(
            Code::BadRequest,
            format!("请求不是有效的 JSON（第 {line} 行第 {column} 列）。"),
            format!("The request is not valid JSON (line {line}, column {column})."),
        ),
    }
}

fn bad_request(chinese: &'static str, english: &'static str) -> Refusal {
    Error::top(Code::BadRequest, chinese, english).into()
}

fn too_long(limit: usize) -> Refusal {
    let error = Error::top(
        Code::QueryTooLarge,
        format!("请求体超出限制：body_bytes 最多为 {limit}。"),
        format!("The body exceeds a limit: body_bytes is at most {limit}."),
    );
    Refusal { status: Some(StatusCode::PAYLOAD_TOO_LARGE), error }
}

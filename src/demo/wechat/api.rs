//! The double's API, at the paths of the real one.

use std::collections::HashMap;
use std::future::pending;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures_util::stream;
use serde_json::{Value, json};

use super::Double;
use super::world::{Fault, Refusal, World};

pub fn routes() -> Router<Double> {
    Router::new().route("/cgi-bin/{*path}", any(answer))
}

async fn answer(
    State(double): State<Double>,
    Path(path): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let fault = double.world().called(&path);
    match fault {
        Some(Fault::Refuse(number)) => return refused(number),
        Some(Fault::Hang) => pending().await,
        Some(Fault::Close) => return broken(),
        Some(Fault::Gateway) => {
            return (StatusCode::BAD_GATEWAY, "<html>Bad Gateway</html>").into_response();
        }
        Some(Fault::LoseAnswer) | None => {}
    }
    let answered = respond(&mut double.world(), &path, &query, &body);
    if fault == Some(Fault::LoseAnswer) {
        return broken();
    }
    answered.unwrap_or_else(refused)
}

fn respond(
    world: &mut World,
    path: &str,
    query: &HashMap<String, String>,
    body: &[u8],
) -> Result<Response, Refusal> {
    let said = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    if path == "gettoken" {
        return world.grant(said("corpid"), said("corpsecret")).map(done);
    }
    if path == "stable_token" {
        let asked = serde_json::from_slice(body).map_err(|_| 47001)?;
        return world.grant_stable(&asked).map(done);
    }
    if path.starts_with("message/") {
        world.is_official(said("access_token"))?;
        let asked = serde_json::from_slice(body).map_err(|_| 47001)?;
        return Ok(done(match path {
            "message/custom/send" => world.say(&asked)?,
            "message/template/send" => world.notify(&asked)?,
            _ => return Err(40066),
        }));
    }
    let of_account = path.starts_with("media/") && world.is_official(said("access_token")).is_ok();
    if !of_account {
        world.admit(said("access_token"))?;
    }
    if path == "media/get" {
        let (mime, bytes) = world.file(said("media_id"))?;
        return Ok(([(header::CONTENT_TYPE, mime)], bytes).into_response());
    }
    if path == "media/upload" {
        return world.brought(said("type"), body).map(done);
    }
    let asked: Value = serde_json::from_slice(body).map_err(|_| 47001)?;
    if let Some(account) = asked.get("open_kfid") {
        world.is_account(account)?;
    }
    Ok(done(match path {
        "kf/sync_msg" => world.page(&asked)?,
        "kf/send_msg" => world.send_message(&asked)?,
        "kf/send_msg_on_event" => world.welcome(&asked)?,
        "kf/service_state/get" => world.state(&asked)?,
        "kf/service_state/trans" => world.change_state(&asked)?,
        "kf/customer/batchget" => world.customers(&asked),
        "kf/add_contact_way" => world.link(&asked)?,
        "kf/account/list" => world.accounts(&asked),
        _ => match path.strip_prefix("externalcontact/") {
            Some(call) => world.contact(call, &asked)?,
            None => return Err(40066),
        },
    }))
}

fn done(mut answer: Value) -> Response {
    answer["errcode"] = 0.into();
    answer["errmsg"] = "ok".into();
    axum::Json(answer).into_response()
}

fn refused(number: Refusal) -> Response {
    axum::Json(json!({ "errcode": number, "errmsg": "refused by the double" })).into_response()
}

/// An answer in the middle of which the line breaks.
fn broken() -> Response {
    let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Body::from_stream(stream::iter([Ok(Bytes::from_static(b"{\"err")), Err(cut)])).into_response()
}

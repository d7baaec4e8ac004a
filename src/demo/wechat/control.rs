//! The page on which one plays residents, and what it calls.

use axum::extract::State;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Double;
use super::world::{Delivering, Fault};

pub fn routes() -> Router<Double> {
    Router::new()
        .route("/", get(async || Html(include_str!("page.html"))))
        .route("/control/phones", get(phones))
        .route("/control/friends", get(friends))
        .route("/control/followers", get(followers))
        .route("/control", post(control))
}

/// What can be done on the page, or by a script.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Deed {
    /// A resident follows a link.
    Enter {
        resident: String,
        scene: String,
    },
    /// A resident writes.
    Write {
        resident: String,
        text: String,
    },
    /// A resident chooses from a menu.
    Click {
        resident: String,
        text: String,
    },
    /// A resident sends a file.
    SendFile {
        resident: String,
        kind: String,
        mime: String,
        base64: String,
    },
    /// A resident takes a message back.
    Recall {
        resident: String,
        msgid: String,
    },
    /// An officer answers in the WeCom client.
    ServicerWrites {
        resident: String,
        text: String,
    },
    /// What was sent did not arrive.
    Fail {
        resident: String,
        msgid: String,
        fail_type: i64,
    },
    /// A session moves.
    SetState {
        resident: String,
        state: i64,
    },
    /// Calls go wrong.
    Misbehave {
        path: String,
        fault: Fault,
        times: usize,
    },
    /// Callbacks are delivered in another way.
    Deliver {
        how: Delivering,
    },
    /// A member joins the corp, or leaves it.
    Join {
        user: String,
    },
    Resign {
        user: String,
    },
    /// A resident becomes a member's friend, scans a QR code, or deletes the member; and the member the resident.
    Befriend {
        user: String,
        resident: String,
        state: String,
    },
    Scan {
        url: String,
        resident: String,
    },
    ResidentDeletes {
        user: String,
        resident: String,
    },
    MemberDeletes {
        user: String,
        resident: String,
    },
    /// A resident does not go along to another member.
    RefuseMove {
        user: String,
        resident: String,
    },
    /// Somebody begins to follow the Official Account, writes to it, or leaves it.
    Follow {
        follower: String,
        scene: String,
    },
    WriteToAccount {
        follower: String,
        text: String,
    },
    Unfollow {
        follower: String,
    },
    /// All access tokens end.
    EndTokens,
}

async fn control(State(double): State<Double>, Json(deed): Json<Deed>) -> Json<Value> {
    let mut world = double.world();
    let mut msgid = None;
    match deed {
        Deed::Enter { resident, scene } => world.enter(&resident, &scene),
        Deed::Write { resident, text } => msgid = Some(world.write(&resident, &text)),
        Deed::Click { resident, text } => msgid = world.click(&resident, &text),
        Deed::SendFile { resident, kind, mime, base64 } => {
            let bytes = STANDARD.decode(base64).unwrap_or_default();
            msgid = Some(world.send_file(&resident, &kind, &mime, bytes));
        }
        Deed::Recall { resident, msgid } => world.recall(&resident, &msgid),
        Deed::ServicerWrites { resident, text } => {
            msgid = Some(world.servicer_writes(&resident, &text));
        }
        Deed::Fail { resident, msgid, fail_type } => world.fail(&resident, &msgid, fail_type),
        Deed::SetState { resident, state } => world.set_state(&resident, state),
        Deed::Misbehave { path, fault, times } => world.misbehave(&path, fault, times.min(1000)),
        Deed::Deliver { how } => world.delivering = how,
        Deed::Join { user } => world.join(&user),
        Deed::Resign { user } => world.resign(&user),
        Deed::Befriend { user, resident, state } => world.befriend(&user, &resident, &state),
        Deed::Scan { url, resident } => world.scan(&url, &resident),
        Deed::ResidentDeletes { user, resident } => world.resident_deletes(&user, &resident),
        Deed::MemberDeletes { user, resident } => world.member_deletes(&user, &resident),
        Deed::RefuseMove { user, resident } => world.refuse_move(&user, &resident),
        Deed::Follow { follower, scene } => {
            let callback = world.follow(&follower, &scene);
            world.post_to_account(&follower, callback);
        }
        Deed::WriteToAccount { follower, text } => {
            let callback = world.write_to_account(&follower, &text);
            world.post_to_account(&follower, callback);
        }
        Deed::Unfollow { follower } => {
            let callback = world.unfollow(&follower);
            world.post_to_account(&follower, callback);
        }
        Deed::EndTokens => world.end_tokens(),
    }
    Json(json!({ "msgid": msgid }))
}

async fn phones(State(double): State<Double>) -> Json<Value> {
    let world = double.world();
    let phones = world.residents().into_iter().map(|one| {
        let lines = world.phone(&one).into_iter().map(|line| {
            json!({ "msgid": line.msgid, "own": line.own, "text": line.text,
                    "choices": world.choices(&line.msgid) })
        });
        let lines: Vec<Value> = lines.collect();
        json!({ "resident": one, "lines": lines })
    });
    Json(phones.collect())
}

/// The members' friends, and the QR codes of households.
async fn friends(State(double): State<Double>) -> Json<Value> {
    let world = double.world();
    let friends = world.friendships().into_iter().map(|(user, resident, friend)| {
        json!({ "user": user, "resident": resident, "remark": friend.remark,
                "tags": world.tags_of(&user, &resident) })
    });
    let friends: Vec<Value> = friends.collect();
    let ways = world.ways().into_iter().map(|way| json!({ "user": way.user, "state": way.state }));
    let ways: Vec<Value> = ways.collect();
    Json(json!({ "friends": friends, "ways": ways }))
}

/// What the Official Account sent its followers.
async fn followers(State(double): State<Double>) -> Json<Value> {
    let world = double.world();
    let followers = world.followers().into_iter();
    Json(
        followers
            .map(|one| json!({ "follower": one, "received": world.said(&one), "notices": world.notices(&one) }))
            .collect(),
    )
}

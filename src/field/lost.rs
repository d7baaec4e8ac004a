//! Says where a household has gone that an officer still had in the field book. It is said only of
//! households that were in the caller's own area; of all others, as always, nothing.

use std::collections::HashMap;

use uuid::Uuid;

use super::store::{self, Departure};
use crate::access::Act;
use crate::db::Key;
use crate::error::{Error, Kind, Result, UserErrorCode};
use crate::request::Request;

/// Better errors for items whose households were not found, by their places.
pub async fn explain(
    request: &Request,
    lost: HashMap<usize, (Uuid, Error)>,
) -> Result<Vec<(usize, Error)>> {
    let keys: Vec<Key> = lost.values().map(|(id, _)| Key::Id(*id)).collect();
    let tx = request.begin(Act::SyncFieldWork).await?;
    let departures = store::departures(&tx, &keys).await?;
    let formerly = store::formerly_posted(&tx, &keys).await?;
    let explained = lost.into_iter().filter_map(|(place, (id, error))| {
        let better = match departures.get(&id) {
            Some(Departure::Withdrawn) => withdrawn(),
            Some(Departure::Moved | Departure::Merged(_)) => elsewhere(),
            None if formerly.contains(&id) => posting_ended(),
            None => return None,
        };
        Some((place, placed(better, error)))
    });
    Ok(explained.collect())
}

/// The error, at the field of another one.
fn placed(mut error: Error, at: Error) -> Error {
    if let (Kind::User(_, path), Kind::User(_, there)) = (&mut error.kind, at.kind) {
        *path = there;
    }
    error
}

fn elsewhere() -> Error {
    Error::user(
        UserErrorCode::HouseholdElsewhere,
        "",
        "该户已移出您负责的村，或已并入其他村的住户。",
        "The household was moved out of your villages, or merged into one that lies elsewhere.",
    )
}

fn withdrawn() -> Error {
    Error::user(
        UserErrorCode::HouseholdWithdrawn,
        "",
        "登记该户的导入已被撤回，该户不存在。",
        "The import that had registered the household was taken back.",
    )
}

fn posting_ended() -> Error {
    Error::user(
        UserErrorCode::PostingEnded,
        "",
        "您已不再负责该户所在的村。",
        "Your posting to the household's village has ended.",
    )
}

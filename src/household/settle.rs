//! What follows for households when something happens to them or to their contacts: who is asked first, how
//! far they are, whether they can be reached, when that was confirmed, how they are found. It is worked out
//! here and nowhere else, from who speaks for them now.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::household;
use entity::household_contact::Standing;
use entity::household_status_change::Cause;
use serde_json::json;
use uuid::Uuid;

use super::history::NewStatusChange;
use super::state::{self, Move};
use super::store::{self, Link};
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::request::Request;
use crate::tally::Counted;

/// What happened.
pub struct Happened {
    /// What it does to the status.
    pub made: Move,
    /// What it was.
    pub cause: Cause,
    /// Why, in the officer's words.
    pub reason: Option<String>,
    /// When; what was done at a door may be told later.
    pub at: DateTime<Utc>,
}

/// Writes what follows for households that are locked, and whatever else `edit` changes of them, keeps the
/// changes of their statuses, and tells of it all.
pub async fn settle(
    request: &Request,
    tx: &mut Tx,
    households: Vec<household::Model>,
    happened: Happened,
    edit: impl Fn(&mut household::Model),
) -> Result<()> {
    let now = request.service().clock.now();
    let ids: Vec<Uuid> = households.iter().map(|household| household.id).collect();
    let mut links = store::links(tx, &ids).await?;
    promote_backups(tx, &mut links).await?;
    let mut rows = Vec::with_capacity(households.len());
    let mut history = Vec::new();
    for before in households {
        let mut after = before.clone();
        edit(&mut after);
        follow(&mut after, links.get(&before.id).map_or(&[], Vec::as_slice), happened.made)?;
        after.search_text = store::search_text(&after.label, store::names(&links, before.id));
        after.version = before.version.saturating_add(1);
        after.updated_at = now;
        if after.status != before.status {
            history.push(NewStatusChange {
                id: request.new_id(),
                household_id: before.id,
                from: before.status,
                to: after.status,
                cause: happened.cause,
                reason: happened.reason.clone(),
                changed_at: happened.at,
            });
        }
        tx.record(changed(&before, &after, now));
        rows.push(after);
    }
    store::write(tx, &rows).await?;
    store::insert_changes(tx, history).await
}

/// Where a household has contacts of its own and none of them is asked first, the oldest is from now on.
async fn promote_backups(tx: &Tx, links: &mut HashMap<Uuid, Vec<Link>>) -> Result<()> {
    let mut promoted = Vec::new();
    for (household_id, speaking) in links {
        if speaking.iter().any(|link| link.standing == Standing::Primary) {
            continue;
        }
        if let Some(next) = speaking.iter_mut().find(|link| link.is_own()) {
            next.standing = Standing::Primary;
            promoted.push((*household_id, next.contact_id));
        }
    }
    store::set_standing(tx, &promoted, Standing::Primary).await
}

/// What a household is after a move, with these contacts.
fn follow(household: &mut household::Model, speaking: &[Link], made: Move) -> Result<()> {
    let has_own = speaking.iter().any(Link::is_own);
    let made = if made == Move::Left && has_own { Move::Stays } else { made };
    household.status = state::next(household.status, made).ok_or_else(|| impossible(made))?;
    household.reachable = reachable(household.status, speaking);
    household.confirmed_at = speaking.iter().filter_map(|link| link.confirmed_at).max();
    Ok(())
}

/// Whether one of a household's contacts may be messaged for it.
fn reachable(status: household::Status, speaking: &[Link]) -> bool {
    let consents = |own: bool| speaking.iter().any(|link| link.consents && link.is_own() == own);
    state::reachable(status, consents(true), consents(false))
}

/// Why a move is refused.
pub fn impossible(made: Move) -> Error {
    let (chinese, english) = match made {
        Move::ByHand(household::Status::Enrolled) => (
            "登记联系人后，该户才会成为已建联。",
            "A household becomes ENROLLED by enrolling a contact.",
        ),
        Move::ByHand(household::Status::Visited) => (
            "该户已建联；其联系人退出后，才会回到已走访。",
            "The household is enrolled; it is VISITED again when its contacts leave.",
        ),
        _ => ("该户不能再回到未走访。", "No household becomes UNVISITED again."),
    };
    Error::user(UserErrorCode::WrongState, "status", chinese, english)
}

fn changed(before: &household::Model, after: &household::Model, now: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::HouseholdChanged,
        at: now,
        place: Some((after.village_code.clone(), after.township_code.clone())),
        household_id: Some(after.id),
        subject_id: after.id,
        detail: json!({ "before": counted(before), "after": counted(after) }),
    }
}

fn counted(household: &household::Model) -> Counted {
    Counted {
        village: Some(household.village_code.clone()),
        township: Some(household.township_code.clone()),
        status: store::status_name(household.status),
        people: household.people_count.into(),
        reachable: household.reachable,
        confirmed_on: household.confirmed_at.map(clock::day),
    }
}

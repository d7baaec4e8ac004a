//! Does what is handed in, each piece in a transaction of its own, in the order in which it was done.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

use super::item::{Item, Work, at};
use super::mutation::{FieldWorkConflict, FieldWorkOutcome};
use super::{edit, lost, store};
use crate::access::Act;
use crate::db::once::REMEMBERED_DAYS;
use crate::db::{Key, Made};
use crate::error::{Code, Error, Kind, Result, UserErrorCode};
use crate::household::{Contact, Enrolment, enrol};
use crate::merge;
use crate::request::Request;
use crate::visit::{self, NewVisit, Visit};

/// The most items of one request.
const MAX_ITEMS: usize = 100;
/// How far the clock of a device may be ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// How many days old a piece of work may be. Its key is remembered for longer, so none is done twice.
const OLDEST_DAYS: i64 = REMEMBERED_DAYS - 1;

/// What became of a piece of work that was not refused.
pub struct Done {
    /// In one word.
    pub outcome: FieldWorkOutcome,
    /// The values in conflict.
    pub conflicts: Vec<FieldWorkConflict>,
    /// The household.
    pub household_id: Option<Uuid>,
    /// The visit.
    pub visit_id: Option<Uuid>,
    /// The contact.
    pub contact_id: Option<Uuid>,
}

impl Done {
    /// Something that became of nothing in particular.
    pub fn of(outcome: FieldWorkOutcome) -> Self {
        Self {
            outcome,
            conflicts: Vec::new(),
            household_id: None,
            visit_id: None,
            contact_id: None,
        }
    }
}

/// Does the items, and answers for each in their order.
pub async fn sync(request: &Request, items: Vec<Result<Item>>) -> Result<Vec<Result<Done>>> {
    let mut items = counted(items)?;
    let known = known(request, &mut items).await?;
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|place| items[*place].as_ref().ok().map(|item| item.made_at));
    let mut lost = HashMap::new();
    let mut away = None;
    let mut done: Vec<Option<Result<Done>>> = items.iter().map(|_| None).collect();
    let mut waiting: Vec<Option<Result<Item>>> = items.into_iter().map(Some).collect();
    for place in order {
        let result = match (waiting[place].take(), &away) {
            (_, Some(error)) => Err(Error::clone(error)),
            (Some(Ok(item)), None) => one(request, item, &known, place, &mut lost).await,
            (Some(Err(error)), None) => Err(error),
            (None, None) => continue,
        };
        if let Err(error) = &result
            && error.kind == Kind::Top(Code::Unavailable)
        {
            // The others would wait for the same database, one after the other.
            away = Some(error.clone());
        }
        done[place] = Some(result);
    }
    if !lost.is_empty() && away.is_none() {
        for (place, error) in lost::explain(request, lost).await? {
            done[place] = Some(Err(error));
        }
    }
    Ok(done.into_iter().flatten().collect())
}

fn counted(items: Vec<Result<Item>>) -> Result<Vec<Result<Item>>> {
    if (1..=MAX_ITEMS).contains(&items.len()) {
        return Ok(items);
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        "items",
        format!("一次应提交1到{MAX_ITEMS}项。"),
        format!("Hand in 1 to {MAX_ITEMS} items at once."),
    ))
}

/// What is known of the households of all items.
struct Known {
    /// Into which others they have been merged meanwhile.
    survivors: HashMap<Uuid, Uuid>,
    /// When they were registered.
    registered: HashMap<Uuid, DateTime<Utc>>,
}

async fn known(request: &Request, items: &mut [Result<Item>]) -> Result<Known> {
    let named = items.iter_mut().flatten().filter_map(|item| item.work.household().copied());
    let named: HashSet<Uuid> = named.collect();
    let tx = request.begin(Act::SyncFieldWork).await?;
    let keys: Vec<Key> = named.iter().copied().map(Key::Id).collect();
    let registered = store::registered(&tx, &keys).await?;
    Ok(Known { survivors: merge::survivors(&tx, named).await?, registered })
}

/// Does one item. A household that is not found is noted as `lost` under the item's `place`.
async fn one(
    request: &Request,
    mut item: Item,
    known: &Known,
    place: usize,
    lost: &mut HashMap<usize, (Uuid, Error)>,
) -> Result<Done> {
    let now = request.service().clock.now();
    let named = item.work.household().map(|id| *id);
    let registered = named.and_then(|id| known.registered.get(&id)).copied();
    let made_at = by_our_clock(item.made_at, now, registered)?;
    let followed = named.and_then(|id| known.survivors.get(&id)).copied();
    if let (Some(id), Some(survivor)) = (item.work.household(), followed) {
        *id = survivor;
    }
    let household_id = item.work.household().map(|id| *id);
    let (once, branch) = (item.once, item.place);
    let done = match item.work {
        Work::Visit(visit) => {
            let of_merged = followed.is_some();
            let visit = NewVisit { visited_at: Some(made_at), of_merged, ..visit };
            visit::record(request, visit, once).await.map(visited)
        }
        Work::Enrolment(enrolment) => {
            let enrolment = Enrolment { made_at: Some(made_at), ..*enrolment };
            enrol(request, enrolment, once).await.map(enrolled)
        }
        Work::Household(edit) => {
            let merged = followed.is_some();
            edit::household(request, *edit, merged, made_at, once).await
        }
        Work::Contact(edit) => edit::contact(request, edit, once).await,
    };
    match done {
        Ok(done) => Ok(Done { household_id, ..done }),
        Err(error) => {
            let not_found = Kind::User(UserErrorCode::NotFound, vec!["householdId".to_owned()]);
            let is_lost = error.kind == not_found;
            let error = at(error, branch);
            if let Some(id) = named.filter(|_| is_lost) {
                lost.insert(place, (id, error.clone()));
            }
            Err(error)
        }
    }
}

fn visited(made: Made<Visit>) -> Done {
    let (outcome, visit) = outcome(made);
    Done { visit_id: visit.map(|visit| visit.id.uuid()), ..Done::of(outcome) }
}

fn enrolled(made: Made<Contact>) -> Done {
    let (outcome, contact) = outcome(made);
    Done { contact_id: contact.map(|contact| contact.id.uuid()), ..Done::of(outcome) }
}

fn outcome<T>(made: Made<T>) -> (FieldWorkOutcome, Option<T>) {
    match made {
        Made::Now(object) => (FieldWorkOutcome::Applied, Some(object)),
        Made::Before(object) => (FieldWorkOutcome::AlreadyApplied, object),
    }
}

/// When something was done, to a household that was `registered` then. A clock that is a little ahead is
/// forgiven.
fn by_our_clock(
    made_at: DateTime<Utc>,
    now: DateTime<Utc>,
    registered: Option<DateTime<Utc>>,
) -> Result<DateTime<Utc>> {
    let earliest = registered.into_iter().fold(now - TimeDelta::days(OLDEST_DAYS), DateTime::max);
    if (earliest..=now + AHEAD).contains(&made_at) {
        return Ok(made_at.min(now).trunc_subsecs(6));
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        "madeAt",
        format!(
            "此时间晚于现在，或早于该户登记之时，或早于{OLDEST_DAYS}天之前，请检查设备的时钟。"
        ),
        format!(
            "This lies in the future, before the household was registered, or more than {OLDEST_DAYS} days \
             ago: check the device's clock."
        ),
    ))
}

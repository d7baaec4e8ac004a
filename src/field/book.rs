//! Brings a field book up to date.
//!
//! The position in the log is read before the first household is, so whatever happens during the walk
//! from door to door is told afterwards: no household needs to stand still. A change is told by its
//! household alone, as it is now, so it does not matter how often it comes.

use std::collections::BTreeSet;

use super::cursor::{Cursor, Walk, door};
use super::graphql::{FieldBook, FieldBookRemoval, FieldBookRemovalReason};
use super::store::{self, Departure, Touched};
use crate::access::Act;
use crate::db::{Key, Reader};
use crate::error::{Code, Error, Result};
use crate::event::Position;
use crate::household::{Household, HouseholdWith};
use crate::id::{GlobalId, Kind};
use crate::request::Request;

/// The most villages of a field book.
const MAX_VILLAGES: usize = 50;
/// The most households of one answer.
const MAX_FIRST: i32 = 500;

/// The next part of a field book.
pub async fn read(
    request: &Request,
    asked: &[Key],
    since: Option<&str>,
    first: i32,
    with: HouseholdWith,
) -> Result<FieldBook> {
    let reader = request.reader(Act::ReadFieldBook)?;
    let first = checked(asked, first)?;
    let villages = store::living(&reader, asked).await?.ok_or_else(Error::not_found)?;
    let head = reader.event_head().await?;
    let mut cursor = match since {
        Some(text) => Cursor::decode(text, request.actor(), reader.keyring())?,
        None => Cursor::start(head),
    };
    if cursor.position > head {
        return Err(Error::stale_cursor());
    }
    // What was left out meanwhile is new again when it is asked for again.
    cursor.villages.retain(|village| villages.contains(village));
    let new: BTreeSet<String> = villages.difference(&cursor.villages).cloned().collect();
    // A book goes on from the place of a household.
    let mut book = Book { reader, villages, with: with.placed(), first };
    let (upserts, removals, has_next_page) = if new.is_empty() {
        book.changes(&mut cursor, head).await?
    } else {
        book.walk(&mut cursor, new).await?
    };
    let cursor = cursor.encode(request.actor(), book.reader.keyring())?;
    Ok(FieldBook { upserts, removals, cursor, has_next_page })
}

type Part = (Vec<Household>, Vec<FieldBookRemoval>, bool);

struct Book {
    reader: Reader,
    villages: BTreeSet<String>,
    with: HouseholdWith,
    first: usize,
}

impl Book {
    /// The next households of villages that are new to the book, from door to door.
    async fn walk(&mut self, cursor: &mut Cursor, new: BTreeSet<String>) -> Result<Part> {
        let begun = cursor.walk.take().filter(|walk| walk.villages == new);
        let after = begun.map(|walk| walk.door);
        let limit = self.first as u64 + 1;
        let mut households =
            store::from_door_to_door(&self.reader, &new, after, limit, self.with).await?;
        if households.len() > self.first {
            households.truncate(self.first);
            let last = households.last().map(door);
            cursor.walk = last.map(|door| Walk { villages: new, door });
            return Ok((households, Vec::new(), true));
        }
        cursor.villages.extend(new);
        let meanwhile = store::touched(&self.reader, &self.villages, cursor.position, 1).await?;
        Ok((households, Vec::new(), !meanwhile.is_empty()))
    }

    /// What has changed next.
    async fn changes(&mut self, cursor: &mut Cursor, head: Position) -> Result<Part> {
        let limit = self.first as u64 + 1;
        let mut touched =
            store::touched(&self.reader, &self.villages, cursor.position, limit).await?;
        let more = touched.len() > self.first;
        touched.truncate(self.first);
        let last = touched.last().map_or(cursor.position, |touched| touched.position);
        cursor.position = if more { last } else { last.max(head) };
        let mut found =
            store::households(&self.reader, &self.villages, &touched, self.with).await?;
        let (mut upserts, mut removals) = (Vec::new(), Vec::new());
        for touched in touched {
            match found.remove(&touched.household_id) {
                Some(household) => upserts.push(household),
                None => removals.push(removal(&touched)),
            }
        }
        Ok((upserts, removals, more))
    }
}

fn removal(touched: &Touched) -> FieldBookRemoval {
    let (reason, survivor_id) = match touched.departure {
        Departure::Merged(survivor) => (FieldBookRemovalReason::Merged, survivor),
        Departure::Withdrawn => (FieldBookRemovalReason::Withdrawn, None),
        Departure::Moved => (FieldBookRemovalReason::Moved, None),
    };
    let household_id = GlobalId::new(Kind::Household, touched.household_id);
    FieldBookRemoval { household_id, reason, survivor_id }
}

fn checked(asked: &[Key], first: i32) -> Result<usize> {
    if asked.is_empty() || asked.len() > MAX_VILLAGES {
        return Err(Error::top(
            Code::BadUserInput,
            format!("villages 应为1到{MAX_VILLAGES}个村。"),
            format!("villages must name 1 to {MAX_VILLAGES} villages."),
        ));
    }
    match usize::try_from(first) {
        Ok(size @ 1..) if first <= MAX_FIRST => Ok(size),
        _ => Err(Error::top(
            Code::BadUserInput,
            format!("first 必须在 1 到 {MAX_FIRST} 之间。"),
            format!("first must lie between 1 and {MAX_FIRST}."),
        )),
    }
}

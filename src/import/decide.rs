//! What becomes of each row, once it is known which households are there already.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::chunk::{Located, RowFate, Seen};
use super::fate::{Fault, ImportCode, ImportFate};
use super::layout::ImportField;
use crate::event::{Draft, Kind};
use crate::household::limits::MAX_DOOR;
use crate::tally::Counted;
use crate::text;

/// A household that a row is about.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// Its group.
    pub group_code: String,
    /// Its place in the group.
    pub door: i32,
    /// How officers call it.
    pub label: String,
    /// Where it is.
    pub address: Option<String>,
    /// How many people live there.
    pub people_count: i32,
    /// Its version.
    pub version: i32,
    /// How far it is with us, in the words of the table.
    pub status: String,
    /// Whether one of its contacts may be messaged.
    pub reachable: bool,
    /// The day on which a contact was last found to be right.
    pub confirmed_on: Option<NaiveDate>,
}

/// A household to be registered.
pub struct New {
    /// Its id.
    pub id: Uuid,
    /// Its place in the group.
    pub door: i32,
    /// What the row says.
    pub row: Located,
}

/// A household to be changed.
pub struct Changed {
    /// What it is.
    pub before: Known,
    /// What it becomes.
    pub after: Known,
    /// What the row says.
    pub row: Located,
}

/// What is to be done.
#[derive(Default)]
pub struct Decided {
    /// The fate of each row, in the order of the file.
    pub fates: Vec<RowFate>,
    /// What is to be registered.
    pub created: Vec<New>,
    /// What is to be changed.
    pub changed: Vec<Changed>,
}

/// Decides about rows in the order of the file.
pub fn decide(
    rows: Vec<(i32, Result<Located, Fault>)>,
    matches: &HashMap<i32, Vec<Known>>,
    mut last_doors: HashMap<String, i32>,
    seen: &mut Seen,
    new_id: &dyn Fn() -> Uuid,
) -> Decided {
    let mut decided = Decided::default();
    for (line, row) in rows {
        let fate = row.and_then(|row| {
            let known = matches.get(&line).map(Vec::as_slice).unwrap_or_default();
            decided.row(line, row, known, &mut last_doors, seen, new_id)
        });
        decided.fates.push(fate.unwrap_or_else(|fault| {
            let twice = fault.code == ImportCode::DuplicateRow;
            let fate = if twice { ImportFate::Skipped } else { ImportFate::Failed };
            RowFate::without(line, fate, fault)
        }));
    }
    decided
}

fn fault(code: ImportCode) -> Fault {
    Fault { code, field: None, argument: None }
}

impl Decided {
    fn row(
        &mut self,
        line: i32,
        row: Located,
        known: &[Known],
        last_doors: &mut HashMap<String, i32>,
        seen: &mut Seen,
        new_id: &dyn Fn() -> Uuid,
    ) -> Result<RowFate, Fault> {
        use super::chunk::Identity;
        let twice = |first: i32| fault(ImportCode::DuplicateRow).with(first);
        if let Some(first) = seen.line(&row.identity()) {
            return Err(twice(first));
        }
        match known {
            [] => {
                let door = match row.entry.door {
                    Some(door) => {
                        let last = last_doors.entry(row.group_code.clone()).or_default();
                        *last = door.max(*last);
                        door
                    }
                    None => next_door(last_doors, &row.group_code)?,
                };
                let id = new_id();
                seen.note(line, &row, None);
                self.created.push(New { id, door, row });
                Ok(RowFate::about(line, ImportFate::Created, id))
            }
            [before] => {
                if let Some(first) = seen.line(&Identity::Household(before.id)) {
                    return Err(twice(first));
                }
                seen.note(line, &row, Some(before.id));
                let (id, after) = (before.id, changed(before, &row));
                let fate = match after {
                    None => ImportFate::Unchanged,
                    Some(after) => {
                        self.changed.push(Changed { before: before.clone(), after, row });
                        ImportFate::Updated
                    }
                };
                Ok(RowFate::about(line, fate, id))
            }
            _ => Err(fault(ImportCode::AmbiguousHousehold)),
        }
    }

    /// Tells what is done.
    pub fn tell(&self, now: DateTime<Utc>, mut record: impl FnMut(Draft)) {
        let told = |kind, id, row: &Located, detail| Draft {
            kind,
            at: now,
            place: Some((row.village_code.clone(), row.township_code.clone())),
            household_id: Some(id),
            subject_id: id,
            detail,
        };
        for new in &self.created {
            let detail = json!(Counted {
                village: Some(new.row.village_code.clone()),
                township: Some(new.row.township_code.clone()),
                status: "UNVISITED".to_owned(),
                people: new.row.entry.people_count.unwrap_or_default().into(),
                reachable: false,
                confirmed_on: None,
            });
            record(told(Kind::HouseholdRegistered, new.id, &new.row, detail));
        }
        for Changed { before, after, row } in &self.changed {
            let detail = json!({ "before": counted(before, row), "after": counted(after, row) });
            record(told(Kind::HouseholdChanged, before.id, row, detail));
        }
    }
}

fn counted(household: &Known, row: &Located) -> Counted {
    Counted {
        village: Some(row.village_code.clone()),
        township: Some(row.township_code.clone()),
        status: household.status.clone(),
        people: household.people_count.into(),
        reachable: household.reachable,
        confirmed_on: household.confirmed_on,
    }
}

/// The place after the last one in a group.
fn next_door(last_doors: &mut HashMap<String, i32>, group_code: &str) -> Result<i32, Fault> {
    let last = last_doors.entry(group_code.to_owned()).or_default();
    if *last >= MAX_DOOR {
        return Err(Fault::of(ImportCode::GroupFull, ImportField::Group));
    }
    *last += 1;
    Ok(*last)
}

/// What a household becomes, if anything is different. A blank cell leaves as it is what is there.
fn changed(before: &Known, row: &Located) -> Option<Known> {
    let entry = &row.entry;
    let after = Known {
        group_code: row.group_code.clone(),
        door: entry.door.unwrap_or(before.door),
        label: entry.label.clone(),
        address: entry.address.clone().or_else(|| before.address.clone()),
        people_count: entry.people_count.unwrap_or(before.people_count),
        ..before.clone()
    };
    let same_label = text::normalised(&after.label) == text::normalised(&before.label);
    let after = if same_label { Known { label: before.label.clone(), ..after } } else { after };
    let same = after.group_code == before.group_code
        && after.door == before.door
        && same_label
        && after.address == before.address
        && after.people_count == before.people_count;
    (!same).then_some(after)
}

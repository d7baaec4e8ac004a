//! Decides what becomes of the rows of a file, some thousand at a time: one transaction finds what they
//! are about, writes what is new or different, and the fate of each.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::decide::{Decided, decide};
use super::doubles::{Compared, Suggestion};
use super::entry::Entry;
use super::fate::{Fault, ImportCode, ImportFate};
use super::layout::ImportField;
use super::places::Places;
use super::store;
use crate::db::Tx;
use crate::duplicate::DuplicateStrength;
use crate::error::Result;
use crate::text;

/// How many rows are done together.
pub const ROWS: usize = 4000;

/// A row of the file, read.
pub struct Row {
    /// Its line.
    pub line: i32,
    /// What it says, or why it says nothing.
    pub entry: Result<Entry, Fault>,
}

/// A row whose village is known.
pub struct Located {
    /// What it says.
    pub entry: Entry,
    /// The code of its village.
    pub village_code: String,
    /// The code of the township.
    pub township_code: String,
    /// The code of its group.
    pub group_code: String,
}

/// By what a row finds its household: never by anything that is blank.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// By the number that the village's register has for it.
    Reference(String, String),
    /// By group and place.
    Door(String, i32),
    /// By group and label.
    Label(String, String),
    /// It is found.
    Household(Uuid),
}

impl Located {
    /// By what it finds its household.
    pub fn identity(&self) -> Identity {
        match (&self.entry.reference, self.entry.door) {
            (Some(reference), _) => {
                Identity::Reference(self.village_code.clone(), reference.clone())
            }
            (None, Some(door)) => Identity::Door(self.group_code.clone(), door),
            (None, None) => self.by_label(),
        }
    }

    fn by_label(&self) -> Identity {
        Identity::Label(self.group_code.clone(), text::normalised(&self.entry.label))
    }
}

/// The households that a file has told of already, and in which line. Kept as hashes under a random
/// key: of a million rows two would be confused once in thirty million files.
#[derive(Default)]
pub struct Seen {
    /// What rows are compared with, to find doubles.
    pub compared: Compared,
    lines: HashMap<u64, i32>,
    random: RandomState,
}

impl Seen {
    /// The line that told of it.
    pub fn line(&self, identity: &Identity) -> Option<i32> {
        self.lines.get(&self.random.hash_one(identity)).copied()
    }

    /// Notes everything by which later rows may mean the same household.
    pub fn note(&mut self, line: i32, row: &Located, household: Option<Uuid>) {
        let door = row.entry.door.map(|door| Identity::Door(row.group_code.clone(), door));
        let found = household.map(Identity::Household);
        for identity in
            [Some(row.identity()), door, Some(row.by_label()), found].into_iter().flatten()
        {
            self.lines.entry(self.random.hash_one(identity)).or_insert(line);
        }
    }
}

/// Where each row lies.
async fn locate(tx: &Tx, rows: Vec<Row>) -> Result<Vec<(i32, Result<Located, Fault>)>> {
    let places = Places::new(store::places(tx).await?, store::followed_groups(tx).await?);
    Ok(rows
        .into_iter()
        .map(|row| (row.line, row.entry.and_then(|entry| places.locate(entry))))
        .collect())
}

/// Notes rows that an earlier worker has done. What it has registered is there with its names, unless it
/// was a dry run.
pub async fn recall(tx: &Tx, dry_run: bool, rows: Vec<Row>, seen: &mut Seen) -> Result<()> {
    for (line, row) in locate(tx, rows).await? {
        if let Ok(row) = row {
            seen.note(line, &row, None);
            seen.compared.note_number(line, &row);
            if dry_run {
                seen.compared.note_names(line, &row);
            }
        }
    }
    Ok(())
}

/// Does the rows, or only says what would become of them.
pub async fn apply(
    tx: &mut Tx,
    batch_id: Uuid,
    dry_run: bool,
    rows: Vec<Row>,
    seen: &mut Seen,
    new_id: &(dyn Fn() -> Uuid + Sync),
    now: DateTime<Utc>,
) -> Result<Decided> {
    let mut rows = locate(tx, rows).await?;
    let villages: BTreeSet<String> =
        rows.iter().filter_map(|(_, row)| Some(row.as_ref().ok()?.village_code.clone())).collect();
    // Nobody takes an officer away, and no other import finds the same households new.
    store::lock_villages(tx, &villages).await?;
    let attended = store::attended(tx, &villages, now).await?;
    for (_, row) in &mut rows {
        if row.as_ref().is_ok_and(|row| !attended.contains(&row.village_code)) {
            let fault = Fault { code: ImportCode::WithoutOfficer, field: None, argument: None };
            *row = Err(fault);
        }
    }
    let located = || rows.iter().filter_map(|(line, row)| Some((*line, row.as_ref().ok()?)));
    for (line, row) in located() {
        seen.compared.note_number(line, row);
    }
    let matches = store::matches(tx, located()).await?;
    let groups: BTreeSet<&str> = located()
        .filter(|(line, row)| row.entry.door.is_none() && !matches.contains_key(line))
        .map(|(_, row)| row.group_code.as_str())
        .collect();
    let last_doors = store::last_doors(tx, &groups).await?;
    let mut decided = decide(rows, &matches, last_doors, seen, new_id);
    seen.compared.suggest(tx, &mut decided).await?;
    if !dry_run {
        let ids: Vec<Uuid> = decided.changed.iter().map(|change| change.before.id).collect();
        let names = store::contact_names(tx, &ids).await?;
        store::write(tx, batch_id, &decided, &names, now).await?;
        decided.tell(now, |event| tx.record(event));
    }
    store::insert_rows(tx, batch_id, &decided.fates).await?;
    Ok(std::mem::take(&mut decided))
}

/// The fate of a row.
pub struct RowFate {
    /// Its line.
    pub line: i32,
    /// What became of it.
    pub fate: ImportFate,
    /// Why.
    pub fault: Option<Fault>,
    /// The household.
    pub household_id: Option<Uuid>,
    /// What may be the same household, likeliest first.
    pub doubles: Vec<Suggestion>,
}

impl RowFate {
    /// A row of which nothing came.
    pub fn without(line: i32, fate: ImportFate, fault: Fault) -> Self {
        Self { line, fate, fault: Some(fault), household_id: None, doubles: Vec::new() }
    }

    /// A row that is about a household.
    pub fn about(line: i32, fate: ImportFate, household_id: Uuid) -> Self {
        let household_id = Some(household_id);
        Self { line, fate, fault: None, household_id, doubles: Vec::new() }
    }

    /// How much speaks for its being a double, if anything does.
    pub fn doubles_strength(&self) -> Option<DuplicateStrength> {
        self.doubles.first().map(Suggestion::strength)
    }

    /// The field whose column is to blame.
    pub fn field(&self) -> Option<ImportField> {
        self.fault.and_then(|fault| fault.field)
    }
}

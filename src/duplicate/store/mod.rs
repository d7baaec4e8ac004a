//! Where doubles are looked for: in the same group by name, and in the caller's area by phone number and
//! contact. Four statements, for any number of households.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{DbErr, TryGetable};
use uuid::Uuid;

use super::{DuplicateReason, DuplicateStrength, Name, PossibleDuplicate, strength};
use crate::access::Act;
use crate::db::{Key, Reader, area::column, keys};
use crate::error::Result;
use crate::household::{Household, HouseholdWith, PHONE};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

mod many;

pub use many::{GROUPS, names_in_groups, spoken_for_by};

/// The most suggestions for one household.
const MOST: usize = 20;
/// The most names that are compared at once: a page of households, each in a group of its own.
const MAX_NAMES: u64 = 20_000;

type Reasons = BTreeMap<(Uuid, Uuid), BTreeSet<DuplicateReason>>;

/// The possible doubles of many households, by their ids.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Doubles(pub HouseholdWith);

impl Batch for Doubles {
    type Value = Vec<PossibleDuplicate>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<PossibleDuplicate>>> {
        let reader = request.reader(Act::FindDuplicates)?;
        let mut reasons = Reasons::new();
        by_name(&reader, keys, &mut reasons).await?;
        by_contact(&reader, keys, &mut reasons).await?;
        let mut chosen: BTreeMap<Uuid, Vec<(DuplicateStrength, Uuid)>> = BTreeMap::new();
        for ((one, other), found) in &reasons {
            let strength = strength(found).map(|strength| (strength, *other));
            chosen.entry(*one).or_default().extend(strength);
        }
        for list in chosen.values_mut() {
            list.sort();
            list.truncate(MOST);
        }
        let others: BTreeSet<Uuid> = chosen.values().flatten().map(|(_, other)| *other).collect();
        let households = households(&reader, self.0, others).await?;
        Ok(chosen
            .into_iter()
            .map(|(one, list)| {
                let suggested = list.into_iter().filter_map(|(strength, other)| {
                    let household = households.get(&other)?.clone();
                    let reasons = reasons.get(&(one, other))?.iter().copied().collect();
                    Some(PossibleDuplicate { household, reasons, strength })
                });
                (Key::Id(one), suggested.collect())
            })
            .collect())
    }
}

/// The households with these ids that the reader's caller may see.
pub async fn households(
    reader: &Reader,
    with: HouseholdWith,
    ids: BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, Household>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Key> = ids.into_iter().map(Key::Id).collect();
    let mut select = record::visible::<Household>(reader, with);
    select.and_where(keys::among(Household::KEY, &ids, reader.backend()));
    let found = record::all::<Household>(reader, &select, with).await?;
    Ok(found.into_iter().map(|household| (household.id.uuid(), household)).collect())
}

/// The same household under another name in a statement.
fn aliased(name: &'static str) -> SelectStatement {
    let mut select = SelectStatement::new();
    select.from("household");
    select.join_as(
        sea_orm::sea_query::JoinType::InnerJoin,
        "household",
        name,
        column((name, "group_code")).eq(column(("household", "group_code"))),
    );
    select
}

/// Compares the names in the groups of these households: those in labels, and those of contacts, which
/// are both in the text that is searched.
async fn by_name(reader: &Reader, keys: &[Key], reasons: &mut Reasons) -> Result<()> {
    let mut select = aliased("asked");
    select
        .column(("asked", "id"))
        .column(("asked", "search_text"))
        .columns([("household", "id"), ("household", "search_text")])
        .and_where(column(("asked", "id")).ne(column(("household", "id"))));
    let mut select = reader.select(select, Household::PLACE);
    select.and_where(keys::among(("asked", "id"), keys, reader.backend()));
    let rows = reader.first_rows(&select, MAX_NAMES).await?;
    for row in &rows {
        let (one, other) = (id(row, 0)?, id(row, 2)?);
        let (own, others) = (names(&text(row, 1)?), names(&text(row, 3)?));
        let alike = own
            .iter()
            .flat_map(|own| others.iter().filter_map(|other| own.likeness(other.plain())))
            .min();
        if let Some(likeness) = alike {
            reasons.entry((one, other)).or_default().insert(likeness.into());
        }
    }
    Ok(())
}

/// The names in a text that is searched: the one in the label, and then each contact's.
fn names(searched: &str) -> Vec<Name> {
    let (label, contacts) = searched.split_once('|').unwrap_or((searched, ""));
    Name::in_label(label).into_iter().chain(contacts.split('|').filter_map(Name::of)).collect()
}

/// A contact that speaks for a household, and not as a caretaker.
fn spoken_for() -> SelectStatement {
    let mut select = SelectStatement::new();
    select.from("household_contact");
    record::join(&mut select, "contact", "id", ("household_contact", "contact_id"));
    record::join(&mut select, "household", "id", ("household_contact", "household_id"));
    select
        .columns([("household", "id"), ("contact", "id")])
        .and_where(column(("household_contact", "standing")).ne("CARETAKER"));
    select
}

/// Finds other households whose contacts have the same phone number, or are the same. A number may be
/// hashed by any key of the ring, so it is opened and hashed by each.
async fn by_contact(reader: &Reader, keys: &[Key], reasons: &mut Reasons) -> Result<()> {
    let mut select = spoken_for();
    select.column(("contact", "phone"));
    let mut select = reader.select(select, Household::PLACE);
    select.and_where(keys::among(Household::KEY, keys, reader.backend()));
    let mut people: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    let mut numbers: HashMap<Vec<u8>, Vec<(Uuid, Uuid)>> = HashMap::new();
    for row in &reader.first_rows(&select, MAX_NAMES).await? {
        let (own, person) = (id(row, 0)?, id(row, 1)?);
        people.entry(person).or_default().push(own);
        if let Some(phone) = Cells::new(row, 2, reader).open(PHONE)? {
            for hash in reader.keyring().hashes(PHONE, phone.as_bytes()) {
                numbers.entry(hash).or_default().push((own, person));
            }
        }
    }
    if people.is_empty() {
        return Ok(());
    }
    let mut select = spoken_for();
    select.column(("contact", "phone_hash"));
    let mut select = reader.select(select, Household::PLACE);
    let known: Vec<Key> = people.keys().copied().map(Key::Id).collect();
    let hashes = numbers.keys().cloned().collect();
    let alike = keys::among(("contact", "id"), &known, reader.backend()).or(keys::among_bytes(
        ("contact", "phone_hash"),
        hashes,
        reader.backend(),
    ));
    select.and_where(alike);
    for row in &reader.first_rows(&select, MAX_NAMES).await? {
        let (other, person) = (id(row, 0)?, id(row, 1)?);
        let hash: Option<Vec<u8>> = Option::try_get_by(row, 2).map_err(DbErr::from)?;
        let same = people.get(&person).into_iter().flatten();
        let same = same.map(|own| (*own, DuplicateReason::SameContact));
        let number = hash.and_then(|hash| numbers.get(&hash)).into_iter().flatten();
        let number = number
            .filter(|(_, own)| *own != person)
            .map(|(own, _)| (*own, DuplicateReason::SamePhone));
        for (own, reason) in same.chain(number).filter(|(own, _)| *own != other) {
            reasons.entry((own, other)).or_default().insert(reason);
        }
    }
    Ok(())
}

fn id(row: &sea_orm::QueryResult, column: usize) -> Result<Uuid, DbErr> {
    Ok(Uuid::try_get_by(row, column)?)
}

fn text(row: &sea_orm::QueryResult, column: usize) -> Result<String, DbErr> {
    Ok(String::try_get_by(row, column)?)
}

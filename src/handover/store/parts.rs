//! The short lists that belong to hand-overs, for many hand-overs at once.

use std::collections::HashMap;

use entity::handover_check::Item;
use entity::handover_transfer::State;
use sea_orm::sea_query::Expr;
use sea_orm::{Iterable, QueryResult};

use super::transfer;
use crate::access::Act;
use crate::db::{Key, Reader, Sort, keys};
use crate::division::{Village, VillageWith};
use crate::error::Result;
use crate::handover::graphql::{HandoverCheck, title};
use crate::handover::{Handover, HandoverTransfer, HandoverTransferCount};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

/// More than a hand-over has of anything that is listed here.
const MOST: u64 = 100;

/// Puts rows, each with its key in front, below their keys.
fn below<T>(
    rows: &[QueryResult],
    keys: &[Key],
    reader: &Reader,
    read: impl Fn(&mut Cells<'_>) -> Result<T>,
) -> Result<HashMap<Key, Vec<T>>> {
    let mut found: HashMap<Key, Vec<T>> = HashMap::new();
    for row in rows {
        let read = read(&mut Cells::new(row, 1, reader))?;
        found.entry(Key::first_of(row, &keys[0])?).or_default().push(read);
    }
    Ok(found)
}

/// The villages of hand-overs, by their codes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Villages(pub VillageWith);

impl Batch for Villages {
    type Value = Vec<Village>;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Vec<Village>>> {
        let reader = request.reader(Act::ReadHandover)?;
        let mut select = record::from("handover_village", &[]);
        record::join(&mut select, "handover", "id", ("handover_village", "handover_id"));
        self.0.join_village(&mut select, ("handover_village", "village_code"));
        let select = reader.select(select, Handover::PLACE);
        let sort = Sort { columns: vec![("handover_village", "village_code")], descending: false };
        let parent = ("handover_village", "handover_id");
        let rows = reader.rows_per_key(&select, parent, keys, &sort, MOST).await?;
        below(&rows, keys, &reader, |cells| Ok(Village::read(cells, self.0)?))
    }
}

/// The checklists of hand-overs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Checks;

impl Batch for Checks {
    type Value = Vec<HandoverCheck>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<HandoverCheck>>> {
        let reader = request.reader(Act::ReadHandover)?;
        let columns = ["item", "from_confirmed_at", "to_confirmed_at"];
        let mut select = record::from("handover_check", &columns);
        record::join(&mut select, "handover", "id", ("handover_check", "handover_id"));
        let select = reader.select(select, Handover::PLACE);
        let sort = Sort { columns: vec![("handover_check", "place")], descending: false };
        let parent = ("handover_check", "handover_id");
        let rows = reader.rows_per_key(&select, parent, keys, &sort, MOST).await?;
        below(&rows, keys, &reader, |cells| {
            let item: Item = cells.take()?;
            Ok(HandoverCheck {
                item: item.into(),
                title: title(item).say(request.language()).to_owned(),
                from_confirmed_at: cells.take()?,
                to_confirmed_at: cells.take()?,
            })
        })
    }
}

/// How many transfers of hand-overs are in each state.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TransferCounts;

impl Batch for TransferCounts {
    type Value = Vec<HandoverTransferCount>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<HandoverTransferCount>>> {
        let reader = request.reader(HandoverTransfer::READ)?;
        let mut select = record::visible::<HandoverTransfer>(&reader, ());
        let parent = ("handover_transfer", "handover_id");
        select
            .clear_selects()
            .expr(transfer::of("handover_id"))
            .expr(transfer::of("state"))
            .expr(Expr::cust("count(*)"))
            .and_where(keys::among(parent, keys, reader.backend()))
            .add_group_by([transfer::of("handover_id"), transfer::of("state")]);
        let rows = reader.rows(&select).await?;
        let counted = below(&rows, keys, &reader, |cells| {
            Ok((cells.take::<State>()?, cells.take::<i64>()?))
        })?;
        Ok(keys.iter().map(|key| (key.clone(), every_state(counted.get(key)))).collect())
    }
}

/// A count for each state, with 0 where there is none.
fn every_state(counted: Option<&Vec<(State, i64)>>) -> Vec<HandoverTransferCount> {
    let count = |state| counted.into_iter().flatten().find(|(one, _)| *one == state);
    State::iter()
        .map(|state| HandoverTransferCount {
            state: state.into(),
            count: count(state).map_or(0, |(_, count)| *count),
        })
        .collect()
}

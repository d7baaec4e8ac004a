//! Friends, for those who may see them.

use std::collections::HashMap;

use async_graphql::Lookahead;
use entity::friend::State;
use entity::{friend_difference, friend_transfer, friend_write};
use sea_orm::sea_query::{Expr, ExprTrait, Order, SelectStatement};
use sea_orm::{DbBackend, DbErr, Value};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, area, area::column, keys};
use crate::error::Result;
use crate::friend::graphql::{
    Friend, FriendDifference, FriendDifferenceFilter, FriendFilter, FriendTransfer,
    FriendTransferFilter, FriendWriting, HandoverFriends,
};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

const PLACE: Place = Place {
    township: Some(("friend", "township_code")),
    village: Some(("friend", "village_code")),
    ..Place::NOWHERE
};

impl Record for Friend {
    type Filter = FriendFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadFriend;
    const KIND: Kind = Kind::Friend;
    const KEY: Column = ("friend", "id");
    const PLACE: Place = PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns =
            ["id", "state", "since", "version", "officer_id", "contact_id", "household_id"];
        record::from("friend", &columns)
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Friend, cells.take::<Uuid>()?),
            state: cells.take::<State>()?.into(),
            since: cells.take()?,
            version: cells.take()?,
            officer_id: cells.take()?,
            contact_id: cells.take()?,
            household_id: cells.take()?,
        })
    }

    fn keep(filter: &FriendFilter, select: &mut SelectStatement, _: DbBackend) {
        let is = |name| column(("friend", name));
        if let Some(code) = &filter.area_code {
            select.and_where(area::in_division(PLACE, &code.0));
        }
        if let Some(states) = &filter.states {
            select.and_where(is("state").is_in(states.iter().map(|state| State::from(*state))));
        }
        match filter.known {
            Some(true) => select.and_where(is("household_id").is_not_null()),
            Some(false) => select.and_where(is("household_id").is_null()),
            None => select,
        };
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("friend", "since"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.since.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

impl Record for FriendTransfer {
    type Filter = FriendTransferFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadFriend;
    const KIND: Kind = Kind::FriendTransfer;
    const KEY: Column = ("friend_transfer", "id");
    const PLACE: Place = PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns = ["id", "state", "api_error", "asked_at", "settled_at", "friend_id"];
        let mut select = record::from("friend_transfer", &columns);
        record::join(&mut select, "friend", "id", ("friend_transfer", "friend_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::FriendTransfer, cells.take::<Uuid>()?),
            state: cells.take::<friend_transfer::State>()?.into(),
            api_error: cells.take()?,
            asked_at: cells.take()?,
            settled_at: cells.take()?,
            friend_id: cells.take()?,
        })
    }

    fn keep(filter: &FriendTransferFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(states) = &filter.states {
            let states = states.iter().map(|state| friend_transfer::State::from(*state));
            select.and_where(column(("friend_transfer", "state")).is_in(states));
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![Self::KEY], descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

impl Record for FriendDifference {
    type Filter = FriendDifferenceFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadFriendDifference;
    const KIND: Kind = Kind::FriendDifference;
    const KEY: Column = ("friend_difference", "id");
    const PLACE: Place =
        Place { township: Some(("friend_difference", "township_code")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns =
            ["id", "kind", "found_at", "seen_at", "settled_at", "officer_id", "friend_id"];
        record::from("friend_difference", &columns)
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::FriendDifference, cells.take::<Uuid>()?),
            kind: cells.take::<friend_difference::Kind>()?.into(),
            found_at: cells.take()?,
            seen_at: cells.take()?,
            settled_at: cells.take()?,
            officer_id: cells.take()?,
            friend_id: cells.take()?,
        })
    }

    fn keep(filter: &FriendDifferenceFilter, select: &mut SelectStatement, _: DbBackend) {
        let is = |name| column(("friend_difference", name));
        match filter.open {
            Some(true) => select.and_where(is("settled_at").is_null()),
            Some(false) => select.and_where(is("settled_at").is_not_null()),
            None => select,
        };
        if let Some(kinds) = &filter.kinds {
            let kinds = kinds.iter().map(|kind| friend_difference::Kind::from(*kind));
            select.and_where(is("kind").is_in(kinds));
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("friend_difference", "found_at"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.found_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// How many friends of hand-overs are how far.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Counts;

impl Batch for Counts {
    type Value = HandoverFriends;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, HandoverFriends>> {
        let reader = request.reader(FriendTransfer::READ)?;
        let of = |name| column(("friend_transfer", name));
        let mut select = record::visible::<FriendTransfer>(&reader, ());
        let parent = ("friend_transfer", "handover_id");
        select
            .clear_selects()
            .expr(of("handover_id"))
            .expr(of("state"))
            .expr(Expr::cust("count(*)"))
            .and_where(keys::among(parent, keys, reader.backend()))
            .add_group_by([of("handover_id"), of("state")]);
        let mut found: HashMap<Key, HandoverFriends> = HashMap::new();
        for row in &reader.rows(&select).await? {
            let mut cells = Cells::new(row, 0, &reader);
            let handover: Uuid = cells.take()?;
            let state: friend_transfer::State = cells.take()?;
            found.entry(handover.into()).or_default().count(state, cells.take()?);
        }
        Ok(found)
    }
}

/// What is written to WeCom about friends.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WritingsOf;

impl Batch for WritingsOf {
    type Value = Vec<FriendWriting>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<FriendWriting>>> {
        let reader = request.reader(Friend::READ)?.below_parents();
        let columns = ["subject_id", "kind", "state", "api_error", "settled_at"];
        let mut select = record::from("friend_write", &columns);
        record::join(&mut select, "friend", "id", ("friend_write", "subject_id"));
        let mut select = reader.select(select, PLACE);
        select
            .and_where(keys::among(("friend_write", "subject_id"), keys, reader.backend()))
            .order_by(("friend_write", "kind"), Order::Asc);
        let mut found: HashMap<Key, Vec<FriendWriting>> = HashMap::new();
        for row in &reader.rows(&select).await? {
            let mut cells = Cells::new(row, 0, &reader);
            let friend: Uuid = cells.take()?;
            found.entry(friend.into()).or_default().push(FriendWriting {
                kind: cells.take::<friend_write::Kind>()?.into(),
                state: cells.take::<friend_write::State>()?.into(),
                api_error: cells.take()?,
                settled_at: cells.take()?,
            });
        }
        Ok(found)
    }
}

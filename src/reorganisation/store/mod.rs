//! How a change of the division tree is stored: what divisions become, and the record of it.

use std::collections::BTreeSet;

use async_graphql::Lookahead;
use chrono::NaiveDate;
use entity::{county, reorganisation, township, village, village_group};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, LockType, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Value,
};
use uuid::Uuid;

use super::{Reorganisation, ReorganisationOrder};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, on_taken};
use crate::division::{self, County, DivisionVersion, Township, Village, group_code};
use crate::error::{Error, Result, UserErrorCode};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::{Date, DivisionCode};

mod moving;

pub use moving::{
    add_postings, count, end_postings, followed, households, move_followed, move_some, postings,
    villages_of,
};

impl Record for Reorganisation {
    type Filter = ();
    type Order = ReorganisationOrder;
    type With = ();

    const READ: Act = Act::ReadReorganisation;
    const KIND: Kind = Kind::Reorganisation;
    const KEY: Column = ("reorganisation", "id");
    const PLACE: Place = Place::NOWHERE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "reorganisation",
            &["id", "kind", "effective_on", "made_at", "summary", "officer_id"],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Reorganisation, cells.take::<Uuid>()?),
            kind: cells.take::<reorganisation::Kind>()?.into(),
            effective_on: Date(cells.take()?),
            made_at: cells.take()?,
            dry_run: false,
            summary: serde_json::from_value(cells.take()?)
                .map_err(|error| DbErr::Custom(error.to_string()))?,
            officer_id: Some(cells.take()?),
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    /// Ids are in the order of time.
    fn sort(order: ReorganisationOrder) -> Sort {
        let descending = order == ReorganisationOrder::MadeAtDesc;
        Sort { columns: vec![Self::KEY], descending }
    }

    fn sort_values(&self, _: ReorganisationOrder) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Writes down what was made.
pub async fn insert(tx: &Tx, made: &Reorganisation) -> Result<()> {
    let row = reorganisation::ActiveModel {
        id: Set(made.id.uuid()),
        kind: Set(made.kind.into()),
        officer_id: Set(made.officer_id.unwrap_or_default()),
        effective_on: Set(made.effective_on.0),
        made_at: Set(made.made_at),
        summary: Set(serde_json::to_value(&made.summary).map_err(Error::internal)?),
    };
    reorganisation::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Keeps others from changing a county or a township until the change is over; a village is locked where
/// it is looked for.
pub async fn lock_division(tx: &Tx, code: &str) -> Result<()> {
    if code.len() == 12 {
        division::lock_living(tx, code, true).await?;
    } else if code.len() == 9 {
        township::Entity::find_by_id(code).lock(LockType::Update).one(tx).await?;
    } else {
        county::Entity::find_by_id(code).lock(LockType::Update).one(tx).await?;
    }
    Ok(())
}

/// What a division is.
pub async fn version(tx: &Tx, code: &str) -> Result<Option<DivisionVersion>> {
    let key = Key::from(code);
    Ok(match code.len() {
        12 => record::one::<Village>(tx, &key, Default::default()).await?.map(|one| {
            let parent_code = Some(DivisionCode(one.township_code));
            let (name, valid_from) = (one.name, one.valid_from);
            DivisionVersion { name, parent_code, valid_from, valid_until: one.ended_on }
        }),
        9 => record::one::<Township>(tx, &key, Default::default()).await?.map(|one| {
            let parent_code = Some(DivisionCode(one.county_code));
            let (name, valid_from) = (one.name, one.valid_from);
            DivisionVersion { name, parent_code, valid_from, valid_until: None }
        }),
        _ => record::one::<County>(tx, &key, Default::default()).await?.map(|one| {
            let (name, valid_from) = (one.name, one.valid_from);
            DivisionVersion { name, parent_code: None, valid_from, valid_until: None }
        }),
    })
}

/// Gives a division another name from a day on, and keeps what it was.
pub async fn rename(
    tx: &Tx,
    code: &str,
    before: DivisionVersion,
    name: String,
    day: NaiveDate,
) -> Result<()> {
    division::change(tx, code, before, day).await?;
    let (code, name) = (code.to_owned(), Set(name));
    let valid_from = Set(day);
    match code.len() {
        12 => {
            let row =
                village::ActiveModel { code: Set(code), name, valid_from, ..Default::default() };
            village::Entity::update(row).exec(tx).await?;
        }
        9 => {
            let row =
                township::ActiveModel { code: Set(code), name, valid_from, ..Default::default() };
            township::Entity::update(row).exec(tx).await?;
        }
        _ => {
            let row = county::ActiveModel { code: Set(code), name, valid_from };
            county::Entity::update(row).exec(tx).await?;
        }
    }
    Ok(())
}

/// Adds a village.
pub async fn found(tx: &Tx, code: &str, township: &str, name: &str, day: NaiveDate) -> Result<()> {
    let row = village::ActiveModel {
        code: Set(code.to_owned()),
        township_code: Set(township.to_owned()),
        name: Set(name.to_owned()),
        valid_from: Set(day),
        ended_on: Set(None),
        successor_code: Set(None),
    };
    let added = village::Entity::insert(row).exec_without_returning(tx).await;
    let taken = || {
        Error::user(
            UserErrorCode::Taken,
            "newCode",
            "该代码已被使用过。",
            "This code is, or was, another village's.",
        )
    };
    // PostgreSQL names the key's constraint, SQLite the column.
    on_taken(added, "village", if is_postgres(tx) { "pkey" } else { "code" }, taken)?;
    Ok(())
}

fn is_postgres(tx: &Tx) -> bool {
    tx.get_database_backend() == DbBackend::Postgres
}

/// Ends a village, whose place another one takes.
pub async fn end(tx: &Tx, code: &str, successor: &str, day: NaiveDate) -> Result<()> {
    let row = village::ActiveModel {
        code: Set(code.to_owned()),
        ended_on: Set(Some(day)),
        successor_code: Set(Some(successor.to_owned())),
        ..Default::default()
    };
    village::Entity::update(row).exec(tx).await?;
    Ok(())
}

/// The living groups of a village, or those of them with these numbers.
pub async fn groups(
    tx: &Tx,
    village: &str,
    numbers: Option<&BTreeSet<i32>>,
) -> Result<Vec<village_group::Model>> {
    let mut select = village_group::Entity::find()
        .filter(village_group::Column::VillageCode.eq(village))
        .filter(village_group::Column::EndedOn.is_null())
        .order_by_asc(village_group::Column::Number);
    if let Some(numbers) = numbers {
        select = select.filter(village_group::Column::Number.is_in(numbers.iter().copied()));
    }
    Ok(select.all(tx).await?)
}

/// The greatest number that a group of a village has or had.
pub async fn last_group(tx: &Tx, village: &str) -> Result<i32> {
    let last: Option<Option<i32>> = village_group::Entity::find()
        .select_only()
        .column_as(village_group::Column::Number.max(), "last")
        .filter(village_group::Column::VillageCode.eq(village))
        .into_tuple()
        .one(tx)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

/// Lets groups end, each followed by a new one in `target`.
pub async fn follow(
    tx: &Tx,
    groups: Vec<village_group::Model>,
    target: &Village,
    offset: i32,
    day: NaiveDate,
) -> Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let mut successors = CaseStatement::new();
    let mut added = Vec::with_capacity(groups.len());
    let old: Vec<String> = groups.iter().map(|group| group.code.clone()).collect();
    for group in groups {
        let number = group.number + offset;
        let code = group_code(&target.code.0, number);
        successors =
            successors.case(Expr::col(village_group::Column::Code).eq(group.code), code.as_str());
        added.push(village_group::ActiveModel {
            code: Set(code),
            village_code: Set(target.code.0.clone()),
            township_code: Set(target.township_code.clone()),
            number: Set(number),
            valid_from: Set(day),
            ended_on: Set(None),
            successor_code: Set(None),
        });
    }
    village_group::Entity::insert_many(added).exec_without_returning(tx).await?;
    village_group::Entity::update_many()
        .col_expr(village_group::Column::EndedOn, Expr::val(day))
        .col_expr(village_group::Column::SuccessorCode, successors.into())
        .filter(village_group::Column::Code.is_in(old))
        .exec(tx)
        .await?;
    Ok(())
}

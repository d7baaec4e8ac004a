//! How the numbers are stored: a row a village.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use entity::{checkpoint, village_tally};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, JoinType, LockBehavior, LockType, OnConflict, SelectStatement,
    SimpleExpr,
};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::access::Act;
use crate::db::{Column, Key, Place, Tx, area::column};
use crate::error::Result;
use crate::event::Position;
use crate::record::Cells;
use crate::request::{Batch, Request};

/// The numbers of an area, or what is to be added to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// People.
    pub people: i64,
    /// Households of each status.
    pub unvisited: i64,
    /// 已走访
    pub visited: i64,
    /// 已建联
    pub enrolled: i64,
    /// 不愿加入
    pub declined: i64,
    /// 已迁出
    pub moved_away: i64,
    /// 无智能手机
    pub no_smartphone: i64,
    /// 空户
    pub vacant: i64,
    /// Inquiries that are not resolved.
    pub open_inquiries: i64,
    /// When it was last brought up to date.
    pub as_of: Option<DateTime<Utc>>,
}

const COUNTS: [&str; 9] = [
    "people",
    "unvisited",
    "visited",
    "enrolled",
    "declined",
    "moved_away",
    "no_smartphone",
    "vacant",
    "open_inquiries",
];

impl Tally {
    /// All households.
    pub fn households(&self) -> i64 {
        self.unvisited
            + self.visited
            + self.enrolled
            + self.declined
            + self.moved_away
            + self.no_smartphone
            + self.vacant
    }

    /// Reads the sums that [`join`] and [`Tallies`] select.
    pub fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        let mut next = || cells.take::<Option<i64>>().map(Option::unwrap_or_default);
        Ok(Self {
            people: next()?,
            unvisited: next()?,
            visited: next()?,
            enrolled: next()?,
            declined: next()?,
            moved_away: next()?,
            no_smartphone: next()?,
            vacant: next()?,
            open_inquiries: next()?,
            as_of: cells.take()?,
        })
    }
}

fn sums(select: &mut SelectStatement) {
    for name in COUNTS {
        let sum = Expr::cust(format!("CAST(sum(village_tally.{name}) AS bigint)"));
        select.expr_as(sum, name);
    }
    select.expr_as(Expr::cust("max(village_tally.updated_at)"), "updated_at");
}

/// Joins the numbers of the township whose code is in `code`, and adds them to the columns.
pub fn join(select: &mut SelectStatement, code: Column) {
    let mut summed = SelectStatement::new();
    summed.column("township_code").from("village_tally").group_by_col("township_code");
    sums(&mut summed);
    select.join_subquery(
        JoinType::LeftJoin,
        summed,
        "tally",
        column(("tally", "township_code")).eq(column(code)),
    );
    select.columns(COUNTS.iter().map(|name| (Alias::new("tally"), Alias::new(*name))));
    select.column((Alias::new("tally"), Alias::new("updated_at")));
}

/// The level of division whose numbers are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// A county, by its code of 6 digits.
    County,
    /// A township, by its code of 9 digits.
    Township,
    /// A village, by its code of 12 digits.
    Village,
}

/// The numbers of many divisions of one level, within the caller's area.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Tallies(pub Level);

impl Batch for Tallies {
    type Value = Tally;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Tally>> {
        let reader = request.reader(Act::ReadTally)?;
        let code: SimpleExpr = match self.0 {
            Level::County => Expr::cust("substr(village_tally.township_code, 1, 6)"),
            Level::Township => column(("village_tally", "township_code")),
            Level::Village => column(("village_tally", "village_code")),
        };
        let mut select = SelectStatement::new();
        select.expr(code.clone()).from("village_tally");
        sums(&mut select);
        let place = Place {
            township: Some(("village_tally", "township_code")),
            village: Some(("village_tally", "village_code")),
            ..Place::NOWHERE
        };
        let mut select = reader.select(select, place);
        let listed = keys.iter().map(Key::value).map(Expr::val);
        select.and_where(code.clone().is_in(listed)).add_group_by([code]);
        let rows = reader.rows(&select).await?;
        rows.iter()
            .map(|row| {
                let tally = Tally::read(&mut Cells::new(row, 1, &reader))?;
                Ok((Key::first_of(row, &keys[0])?, tally))
            })
            .collect()
    }
}

/// Adds to the numbers of villages.
pub async fn add(
    tx: &Tx,
    villages: BTreeMap<(String, String), Tally>,
    now: DateTime<Utc>,
) -> Result<()> {
    if villages.is_empty() {
        return Ok(());
    }
    let rows =
        villages.into_iter().map(|((village, township), tally)| village_tally::ActiveModel {
            village_code: Set(village),
            township_code: Set(township),
            people: Set(tally.people),
            unvisited: Set(tally.unvisited),
            visited: Set(tally.visited),
            enrolled: Set(tally.enrolled),
            declined: Set(tally.declined),
            moved_away: Set(tally.moved_away),
            no_smartphone: Set(tally.no_smartphone),
            vacant: Set(tally.vacant),
            open_inquiries: Set(tally.open_inquiries),
            updated_at: Set(now),
        });
    let mut known = OnConflict::column("village_code");
    known.update_column("updated_at");
    for name in COUNTS {
        let sum = column(("village_tally", name)).add(column(("excluded", name)));
        known.value(Alias::new(name), sum);
    }
    village_tally::Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Forgets all numbers.
pub async fn clear(tx: &Tx) -> Result<()> {
    village_tally::Entity::delete_many().exec(tx).await?;
    Ok(())
}

/// How far a reader has come; nothing when another instance reads under this name just now.
pub async fn lock_checkpoint(tx: &Tx, reader: &str) -> Result<Option<Position>> {
    let row = checkpoint::ActiveModel {
        reader: Set(reader.to_owned()),
        transaction: Set(0),
        sequence: Set(0),
    };
    let select = checkpoint::Entity::find()
        .filter(Expr::col(checkpoint::Column::Reader).eq(reader))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    if let Some(row) = select.clone().one(tx).await? {
        return Ok(Some(Position { transaction: row.transaction, sequence: row.sequence }));
    }
    checkpoint::Entity::insert(row)
        .on_conflict_do_nothing_on([checkpoint::Column::Reader])
        .exec_without_returning(tx)
        .await?;
    let row = select.one(tx).await?;
    Ok(row.map(|row| Position { transaction: row.transaction, sequence: row.sequence }))
}

/// How far a reader has come.
pub async fn checkpoint(tx: &Tx, reader: &str) -> Result<Position> {
    let row = checkpoint::Entity::find_by_id(reader).one(tx).await?;
    Ok(row.map_or_else(Position::default, |row| Position {
        transaction: row.transaction,
        sequence: row.sequence,
    }))
}

/// Notes how far a reader has come.
pub async fn set_checkpoint(tx: &Tx, reader: &str, position: Position) -> Result<()> {
    let row = checkpoint::ActiveModel {
        reader: Set(reader.to_owned()),
        transaction: Set(position.transaction),
        sequence: Set(position.sequence),
    };
    let known = OnConflict::column(checkpoint::Column::Reader)
        .update_columns([checkpoint::Column::Transaction, checkpoint::Column::Sequence])
        .to_owned();
    checkpoint::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

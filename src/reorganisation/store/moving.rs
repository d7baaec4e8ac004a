//! How rows move along with a change of the division tree: one statement a table, however many there are.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{household, posting};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, JoinType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::db::{self, Key, Tx, area::column, keys};
use crate::division::Village;
use crate::error::{Error, Result};
use crate::household::{Household, HouseholdWith};
use crate::record::{self, Cells, Record};

/// How many households there are in each of these villages, and in each of their townships.
pub async fn count(tx: &Tx, divisions: &[String]) -> Result<BTreeMap<String, i64>> {
    let villages: Vec<&String> = divisions.iter().filter(|code| code.len() == 12).collect();
    let townships: BTreeSet<&str> = villages.iter().map(|code| &code[..9]).collect();
    let mut counts = BTreeMap::new();
    for (name, codes) in [
        (household::Column::VillageCode, villages.iter().map(|code| code.as_str()).collect()),
        (household::Column::TownshipCode, townships.into_iter().collect::<Vec<_>>()),
    ] {
        let rows: Vec<(String, i64)> = household::Entity::find()
            .select_only()
            .column(name)
            .column_as(household::Column::Id.count(), "households")
            .filter(name.is_in(codes))
            .group_by(name)
            .into_tuple()
            .all(tx)
            .await?;
        counts.extend(rows);
    }
    Ok(counts)
}

/// The households of groups that have a successor, before and after they follow it.
pub async fn followed(tx: &Tx) -> Result<Vec<(Household, Household)>> {
    let with = HouseholdWith::default();
    let mut select = record::visible::<Household>(tx, with);
    record::join(&mut select, "village_group", "code", ("household", "group_code"));
    let next = "next";
    select.join_as(
        JoinType::InnerJoin,
        "village_group",
        next,
        Expr::col((next, "code")).eq(column(("village_group", "successor_code"))),
    );
    record::add(&mut select, "next", &["village_code", "township_code", "code"]);
    let rows = tx.rows(&select).await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row, 0, tx);
            let before = Household::read(&mut cells, with)?;
            let after = Household {
                village_code: cells.take()?,
                township_code: cells.take()?,
                group_code: cells.take()?,
                ..before.clone()
            };
            Ok((before, after))
        })
        .collect::<Result<_, DbErr>>()
        .map_err(Error::from)
}

/// Moves the households of groups that have a successor.
pub async fn move_followed(tx: &Tx, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE household SET village_code = next.village_code, \
               township_code = next.township_code, group_code = next.code, \
               version = household.version + 1, updated_at = {} \
               FROM village_group AS old JOIN village_group AS next ON next.code = old.successor_code \
               WHERE household.group_code = old.code";
    tx.execute_raw(db::statement(tx.backend(), sql, vec![now.into()])).await?;
    Ok(())
}

/// The villages that households are in.
pub async fn villages_of(tx: &Tx, ids: &[Key]) -> Result<BTreeSet<String>> {
    let households = households(tx, ids).await?;
    Ok(households.into_iter().map(|household| household.village_code).collect())
}

/// These households, as far as they lie in the area of the change.
pub async fn households(tx: &Tx, ids: &[Key]) -> Result<Vec<Household>> {
    let with = HouseholdWith::default();
    let mut select = record::visible::<Household>(tx, with);
    select.and_where(keys::among(Household::KEY, ids, tx.get_database_backend()));
    record::all(tx, &select, with).await
}

/// Moves single households to a group.
pub async fn move_some(
    tx: &Tx,
    ids: &[Key],
    target: &Village,
    group: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let version = Expr::col(household::Column::Version).add(1);
    household::Entity::update_many()
        .col_expr(household::Column::VillageCode, Expr::val(target.code.0.as_str()))
        .col_expr(household::Column::TownshipCode, Expr::val(target.township_code.as_str()))
        .col_expr(household::Column::GroupCode, Expr::val(group))
        .col_expr(household::Column::Version, version)
        .col_expr(household::Column::UpdatedAt, Expr::val(now))
        .filter(keys::among(Household::KEY, ids, tx.get_database_backend()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The postings to a village that have not ended.
pub async fn postings(tx: &Tx, village: &str, now: DateTime<Utc>) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::VillageCode.eq(village))
        .filter(posting::Column::EndsAt.is_null().or(posting::Column::EndsAt.gt(now)))
        .order_by_asc(posting::Column::Id)
        .all(tx)
        .await?)
}

/// Adds postings.
pub async fn add_postings(tx: &Tx, rows: Vec<posting::Model>) -> Result<()> {
    if !rows.is_empty() {
        let rows = rows.into_iter().map(posting::ActiveModel::from);
        posting::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Ends postings now, and those that have not begun before they do.
pub async fn end_postings(tx: &Tx, postings: &[posting::Model], now: DateTime<Utc>) -> Result<()> {
    let begun = CaseStatement::new()
        .case(Expr::col(posting::Column::StartsAt).gt(now), Expr::col(posting::Column::StartsAt))
        .finally(Expr::val(now));
    posting::Entity::update_many()
        .col_expr(posting::Column::EndsAt, begun.into())
        .col_expr(posting::Column::Version, Expr::col(posting::Column::Version).add(1))
        .filter(posting::Column::Id.is_in(postings.iter().map(|posting| posting.id)))
        .exec(tx)
        .await?;
    Ok(())
}

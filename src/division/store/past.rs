//! What divisions were on a day, what they were before, and who followed whom.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{BEGINNING, division_past};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UnionType};
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait};

use crate::access::Act;
use crate::db::{Key, Place, Sort, Tx, area::column};
use crate::division::DivisionVersion;
use crate::error::{Code, Error, Result};
use crate::record::{self, Cells};
use crate::request::{Batch, Request};
use crate::scalar::{Date, DivisionCode};

/// The day on which a division is looked at; today when there is none.
pub type OnDay = Option<NaiveDate>;

/// The most earlier versions of a division that are shown.
const MAX_VERSIONS: u64 = 100;

/// The day that a client asks for. What will be is not known.
pub fn day(as_of: Option<Date>, today: NaiveDate) -> Result<OnDay> {
    match as_of {
        Some(Date(day)) if day > today => Err(Error::top(
            Code::BadUserInput,
            "asOf 不能晚于今天。",
            "asOf must not lie in the future.",
        )),
        Some(Date(day)) => Ok(Some(day)),
        None => Ok(None),
    }
}

/// Since when something is so; nothing when it was so before anything was written down.
pub fn since(day: NaiveDate) -> Option<Date> {
    (day != BEGINNING).then_some(Date(day))
}

/// Starts a SELECT of `columns` of a division's `table`, as the divisions were on a day. Their names and
/// their parents, which stand in column `parent`, may have been others.
pub fn from(
    table: &'static str,
    columns: &[&'static str],
    parent: Option<&'static str>,
    day: OnDay,
) -> SelectStatement {
    let mut select = record::from(table, columns);
    let Some(day) = day else { return select };
    let mut then = record::from(table, columns);
    then.and_where(column((table, "valid_from")).lte(day));
    if columns.contains(&"ended_on") {
        let ended_on = column((table, "ended_on"));
        then.and_where(ended_on.clone().is_null().or(ended_on.gt(day)));
    }
    if columns.contains(&"name") {
        let mut before = Query::select();
        before.from("division_past");
        record::join(&mut before, table, "code", ("division_past", "code"));
        for name in columns {
            let own = match *name {
                "name" | "valid_from" => ("division_past", *name),
                other if Some(other) == parent => ("division_past", "parent_code"),
                other => (table, other),
            };
            before.expr(column(own));
        }
        before
            .and_where(column(("division_past", "valid_from")).lte(day))
            .and_where(column(("division_past", "valid_until")).gt(day));
        then.union(UnionType::All, before);
    }
    select.from_clear().from_subquery(then, table);
    select
}

/// Leaves out what has ended, unless a day or the ended ones are asked for.
pub fn keep_living(
    select: &mut SelectStatement,
    table: &'static str,
    as_of: Option<Date>,
    include_ended: Option<bool>,
) {
    if as_of.is_none() && include_ended != Some(true) {
        select.and_where(column((table, "ended_on")).is_null());
    }
}

/// What divisions were before, earliest first.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pasts;

impl Batch for Pasts {
    type Value = Vec<DivisionVersion>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<DivisionVersion>>> {
        let reader = request.reader(Act::ReadDivision)?;
        let columns = ["name", "parent_code", "valid_from", "valid_until"];
        let select = reader.select(record::from("division_past", &columns), Place::NOWHERE);
        let sort = Sort { columns: vec![("division_past", "valid_from")], descending: false };
        let parent = ("division_past", "code");
        let rows = reader.rows_per_key(&select, parent, keys, &sort, MAX_VERSIONS).await?;
        let mut found: HashMap<Key, Vec<DivisionVersion>> = HashMap::new();
        for row in &rows {
            let mut cells = Cells::new(row, 1, &reader);
            let version = DivisionVersion {
                name: cells.take()?,
                parent_code: cells.take::<Option<String>>()?.map(DivisionCode),
                valid_from: since(cells.take()?),
                valid_until: Some(Date(cells.take()?)),
            };
            found.entry(Key::first_of(row, &keys[0])?).or_default().push(version);
        }
        Ok(found)
    }
}

/// Keeps what a division was until a day.
pub async fn change(tx: &Tx, code: &str, before: DivisionVersion, until: NaiveDate) -> Result<()> {
    let row = division_past::ActiveModel {
        code: Set(code.to_owned()),
        valid_from: Set(before.valid_from.map_or(BEGINNING, |day| day.0)),
        valid_until: Set(until),
        name: Set(before.name),
        parent_code: Set(before.parent_code.map(|code| code.0)),
    };
    division_past::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The code of the living village that followed the one with this code, which is that one itself while
/// it lives: as an expression, for lists.
pub fn living_code(code: &str, backend: DbBackend) -> SimpleExpr {
    living_code_of(Expr::val(code), backend)
}

/// The same for a code that is an expression.
pub fn living_code_of(code: SimpleExpr, backend: DbBackend) -> SimpleExpr {
    let placeholder = if backend == DbBackend::Postgres { "$1" } else { "?" };
    Expr::cust_with_exprs(
        format!(
            "(WITH RECURSIVE place (code, successor) AS ( \
                SELECT code, successor_code FROM village WHERE code = {placeholder} \
                UNION SELECT v.code, v.successor_code FROM village v \
                JOIN place ON v.code = place.successor) \
              SELECT code FROM place WHERE successor IS NULL)"
        ),
        [code],
    )
}

//! What a field book is made of.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use sea_orm::sea_query::{
    Expr, ExprTrait, JoinType, Order, Query, SelectStatement, SimpleExpr, UnionType,
    WindowStatement,
};
use uuid::Uuid;

use super::departure::{self, Departure};
use crate::db::area::column;
use crate::db::{Key, Place, Reader, Sort, keys};
use crate::division::living_code_of;
use crate::error::Result;
use crate::event::{self, Position};
use crate::field::cursor::Door;
use crate::household::{Household, HouseholdWith};
use crate::record::{self, Record};

/// A household to which something happened.
pub struct Touched {
    /// The household.
    pub household_id: Uuid,
    /// Where the last that happened stands in the log.
    pub position: Position,
    /// Why the household is no longer there, if it is not.
    pub departure: Departure,
}

fn keys(codes: &BTreeSet<String>) -> Vec<Key> {
    codes.iter().map(|code| Key::from(code.as_str())).collect()
}

/// The living villages that are, or have followed, those that are asked for; nothing when one of them
/// lies outside the caller's area.
pub async fn living(reader: &Reader, asked: &[Key]) -> Result<Option<BTreeSet<String>>> {
    let mut select = Query::select();
    let living = living_code_of(column(("asked", "code")), reader.backend());
    select
        .column(("asked", "code"))
        .column(("village", "code"))
        .from_as("village", "asked")
        .join(JoinType::InnerJoin, "village", column(("village", "code")).eq(living))
        .and_where(keys::among(("asked", "code"), asked, reader.backend()));
    let place = Place {
        township: Some(("village", "township_code")),
        village: Some(("village", "code")),
        ..Place::NOWHERE
    };
    let rows = reader.rows(&reader.select(select, place)).await?;
    let mut found: HashMap<Key, String> = HashMap::new();
    for row in &rows {
        found.insert(Key::Code(row.try_get_by_index(0)?), row.try_get_by_index(1)?);
    }
    let all = asked.iter().all(|code| found.contains_key(code));
    Ok(all.then(|| found.into_values().collect()))
}

/// The next households of these villages after a door.
pub async fn from_door_to_door(
    reader: &Reader,
    villages: &BTreeSet<String>,
    after: Option<Door>,
    limit: u64,
    with: HouseholdWith,
) -> Result<Vec<Household>> {
    let mut select = record::visible::<Household>(reader, with);
    let village = ("household", "village_code");
    select.and_where(keys::among(village, &keys(villages), reader.backend()));
    let columns = vec![village, ("household", "group_code"), ("household", "door"), Household::KEY];
    let sort = Sort { columns, descending: false };
    if let Some((village, group, door, id)) = after {
        select.and_where(sort.after(vec![village.into(), group.into(), door.into(), id.into()]));
    }
    sort.apply(&mut select);
    record::first(reader, &select, limit, with).await
}

/// When those of the households were registered that lie in the caller's area.
pub async fn registered(reader: &Reader, ids: &[Key]) -> Result<HashMap<Uuid, DateTime<Utc>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut select = record::from("household", &["id", "created_at"]);
    select.and_where(keys::among(Household::KEY, ids, reader.backend()));
    let rows = reader.rows(&reader.select(select, Household::PLACE)).await?;
    let pairs = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    Ok(pairs.collect::<Result<_, DbErr>>()?)
}

/// Those of the touched households that are in these villages.
pub async fn households(
    reader: &Reader,
    villages: &BTreeSet<String>,
    touched: &[Touched],
    with: HouseholdWith,
) -> Result<HashMap<Uuid, Household>> {
    let ids: Vec<Key> = touched.iter().map(|touched| touched.household_id.into()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut select = record::visible::<Household>(reader, with);
    let village = ("household", "village_code");
    select.and_where(keys::among(Household::KEY, &ids, reader.backend())).and_where(keys::among(
        village,
        &keys(villages),
        reader.backend(),
    ));
    let found: Vec<Household> = record::all(reader, &select, with).await?;
    Ok(found.into_iter().map(|household| (household.id.uuid(), household)).collect())
}

/// The households to which something happened after a position in these villages, or which left them: the
/// next `limit`, in the order in which it last happened.
pub async fn touched(
    reader: &Reader,
    villages: &BTreeSet<String>,
    after: Position,
    limit: u64,
) -> Result<Vec<Touched>> {
    let villages = keys(villages);
    let later = |select: &mut SelectStatement, village: SimpleExpr| {
        let order = Expr::tuple([column(("event", "transaction")), column(("event", "sequence"))]);
        let start = Expr::tuple([Expr::val(after.transaction), Expr::val(after.sequence)]);
        select
            .and_where(keys::is_among(village, &villages, reader.backend()))
            .and_where(order.gt(start))
            .and_where(event::settled(reader.backend()));
    };
    let village = ("event", "village_code");
    let mut there = happened(column(village), column(("event", "township_code")));
    there.and_where(Expr::cust(OF_HOUSEHOLD));
    later(&mut there, column(village));
    let mut gone = happened(departure::village(), departure::township());
    gone.and_where(departure::is_one());
    later(&mut gone, departure::village());
    there.union(UnionType::All, gone);

    let mut newest = WindowStatement::partition_by("household_id");
    newest.order_by("transaction", Order::Desc).order_by("sequence", Order::Desc);
    let mut numbered = Query::select();
    numbered.expr(Expr::cust("happened.*")).from_subquery(there, "happened");
    numbered.expr_window_as(Expr::cust("ROW_NUMBER()"), newest, "age");
    let mut select =
        record::from("touched", &["household_id", "transaction", "sequence", "kind", "detail"]);
    select.from_clear().from_subquery(numbered, "touched");
    select
        .and_where(column(("touched", "age")).eq(1))
        .order_by(("touched", "transaction"), Order::Asc)
        .order_by(("touched", "sequence"), Order::Asc);
    let place = Place {
        township: Some(("touched", "township")),
        village: Some(("touched", "village")),
        ..Place::NOWHERE
    };
    let rows = reader.first_rows(&reader.select(select, place), limit).await?;
    let touched = rows.iter().map(|row| {
        Ok(Touched {
            household_id: row.try_get_by_index(0)?,
            position: Position {
                transaction: row.try_get_by_index(1)?,
                sequence: row.try_get_by_index(2)?,
            },
            departure: Departure::read(row, 3)?,
        })
    });
    Ok(touched.collect::<Result<_, DbErr>>()?)
}

/// What changes a household in a field book. The words are those of the index `event_of_village`.
const OF_HOUSEHOLD: &str = "kind IN ('HOUSEHOLD_REGISTERED', 'HOUSEHOLD_CHANGED', 'HOUSEHOLD_MERGED', \
    'HOUSEHOLD_RESTORED', 'VISIT_RECORDED', 'CONTACT_CHANGED')";

/// Events, each with the place for which it counts.
fn happened(village: SimpleExpr, township: SimpleExpr) -> SelectStatement {
    let columns = ["household_id", "transaction", "sequence", "kind", "detail"];
    let mut select = record::from("event", &columns);
    select.expr_as(village, "village").expr_as(township, "township");
    select
}

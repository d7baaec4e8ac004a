//! What has to be known to say who is on duty, as one value of a statement that reads something else: the roster of a
//! moment costs no round trip, and is as fresh on every instance as the row beside it.

use std::sync::OnceLock;

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{DbBackend, DbErr};
use uuid::Uuid;

use crate::clock;
use crate::db::{Column, Reader, Scoped, area::column};
use crate::division::{Station, Village};
use crate::error::Result;
use crate::record::{self, Record};
use crate::roster::facts::Facts;
use crate::roster::pattern::Time;

/// The fields of [`Facts`] in their order, for what is `asked`. What stands in braces is said in the database's own way.
/// Each part starts from what an index knows.
const FACTS: &str = "CAST({list}
    {part}SELECT {all}{list}{id}o.id), o.role, o.at_station){end} FROM (
        SELECT id, role, 1 AS at_station FROM officer
        WHERE station_id = asked.station AND {on_duty}
        UNION ALL SELECT id, role, 0 FROM officer
        WHERE id IN (SELECT officer_id FROM posting WHERE {posted}) AND {on_duty}
            AND coalesce(station_id <> asked.station, TRUE)
        UNION ALL SELECT id, role, 0 FROM officer WHERE role = 'COUNTY_ADMIN' AND deactivated_at IS NULL
        UNION ALL SELECT id, role, CASE WHEN station_id = asked.station THEN 1 ELSE 0 END FROM (
            SELECT id, role, station_id FROM officer WHERE {on_duty} ORDER BY id LIMIT 1) AS b
    ) AS o)),
    {part}SELECT {all}{list}{id}h.id), CASE WHEN h.village_code IS NULL THEN 0 ELSE 1 END, {id}h.officer_id),
            {list}h.valid_from, h.valid_until, h.weekdays, h.every_days, h.day_kind, h.start_minute,
            h.length_minutes)){end} FROM shift AS h
        WHERE h.township_code = asked.township AND (h.village_code IS NULL OR h.village_code = asked.village)
            AND h.valid_from <= asked.last AND (h.valid_until IS NULL OR h.valid_until > asked.first))),
    {part}SELECT {all}{list}{id}w.id), {id}w.shift_id), w.day, {id}w.officer_id)){end} FROM shift_swap AS w
        WHERE w.township_code = asked.township AND w.day BETWEEN asked.first AND asked.last AND w.cancelled_at IS NULL)),
    {part}SELECT {all}{list}{id}l.id), {id}l.officer_id), {id}l.cover_id), l.starts_at, l.ends_at){end} FROM leave AS l
        WHERE l.township_code = asked.township AND l.cancelled_at IS NULL
            AND l.starts_at <= asked.until AND l.ends_at > asked.since)),
    {part}SELECT {all}{list}{id}posting.id), {id}posting.officer_id), posting.duty, posting.starts_at,
            posting.ends_at){end} FROM posting
        WHERE {posted})),
    {part}SELECT {all}{list}d.day, d.kind, d.name){end} FROM calendar_day AS d
        WHERE d.until_version IS NULL AND d.day BETWEEN asked.first AND asked.last))) AS text)";

/// Words for more than a database's own words.
const WORDS: [(&str, &str); 2] = [
    ("on_duty", "role IN ('OFFICER', 'STATION_CHIEF') AND deactivated_at IS NULL"),
    (
        "posted",
        "posting.village_code = asked.village AND posting.starts_at <= asked.until \
         AND (posting.ends_at IS NULL OR posting.ends_at > asked.since)",
    ),
];

fn dialect(backend: DbBackend) -> [(&'static str, &'static str); 5] {
    match backend {
        DbBackend::Postgres => [
            ("list", "json_build_array("),
            ("part", "(("),
            ("all", "coalesce(json_agg("),
            ("end", "), '[]')"),
            ("id", "("),
        ],
        _ => [
            ("list", "json_array("),
            ("part", "json(("),
            ("all", "json_group_array("),
            ("end", ")"),
            ("id", "hex("),
        ],
    }
}

/// [`FACTS`] in the words of a database. They are put together once: it takes longer than to ask for them.
fn words(backend: DbBackend) -> &'static str {
    static WORDED: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    WORDED[usize::from(backend == DbBackend::Postgres)].get_or_init(|| {
        let words = WORDS.into_iter().chain(dialect(backend));
        words.fold(FACTS.to_owned(), |sql, (word, meaning)| {
            sql.replace(&format!("{{{word}}}"), meaning)
        })
    })
}

/// The facts from one moment to another for the village and the township in these columns, as a text of JSON. Without
/// a village, those of the station alone.
pub fn facts(
    township: Column,
    village: Option<Column>,
    (since, until): Time,
    backend: DbBackend,
) -> SimpleExpr {
    let village = village.map_or_else(|| Expr::val(""), column);
    // What began the day before may go on past midnight.
    let first = clock::day(since) - TimeDelta::days(1);
    let mut asked = Query::select();
    asked.expr_as(column(township), "township").expr_as(village, "village");
    for (name, day) in [("first", first), ("last", clock::day(until))] {
        asked.expr_as(typed(Expr::val(day), "date", backend), name);
    }
    for (name, moment) in [("since", since), ("until", until)] {
        asked.expr_as(typed(Expr::val(moment), "timestamptz", backend), name);
    }
    let station = Query::select()
        .column(("its", "id"))
        .from_as("station", "its")
        .and_where(column(("its", "township_code")).eq(column(township)))
        .take();
    asked.expr_as(SimpleExpr::SubQuery(None, Box::new(station.into())), "station");
    // So that it is looked up once, not wherever it is named.
    asked.limit(1);
    let mut facts = Query::select();
    facts.expr(Expr::cust(words(backend))).from_subquery(asked, "asked");
    SimpleExpr::SubQuery(None, Box::new(facts.into()))
}

/// The version of all rosters, as one value of a statement.
pub fn version() -> SimpleExpr {
    let version = Query::select().column("version").from("roster_version").take();
    SimpleExpr::SubQuery(None, Box::new(version.into()))
}

/// PostgreSQL wants to know of what type a value is that stands for itself; SQLite has no types for times.
fn typed(value: SimpleExpr, of: &'static str, backend: DbBackend) -> SimpleExpr {
    if backend == DbBackend::Postgres { value.cast_as(of) } else { value }
}

/// Reads what [`facts`] gives.
pub fn read(text: &str) -> Result<Facts, DbErr> {
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}

/// The facts from one moment to another for a village within the reader's scope.
pub async fn facts_of_village(reader: &Reader, code: &str, time: Time) -> Result<Option<Facts>> {
    let (township, village) = (("village", "township_code"), ("village", "code"));
    let mut select = record::from("village", &[]);
    select.expr(facts(township, Some(village), time, reader.backend()));
    select.and_where(column(village).eq(code));
    one(reader, &reader.select(select, Village::PLACE)).await
}

/// The facts from one moment to another for a station within the reader's scope, without its villages.
pub async fn facts_of_station(reader: &Reader, id: Uuid, time: Time) -> Result<Option<Facts>> {
    let mut select = record::from("station", &[]);
    select.expr(facts(("station", "township_code"), None, time, reader.backend()));
    select.and_where(column(("station", "id")).eq(id));
    one(reader, &reader.select(select, Station::PLACE)).await
}

async fn one(reader: &Reader, select: &Scoped) -> Result<Option<Facts>> {
    let rows = reader.rows(select).await?;
    let text: Option<String> = rows.first().map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(text.map(|text| read(&text)).transpose()?)
}

//! What has to be known to say who is on duty, as one value of a statement that reads something else: the roster of a
//! moment costs no round trip, and is as fresh on every instance as the row beside it.

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{DbBackend, DbErr};
use uuid::Uuid;

use crate::clock;
use crate::db::{Column, Reader, Scoped, area::column, expression};
use crate::division::{Station, Village};
use crate::error::Result;
use crate::record::{self, Record};
use crate::roster::facts::Facts;
use crate::roster::pattern::Time;

/// The fields of [`Facts`] in their order. What stands in braces is said in the database's own way, or is a value.
/// Each part starts from what an index knows.
const FACTS: &str = "{list}
    {part}SELECT {all}{list}{id}o.id), o.role, o.at_station){end} FROM (
        SELECT id, role, 1 AS at_station FROM officer
        WHERE station_id = {station} AND {on_duty}
        UNION SELECT id, role, 0 FROM officer
        WHERE id IN (SELECT officer_id FROM posting WHERE {posted}) AND {on_duty}
            AND coalesce(station_id <> {station}, TRUE)
        UNION SELECT id, role, 0 FROM officer WHERE role = 'COUNTY_ADMIN' AND deactivated_at IS NULL
        UNION SELECT id, role, CASE WHEN station_id = {station} THEN 1 ELSE 0 END FROM (
            SELECT id, role, station_id FROM officer WHERE {on_duty} ORDER BY id LIMIT 1) AS b
    ) AS o)),
    {part}SELECT {all}{list}{id}h.id), CASE WHEN h.village_code IS NULL THEN 0 ELSE 1 END, {id}h.officer_id),
            {list}h.valid_from, h.valid_until, h.weekdays, h.every_days, h.day_kind, h.start_minute,
            h.length_minutes)){end} FROM shift AS h
        WHERE h.township_code = {township} AND (h.village_code IS NULL OR h.village_code = {village})
            AND h.valid_from <= {last} AND (h.valid_until IS NULL OR h.valid_until > {first}))),
    {part}SELECT {all}{list}{id}w.id), {id}w.shift_id), w.day, {id}w.officer_id)){end} FROM shift_swap AS w
        WHERE w.township_code = {township} AND w.day BETWEEN {first} AND {last} AND w.cancelled_at IS NULL)),
    {part}SELECT {all}{list}{id}l.id), {id}l.officer_id), {id}l.cover_id), l.starts_at, l.ends_at){end} FROM leave AS l
        WHERE l.township_code = {township} AND l.cancelled_at IS NULL
            AND l.starts_at <= {until} AND l.ends_at > {since})),
    {part}SELECT {all}{list}{id}posting.id), {id}posting.officer_id), posting.duty){end} FROM posting
        WHERE {posted})),
    {part}SELECT {all}{list}d.day, d.kind, d.name){end} FROM calendar_day AS d
        WHERE d.until_version IS NULL AND d.day BETWEEN {first} AND {last})))";

/// Words for more than a database's own words.
const WORDS: [(&str, &str); 3] = [
    ("station", "(SELECT s.id FROM station AS s WHERE s.township_code = {township})"),
    ("on_duty", "role IN ('OFFICER', 'STATION_CHIEF') AND deactivated_at IS NULL"),
    (
        "posted",
        "posting.village_code = {village} AND posting.starts_at <= {until} \
         AND (posting.ends_at IS NULL OR posting.ends_at > {since})",
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

/// The facts from one moment to another for the village and the township in these columns, as a text of JSON. Without
/// a village, those of the station alone.
pub fn facts(
    township: Column,
    village: Option<Column>,
    (since, until): Time,
    backend: DbBackend,
) -> SimpleExpr {
    let mut sql = format!("CAST({FACTS} AS text)");
    for (word, meaning) in WORDS.into_iter().chain(dialect(backend)) {
        sql = sql.replace(&format!("{{{word}}}"), meaning);
    }
    expression(backend, &sql, |word| match word {
        "township" => column(township),
        "village" => village.map_or_else(|| Expr::val(""), column),
        // What began the day before may go on past midnight.
        "first" => Expr::val(clock::day(since) - TimeDelta::days(1)),
        "last" => Expr::val(clock::day(until)),
        "since" => Expr::val(since),
        _ => Expr::val(until),
    })
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

//! Who answers for inquiries, who did before, and the roster that says so.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::inquiry_ownership::Reason;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{DbBackend, DbErr};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::InquiryWith;
use crate::db::{FirstRows, Key, Once, Reader, Scoped, Sort, Tx, area::column, expression};
use crate::error::Result;
use crate::household::{Household, HouseholdWith};
use crate::inquiry::{Inquiry, InquiryOwnership};
use crate::record::{self, Cells, Chosen, Columns, Record};
use crate::request::{Batch, Request};
use crate::roster::{self, Facts};

/// How many of those who answered for an inquiry before are shown.
const MOST: u64 = 50;

/// Who answers for an inquiry, from its row.
pub fn read(own: &mut Chosen<'_, '_>) -> Result<Option<InquiryOwnership>, DbErr> {
    let (officer_id, reason, since) = (own.take()?, own.take::<Option<Reason>>()?, own.take()?);
    let (shift_id, covers_id, by_id) = (own.take()?, own.take()?, own.take()?);
    let known = Option::zip(officer_id, Option::zip(reason, since));
    Ok(known.map(|(officer_id, (reason, since))| InquiryOwnership {
        reason: reason.into(),
        since,
        until: None,
        officer_id,
        shift_id,
        covers_id,
        by_id,
    }))
}

/// The inquiries with these keys, as [`record::lock_all`] gives them, with their clocks and the roster of this
/// moment: what a change has to know, with one statement.
pub async fn lock_all(tx: &Tx, keys: &[Key], now: DateTime<Utc>) -> Result<Vec<Inquiry>> {
    let with = InquiryWith { stopwatch: true, ..Default::default() };
    with_roster(tx, record::locking::<Inquiry>(tx, keys, with), with, None, now).await
}

/// The first rows of `select` as inquiries with the roster of this moment, or all.
pub async fn with_roster(
    tx: &Tx,
    mut select: Scoped,
    with: InquiryWith,
    most: Option<u64>,
    now: DateTime<Utc>,
) -> Result<Vec<Inquiry>> {
    add_roster(tx, &mut select, now);
    let rows = match most {
        Some(most) => tx.first_rows(&select, most).await?,
        None => tx.rows(&select).await?,
    };
    let read = |row| {
        let mut cells = Cells::new(row, 0, tx);
        let inquiry = Inquiry::read(&mut cells, with)?;
        let roster = read_roster(&mut cells)?;
        let concerned: Vec<Uuid> = read_json(&cells.take::<String>()?)?;
        Ok(Inquiry { roster: Some(Arc::new(roster.without(&concerned))), ..inquiry })
    };
    Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
}

/// Adds the roster of this moment, and whom they concern, to a SELECT of inquiries.
pub fn add_roster(tx: &Tx, select: &mut Scoped, now: DateTime<Utc>) {
    let place = (("inquiry", "township_code"), ("inquiry", "village_code"));
    select.expr(roster::facts(place.0, Some(place.1), (now, now), tx.backend()));
    select.expr(concerned(tx.backend()));
}

/// What was made under the caller's idempotency key before; the household with this key, and the version of its
/// roster. All with one statement.
pub async fn household_once(
    reader: &Reader,
    once: &Once,
    key: &Key,
    with: HouseholdWith,
) -> Result<(Option<Uuid>, Option<(Household, i64)>)> {
    let select = household_versioned(reader, key, with);
    let (first, row) = once.look_up(reader, &FirstRows { select, limit: 1 }).await?;
    let read = |row| read_household(&mut Cells::new(&row, Once::COLUMNS, reader), with);
    Ok((first, row.map(read).transpose()?))
}

/// The household with this key, and the version of its roster.
pub async fn household(reader: &Reader, key: &Key) -> Result<Option<(Household, i64)>> {
    let with = HouseholdWith::default();
    let rows = reader.first_rows(&household_versioned(reader, key, with), 1).await?;
    let read = |row| read_household(&mut Cells::new(row, 0, reader), with);
    Ok(rows.first().map(read).transpose()?)
}

fn household_versioned(reader: &Reader, key: &Key, with: HouseholdWith) -> Scoped {
    let mut select = record::keyed::<Household>(reader, key, with);
    select.expr(roster::version());
    select
}

fn read_household(cells: &mut Cells<'_>, with: HouseholdWith) -> Result<(Household, i64), DbErr> {
    Ok((Household::read(cells, with)?, cells.take()?))
}

fn read_roster(cells: &mut Cells<'_>) -> Result<Facts, DbErr> {
    roster::read_facts(&cells.take::<String>()?)
}

/// Whom an inquiry concerns, as a text of JSON: it is never theirs.
fn concerned(backend: DbBackend) -> SimpleExpr {
    let all = match backend {
        DbBackend::Postgres => "coalesce(json_agg(x.officer_id), '[]')",
        _ => "json_group_array(hex(x.officer_id))",
    };
    let sql = format!(
        "CAST((SELECT {all} FROM inquiry_exclusion AS x WHERE x.inquiry_id = {{id}}) AS text)"
    );
    expression(backend, &sql, |_| column(Inquiry::KEY))
}

fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, DbErr> {
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}

/// Each part starts from what an index knows. Who works in shifts, or is no village's officer, need not be posted.
const WORK: &str = "{id} IN (
    SELECT own.id FROM inquiry AS own WHERE own.status <> 'RESOLVED' AND own.assignee_id = {me}
    UNION ALL SELECT own.id FROM inquiry AS own WHERE own.status <> 'RESOLVED' AND own.owner_id = {me}
    UNION ALL SELECT own.id FROM inquiry AS own WHERE own.status <> 'RESOLVED' AND own.owner_id IN (
        SELECT l.officer_id FROM leave AS l
        WHERE l.cover_id = {me} AND l.cancelled_at IS NULL AND l.starts_at <= {at} AND l.ends_at > {at})
    UNION ALL SELECT own.id FROM inquiry AS own JOIN officer AS o ON o.id = own.owner_id
    WHERE own.status <> 'RESOLVED' AND own.owner_id <> {me} AND own.village_code IN (
        SELECT p.village_code FROM posting AS p
        WHERE p.officer_id = {me} AND p.duty IN ('LEAD', 'COVER')
            AND p.starts_at <= {at} AND (p.ends_at IS NULL OR p.ends_at > {at}))
        AND (o.deactivated_at IS NOT NULL OR o.role = 'OFFICER' AND own.owner_shift_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM posting AS p
                WHERE p.officer_id = o.id AND p.village_code = own.village_code
                    AND p.starts_at <= {at} AND (p.ends_at IS NULL OR p.ends_at > {at}))))";

/// Whether an unresolved inquiry is an officer's own work at a moment: taken on, or owned, or of somebody in whose
/// place the officer is: who is on leave, or has gone from a village that the officer leads or covers.
pub fn is_work_of(officer_id: Uuid, at: DateTime<Utc>, backend: DbBackend) -> SimpleExpr {
    expression(backend, WORK, |word| match word {
        "id" => column(Inquiry::KEY),
        "me" => Expr::val(officer_id),
        _ => Expr::val(at),
    })
}

/// Who answered for inquiries before, latest first.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PastOwners;

impl Batch for PastOwners {
    type Value = Vec<InquiryOwnership>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<InquiryOwnership>>> {
        const TABLE: &str = "inquiry_ownership";
        let reader = request.reader(Inquiry::READ)?.below_parents();
        let columns = ["officer_id", "reason", "since", "shift_id", "covers_id", "by_id", "until"];
        let mut select = record::from(TABLE, &columns);
        record::join(&mut select, "inquiry", "id", (TABLE, "inquiry_id"));
        let select = reader.select(select, Inquiry::PLACE);
        let sort = Sort { columns: vec![(TABLE, "id")], descending: true };
        let rows = reader.rows_per_key(&select, (TABLE, "inquiry_id"), keys, &sort, MOST).await?;
        let mut past: HashMap<Key, Vec<InquiryOwnership>> = HashMap::new();
        for row in &rows {
            let mut cells = Cells::new(row, 1, &reader);
            let Some(owner) = read(&mut Columns::ALL.read(&mut cells))? else { continue };
            let ended = InquiryOwnership { until: cells.take()?, ..owner };
            past.entry(Key::first_of(row, &keys[0])?).or_default().push(ended);
        }
        Ok(past)
    }
}

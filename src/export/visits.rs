//! The file of visits.

use std::collections::BTreeSet;

use super::contents::{PLACE, group, place};
use super::sheet::{Cell, Column};
use super::store;
use super::words::word;
use crate::db::Key;
use crate::error::Result;
use crate::household::Household;
use crate::officer::Officer;
use crate::record::Record;
use crate::request::Request;
use crate::scalar::DivisionCode;
use crate::visit::{Visit, VisitOrder};

/// The columns.
pub const COLUMNS: &[Column] = &[
    ("villageCode", "村代码", "Village code"),
    ("township", "乡镇", "Township"),
    ("village", "村", "Village"),
    ("group", "组", "Group"),
    ("door", "门牌", "Door"),
    ("household", "户主标签", "Household"),
    ("visitedAt", "走访时间", "Visited"),
    ("outcome", "结果", "Outcome"),
    ("note", "备注", "Note"),
    ("nextVisitOn", "下次走访", "Next visit"),
    ("officer", "民警", "Officer"),
    ("recordedAt", "登记时间", "Recorded"),
];

/// The next rows; none at the end.
pub async fn rows(
    request: &Request,
    area: Option<&DivisionCode>,
    last: &mut Option<Visit>,
) -> Result<Vec<Vec<Cell>>> {
    let reader = request.reader(Visit::READ)?;
    let found = store::next(&reader, (), area, VisitOrder::VisitedAtAsc, last.as_ref()).await?;
    let keys = |of: fn(&Visit) -> Key| found.iter().map(of).collect::<BTreeSet<_>>();
    let homes = store::by_key::<Household>(&reader, PLACE, keys(|visit| visit.household_id.into()));
    let homes = homes.await?;
    let reader = request.reader(Officer::READ)?;
    let officers = store::by_key::<Officer>(&reader, (), keys(|visit| visit.officer_id.into()));
    let officers = officers.await?;
    request.write_down_export(found.iter().map(|visit| visit.household_id)).await?;
    let rows = found.iter().map(|visit| {
        let home = homes.get(&visit.household_id.into());
        let officer = officers.get(&visit.officer_id.into());
        let mut row = place(home.and_then(|home| home.village.as_deref())).to_vec();
        row.extend([
            home.map_or(Cell::Empty, group),
            home.map_or(Cell::Empty, |home| Cell::Number(home.door.into())),
            Cell::text(home.map(|home| home.label.clone())),
            Cell::Moment(visit.visited_at),
            word(visit.outcome),
            Cell::text(visit.note.clone()),
            visit.next_visit_on.map_or(Cell::Empty, |day| Cell::Day(day.0)),
            Cell::text(officer.map(|officer| officer.name.clone())),
            Cell::Moment(visit.recorded_at),
        ]);
        row
    });
    let rows = rows.collect();
    *last = found.into_iter().next_back();
    Ok(rows)
}

//! How many appointments there are.

use entity::appointment::{Status, WastedReason};
use sea_orm::DbErr;
use sea_orm::sea_query::Expr;

use crate::appointment::{Appointment, AppointmentFilter};
use crate::db::{Reader, area::column};
use crate::error::Result;
use crate::record::{self, Cells, Record};

/// How many appointments there are of each status, and why the household came in vain if it did.
pub async fn outcomes(
    reader: &Reader,
    filter: &AppointmentFilter,
) -> Result<Vec<(Status, Option<WastedReason>, i64)>> {
    let (status, reason) =
        (column(("appointment", "status")), column(("appointment", "wasted_reason")));
    let mut counted = record::visible::<Appointment>(reader, ());
    Appointment::keep(filter, &mut counted, reader.backend());
    counted
        .clear_selects()
        .exprs([status.clone(), reason.clone(), Expr::cust("count(*)")])
        .add_group_by([status, reason]);
    let rows = reader.rows(&counted).await?;
    let read = |row| {
        let mut cells = Cells::new(row, 0, reader);
        Ok((cells.take()?, cells.take()?, cells.take()?))
    };
    Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
}

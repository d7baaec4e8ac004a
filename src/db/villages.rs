//! Lists of an area of a few villages. PostgreSQL would go through the whole county in the list's order until it has
//! met enough rows of these villages, or sort all that they have; so it is told to take the first ones of each village
//! from the index, and then the first ones of these.

use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{DbBackend, Statement};

use super::area::{Column, column, quoted};
use super::keys::Sort;
use super::lookup::POSTED;
use super::reader::Scoped;
use super::writer::Writer;

/// A list of rows that lie in villages.
pub struct InVillages<'a> {
    /// What is read of each row.
    pub shown: SelectStatement,
    /// Which rows the list has.
    pub kept: &'a Scoped,
    /// The key of a row.
    pub key: Column,
    /// The village of a row.
    pub village: Column,
    /// Their order.
    pub sort: &'a Sort,
    /// How many of them. The limit stands in the text, where the plan sees it.
    pub limit: u64,
}

/// The first rows of a list, of the villages that the caller is posted to.
pub fn first(list: InVillages<'_>) -> Statement {
    let InVillages { mut shown, kept, key, village, sort, limit } = list;
    let mut top = SelectStatement::clone(kept);
    top.clear_selects().expr_as(column(key), "key");
    for (place, name) in sort.columns.iter().enumerate() {
        top.expr_as(column(*name), format!("place_{place}"));
    }
    top.and_where(column(village).eq(column(("area", "code"))));
    sort.apply(&mut top);
    let of_top = sort.words(|place, _| format!("top.place_{place}"));
    let of_shown = sort.words(|_, column| quoted(column));

    let mut sql = Writer::new(DbBackend::Postgres);
    sql.select(shown.and_where(Expr::cust("TRUE")));
    sql.text(&format!(" AND {} = ANY(ARRAY(SELECT top.key FROM (", quoted(key)));
    sql.text(&format!("SELECT DISTINCT code FROM {POSTED}"));
    sql.text(") AS area(code) CROSS JOIN LATERAL (");
    sql.select(&top);
    sql.text(&format!(
        " LIMIT {limit}) AS top ORDER BY {of_top} LIMIT {limit})) ORDER BY {of_shown}"
    ));
    sql.statement()
}

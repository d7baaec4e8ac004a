//! How households are found by a text.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, Func, SelectStatement};

use crate::db::area::column;
use crate::text;

/// PostgreSQL finds pairs of characters in an index and then looks at the text; SQLite, which
/// serves one town, looks at the text.
pub(super) fn find_text(text: &str, select: &mut SelectStatement, backend: DbBackend) {
    let searched = || column(("household", "search_text"));
    if backend == DbBackend::Postgres {
        select
            .and_where(Expr::cust_with_exprs(
                "bigrams($1) @> bigrams($2)",
                [searched(), Expr::val(text)],
            ))
            .and_where(Expr::cust_with_exprs("strpos($1, $2) > 0", [searched(), Expr::val(text)]));
    } else {
        select.and_where(Expr::cust_with_exprs("instr(?, ?) > 0", [searched(), Expr::val(text)]));
    }
}

/// Keeps households with `text` in what [`text::masked_label`] leaves of the label: all up to the last
/// hyphen. The label stands first in the searched text, before any contact's name.
pub(super) fn find_shown(text: &str, select: &mut SelectStatement, backend: DbBackend) {
    let searched = column(("household", "search_text"));
    let (label, found) = match backend {
        DbBackend::Postgres => ("split_part($1, '|', 1)", "strpos($1, $2) > 0"),
        _ => ("substr(?, 1, instr(? || '|', '|') - 1)", "instr(?, ?) > 0"),
    };
    let label = Expr::cust_with_exprs(label, [searched.clone(), searched]);
    let shown = Func::cust("rtrim").args([
        label.clone(),
        Func::cust("replace").args([label, Expr::val("-"), Expr::val("")]).into(),
    ]);
    select.and_where(Expr::cust_with_exprs(found, [shown.into(), Expr::val(text)]));
}

/// What is searched of a household: its label and its contacts' names.
pub fn search_text<'a>(label: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut searched = text::normalised(label);
    for name in names.map(text::normalised).filter(|name| !label.contains(name.as_str())) {
        searched.push('|');
        searched.push_str(&name);
    }
    searched
}

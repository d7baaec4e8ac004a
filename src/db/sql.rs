//! SQL of our own, where saying it in Rust would hide what it says.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{DbBackend, Statement, Value};

/// SQL of our own, with `{}` for each value.
pub fn statement(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    let mut numbered = String::with_capacity(sql.len());
    for (nth, part) in sql.split("{}").enumerate() {
        if nth > 0 {
            numbered.push_str(&format!("${nth}"));
        }
        numbered.push_str(part);
    }
    Statement::from_sql_and_values(backend, numbered, values)
}

/// A part of a statement in SQL of our own, in which each word in braces stands for what it means.
pub fn expression(
    backend: DbBackend,
    sql: &str,
    meaning: impl Fn(&str) -> SimpleExpr,
) -> SimpleExpr {
    let mut values = Vec::new();
    let mut numbered = String::with_capacity(sql.len());
    for part in sql.split('{') {
        let (word, rest) = part.split_once('}').unwrap_or(("", part));
        if !word.is_empty() {
            values.push(meaning(word));
            match backend {
                DbBackend::Postgres => numbered.push_str(&format!("${}", values.len())),
                _ => numbered.push('?'),
            }
        }
        numbered.push_str(rest);
    }
    Expr::cust_with_exprs(numbered, values)
}

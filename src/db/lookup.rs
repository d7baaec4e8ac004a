//! What the scope of a statement depends on: the caller's account, session, postings and households. Conditions name it as
//! if it were a table, and the statement looks it up itself and once, however many of its conditions name it. So a
//! posting that has ended or a session that was closed counts at once, on every instance.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, Statement};

use super::area;
use super::template::{CALLER, NOW, SESSION};
use super::writer::Writer;
use crate::access::Scope;

/// The villages (`code`) of an officer's current postings.
pub const POSTED: &str = "posted_village";
/// A member of staff who may still act: `id`, and the `township_code` of the station.
pub const STAFF: &str = "acting_staff";
/// A resident who may still act: `id`.
pub const RESIDENT: &str = "acting_resident";
/// The households (`id`) of a resident.
pub const OWN: &str = "own_household";

type Written = fn(&Scope, &mut Writer);
const ALL: [(&str, Written); 4] =
    [(POSTED, posted), (STAFF, staff), (RESIDENT, resident), (OWN, own)];

/// Makes a statement look up what its conditions name.
pub fn look_up(scope: &Scope, mut statement: Statement) -> Statement {
    let named = |name: &str| scope.actor().is_signed_in() && statement.sql.contains(name);
    let mut wanted = ALL.into_iter().filter(|(name, _)| named(name)).peekable();
    if wanted.peek().is_none() {
        return statement;
    }
    let mut sql = Writer::new(statement.db_backend);
    for (name, write) in wanted {
        for text in [if sql.is_empty() { "WITH " } else { "), " }, name, " AS MATERIALIZED ("] {
            sql.text(text);
        }
        write(scope, &mut sql);
    }
    match statement.sql.strip_prefix("WITH ") {
        Some(rest) => ["), ", rest].into_iter().for_each(|text| sql.text(text)),
        None => [") ", &statement.sql].into_iter().for_each(|text| sql.text(text)),
    }
    statement.sql = sql.into_text();
    statement
}

fn posted(scope: &Scope, sql: &mut Writer) {
    sql.text("SELECT posting.village_code AS code FROM posting WHERE posting.officer_id = ");
    sql.text(CALLER);
    sql.text(" AND ");
    sql.expression(&area::current(Expr::cust(NOW)));
    sql.text(" AND EXISTS (SELECT 1 FROM officer WHERE ");
    may_act(scope, sql);
    sql.text(")");
}

fn staff(scope: &Scope, sql: &mut Writer) {
    sql.text(
        "SELECT officer.id, (SELECT station.township_code FROM station \
         WHERE station.id = officer.station_id) AS township_code FROM officer WHERE ",
    );
    may_act(scope, sql);
}

fn resident(scope: &Scope, sql: &mut Writer) {
    sql.text("SELECT contact.id FROM contact WHERE contact.id = ");
    sql.text(CALLER);
    in_session(scope, sql);
}

fn own(scope: &Scope, sql: &mut Writer) {
    sql.text("SELECT household_id AS id FROM household_contact WHERE contact_id = ");
    sql.text(CALLER);
    in_session(scope, sql);
}

/// The caller's own officer account is active, has the role that the token says, and its session has not ended.
fn may_act(scope: &Scope, sql: &mut Writer) {
    sql.text("officer.id = ");
    sql.text(CALLER);
    sql.text(" AND officer.deactivated_at IS NULL");
    if let Some(role) = scope.actor().role.of_staff() {
        for text in [" AND officer.role = '", role.to_value().as_str(), "'"] {
            sql.text(text);
        }
    }
    in_session(scope, sql);
}

fn in_session(scope: &Scope, sql: &mut Writer) {
    if scope.actor().session.is_some() {
        sql.text(
            " AND EXISTS (SELECT 1 FROM session WHERE session.ended_at IS NULL AND session.id = ",
        );
        sql.text(SESSION);
        sql.text(")");
    }
}

//! What the scope of a statement depends on: the caller's account, session, postings and households. Conditions name it as
//! if it were a table, and the statement looks it up itself and once, however many of its conditions name it. So a
//! posting that has ended or a session that was closed counts at once, on every instance.

use sea_orm::{Statement, Values};

use super::area;
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

/// The caller's id, in the text of a condition.
pub const CALLER: &str = "{caller}";

type Written = fn(&Scope, &mut Writer);
const ALL: [(&str, Written); 4] =
    [(POSTED, posted), (STAFF, staff), (RESIDENT, resident), (OWN, own)];

/// Makes a statement look up what its conditions name.
pub fn look_up(scope: &Scope, mut statement: Statement) -> Statement {
    let actor = scope.actor();
    let named = |name: &str| actor.is_signed_in() && statement.sql.contains(name);
    let wanted = ALL.map(|(name, write)| named(name).then_some((name, write)));
    let (calls, looks) = (named(CALLER), wanted.iter().any(Option::is_some));
    if !calls && !looks {
        return statement;
    }
    let values = &mut statement.values.get_or_insert_with(|| Values(Vec::new())).0;
    let mut sql = Writer::after(statement.db_backend, values.len());
    let mut before = "WITH ";
    for (name, write) in wanted.into_iter().flatten() {
        for text in [before, name, " AS MATERIALIZED ("] {
            sql.text(text);
        }
        write(scope, &mut sql);
        before = "), ";
    }
    let (mut text, found) = sql.into_parts();
    values.extend(found);
    let rest = statement.sql.strip_prefix("WITH ").filter(|_| looks);
    if looks {
        text.push_str(if rest.is_some() { "), " } else { ") " });
    }
    let mut parts = rest.unwrap_or(&statement.sql).split(CALLER);
    text.push_str(parts.next().unwrap_or_default());
    if calls {
        values.push(actor.id.into());
        let caller = format!("${}", values.len());
        for part in parts {
            text.push_str(&caller);
            text.push_str(part);
        }
    }
    statement.sql = text;
    statement
}

fn posted(scope: &Scope, sql: &mut Writer) {
    sql.text("SELECT posting.village_code AS code FROM posting WHERE posting.officer_id = ");
    sql.value(scope.actor().id.into());
    sql.text(" AND ");
    sql.expression(&area::current(scope.at()));
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
    sql.value(scope.actor().id.into());
    in_session(scope, sql);
}

fn own(scope: &Scope, sql: &mut Writer) {
    sql.text("SELECT household_id AS id FROM household_contact WHERE contact_id = ");
    sql.value(scope.actor().id.into());
    in_session(scope, sql);
}

/// The caller's own officer account is active, has the role that the token says, and its session has not ended.
fn may_act(scope: &Scope, sql: &mut Writer) {
    let actor = scope.actor();
    sql.text("officer.id = ");
    sql.value(actor.id.into());
    sql.text(" AND officer.deactivated_at IS NULL");
    if let Some(role) = actor.role.of_staff() {
        sql.text(" AND officer.role = ");
        sql.value(role.into());
    }
    in_session(scope, sql);
}

fn in_session(scope: &Scope, sql: &mut Writer) {
    if let Some(id) = scope.actor().session {
        sql.text(
            " AND EXISTS (SELECT 1 FROM session WHERE session.ended_at IS NULL AND session.id = ",
        );
        sql.value(id.into());
        sql.text(")");
    }
}

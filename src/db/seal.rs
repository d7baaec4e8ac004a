//! The condition under which staff see a sealed inquiry (密件) and what hangs on it. It joins the condition of the area
//! and, like that, is looked up by the statement that reads the rows.

use entity::{inquiry, officer};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};

use super::area::column;
use crate::access::Scope;
use crate::actor::Role;

/// What an inquiry must meet besides, so that staff see it: a sealed one has named the caller, or is the caller's by
/// rank, and does not concern the caller. By rank it is the chief's of the township; the county office's when
/// no chief is there whom it does not concern, or when it was escalated so far.
pub fn condition(scope: &Scope) -> Option<SimpleExpr> {
    let actor = scope.actor();
    actor.role.of_staff()?;
    let listed = |table| {
        Expr::exists(
            Query::select()
                .expr(Expr::val(1))
                .from(table)
                .and_where(column((table, "inquiry_id")).eq(column(("inquiry", "id"))))
                .and_where(column((table, "officer_id")).eq(actor.id))
                .take(),
        )
    };
    let named = listed("inquiry_reader");
    let may = match actor.role {
        Role::StationChief => Expr::val(true),
        Role::CountyAdmin => named
            .or(column(("inquiry", "escalation")).eq(inquiry::Escalation::County))
            .or(Expr::exists(unconcerned_chief()).not()),
        _ => named,
    };
    Some(column(("inquiry", "sealed")).not().or(listed("inquiry_exclusion").not().and(may)))
}

/// A chief of the inquiry's township whom it does not concern.
fn unconcerned_chief() -> SelectStatement {
    let chief = |name| column(("chief", name));
    let concerned = Query::select()
        .expr(Expr::val(1))
        .from("inquiry_exclusion")
        .and_where(column(("inquiry_exclusion", "inquiry_id")).eq(column(("inquiry", "id"))))
        .and_where(column(("inquiry_exclusion", "officer_id")).eq(chief("id")))
        .take();
    Query::select()
        .expr(Expr::val(1))
        .from_as("officer", "chief")
        .inner_join("station", column(("station", "id")).eq(chief("station_id")))
        .and_where(column(("station", "township_code")).eq(column(("inquiry", "township_code"))))
        .and_where(chief("role").eq(officer::Role::StationChief))
        .and_where(chief("deactivated_at").is_null())
        .and_where(Expr::exists(concerned).not())
        .take()
}

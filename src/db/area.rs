//! Turns a [`Scope`] into the condition that every row must meet. The caller's account, session and
//! postings are looked up by the same statement that reads the rows, so a posting that has ended or
//! a session that was closed counts at once, on every instance.

use entity::{contact, household, household_contact, officer, posting, session, station};
use sea_orm::DbBackend;
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};

use super::seal;
use crate::access::{Reach, Scope};
use crate::actor::Role;

/// A column, by table and name.
pub type Column = (&'static str, &'static str);

/// Which columns say where a row of a table lies. A reach that needs a column which the table does
/// not have finds nothing.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The code of its township.
    pub township: Option<Column>,
    /// The code of its village.
    pub village: Option<Column>,
    /// The id of its household.
    pub household: Option<Column>,
    /// The id of the officer or contact whose own it is.
    pub account: Option<Column>,
    /// The id of the officer who shares it.
    pub partner: Option<Column>,
    /// Whether rows without a township are everybody's who has one.
    pub common: bool,
    /// Whether its rows belong to rows of `inquiry` that are joined, of which some are sealed.
    pub sealed: bool,
}

impl Place {
    /// Rows that lie nowhere in particular.
    pub const NOWHERE: Self = Self {
        township: None,
        village: None,
        household: None,
        account: None,
        partner: None,
        common: false,
        sealed: false,
    };
}

/// The column of a place as an expression.
pub fn column(column: Column) -> SimpleExpr {
    Expr::col(column)
}

/// Whether a row at `place` lies in the county, township or village with this code of 6, 9 or 12 digits.
pub fn in_division(place: Place, code: &str) -> SimpleExpr {
    let own = if code.len() == 12 { place.village } else { place.township };
    match own {
        Some(own) if code.len() == 6 => column(own).like(format!("{code}%")),
        Some(own) => column(own).eq(code),
        None => Expr::val(false),
    }
}

/// What a row at `place` must meet to lie within `scope`; nothing when everything does.
pub fn condition(scope: &Scope, place: Place, backend: DbBackend) -> Option<SimpleExpr> {
    let actor = scope.actor();
    let nothing = Expr::val(false);
    let condition = match (scope.reach(), actor.role) {
        (Reach::Nothing, _) => nothing,
        (_, Role::Anonymous | Role::Channel | Role::System) => return None,
        (Reach::County, Role::Resident) => Expr::exists(living_contact(scope)),
        (Reach::County, _) => Expr::exists(living_officer(scope)),
        (Reach::Township, _) => match place.township {
            Some(township) if place.common => {
                let everybodys = column(township).is_null();
                let living = Expr::exists(living_officer(scope));
                column(township).eq(own_township(scope)).or(everybodys.and(living))
            }
            Some(township) => column(township).eq(own_township(scope)),
            None => nothing,
        },
        (Reach::Posted, _) => match place.village {
            Some(village) => within(column(village), posted_villages(scope), backend),
            None => nothing,
        },
        (Reach::Own, Role::Resident) => match (place.household, place.village, place.account) {
            (Some(household), _, _) => within(column(household), own_households(scope), backend),
            (None, Some(village), _) => within(column(village), own_villages(scope), backend),
            (None, None, Some(account)) => column(account).eq(actor.id),
            (None, None, None) => nothing,
        },
        (Reach::Own, _) => {
            let own = |account| column(account).eq(sub(living_officer(scope)));
            let accounts = [place.account, place.partner].into_iter().flatten().map(own);
            accounts.reduce(ExprTrait::or).unwrap_or(nothing)
        }
    };
    Some(match seal::condition(scope).filter(|_| place.sealed) {
        Some(seal) => condition.and(seal),
        None => condition,
    })
}

/// The column that says in which village a row lies, when villages are what the scope is made of.
pub fn village(scope: &Scope, place: Place) -> Option<Column> {
    place.village.filter(|_| scope.reach() == Reach::Posted)
}

/// PostgreSQL computes an array once, where it might turn IN into a join that reads every row.
fn within(column: SimpleExpr, list: SelectStatement, backend: DbBackend) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => column.eq(PgFunc::any(Func::cust("ARRAY").arg(sub(list)))),
        _ => column.in_subquery(list),
    }
}

fn sub(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// The caller's account, if it may still act.
fn living_officer(scope: &Scope) -> SelectStatement {
    let mut select = Query::select();
    select.column((officer::Entity, officer::Column::Id)).from(officer::Entity);
    alive(scope, &mut select);
    select
}

/// Keeps the caller's own officer account while it is active, has the role that the token says, and
/// its session has not ended.
fn alive(scope: &Scope, select: &mut SelectStatement) {
    let actor = scope.actor();
    select
        .and_where(Expr::col((officer::Entity, officer::Column::Id)).eq(actor.id))
        .and_where(Expr::col((officer::Entity, officer::Column::DeactivatedAt)).is_null());
    if let Some(role) = actor.role.of_staff() {
        select.and_where(Expr::col((officer::Entity, officer::Column::Role)).eq(role));
    }
    in_session(scope, select);
}

fn in_session(scope: &Scope, select: &mut SelectStatement) {
    if let Some(id) = scope.actor().session {
        let open = Query::select()
            .expr(Expr::val(1))
            .from(session::Entity)
            .and_where(Expr::col((session::Entity, session::Column::Id)).eq(id))
            .and_where(Expr::col((session::Entity, session::Column::EndedAt)).is_null())
            .take();
        select.and_where(Expr::exists(open));
    }
}

fn living_contact(scope: &Scope) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::val(1))
        .from(contact::Entity)
        .and_where(Expr::col((contact::Entity, contact::Column::Id)).eq(scope.actor().id));
    in_session(scope, &mut select);
    select
}

fn own_township(scope: &Scope) -> SimpleExpr {
    let mut select = Query::select();
    select
        .column((station::Entity, station::Column::TownshipCode))
        .from(officer::Entity)
        .inner_join(
            station::Entity,
            Expr::col((station::Entity, station::Column::Id))
                .equals((officer::Entity, officer::Column::StationId)),
        );
    alive(scope, &mut select);
    sub(select)
}

/// The villages of the caller's current postings.
pub fn posted_villages(scope: &Scope) -> SelectStatement {
    let mut select = Query::select();
    select
        .column((posting::Entity, posting::Column::VillageCode))
        .from(posting::Entity)
        .inner_join(
            officer::Entity,
            Expr::col((officer::Entity, officer::Column::Id))
                .equals((posting::Entity, posting::Column::OfficerId)),
        )
        .and_where(current(scope.at()));
    alive(scope, &mut select);
    select
}

/// Whether a posting is current at a moment: it has begun and not yet ended.
pub fn current(at: chrono::DateTime<chrono::Utc>) -> SimpleExpr {
    let ends_at = Expr::col((posting::Entity, posting::Column::EndsAt));
    Expr::col((posting::Entity, posting::Column::StartsAt))
        .lte(at)
        .and(ends_at.clone().is_null().or(ends_at.gt(at)))
}

fn own_households(scope: &Scope) -> SelectStatement {
    let mut select = Query::select();
    select
        .column((household_contact::Entity, household_contact::Column::HouseholdId))
        .from(household_contact::Entity)
        .and_where(
            Expr::col((household_contact::Entity, household_contact::Column::ContactId))
                .eq(scope.actor().id),
        );
    in_session(scope, &mut select);
    select
}

fn own_villages(scope: &Scope) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(("own", household::Column::VillageCode))
        .from_as(household::Entity, "own")
        .and_where(Expr::col(("own", household::Column::Id)).in_subquery(own_households(scope)));
    select
}

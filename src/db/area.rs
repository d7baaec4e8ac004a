//! Turns a [`Scope`] into the condition that every row must meet.

use entity::household;
use sea_orm::DbBackend;
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};

use super::lookup::{self, OWN, POSTED, RESIDENT, STAFF};
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

/// What a row at `place` must meet to lie within `scope`, for a statement that passes [`look_up`]; nothing when
/// everything does.
///
/// [`look_up`]: super::lookup::look_up
pub fn condition(scope: &Scope, place: Place, backend: DbBackend) -> Option<SimpleExpr> {
    let actor = scope.actor();
    let nothing = Expr::val(false);
    let condition = match (scope.reach(), actor.role) {
        (Reach::Nothing, _) => nothing,
        (_, Role::Anonymous | Role::Channel | Role::System) => return None,
        (Reach::County, Role::Resident) => Expr::exists(lookup::all("id", RESIDENT)),
        (Reach::County, _) => Expr::exists(lookup::all("id", STAFF)),
        (Reach::Township, _) => match place.township {
            Some(township) => {
                let own = column(township).eq(sub(lookup::all("township_code", STAFF)));
                match place.common {
                    true => {
                        let everybodys = Expr::exists(lookup::all("id", STAFF));
                        own.or(column(township).is_null().and(everybodys))
                    }
                    false => own,
                }
            }
            None => nothing,
        },
        (Reach::Posted, _) => match place.village {
            Some(village) => within(column(village), lookup::all("code", POSTED), backend),
            None => nothing,
        },
        (Reach::Own, Role::Resident) => match (place.household, place.village, place.account) {
            (Some(household), _, _) => within(column(household), lookup::all("id", OWN), backend),
            (None, Some(village), _) => within(column(village), own_villages(), backend),
            (None, None, Some(account)) => column(account).eq(actor.id),
            (None, None, None) => nothing,
        },
        (Reach::Own, _) => {
            let own = |account| column(account).eq(sub(lookup::all("id", STAFF)));
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

fn own_villages() -> SelectStatement {
    let mut select = Query::select();
    select
        .column(("own", household::Column::VillageCode))
        .from_as(household::Entity, "own")
        .and_where(Expr::col(("own", household::Column::Id)).in_subquery(lookup::all("id", OWN)));
    select
}

/// Whether a posting is current at a moment: it has begun and not yet ended.
pub fn current(at: chrono::DateTime<chrono::Utc>) -> SimpleExpr {
    let ends_at = column(("posting", "ends_at"));
    column(("posting", "starts_at")).lte(at).and(ends_at.clone().is_null().or(ends_at.gt(at)))
}

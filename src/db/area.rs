//! Turns a [`Scope`] into the condition that every row must meet.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};

use super::lookup::{OWN, POSTED, RESIDENT, STAFF};
use super::seal;
use super::template::{CALLER, KEY};
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

/// The column of a place as text.
pub fn quoted((table, column): Column) -> String {
    format!("\"{table}\".\"{column}\"")
}

/// Whether a column is the key of the object that the statement is asked about.
pub fn is_named(column: Column) -> SimpleExpr {
    Expr::cust(format!("{} = {KEY}", quoted(column)))
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
/// everything does. It is text: a statement is made for every request, and this is most of what it asks.
///
/// [`look_up`]: super::lookup::look_up
pub fn condition(scope: &Scope, place: Place, backend: DbBackend) -> Option<String> {
    let acting = |name: &str| format!("EXISTS (SELECT id FROM {name})");
    let reached = match (scope.reach(), scope.actor().role) {
        (Reach::Nothing, _) => None,
        (_, Role::Anonymous | Role::Channel | Role::System) => return None,
        (Reach::County, Role::Resident) => Some(acting(RESIDENT)),
        (Reach::County, _) => Some(acting(STAFF)),
        (Reach::Township, _) => place.township.map(quoted).map(|township| {
            let own = format!("{township} = (SELECT township_code FROM {STAFF})");
            match place.common {
                true => format!("({own} OR ({township} IS NULL AND {}))", acting(STAFF)),
                false => own,
            }
        }),
        (Reach::Posted, _) => place
            .village
            .map(|village| within(village, &format!("SELECT code FROM {POSTED}"), backend)),
        (Reach::Own, Role::Resident) => match (place.household, place.village, place.account) {
            (Some(household), _, _) => {
                Some(within(household, &format!("SELECT id FROM {OWN}"), backend))
            }
            (None, Some(village), _) => Some(within(village, &own_villages(), backend)),
            (None, None, Some(account)) => Some(format!("{} = {CALLER}", quoted(account))),
            (None, None, None) => None,
        },
        (Reach::Own, _) => {
            let own = |account| format!("{} = (SELECT id FROM {STAFF})", quoted(account));
            let accounts = [place.account, place.partner].into_iter().flatten().map(own);
            accounts.reduce(|one, other| format!("({one} OR {other})"))
        }
    };
    let condition = reached.unwrap_or_else(|| "1 = 0".to_owned());
    Some(match seal::condition(scope).filter(|_| place.sealed) {
        Some(seal) => format!("({condition} AND {seal})"),
        None => condition,
    })
}

/// The column that says in which village a row lies, when villages are what the scope is made of.
pub fn village(scope: &Scope, place: Place) -> Option<Column> {
    place.village.filter(|_| scope.reach() == Reach::Posted)
}

/// PostgreSQL computes an array once, where it might turn IN into a join that reads every row.
fn within(column: Column, list: &str, backend: DbBackend) -> String {
    let column = quoted(column);
    match backend {
        DbBackend::Postgres => format!("{column} = ANY(ARRAY({list}))"),
        _ => format!("{column} IN ({list})"),
    }
}

fn own_villages() -> String {
    format!("SELECT own.village_code FROM household AS own WHERE own.id IN (SELECT id FROM {OWN})")
}

/// Whether a posting is current at a moment: it has begun and not yet ended.
pub fn current(at: impl Into<SimpleExpr>) -> SimpleExpr {
    let at = at.into();
    let ends_at = column(("posting", "ends_at"));
    column(("posting", "starts_at"))
        .lte(at.clone())
        .and(ends_at.clone().is_null().or(ends_at.gt(at)))
}

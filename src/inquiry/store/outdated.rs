//! Replies that were made from a version of a guide that no longer holds.

use chrono::{DateTime, NaiveDate, Utc};
use entity::message::Direction;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use uuid::Uuid;

use crate::db::area::{self, column};
use crate::inquiry::Inquiry;
use crate::record::{self, Filter, Record};
use crate::scalar::DivisionCode;

/// Keeps the replies of which the household should be told anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outdated {
    /// Made from this guide.
    pub guide_id: Option<Uuid>,
    /// In this area.
    pub area_code: Option<DivisionCode>,
    /// Sent at this moment or later.
    pub since: DateTime<Utc>,
    /// The day on which the version no longer holds.
    pub today: NaiveDate,
}

impl Filter for Option<Outdated> {}

impl Outdated {
    /// A version that has ended, and no later one of the guide told in the inquiry.
    pub(super) fn keep(&self, select: &mut SelectStatement) {
        record::join(select, "guide_version", "id", ("message", "guide_version_id"));
        select
            .and_where(column(("message", "guide_version_id")).is_not_null())
            .and_where(column(("message", "direction")).eq(Direction::Outbound))
            .and_where(column(("message", "sent_at")).gte(self.since))
            .and_where(column(("guide_version", "valid_until")).lte(self.today))
            .and_where(Expr::exists(told_later()).not());
        if let Some(id) = self.guide_id {
            select.and_where(column(("guide_version", "guide_id")).eq(id));
        }
        if let Some(code) = &self.area_code {
            select.and_where(area::in_division(Inquiry::PLACE, &code.0));
        }
    }
}

/// A later version of the same guide, told in the same inquiry; or the same one told once more, so that
/// each household stands in the list once.
fn told_later() -> SelectStatement {
    let later = |name| column(("later", name));
    let version = |name| column(("later_version", name));
    Query::select()
        .expr(Expr::val(1))
        .from_as("message", "later")
        .join_as(
            JoinType::InnerJoin,
            "guide_version",
            "later_version",
            version("id").eq(later("guide_version_id")),
        )
        .and_where(later("inquiry_id").eq(column(("message", "inquiry_id"))))
        .and_where(later("direction").eq(Direction::Outbound))
        .and_where(version("guide_id").eq(column(("guide_version", "guide_id"))))
        .and_where(
            Expr::tuple([later("sent_at"), later("id")])
                .gt(Expr::tuple([column(("message", "sent_at")), column(("message", "id"))])),
        )
        .take()
}

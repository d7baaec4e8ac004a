//! How the versions of guides are read.

use async_graphql::Lookahead;
use chrono::NaiveDate;
use entity::guide_version::Status;
use sea_orm::sea_query::{ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ActiveEnum, DbBackend, DbErr, Value};
use uuid::Uuid;

use crate::access::{Act, Scope};
use crate::db::{Column, Key, Place, Sort, area::column};
use crate::error::Result;
use crate::guide::{GuideVersion, GuideVersionFilter, GuideVersionOrder};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::Date;

const COLUMNS: [&str; 15] = [
    "id",
    "number",
    "status",
    "content",
    "valid_from",
    "valid_until",
    "review_note",
    "version",
    "created_at",
    "updated_at",
    "published_at",
    "guide_id",
    "author_id",
    "reviewer_id",
    "superseded_by",
];

fn is(name: &'static str) -> SimpleExpr {
    column(("guide_version", name))
}

/// Whether a version was ever published.
pub(super) fn was_published() -> SimpleExpr {
    is("status").is_in([Status::Published, Status::Retired])
}

/// Whether a version is in force on a day.
pub(super) fn holds_on(day: NaiveDate) -> SimpleExpr {
    let ends = is("valid_until");
    was_published().and(is("valid_from").lte(day)).and(ends.clone().is_null().or(ends.gt(day)))
}

impl Record for GuideVersion {
    type Filter = GuideVersionFilter;
    type Order = GuideVersionOrder;
    type With = ();

    const READ: Act = Act::ReadGuide;
    const KIND: Kind = Kind::GuideVersion;
    const KEY: Column = ("guide_version", "id");
    const PLACE: Place = Place::NOWHERE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from("guide_version", &COLUMNS)
    }

    fn hide(scope: &Scope, select: &mut SelectStatement) {
        if !scope.covers(Act::ReadGuideDraft) {
            select.and_where(was_published());
        }
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let inside = cells.allows(Act::ReadGuideDraft);
        Ok(Self {
            id: GlobalId::new(Kind::GuideVersion, cells.take::<Uuid>()?),
            number: cells.take()?,
            status: cells.take::<Status>()?.into(),
            content: serde_json::from_str(&cells.take::<String>()?)
                .map_err(|error| DbErr::Json(error.to_string()))?,
            valid_from: cells.take::<Option<_>>()?.map(Date),
            valid_until: cells.take::<Option<_>>()?.map(Date),
            review_note: cells.take::<Option<_>>()?.filter(|_| inside),
            version: cells.take()?,
            created_at: cells.take()?,
            updated_at: cells.take()?,
            published_at: cells.take()?,
            guide_id: cells.take()?,
            author_id: cells.take::<Option<_>>()?.filter(|_| inside),
            reviewer_id: cells.take::<Option<_>>()?.filter(|_| inside),
            superseded_by: cells.take()?,
        })
    }

    fn keep(filter: &GuideVersionFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(statuses) = &filter.statuses {
            select.and_where(is("status").is_in(statuses.iter().map(|one| Status::from(*one))));
        }
        if let Some(day) = filter.in_force_on {
            select.and_where(holds_on(day.0));
        }
    }

    fn sort(order: GuideVersionOrder) -> Sort {
        let descending = order == GuideVersionOrder::CreatedAtDesc;
        Sort { columns: vec![("guide_version", "created_at"), Self::KEY], descending }
    }

    fn sort_values(&self, _: GuideVersionOrder) -> Vec<Value> {
        vec![self.created_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The name of a status, in the table and in the event log.
pub fn status_name(status: Status) -> String {
    status.to_value()
}

//! How guides are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::guide;
use entity::inquiry::Category;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ActiveValue::Set, DbBackend, DbErr, EntityTrait, TryInsertResult, Value};
use uuid::Uuid;

use super::{Guide, GuideFilter};
use crate::access::{Act, Scope};
use crate::db::{Column, Key, Place, Reader, Sort, Tx, area::column};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

mod menu;
mod search;
mod version;
mod writing;

pub use menu::{Current, current, most_asked, version};
pub use search::{index, search};
pub use version::status_name;
pub use writing::{
    Change, begins_after, in_force, insert_draft, insert_published, last_version, restore,
    supersede, update,
};

impl Record for Guide {
    type Filter = GuideFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadGuide;
    const KIND: Kind = Kind::Guide;
    const KEY: Column = ("guide", "id");
    const PLACE: Place = Place::NOWHERE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from("guide", &["id", "slug", "category", "created_at"])
    }

    /// A guide of which nothing was published is a draft as a whole.
    fn hide(scope: &Scope, select: &mut SelectStatement) {
        if !scope.covers(Act::ReadGuideDraft) {
            let mut published = versions();
            published.and_where(version::was_published());
            select.and_where(Expr::exists(published));
        }
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Guide, cells.take::<Uuid>()?),
            slug: cells.take()?,
            category: cells.take::<Category>()?.into(),
            created_at: cells.take()?,
        })
    }

    fn keep(filter: &GuideFilter, select: &mut SelectStatement, backend: DbBackend) {
        if let Some(categories) = &filter.categories {
            let categories = categories.iter().map(|category| Category::from(*category));
            select.and_where(column(("guide", "category")).is_in(categories));
        }
        if let Some(day) = filter.in_force_on {
            let mut current = versions();
            current.and_where(version::holds_on(day.0));
            select.and_where(Expr::exists(current));
        }
        if let Some(text) = &filter.text {
            let mut named = versions();
            named.and_where(version::was_published());
            search::find_text(text, &mut named, backend);
            select.and_where(Expr::exists(named));
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("guide", "slug"), Self::KEY], descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.slug.as_str().into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The versions of the guide of the statement around.
fn versions() -> SelectStatement {
    let mut select = record::from("guide_version", &["id"]);
    select.and_where(column(("guide_version", "guide_id")).eq(column(("guide", "id"))));
    select
}

/// The guide with this slug, within the reader's scope.
pub async fn by_slug(reader: &Reader, slug: &str) -> Result<Option<Guide>> {
    let mut select = record::visible::<Guide>(reader, ());
    select.and_where(column(("guide", "slug")).eq(slug));
    Ok(record::all(reader, &select, ()).await?.pop())
}

/// Adds a guide, unless there is one with its slug.
pub async fn insert_guide(
    tx: &Tx,
    id: Uuid,
    slug: &str,
    category: Category,
    now: DateTime<Utc>,
) -> Result<bool> {
    let row = guide::ActiveModel {
        id: Set(id),
        slug: Set(slug.to_owned()),
        category: Set(category),
        created_at: Set(now),
    };
    let inserted = guide::Entity::insert(row)
        .on_conflict_do_nothing_on([guide::Column::Slug])
        .exec_without_returning(tx)
        .await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0))
}

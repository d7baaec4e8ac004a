//! What of guides is said elsewhere than in an app.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;
use entity::guide_version::{Column as C, Entity, Model};
use entity::{guide, inquiry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::version::holds_on;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::guide::content::GuideContent;
use crate::guide::shipped;

/// So many of the latest inquiries tell what is asked most.
const LATEST: u64 = 500;
/// More than there are guides.
const MOST: u64 = 200;

/// A guide in force, and what its version says.
pub struct Current {
    /// The guide.
    pub guide_id: Uuid,
    /// The version.
    pub version_id: Uuid,
    /// What it says.
    pub content: GuideContent,
}

impl Current {
    fn read(row: Model) -> Result<Self> {
        let content = serde_json::from_str(&row.content).map_err(Error::internal)?;
        Ok(Self { guide_id: row.guide_id, version_id: row.id, content })
    }
}

/// The guides in force on a day about what was asked most lately, in a township when there is one; those about the same
/// in the order in which they come with the program, and others behind.
pub async fn most_asked(
    tx: &Tx,
    township_code: Option<&str>,
    day: NaiveDate,
    most: usize,
) -> Result<Vec<Current>> {
    let mut asked = inquiry::Entity::find()
        .select_only()
        .column(inquiry::Column::Category)
        .order_by_desc(inquiry::Column::OpenedAt)
        .order_by_desc(inquiry::Column::Id)
        .limit(LATEST);
    if let Some(code) = township_code {
        asked = asked.filter(inquiry::Column::TownshipCode.eq(code));
    }
    let asked: Vec<inquiry::Category> = asked.into_tuple().all(tx).await?;
    let guides = guide::Entity::find().order_by_asc(guide::Column::Id).limit(MOST).all(tx).await?;
    let of: HashMap<Uuid, (inquiry::Category, String)> =
        guides.into_iter().map(|guide| (guide.id, (guide.category, guide.slug))).collect();
    let versions = Entity::find().filter(holds_on(day)).order_by_asc(C::GuideId).limit(MOST);
    let mut rows = versions.all(tx).await?;
    rows.sort_by_cached_key(|row| {
        let (category, slug) = of.get(&row.guide_id).cloned().unzip();
        let asked = asked.iter().filter(|one| Some(**one) == category).count();
        (Reverse(asked), slug.as_deref().map(shipped::place), slug)
    });
    rows.truncate(most);
    rows.into_iter().map(Current::read).collect()
}

/// The version of a guide in force on a day.
pub async fn current(tx: &Tx, guide_id: Uuid, day: NaiveDate) -> Result<Option<Current>> {
    let found = Entity::find().filter(C::GuideId.eq(guide_id)).filter(holds_on(day)).one(tx);
    found.await?.map(Current::read).transpose()
}

/// A version, in force or not any more.
pub async fn version(tx: &Tx, id: Uuid) -> Result<Option<Current>> {
    Entity::find_by_id(id).one(tx).await?.map(Current::read).transpose()
}

//! How guides are found by everyday words.

use chrono::NaiveDate;
use entity::guide_term;
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement};
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait};
use uuid::Uuid;

use super::version::holds_on;
use crate::db::{Key, Reader, Tx, area::column, keys};
use crate::error::Result;
use crate::guide::Guide;
use crate::guide::content::GuideContent;
use crate::record;
use crate::text;

/// What a pair of letters of the title counts, and one of a keyword.
const WEIGHTS: (i32, i32) = (3, 2);

/// What is searched as it stands: the title and the keywords.
pub(super) fn search_text(content: &GuideContent) -> String {
    let parts = std::iter::once(&content.title).chain(&content.keywords);
    parts.map(|part| text::normalised(part)).collect::<Vec<_>>().join("|")
}

/// Keeps versions with `text` in the title or a keyword. There are few guides, so no index is needed.
pub(super) fn find_text(text: &str, select: &mut SelectStatement, backend: DbBackend) {
    let contains = match backend {
        DbBackend::Postgres => "strpos($1, $2) > 0",
        _ => "instr(?, ?) > 0",
    };
    let searched = column(("guide_version", "search_text"));
    select.and_where(Expr::cust_with_exprs(contains, [searched, Expr::val(text)]));
}

/// Writes down the pairs of letters by which a version is found once it is published.
pub async fn index(tx: &Tx, id: Uuid, content: &GuideContent) -> Result<()> {
    let title = text::bigrams(&content.title);
    let mut grams = title.clone();
    grams.extend(content.keywords.iter().flat_map(|keyword| text::bigrams(keyword)));
    let rows = grams.into_iter().map(|gram| guide_term::ActiveModel {
        weight: Set(if title.contains(&gram) { WEIGHTS.0 } else { WEIGHTS.1 }),
        guide_version_id: Set(id),
        gram: Set(gram),
    });
    guide_term::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The terms among `grams` of the versions in force on a day.
fn terms(grams: &[Key], day: NaiveDate, backend: DbBackend) -> SelectStatement {
    let mut select = Query::select();
    select.from("guide_term");
    record::join(&mut select, "guide_version", "id", ("guide_term", "guide_version_id"));
    select.and_where(keys::among(("guide_term", "gram"), grams, backend)).and_where(holds_on(day));
    select
}

/// The guides in force on a day that have most of `grams`. A pair of letters counts less the more
/// guides have it.
pub async fn search(
    reader: &Reader,
    grams: &[Key],
    day: NaiveDate,
    limit: u64,
) -> Result<Vec<Guide>> {
    let backend = reader.backend();
    let mut known = terms(grams, day, backend);
    known
        .column(("guide_term", "gram"))
        .expr_as(Expr::cust("count(*)"), "guides")
        .group_by_col(("guide_term", "gram"));
    let weight = column(("guide_term", "weight")).mul(Expr::val(1.0));
    let score = Func::sum(weight.div(column(("known", "guides"))));
    let mut scored = terms(grams, day, backend);
    scored
        .join_subquery(
            JoinType::InnerJoin,
            known,
            "known",
            column(("known", "gram")).eq(column(("guide_term", "gram"))),
        )
        .column(("guide_version", "guide_id"))
        .expr_as(score, "score")
        .group_by_col(("guide_version", "guide_id"));
    let mut select = record::visible::<Guide>(reader, ());
    select
        .join_subquery(
            JoinType::InnerJoin,
            scored,
            "found",
            column(("found", "guide_id")).eq(column(("guide", "id"))),
        )
        .order_by(("found", "score"), Order::Desc)
        .order_by(("guide", "slug"), Order::Asc);
    record::first(reader, &select, limit, ()).await
}

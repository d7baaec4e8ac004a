//! Which household took the place of a merged one.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use crate::db::Tx;
use crate::db::bulk::{self, Form};
use crate::error::Result;

/// A survivor may have been merged itself.
const SURVIVORS: &str = "WITH RECURSIVE followed (merged_id, survivor_id) AS ( \
        SELECT merged_id, survivor_id FROM household_merge \
        WHERE undone_at IS NULL AND merged_id IN (SELECT id FROM {given}) \
        UNION SELECT followed.merged_id, next.survivor_id FROM followed \
        JOIN household_merge AS next ON next.merged_id = followed.survivor_id \
        WHERE next.undone_at IS NULL) \
    SELECT merged_id, survivor_id FROM followed WHERE NOT EXISTS ( \
        SELECT 1 FROM household_merge AS next \
        WHERE next.merged_id = followed.survivor_id AND next.undone_at IS NULL)";

/// The households into which those of `ids` have been merged that are no longer there. They may lie
/// anywhere.
pub async fn survivors(tx: &Tx, ids: HashSet<Uuid>) -> Result<HashMap<Uuid, Uuid>> {
    let given: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    let select = bulk::statement(tx.backend(), SURVIVORS, &[("id", Form::Id)], &given, [])?;
    let rows = tx.query_all_raw(select).await?;
    let pairs = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    Ok(pairs.collect::<Result<_, sea_orm::DbErr>>()?)
}

//! How the county's decisions on deadlines are stored.

use std::collections::HashMap;

use entity::deadline_target::{ActiveModel, Column, Entity};
use entity::inquiry::{Category, Priority};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveEnum, ActiveValue::Set, EntityTrait};

use super::targets::Targets;
use crate::db::Tx;
use crate::error::Result;

/// What the county decided.
pub async fn decided(tx: &Tx) -> Result<HashMap<(Category, Priority), Targets>> {
    let rows = Entity::find().all(tx).await?;
    let of = |row: entity::deadline_target::Model| {
        let targets = Targets {
            first_reply_minutes: row.first_reply_minutes,
            resolution_minutes: row.resolution_minutes,
            escalation_minutes: row.escalation_minutes,
            hours: row.hours,
        };
        ((row.category, row.priority), targets)
    };
    Ok(rows.into_iter().map(of).collect())
}

/// Decides what is aimed at.
pub async fn decide(
    tx: &Tx,
    category: Category,
    priority: Priority,
    targets: Targets,
) -> Result<()> {
    let row = ActiveModel {
        category: Set(category),
        priority: Set(priority),
        first_reply_minutes: Set(targets.first_reply_minutes),
        resolution_minutes: Set(targets.resolution_minutes),
        escalation_minutes: Set(targets.escalation_minutes),
        hours: Set(targets.hours),
    };
    let known = OnConflict::columns([Column::Category, Column::Priority])
        .update_columns([
            Column::FirstReplyMinutes,
            Column::ResolutionMinutes,
            Column::EscalationMinutes,
            Column::Hours,
        ])
        .to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// The name of a category, in the table and in the event log.
pub fn category_name(category: Category) -> String {
    category.to_value()
}

/// The name of a priority, in the table and in the event log.
pub fn priority_name(priority: Priority) -> String {
    priority.to_value()
}

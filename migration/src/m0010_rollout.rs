//! The plan of each township's rollout.

use sea_orm_migration::{prelude::*, schema::*};

use crate::references;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("rollout")
            .col(uuid("id").primary_key())
            .col(text("township_code").unique_key())
            .col(text("stage"))
            .col(integer("target_percent"))
            .col(date("starts_on"))
            .col(date("target_on"))
            .col(integer("version"))
            .col(timestamp_with_time_zone("updated_at"))
            .foreign_key(&mut references("township_code", "township", "code"))
            .take();
        manager.create_table(table).await
    }
}

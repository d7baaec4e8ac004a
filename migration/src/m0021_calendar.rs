//! The working calendar, in versions.

use sea_orm_migration::{prelude::*, schema::*};

use crate::references;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("calendar")
                    .col(integer("version").primary_key())
                    .col(text("hours"))
                    .col(timestamp_with_time_zone("changed_at"))
                    .col(uuid_null("officer_id"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("calendar_day")
                    .col(date("day"))
                    .col(integer("from_version"))
                    .col(integer_null("until_version"))
                    .col(text("kind"))
                    .col(text("name"))
                    .primary_key(Index::create().col("day").col("from_version"))
                    .foreign_key(&mut references("from_version", "calendar", "version"))
                    .take(),
            )
            .await
    }
}

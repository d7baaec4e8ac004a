//! What was taken out of the service, by whom and why.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("export")
                    .col(uuid("id").primary_key())
                    .col(uuid("officer_id"))
                    .col(text("content"))
                    .col(text("format"))
                    .col(text_null("area_code"))
                    .col(blob("purpose"))
                    .col(timestamp_with_time_zone("requested_at"))
                    .col(integer("downloads"))
                    .col(big_integer_null("row_count"))
                    .col(timestamp_with_time_zone_null("downloaded_at"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        run(manager, &["CREATE INDEX export_by_officer ON export (officer_id, id)"]).await
    }
}

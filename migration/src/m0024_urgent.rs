//! Messages that tell of an emergency.

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
                    .table("urgent_alert")
                    .col(uuid("id").primary_key())
                    .col(uuid("inquiry_id"))
                    .col(uuid("message_id").unique_key())
                    .col(text("kind"))
                    .col(text("words"))
                    .col(text("list_version"))
                    .col(timestamp_with_time_zone("raised_at"))
                    .col(uuid_null("alerted_id"))
                    .col(text("state"))
                    .col(timestamp_with_time_zone_null("handled_at"))
                    .col(uuid_null("handler_id"))
                    .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
                    .foreign_key(&mut references("message_id", "message", "id"))
                    .foreign_key(&mut references("alerted_id", "officer", "id"))
                    .foreign_key(&mut references("handler_id", "officer", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX urgent_alert_by_time ON urgent_alert (raised_at, id)",
                "CREATE INDEX urgent_alert_by_inquiry ON urgent_alert (inquiry_id, raised_at, id)",
            ],
        )
        .await
    }
}

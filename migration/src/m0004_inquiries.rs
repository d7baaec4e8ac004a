//! Inquiries and their messages.

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
                    .table("inquiry")
                    .col(uuid("id").primary_key())
                    .col(uuid("household_id"))
                    .col(text("village_code"))
                    .col(text("township_code"))
                    .col(text("category"))
                    .col(text("status"))
                    .col(text("subject"))
                    .col(uuid_null("assignee_id"))
                    .col(uuid_null("last_message_id"))
                    .col(integer("version"))
                    .col(timestamp_with_time_zone("opened_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(timestamp_with_time_zone_null("resolved_at"))
                    .foreign_key(&mut references("household_id", "household", "id"))
                    .foreign_key(&mut references("village_code", "village", "code"))
                    .foreign_key(&mut references("assignee_id", "officer", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("message")
                    .col(uuid("id").primary_key())
                    .col(uuid("inquiry_id"))
                    .col(text("direction"))
                    .col(uuid_null("officer_id"))
                    .col(uuid_null("contact_id"))
                    .col(text("text"))
                    .col(timestamp_with_time_zone("sent_at"))
                    .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX inquiry_by_household ON inquiry (household_id, opened_at, id)",
                "CREATE INDEX inquiry_by_village ON inquiry (village_code, opened_at, id)",
                "CREATE INDEX inquiry_by_village_update ON inquiry (village_code, updated_at, id)",
                "CREATE INDEX inquiry_by_township ON inquiry (township_code, opened_at, id)",
                "CREATE INDEX inquiry_by_opening ON inquiry (opened_at, id)",
                "CREATE INDEX inquiry_by_update ON inquiry (updated_at, id)",
                "CREATE INDEX inquiry_by_assignee ON inquiry (assignee_id, opened_at, id) WHERE assignee_id IS NOT NULL",
                "CREATE INDEX inquiry_unresolved_by_village ON inquiry (village_code, opened_at, id) WHERE status <> 'RESOLVED'",
                "CREATE INDEX inquiry_unresolved_by_township ON inquiry (township_code, opened_at, id) WHERE status <> 'RESOLVED'",
                "CREATE INDEX message_by_inquiry ON message (inquiry_id, sent_at, id)",
            ],
        )
        .await
    }
}

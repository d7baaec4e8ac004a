//! Files that come with messages.

use sea_orm_migration::{prelude::*, schema::*};

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("attachment")
                    .col(uuid("id").primary_key())
                    // An officer or a contact, or nobody.
                    .col(uuid("uploader_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(blob("address_hash").unique_key())
                    .col(timestamp_with_time_zone("address_expires_at"))
                    .col(blob_null("name"))
                    .col(big_integer("bytes"))
                    .col(text_null("object"))
                    .col(blob_null("object_key"))
                    .col(text_null("media_type"))
                    .col(big_integer_null("width"))
                    .col(big_integer_null("height"))
                    .col(timestamp_with_time_zone_null("received_at"))
                    .col(integer_null("place"))
                    .col(timestamp_with_time_zone_null("erased_at"))
                    .take(),
            )
            .await?;
        // The message is written at the end of the change, after the file has been tied to it.
        run(
            manager,
            &[
                "ALTER TABLE attachment ADD COLUMN message_id uuid \
                 REFERENCES message (id) DEFERRABLE INITIALLY DEFERRED",
                "CREATE INDEX attachment_by_message ON attachment (message_id, place)",
                "CREATE INDEX attachment_by_uploader ON attachment (uploader_id)",
                "CREATE INDEX attachment_loose ON attachment (created_at) WHERE message_id IS NULL",
                "CREATE INDEX attachment_erased ON attachment (erased_at) \
                 WHERE erased_at IS NOT NULL",
            ],
        )
        .await
    }
}

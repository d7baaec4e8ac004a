//! Channels: the accounts through which households are reached, what their far side delivers, and through what
//! each message was said.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [channel(), channel_delivery()] {
            manager.create_table(table).await?;
        }
        let via = Table::alter().table("message").add_column(text("via").default("APP")).take();
        manager.alter_table(via).await?;
        run(
            manager,
            &[
                // One account at WeChat is one channel, or two would fetch the same messages.
                "CREATE UNIQUE INDEX channel_open_kfid ON channel (open_kfid, corp_id)",
                "CREATE INDEX channel_by_name ON channel (name, id)",
                // What is delivered again is stored once.
                "CREATE UNIQUE INDEX channel_delivery_digest ON channel_delivery (channel_id, digest)",
                "CREATE INDEX channel_delivery_by_channel ON channel_delivery (channel_id, received_at)",
                "CREATE INDEX channel_delivery_by_time ON channel_delivery (received_at)",
                "CREATE INDEX channel_delivery_waiting ON channel_delivery (received_at, id) \
                 WHERE done_at IS NULL",
            ],
        )
        .await
    }
}

fn channel() -> TableCreateStatement {
    Table::create()
        .table("channel")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text("name"))
        .col(text_null("township_code"))
        .col(text_null("corp_id"))
        .col(text_null("open_kfid"))
        .col(blob_null("secret"))
        .col(blob_null("callback_token"))
        .col(blob_null("callback_key"))
        .col(blob_null("old_callback_token"))
        .col(blob_null("old_callback_key"))
        .col(text("api_base_url"))
        .col(integer("window_messages"))
        .col(integer("window_hours"))
        .col(integer("per_minute"))
        .col(boolean("enabled"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("verified_at"))
        .col(integer_null("api_error"))
        .col(timestamp_with_time_zone_null("api_error_at"))
        .col(text_null("sync_cursor"))
        .col(timestamp_with_time_zone_null("swept_at"))
        .col(timestamp_with_time_zone_null("locked_until"))
        .col(uuid_null("holder"))
        .foreign_key(&mut references("township_code", "township", "code"))
        .take()
}

fn channel_delivery() -> TableCreateStatement {
    Table::create()
        .table("channel_delivery")
        .col(uuid("id").primary_key())
        .col(uuid("channel_id"))
        .col(blob("digest"))
        .col(blob("body"))
        .col(timestamp_with_time_zone("received_at"))
        .col(integer("tries").default(0))
        .col(timestamp_with_time_zone_null("taken_until"))
        .col(timestamp_with_time_zone_null("done_at"))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .take()
}

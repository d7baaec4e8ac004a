//! The menu of guides in WeChat, what residents call themselves there, and the files of those who are not known yet.

use sea_orm_migration::{prelude::*, schema::*};

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("message", boolean("automatic").default(false).take()),
            ("message_delivery", uuid_null("guide_version_id")),
            ("message_delivery", text_null("choices")),
            ("wechat_message", uuid_null("answered_by")),
            ("wechat_message", uuid_null("file_id")),
            ("channel_customer", binary_null("nickname")),
            ("channel_customer", timestamp_with_time_zone_null("nickname_next_try_at")),
            ("channel_customer", integer("nickname_tries").default(0).take()),
            ("attachment", timestamp_with_time_zone_null("kept_until")),
        ] {
            let alter = Table::alter().table(table).add_column(column).take();
            manager.alter_table(alter).await?;
        }
        run(
            manager,
            &[
                // What the service said by itself goes by the way by which the household had written.
                "UPDATE message SET automatic = TRUE, via = coalesce((SELECT earlier.via FROM message earlier \
                 WHERE earlier.inquiry_id = message.inquiry_id AND earlier.direction = 'INBOUND' \
                 AND earlier.officer_id IS NULL AND earlier.sent_at <= message.sent_at \
                 ORDER BY earlier.sent_at DESC, earlier.id DESC LIMIT 1), via) \
                 WHERE direction = 'OUTBOUND' AND officer_id IS NULL AND via = 'APP'",
                "UPDATE channel_customer SET nickname_next_try_at = first_seen_at \
                 WHERE length(external_id) > 0",
                "UPDATE wechat_message SET media_state = 'WANTED', media_next_try_at = received_at \
                 WHERE state = 'HELD' AND media_state IS NULL \
                 AND kind IN ('image', 'voice', 'video', 'file')",
                "CREATE INDEX channel_customer_nameless \
                 ON channel_customer (channel_id, nickname_next_try_at) \
                 WHERE nickname_next_try_at IS NOT NULL",
                "CREATE INDEX wechat_message_answered ON wechat_message (answered_by) \
                 WHERE answered_by IS NOT NULL",
            ],
        )
        .await
    }
}

//! What travels through channels: who writes, what came from the far side, and what is on its way there.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [channel_customer(), wechat_message(), message_delivery()] {
            manager.create_table(table).await?;
        }
        let recalled = timestamp_with_time_zone_null("recalled_at");
        let recalled = Table::alter().table("message").add_column(recalled).take();
        manager.alter_table(recalled).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX channel_customer_external ON channel_customer (channel_id, external_hash)",
                "CREATE INDEX channel_customer_by_contact ON channel_customer (contact_id)",
                "CREATE INDEX channel_customer_unbound ON channel_customer (village_code, last_inbound_at, id) \
                 WHERE contact_id IS NULL",
                // The message is written at the end of the change, after it has been noted here.
                "ALTER TABLE wechat_message ADD COLUMN message_id uuid \
                 REFERENCES message (id) DEFERRABLE INITIALLY DEFERRED",
                // What comes again is stored once.
                "CREATE UNIQUE INDEX wechat_message_msgid ON wechat_message (channel_id, msgid)",
                "CREATE INDEX wechat_message_new ON wechat_message (sequence) WHERE state = 'NEW'",
                "CREATE INDEX wechat_message_by_customer ON wechat_message (customer_id, sequence)",
                "CREATE INDEX wechat_message_by_message ON wechat_message (message_id)",
                "CREATE INDEX wechat_message_by_time ON wechat_message (received_at)",
                "CREATE INDEX message_delivery_queued ON message_delivery (channel_id, next_try_at, sequence) \
                 WHERE state = 'QUEUED'",
                "CREATE INDEX message_delivery_of_customer ON message_delivery (customer_id, sequence) \
                 WHERE state = 'QUEUED'",
                "CREATE INDEX message_delivery_by_customer ON message_delivery (customer_id)",
                "CREATE INDEX message_delivery_by_try ON message_delivery (channel_id, tried_at)",
            ],
        )
        .await
    }
}

fn channel_customer() -> TableCreateStatement {
    Table::create()
        .table("channel_customer")
        .col(uuid("id").primary_key())
        .col(uuid("channel_id"))
        .col(blob("external_id"))
        .col(blob("external_hash"))
        .col(uuid_null("contact_id"))
        .col(text_null("scene"))
        .col(text_null("village_code"))
        .col(timestamp_with_time_zone("first_seen_at"))
        .col(timestamp_with_time_zone_null("last_inbound_at"))
        .col(integer("sent_in_window").default(0))
        .col(boolean("session_ours").default(false))
        .col(timestamp_with_time_zone_null("asked_at"))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .foreign_key(&mut references("contact_id", "contact", "id"))
        .take()
}

fn wechat_message() -> TableCreateStatement {
    Table::create()
        .table("wechat_message")
        .col(big_integer("sequence").primary_key().auto_increment())
        .col(uuid("channel_id"))
        .col(text("msgid"))
        .col(text("kind"))
        .col(uuid_null("customer_id"))
        .col(timestamp_with_time_zone("sent_at"))
        .col(timestamp_with_time_zone("received_at"))
        .col(blob("raw"))
        .col(text("state"))
        .col(integer("tries").default(0))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .foreign_key(
            references("customer_id", "channel_customer", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take()
}

fn message_delivery() -> TableCreateStatement {
    Table::create()
        .table("message_delivery")
        .col(uuid("id").primary_key())
        .col(big_integer("sequence"))
        .col(uuid("channel_id"))
        .col(uuid("customer_id"))
        .col(uuid_null("message_id"))
        .col(text_null("automatic"))
        .col(text_null("welcome_code"))
        .col(text("state"))
        .col(text_null("reason"))
        .col(integer("parts"))
        .col(integer("sent_parts").default(0))
        .col(integer("tries").default(0))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("next_try_at"))
        .col(timestamp_with_time_zone_null("tried_at"))
        .col(timestamp_with_time_zone_null("taken_until"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .foreign_key(
            references("customer_id", "channel_customer", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(&mut references("message_id", "message", "id"))
        .take()
}

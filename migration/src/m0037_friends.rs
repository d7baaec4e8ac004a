//! Residents whom officers have as friends in WeCom, what is written to the far side about them, and how they go along
//! with a hand-over.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("officer", text_null("wecom_user_id")),
            ("channel_delivery", text("topic").default("CUSTOMER_SERVICE").take()),
        ] {
            let alter = Table::alter().table(table).add_column(column).take();
            manager.alter_table(alter).await?;
        }
        for table in [friend(), link(), write(), tag(), transfer(), check(), difference()] {
            manager.create_table(table).await?;
        }
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX officer_wecom_user_id ON officer (wecom_user_id)",
                "CREATE UNIQUE INDEX friend_external ON friend (channel_id, user_id, external_hash)",
                "CREATE INDEX friend_by_hash ON friend (external_hash)",
                "CREATE INDEX friend_by_household ON friend (household_id)",
                "CREATE INDEX friend_by_contact ON friend (contact_id)",
                "CREATE INDEX friend_by_officer ON friend (officer_id, since, id)",
                "CREATE INDEX friend_by_village ON friend (village_code, since, id)",
                "CREATE INDEX friend_by_township ON friend (township_code, since, id)",
                "CREATE INDEX friend_by_time ON friend (since, id)",
                "CREATE UNIQUE INDEX friend_link_of_household ON friend_link (household_id)",
                "CREATE UNIQUE INDEX friend_link_state ON friend_link (state)",
                "CREATE INDEX friend_write_queued ON friend_write (channel_id, next_try_at) WHERE state = 'QUEUED'",
                "CREATE INDEX friend_write_by_try ON friend_write (channel_id, tried_at)",
                "CREATE UNIQUE INDEX friend_transfer_once ON friend_transfer (handover_id, friend_id)",
                "CREATE INDEX friend_transfer_by_friend ON friend_transfer (friend_id)",
                "CREATE INDEX friend_transfer_open ON friend_transfer (next_try_at) WHERE state IN ('QUEUED', 'WAITING')",
                "CREATE INDEX friend_check_due ON friend_check (next_at)",
                // What is found again is one difference, until it is gone.
                "CREATE UNIQUE INDEX friend_difference_open ON friend_difference (channel_id, user_id, kind, subject_id) \
                 WHERE settled_at IS NULL",
                "CREATE INDEX friend_difference_by_time ON friend_difference (found_at, id)",
            ],
        )
        .await
    }
}

fn friend() -> TableCreateStatement {
    // Who leaves takes the name along, not that there was a friendship.
    let mut contact = references("contact_id", "contact", "id");
    contact.on_delete(ForeignKeyAction::SetNull);
    Table::create()
        .table("friend")
        .col(uuid("id").primary_key())
        .col(uuid("channel_id"))
        .col(text("user_id"))
        .col(uuid_null("officer_id"))
        .col(blob("external_id"))
        .col(blob("external_hash"))
        .col(uuid_null("contact_id"))
        .col(uuid_null("household_id"))
        .col(text_null("village_code"))
        .col(text_null("township_code"))
        .col(text("state"))
        .col(timestamp_with_time_zone("since"))
        .col(timestamp_with_time_zone_null("added_at"))
        .col(timestamp_with_time_zone_null("half_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(text_null("ended_by"))
        .col(blob_null("remark_hash"))
        .col(text_null("tagged_village"))
        .col(integer("version").default(1))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .foreign_key(&mut references("officer_id", "officer", "id"))
        .foreign_key(&mut contact)
        .take()
}

fn link() -> TableCreateStatement {
    Table::create()
        .table("friend_link")
        .col(uuid("id").primary_key())
        .col(uuid("household_id"))
        .col(uuid("channel_id"))
        .col(text("state"))
        .col(text_null("user_id"))
        .col(text_null("config_id"))
        .col(text_null("qr_code"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .take()
}

fn write() -> TableCreateStatement {
    Table::create()
        .table("friend_write")
        .col(uuid("subject_id"))
        .col(text("kind"))
        .col(uuid("channel_id"))
        .col(text("state"))
        .col(integer_null("api_error"))
        .col(text_null("welcome_code"))
        .col(integer("revision").default(1))
        .col(integer("tries").default(0))
        .col(timestamp_with_time_zone("queued_at"))
        .col(timestamp_with_time_zone("next_try_at"))
        .col(timestamp_with_time_zone_null("tried_at"))
        .col(timestamp_with_time_zone_null("taken_until"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .primary_key(Index::create().col("subject_id").col("kind"))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .take()
}

fn tag() -> TableCreateStatement {
    Table::create()
        .table("friend_tag")
        .col(uuid("channel_id"))
        .col(text("village_code"))
        .col(text("tag_id"))
        .col(text("name"))
        .primary_key(Index::create().col("channel_id").col("village_code"))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .take()
}

fn transfer() -> TableCreateStatement {
    Table::create()
        .table("friend_transfer")
        .col(uuid("id").primary_key())
        .col(uuid("handover_id"))
        .col(uuid("friend_id"))
        .col(uuid("to_id"))
        .col(text("state"))
        .col(integer_null("api_error"))
        .col(integer("tries").default(0))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("next_try_at"))
        .col(timestamp_with_time_zone_null("asked_at"))
        .col(timestamp_with_time_zone_null("taken_until"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .foreign_key(&mut references("handover_id", "handover", "id"))
        .foreign_key(&mut references("friend_id", "friend", "id"))
        .foreign_key(&mut references("to_id", "officer", "id"))
        .take()
}

fn check() -> TableCreateStatement {
    Table::create()
        .table("friend_check")
        .col(uuid("channel_id"))
        .col(uuid("officer_id"))
        .col(timestamp_with_time_zone("next_at"))
        .col(timestamp_with_time_zone_null("taken_until"))
        .col(timestamp_with_time_zone_null("checked_at"))
        .primary_key(Index::create().col("channel_id").col("officer_id"))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .foreign_key(&mut references("officer_id", "officer", "id"))
        .take()
}

fn difference() -> TableCreateStatement {
    Table::create()
        .table("friend_difference")
        .col(uuid("id").primary_key())
        .col(uuid("channel_id"))
        .col(text("user_id"))
        .col(text("kind"))
        // The friend, or the officer who is not known there.
        .col(uuid("subject_id"))
        .col(uuid("officer_id"))
        .col(uuid_null("friend_id"))
        .col(text_null("township_code"))
        .col(timestamp_with_time_zone("found_at"))
        .col(timestamp_with_time_zone("seen_at"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .foreign_key(&mut references("channel_id", "channel", "id"))
        .foreign_key(&mut references("officer_id", "officer", "id"))
        .foreign_key(&mut references("friend_id", "friend", "id"))
        .take()
}

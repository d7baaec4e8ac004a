//! Leaves and their covers, and hand-overs from one officer to another.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(leave()).await?;
        manager.create_table(handover()).await?;
        manager.create_table(handover_village()).await?;
        manager.create_table(handover_check()).await?;
        manager.create_table(handover_inquiry()).await?;
        manager.create_table(handover_transfer()).await?;
        // SQLite adds one column at a time.
        for name in ["leave_id", "source_id"] {
            let column = uuid_null(name);
            let table = Table::alter().table("posting").add_column(column).take();
            manager.alter_table(table).await?;
        }
        run(
            manager,
            &[
                "CREATE INDEX posting_by_leave ON posting (leave_id) WHERE leave_id IS NOT NULL",
                "CREATE INDEX posting_by_source ON posting (source_id) WHERE source_id IS NOT NULL",
                "CREATE INDEX leave_by_officer ON leave (officer_id, starts_at, id)",
                "CREATE INDEX handover_by_giver ON handover (from_id, id)",
                "CREATE INDEX handover_by_receiver ON handover (to_id, id)",
                "CREATE INDEX handover_by_township ON handover (township_code, id)",
                "CREATE INDEX handover_village_by_village ON handover_village (village_code)",
                "CREATE UNIQUE INDEX handover_transfer_by_household ON handover_transfer (handover_id, household_id)",
            ],
        )
        .await
    }
}

fn leave() -> TableCreateStatement {
    Table::create()
        .table("leave")
        .col(uuid("id").primary_key())
        .col(uuid("officer_id"))
        .col(uuid("cover_id"))
        .col(text("township_code"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(timestamp_with_time_zone_null("cancelled_at"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut references("officer_id", "officer", "id"))
        .foreign_key(&mut references("cover_id", "officer", "id"))
        .take()
}

fn handover() -> TableCreateStatement {
    Table::create()
        .table("handover")
        .col(uuid("id").primary_key())
        .col(uuid("from_id"))
        .col(uuid("to_id"))
        .col(text("township_code"))
        .col(text("status"))
        .col(text_null("note"))
        .col(timestamp_with_time_zone("overlap_until"))
        .col(big_integer("household_count"))
        .col(big_integer("inquiry_count"))
        .col(big_integer("note_count"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .foreign_key(&mut references("from_id", "officer", "id"))
        .foreign_key(&mut references("to_id", "officer", "id"))
        .take()
}

fn handover_village() -> TableCreateStatement {
    Table::create()
        .table("handover_village")
        .col(uuid("handover_id"))
        .col(text("village_code"))
        .col(uuid("from_posting_id"))
        .col(uuid("to_posting_id"))
        .col(timestamp_with_time_zone_null("ended_before"))
        .primary_key(Index::create().col("handover_id").col("village_code"))
        .foreign_key(&mut references("handover_id", "handover", "id"))
        .foreign_key(&mut references("village_code", "village", "code"))
        .take()
}

fn handover_check() -> TableCreateStatement {
    Table::create()
        .table("handover_check")
        .col(uuid("handover_id"))
        .col(text("item"))
        .col(integer("place"))
        .col(timestamp_with_time_zone_null("from_confirmed_at"))
        .col(timestamp_with_time_zone_null("to_confirmed_at"))
        .primary_key(Index::create().col("handover_id").col("item"))
        .foreign_key(&mut references("handover_id", "handover", "id"))
        .take()
}

fn handover_inquiry() -> TableCreateStatement {
    Table::create()
        .table("handover_inquiry")
        .col(uuid("handover_id"))
        .col(uuid("inquiry_id"))
        .primary_key(Index::create().col("handover_id").col("inquiry_id"))
        .foreign_key(&mut references("handover_id", "handover", "id"))
        .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
        .take()
}

fn handover_transfer() -> TableCreateStatement {
    Table::create()
        .table("handover_transfer")
        .col(uuid("id").primary_key())
        .col(uuid("handover_id"))
        .col(uuid("household_id"))
        .col(text("village_code"))
        .col(text("township_code"))
        .col(text("state"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("changed_at"))
        // No reference to the household: the packet of yesterday stays when the household is merged away.
        .foreign_key(&mut references("handover_id", "handover", "id"))
        .take()
}

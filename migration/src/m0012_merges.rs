//! Households that were found to be one, and what they were before.

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
                    .table("household_merge")
                    .col(uuid("id").primary_key())
                    .col(uuid("survivor_id"))
                    .col(uuid("merged_id"))
                    .col(text("village_code"))
                    .col(text("township_code"))
                    .col(uuid("officer_id"))
                    .col(timestamp_with_time_zone("made_at"))
                    .col(timestamp_with_time_zone_null("undone_at"))
                    .col(big_integer("contacts_moved"))
                    .col(big_integer("inquiries_moved"))
                    .col(blob_null("snapshot"))
                    .foreign_key(&mut references("village_code", "village", "code"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX household_merge_by_survivor ON household_merge (survivor_id, id)",
                "CREATE INDEX household_merge_to_erase ON household_merge (made_at) \
                 WHERE snapshot IS NOT NULL",
            ],
        )
        .await
    }
}

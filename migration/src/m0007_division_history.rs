//! The division tree's past. A division's row is what it is today, since `valid_from`; what it was before
//! is kept in `division_past`. A village or group that has ended points to who followed it.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Since before anything was written down.
const BEGINNING: &str = "0001-01-01";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["county", "township", "village", "village_group"] {
            add(manager, table, date("valid_from").default(BEGINNING).take()).await?;
        }
        for table in ["village", "village_group"] {
            add(manager, table, date_null("ended_on")).await?;
            add(manager, table, text_null("successor_code")).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("division_past")
                    .col(text("code"))
                    .col(date("valid_from"))
                    .col(date("valid_until"))
                    .col(text("name"))
                    .col(text_null("parent_code"))
                    .primary_key(Index::create().col("code").col("valid_from"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("reorganisation")
                    .col(uuid("id").primary_key())
                    .col(text("kind"))
                    .col(uuid("officer_id"))
                    .col(date("effective_on"))
                    .col(timestamp_with_time_zone("made_at"))
                    .col(json_binary("summary"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX village_by_successor ON village (successor_code, code) \
                 WHERE successor_code IS NOT NULL",
                "CREATE INDEX village_group_by_successor ON village_group (successor_code, code) \
                 WHERE successor_code IS NOT NULL",
            ],
        )
        .await
    }
}

async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).take()).await
}

//! The event log, its readers' checkpoints, idempotency keys, and the tallies kept from the log.

use sea_orm_migration::sea_orm::DbBackend;
use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let writing_transaction = match manager.get_database_backend() {
            DbBackend::Postgres => "(pg_current_xact_id()::text::bigint)",
            _ => "0",
        };
        manager
            .create_table(
                Table::create()
                    .table("event")
                    .col(big_integer("sequence").primary_key().auto_increment())
                    .col(big_integer("transaction").default(Expr::cust(writing_transaction)))
                    .col(timestamp_with_time_zone("at"))
                    .col(text("kind"))
                    .col(text_null("village_code"))
                    .col(text_null("township_code"))
                    .col(uuid_null("household_id"))
                    .col(uuid("subject_id"))
                    .col(json_binary("detail"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("checkpoint")
                    .col(text("reader").primary_key())
                    .col(big_integer("transaction"))
                    .col(big_integer("sequence"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("idempotency")
                    .col(uuid("caller_id"))
                    .col(text("key"))
                    .col(blob("input_hash"))
                    .col(uuid("result_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("caller_id").col("key"))
                    .take(),
            )
            .await?;
        manager.create_table(village_tally()).await?;
        run(manager, &["CREATE INDEX event_in_order ON event (\"transaction\", sequence)"]).await
    }
}

fn village_tally() -> TableCreateStatement {
    let mut table = Table::create()
        .table("village_tally")
        .col(text("village_code").primary_key())
        .col(text("township_code"))
        .foreign_key(&mut references("village_code", "village", "code"))
        .take();
    for count in [
        "people",
        "unvisited",
        "visited",
        "enrolled",
        "declined",
        "moved_away",
        "no_smartphone",
        "vacant",
        "open_inquiries",
    ] {
        table.col(big_integer(count).default(0));
    }
    table.col(timestamp_with_time_zone("updated_at"));
    table
}

//! Inquiries that only named people see, whom they concern, and who looked at what.

use sea_orm_migration::sea_orm::DbBackend;
use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Open inquiries of what is sealed from now on, as they stand.
const SEALED: &str = "category IN ('DISPUTE', 'PUBLIC_SECURITY_LEAD', 'COMPLAINT')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("inquiry", boolean("sealed").default(false).take()),
            ("inquiry", timestamp_with_time_zone_null("erased_at")),
            ("village_tally", big_integer("sealed_inquiries").default(0).take()),
            ("tally_day", big_integer("sealed_inquiries").default(0).take()),
        ] {
            let alter = Table::alter().table(table).add_column(column).take();
            manager.alter_table(alter).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("inquiry_reader")
                    .col(uuid("inquiry_id"))
                    .col(uuid("officer_id"))
                    .col(timestamp_with_time_zone("since"))
                    .col(uuid_null("named_by"))
                    .col(text("reason"))
                    .primary_key(Index::create().col("inquiry_id").col("officer_id"))
                    .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .foreign_key(&mut references("named_by", "officer", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("inquiry_exclusion")
                    .col(uuid("inquiry_id"))
                    .col(uuid("officer_id"))
                    .col(timestamp_with_time_zone("since"))
                    .primary_key(Index::create().col("inquiry_id").col("officer_id"))
                    .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("access_log")
                    .col(uuid("id").primary_key())
                    .col(timestamp_with_time_zone("at"))
                    .col(uuid("officer_id"))
                    .col(text("role"))
                    .col(text("looked_at"))
                    .col(uuid("household_id"))
                    .col(uuid_null("inquiry_id"))
                    .col(text_null("slot"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX inquiry_reader_by_officer ON inquiry_reader (officer_id)",
                "CREATE INDEX inquiry_exclusion_by_officer ON inquiry_exclusion (officer_id)",
                "CREATE INDEX access_log_by_time ON access_log (at, id)",
                "CREATE INDEX access_log_by_household ON access_log (household_id, at, id)",
                // What is looked at all day is written down once an hour; each look at a sealed inquiry has no slot.
                "CREATE UNIQUE INDEX access_log_slot ON access_log (household_id, officer_id, looked_at, slot)",
                "CREATE INDEX inquiry_sealed_resolved ON inquiry (resolved_at) \
                 WHERE sealed AND erased_at IS NULL AND resolved_at IS NOT NULL",
                // What the inbox counts stands in the index.
                "DROP INDEX inquiry_desk_by_village",
                "DROP INDEX inquiry_desk_by_township",
                "DROP INDEX inquiry_desk",
                "CREATE INDEX inquiry_desk_by_village ON inquiry \
                 (village_code, waiting_since, id, status, assignee_id, due_at, escalation, sealed) \
                 WHERE status <> 'RESOLVED'",
                "CREATE INDEX inquiry_desk_by_township ON inquiry \
                 (township_code, waiting_since, id, status, assignee_id, due_at, escalation, sealed) \
                 WHERE status <> 'RESOLVED'",
                "CREATE INDEX inquiry_desk ON inquiry \
                 (waiting_since, id, status, assignee_id, due_at, escalation, sealed, township_code) \
                 WHERE status <> 'RESOLVED'",
            ],
        )
        .await?;
        seal_what_there_is(manager).await
    }
}

/// What there is of these categories is sealed, with whoever handles it as a reader, and the log tells of it, so
/// that the numbers follow.
async fn seal_what_there_is(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let (now, json) = match manager.get_database_backend() {
        DbBackend::Postgres => ("now()", "::jsonb"),
        _ => ("strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')", ""),
    };
    let seal = format!("UPDATE inquiry SET sealed = TRUE WHERE {SEALED}");
    let name = format!(
        "INSERT INTO inquiry_reader (inquiry_id, officer_id, since, reason) \
         SELECT id, assignee_id, {now}, 'HANDLES' FROM inquiry WHERE sealed AND assignee_id IS NOT NULL"
    );
    let tell = format!(
        "INSERT INTO event (at, kind, village_code, township_code, household_id, subject_id, detail) \
         SELECT {now}, 'INQUIRY_CHANGED', village_code, township_code, household_id, id, \
         ('{{\"before\":\"' || status || '\",\"after\":\"' || status || \
         '\",\"sealed\":{{\"before\":false,\"after\":true}}}}'){json} FROM inquiry WHERE sealed"
    );
    run(manager, &[&seal, &name, &tell]).await
}

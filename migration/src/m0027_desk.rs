//! The desk behind the inquiries: how much they press, since when somebody waits, when they are due, and who
//! is writing an answer just now.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            text("priority").default("NORMAL").take(),
            // SQLite adds no column that is not null without a constant default.
            timestamp_with_time_zone("waiting_since").default("1970-01-01T00:00:00+00:00").take(),
            timestamp_with_time_zone_null("due_at"),
            timestamp_with_time_zone_null("timer_at"),
            text("escalation").default("DESK").take(),
            json_binary_null("stopwatch"),
            integer_null("due_calendar"),
        ];
        for column in columns {
            let alter = Table::alter().table("inquiry").add_column(column).take();
            manager.alter_table(alter).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("draft_lock")
                    .col(uuid("inquiry_id").primary_key())
                    .col(uuid("officer_id"))
                    .col(timestamp_with_time_zone("until"))
                    .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("deadline_target")
                    .col(text("category"))
                    .col(text("priority"))
                    .col(integer("first_reply_minutes"))
                    .col(integer("resolution_minutes"))
                    .col(integer("escalation_minutes"))
                    .col(text("hours"))
                    .primary_key(Index::create().col("category").col("priority"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                // Who was last to move, did so when the last message was written, as far as is known.
                "UPDATE inquiry SET waiting_since = coalesce(resolved_at, CASE WHEN status <> 'OPEN' THEN \
                 (SELECT sent_at FROM message WHERE message.id = inquiry.last_message_id) END, opened_at)",
                // What the inbox counts stands in the index.
                "CREATE INDEX inquiry_desk_by_village ON inquiry \
                 (village_code, waiting_since, id, status, assignee_id, due_at, escalation) \
                 WHERE status <> 'RESOLVED'",
                "CREATE INDEX inquiry_desk_by_township ON inquiry \
                 (township_code, waiting_since, id, status, assignee_id, due_at, escalation) \
                 WHERE status <> 'RESOLVED'",
                "CREATE INDEX inquiry_desk ON inquiry \
                 (waiting_since, id, status, assignee_id, due_at, escalation) \
                 WHERE status <> 'RESOLVED'",
                "CREATE INDEX inquiry_desk_by_assignee ON inquiry (assignee_id, waiting_since, id) \
                 WHERE assignee_id IS NOT NULL AND status <> 'RESOLVED'",
                "CREATE INDEX inquiry_due ON inquiry (due_at) WHERE due_at IS NOT NULL",
                "CREATE INDEX inquiry_timer ON inquiry (timer_at) WHERE timer_at IS NOT NULL",
                "CREATE INDEX inquiry_due_calendar ON inquiry (due_calendar) WHERE due_calendar IS NOT NULL",
                "CREATE INDEX draft_lock_by_end ON draft_lock (until)",
            ],
        )
        .await
    }
}

//! Service guides in versions, the words by which they are found, and replies that were made from them;
//! canned replies of a station or of the whole county, and the stations' numbers that they name.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(guide()).await?;
        manager.create_table(guide_version()).await?;
        manager.create_table(guide_term()).await?;
        manager.create_table(canned_reply()).await?;
        manager.create_table(canned_reply_version()).await?;
        // SQLite adds one column at a time.
        for (table, column) in [
            ("message", uuid_null("guide_version_id")),
            ("station", text_null("phone")),
            ("station", integer("version").default(1).take()),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX guide_version_number ON guide_version (guide_id, number)",
                // Two people never write two next versions of one guide.
                "CREATE UNIQUE INDEX guide_version_open ON guide_version (guide_id) \
                 WHERE status IN ('DRAFT', 'IN_REVIEW')",
                "CREATE INDEX message_from_guide ON message (sent_at, id) \
                 WHERE guide_version_id IS NOT NULL",
                "CREATE INDEX canned_reply_by_station ON canned_reply (station_id, title, id)",
                "CREATE UNIQUE INDEX canned_reply_version_number \
                 ON canned_reply_version (canned_reply_id, number)",
            ],
        )
        .await
    }
}

fn guide() -> TableCreateStatement {
    Table::create()
        .table("guide")
        .col(uuid("id").primary_key())
        .col(text("slug").unique_key())
        .col(text("category"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

fn guide_version() -> TableCreateStatement {
    Table::create()
        .table("guide_version")
        .col(uuid("id").primary_key())
        .col(uuid("guide_id"))
        .col(integer("number"))
        .col(text("status"))
        .col(text("content"))
        .col(text("search_text"))
        .col(uuid_null("author_id"))
        .col(uuid_null("reviewer_id"))
        .col(text_null("review_note"))
        .col(date_null("valid_from"))
        .col(date_null("ends_on"))
        .col(date_null("valid_until"))
        .col(uuid_null("superseded_by"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("published_at"))
        .foreign_key(&mut references("guide_id", "guide", "id"))
        .take()
}

fn guide_term() -> TableCreateStatement {
    Table::create()
        .table("guide_term")
        .col(text("gram"))
        .col(uuid("guide_version_id"))
        .col(integer("weight"))
        .primary_key(Index::create().col("gram").col("guide_version_id"))
        .foreign_key(&mut references("guide_version_id", "guide_version", "id"))
        .take()
}

fn canned_reply() -> TableCreateStatement {
    Table::create()
        .table("canned_reply")
        .col(uuid("id").primary_key())
        .col(uuid_null("station_id"))
        .col(text_null("category"))
        .col(text("title"))
        .col(text("text"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("retired_at"))
        .foreign_key(&mut references("station_id", "station", "id"))
        .take()
}

fn canned_reply_version() -> TableCreateStatement {
    Table::create()
        .table("canned_reply_version")
        .col(uuid("id").primary_key())
        .col(uuid("canned_reply_id"))
        .col(integer("number"))
        .col(text("title"))
        .col(text("text"))
        .col(uuid_null("officer_id"))
        .col(timestamp_with_time_zone("written_at"))
        .foreign_key(&mut references("canned_reply_id", "canned_reply", "id"))
        .take()
}

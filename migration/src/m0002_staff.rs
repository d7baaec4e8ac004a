//! Officers, their postings, their sessions, and the keys that sign access tokens.

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
                    .table("officer")
                    .col(uuid("id").primary_key())
                    .col(text("username"))
                    .col(text("name"))
                    .col(blob_null("phone"))
                    .col(text("role"))
                    .col(uuid_null("station_id"))
                    .col(text_null("password_hash"))
                    .col(integer("version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(timestamp_with_time_zone_null("deactivated_at"))
                    .foreign_key(&mut references("station_id", "station", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("posting")
                    .col(uuid("id").primary_key())
                    .col(uuid("officer_id"))
                    .col(text("village_code"))
                    .col(text("township_code"))
                    .col(text("duty"))
                    .col(timestamp_with_time_zone("starts_at"))
                    .col(timestamp_with_time_zone_null("ends_at"))
                    .col(integer("version"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .foreign_key(&mut references("village_code", "village", "code"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("session")
                    .col(uuid("id").primary_key())
                    .col(uuid("subject_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("refresh_token")
                    .col(blob("hash").primary_key())
                    .col(uuid("session_id"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .foreign_key(&mut references("session_id", "session", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("signing_key")
                    .col(text("id").primary_key())
                    .col(blob("private"))
                    .col(blob("public"))
                    .col(timestamp_with_time_zone("created_at"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX officer_username ON officer (username)",
                "CREATE INDEX officer_by_station ON officer (station_id, id)",
                "CREATE INDEX officer_by_name ON officer (name, id)",
                "CREATE INDEX posting_by_officer ON posting (officer_id, starts_at, id)",
                "CREATE INDEX posting_by_village ON posting (village_code, starts_at, id)",
                "CREATE INDEX session_by_subject ON session (subject_id) WHERE ended_at IS NULL",
            ],
        )
        .await
    }
}

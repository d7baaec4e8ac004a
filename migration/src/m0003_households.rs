//! Households and the contacts who speak for them.

use sea_orm_migration::sea_orm::DbBackend;
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
                    .table("household")
                    .col(uuid("id").primary_key())
                    .col(text("village_code"))
                    .col(text("township_code"))
                    .col(text("group_code"))
                    .col(integer("door"))
                    .col(text("label"))
                    .col(blob_null("address"))
                    .col(integer("people_count"))
                    .col(text("status"))
                    .col(text("search_text"))
                    .col(integer("version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .foreign_key(&mut references("village_code", "village", "code"))
                    .foreign_key(&mut references("group_code", "village_group", "code"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("contact")
                    .col(uuid("id").primary_key())
                    .col(text("name"))
                    .col(blob_null("phone"))
                    .col(blob_null("phone_hash"))
                    .col(blob_null("wechat_id"))
                    .col(blob_null("wechat_hash"))
                    .col(integer("version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("household_contact")
                    .col(uuid("household_id"))
                    .col(uuid("contact_id"))
                    .col(text("standing"))
                    .col(timestamp_with_time_zone("since"))
                    .primary_key(Index::create().col("household_id").col("contact_id"))
                    .foreign_key(&mut references("household_id", "household", "id"))
                    .foreign_key(&mut references("contact_id", "contact", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX household_by_door ON household (village_code, group_code, door, id)",
                "CREATE INDEX household_by_village_update ON household (village_code, updated_at, id)",
                "CREATE INDEX household_by_township_update ON household (township_code, updated_at, id)",
                "CREATE INDEX household_by_update ON household (updated_at, id)",
                "CREATE INDEX household_by_group ON household (group_code, door, id)",
                "CREATE INDEX household_by_township ON household (township_code, group_code, door, id)",
                "CREATE INDEX household_contact_by_contact ON household_contact (contact_id, household_id)",
                "CREATE UNIQUE INDEX household_contact_primary ON household_contact (household_id) WHERE standing = 'PRIMARY'",
                "CREATE UNIQUE INDEX contact_wechat ON contact (wechat_hash)",
                "CREATE INDEX contact_by_phone ON contact (phone_hash)",
            ],
        )
        .await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            run(manager, &BIGRAM_SEARCH).await?;
        }
        Ok(())
    }
}

/// Trigram indexes find nothing for two-character names, so PostgreSQL indexes pairs of characters.
/// SQLite serves one town and scans its households' `search_text`.
const BIGRAM_SEARCH: [&str; 2] = [
    "CREATE FUNCTION bigrams(value text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS \
     $$ SELECT coalesce(array_agg(DISTINCT substr(value, i, 2)), '{}') FROM generate_series(1, length(value) - 1) AS i $$",
    "CREATE INDEX household_search ON household USING gin (bigrams(search_text))",
];

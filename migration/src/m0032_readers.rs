//! Who wrote in an inquiry before it was sealed goes on seeing it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let now = match manager.get_database_backend() {
            DbBackend::Postgres => "now()",
            _ => "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')",
        };
        // Where somebody has decided since who sees it, that holds.
        let name = format!(
            "INSERT INTO inquiry_reader (inquiry_id, officer_id, since, reason) \
             SELECT DISTINCT inquiry.id, message.officer_id, {now}, 'HANDLES' \
             FROM inquiry JOIN message ON message.inquiry_id = inquiry.id \
             WHERE inquiry.sealed AND inquiry.erased_at IS NULL AND message.officer_id IS NOT NULL \
             AND inquiry.id NOT IN (SELECT subject_id FROM event WHERE kind = 'INQUIRY_READERS_CHANGED') \
             AND NOT EXISTS (SELECT 1 FROM inquiry_reader AS known WHERE known.inquiry_id = inquiry.id \
             AND known.officer_id = message.officer_id)"
        );
        run(manager, &[&name]).await
    }
}

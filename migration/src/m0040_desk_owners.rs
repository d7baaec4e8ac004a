//! Whose an unresolved inquiry is stands in the index by which a village's are counted.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP INDEX inquiry_desk_by_village",
                "CREATE INDEX inquiry_desk_by_village ON inquiry (village_code, waiting_since, id, status, \
                 assignee_id, due_at, escalation, sealed, owner_id, owner_shift_id) WHERE status <> 'RESOLVED'",
            ],
        )
        .await
    }
}

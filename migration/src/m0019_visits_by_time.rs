//! Visits of all households in the order of time, for the file of them; and an index less that nothing uses:
//! a status is a bound value, which no partial index answers.

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
                "CREATE INDEX visit_by_time ON visit (visited_at, id)",
                "DROP INDEX household_unvisited",
            ],
        )
        .await
    }
}

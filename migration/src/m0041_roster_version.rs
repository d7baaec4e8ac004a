//! How often what rosters are made of was changed: one row, which whoever changes it counts up. Who has read a roster
//! knows by it whether that still holds.

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
                "CREATE TABLE roster_version (version bigint NOT NULL)",
                "INSERT INTO roster_version (version) VALUES (0)",
            ],
        )
        .await
    }
}

//! Old sessions are forgotten, and whether one still has refresh tokens is asked for each.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["CREATE INDEX refresh_token_by_session ON refresh_token (session_id)"]).await
    }
}

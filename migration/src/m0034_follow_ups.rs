//! How often the follow-up of a referral was put off, and which are due.

use sea_orm_migration::{prelude::*, schema::*};

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = integer("postponed_count").default(0).take();
        let alter = Table::alter().table("referral").add_column(column).take();
        manager.alter_table(alter).await?;
        run(
            manager,
            &["CREATE INDEX referral_open ON referral (follow_up_on, inquiry_id) WHERE closed_at IS NULL"],
        )
        .await
    }
}

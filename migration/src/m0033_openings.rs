//! Windows that are open besides their hours, and who is written to when a place is offered.

use sea_orm_migration::{prelude::*, schema::*};

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("service_window", text("openings").default("[]").take()),
            ("waiting_place", uuid_null("inquiry_id")),
            ("waiting_place", timestamp_with_time_zone_null("told_at")),
        ] {
            let alter = Table::alter().table(table).add_column(column).take();
            manager.alter_table(alter).await?;
        }
        run(
            manager,
            &[
                "CREATE INDEX waiting_place_to_tell ON waiting_place (id) \
                 WHERE status = 'OFFERED' AND inquiry_id IS NOT NULL AND told_at IS NULL",
                "CREATE INDEX waiting_place_to_tell_again ON waiting_place (id) \
                 WHERE status = 'WAITING' AND told_at IS NOT NULL",
                // What runs out is found without looking at what does not.
                "CREATE INDEX waiting_place_offer ON waiting_place (offer_expires_at) \
                 WHERE status = 'OFFERED'",
                "CREATE INDEX waiting_place_until ON waiting_place (until_day) WHERE status = 'WAITING'",
            ],
        )
        .await
    }
}

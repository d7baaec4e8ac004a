//! Whether a household can be reached, when that was last confirmed, and when it is to be visited next.

use sea_orm_migration::{prelude::*, schema::*};

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            boolean("reachable").default(false).take(),
            timestamp_with_time_zone_null("confirmed_at"),
            date_null("next_visit_on"),
        ] {
            manager
                .alter_table(Table::alter().table("household").add_column(column).take())
                .await?;
        }
        run(
            manager,
            &[
                "UPDATE household SET reachable = TRUE, confirmed_at = \
                 (SELECT max(since) FROM household_contact WHERE household_id = household.id) \
                 WHERE status = 'ENROLLED'",
                "CREATE INDEX household_by_next_visit ON household (village_code, next_visit_on) \
                 WHERE next_visit_on IS NOT NULL",
            ],
        )
        .await
    }
}

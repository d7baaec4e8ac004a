//! Somebody who writes and is not known lies somewhere, by the link by which they came, and can be left aside.

use sea_orm_migration::{prelude::*, schema::*};

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text_null("township_code"),
            text_null("group_code"),
            integer_null("door"),
            timestamp_with_time_zone_null("dismissed_at"),
            timestamp_with_time_zone_null("told_closed_at"),
        ] {
            let alter = Table::alter().table("channel_customer").add_column(column).take();
            manager.alter_table(alter).await?;
        }
        let version = integer("version").default(1).take();
        let alter = Table::alter().table("channel_customer").add_column(version).take();
        manager.alter_table(alter).await?;
        run(
            manager,
            &[
                "CREATE INDEX channel_customer_unbound_in_township \
                 ON channel_customer (township_code, last_inbound_at, id) WHERE contact_id IS NULL",
                "CREATE INDEX channel_customer_unbound_anywhere \
                 ON channel_customer (last_inbound_at, id) WHERE contact_id IS NULL",
            ],
        )
        .await
    }
}

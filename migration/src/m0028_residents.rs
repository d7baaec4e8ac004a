//! What residents think of how they were helped, and what they want to be corrected.

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
                    .table("rating")
                    .col(uuid("id").primary_key())
                    .col(uuid("inquiry_id").unique_key())
                    // Contacts are erased when they leave.
                    .col(uuid_null("contact_id"))
                    .col(integer("score"))
                    .col(blob_null("text"))
                    .col(timestamp_with_time_zone("rated_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("correction_request")
                    .col(uuid("id").primary_key())
                    .col(uuid("household_id"))
                    .col(uuid_null("contact_id"))
                    .col(text("receipt").unique_key())
                    .col(text("value"))
                    .col(blob_null("wrong"))
                    .col(blob_null("right"))
                    .col(text("state"))
                    .col(timestamp_with_time_zone("requested_at"))
                    .col(timestamp_with_time_zone_null("answered_at"))
                    .col(uuid_null("answerer_id"))
                    .col(blob_null("reason"))
                    .foreign_key(&mut references("household_id", "household", "id"))
                    .foreign_key(&mut references("answerer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX rating_by_contact ON rating (contact_id)",
                "CREATE INDEX correction_request_by_time ON correction_request (requested_at, id)",
                "CREATE INDEX correction_request_by_household ON correction_request (household_id)",
                "CREATE INDEX correction_request_by_contact ON correction_request (contact_id)",
            ],
        )
        .await
    }
}

//! Inquiries that are referred to somebody else: a mediator, another office, the court.

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
                    .table("referral")
                    .col(uuid("id").primary_key())
                    .col(uuid("inquiry_id"))
                    .col(text("referred_to"))
                    .col(blob_null("note"))
                    .col(timestamp_with_time_zone("referred_at"))
                    .col(uuid("referred_by"))
                    .col(date("follow_up_on"))
                    .col(integer("version").default(1))
                    .col(text_null("outcome"))
                    .col(blob_null("outcome_note"))
                    .col(timestamp_with_time_zone_null("closed_at"))
                    .col(uuid_null("closed_by"))
                    .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
                    .foreign_key(&mut references("referred_by", "officer", "id"))
                    .foreign_key(&mut references("closed_by", "officer", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX referral_by_inquiry ON referral (inquiry_id)",
                "CREATE INDEX referral_by_follow_up ON referral (follow_up_on, id)",
            ],
        )
        .await
    }
}

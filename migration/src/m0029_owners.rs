//! Who answers for an inquiry, and who did before.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            uuid_null("owner_id"),
            text_null("owner_reason"),
            timestamp_with_time_zone_null("owner_since"),
            uuid_null("owner_shift_id"),
            uuid_null("owner_covers_id"),
            uuid_null("owner_by_id"),
        ];
        for column in columns {
            let alter = Table::alter().table("inquiry").add_column(column).take();
            manager.alter_table(alter).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("inquiry_ownership")
                    .col(big_integer("id").primary_key().auto_increment())
                    .col(uuid("inquiry_id"))
                    .col(uuid("officer_id"))
                    .col(text("reason"))
                    .col(timestamp_with_time_zone("since"))
                    .col(timestamp_with_time_zone("until"))
                    .col(uuid_null("shift_id"))
                    .col(uuid_null("covers_id"))
                    .col(uuid_null("by_id"))
                    .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                // Who had taken an inquiry on, answers for it; since when was not kept.
                "UPDATE inquiry SET owner_id = assignee_id, owner_reason = 'ASSIGNED', owner_since = opened_at \
                 WHERE assignee_id IS NOT NULL",
                "CREATE INDEX inquiry_by_owner ON inquiry (owner_id, opened_at, id) WHERE owner_id IS NOT NULL",
                "CREATE INDEX inquiry_desk_by_owner ON inquiry (owner_id, waiting_since, id) \
                 WHERE owner_id IS NOT NULL AND status <> 'RESOLVED'",
                "CREATE INDEX inquiry_ownership_by_inquiry ON inquiry_ownership (inquiry_id, id)",
                // Whose work one does, and who keeps the county's desk.
                "CREATE INDEX leave_by_cover ON leave (cover_id, ends_at) WHERE cancelled_at IS NULL",
                "CREATE INDEX officer_county_admin ON officer (id) \
                 WHERE role = 'COUNTY_ADMIN' AND deactivated_at IS NULL",
            ],
        )
        .await
    }
}

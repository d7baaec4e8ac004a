//! The roster: who is on duty when.

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
                    .table("shift")
                    .col(uuid("id").primary_key())
                    .col(uuid("station_id"))
                    .col(text("township_code"))
                    .col(text_null("village_code"))
                    .col(uuid("officer_id"))
                    .col(date("valid_from"))
                    .col(date_null("valid_until"))
                    .col(integer_null("weekdays"))
                    .col(integer_null("every_days"))
                    .col(text("day_kind"))
                    .col(integer("start_minute"))
                    .col(integer("length_minutes"))
                    .col(integer("version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut references("station_id", "station", "id"))
                    .foreign_key(&mut references("village_code", "village", "code"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("shift_swap")
                    .col(uuid("id").primary_key())
                    .col(uuid("shift_id"))
                    .col(text("township_code"))
                    .col(date("day"))
                    .col(uuid("officer_id"))
                    .col(integer("version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("cancelled_at"))
                    .foreign_key(&mut references("shift_id", "shift", "id"))
                    .foreign_key(&mut references("officer_id", "officer", "id"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX shift_by_township ON shift (township_code, valid_until)",
                "CREATE INDEX shift_by_station ON shift (station_id, id)",
                "CREATE INDEX shift_by_officer ON shift (officer_id, id)",
                "CREATE UNIQUE INDEX shift_swap_day ON shift_swap (shift_id, day) \
                 WHERE cancelled_at IS NULL",
                "CREATE INDEX shift_swap_by_shift ON shift_swap (shift_id, day, id)",
                "CREATE INDEX shift_swap_by_township ON shift_swap (township_code, day) \
                 WHERE cancelled_at IS NULL",
                "CREATE INDEX leave_by_township ON leave (township_code, ends_at) \
                 WHERE cancelled_at IS NULL",
            ],
        )
        .await
    }
}

//! Service windows, the appointments booked at them, and who waits for a place.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [service_window(), appointment(), waiting_place(), slot_place()] {
            manager.create_table(table).await?;
        }
        run(
            manager,
            &[
                "CREATE INDEX service_window_by_station ON service_window (station_id)",
                // No place of a slot is ever given twice, whatever the program does.
                "CREATE UNIQUE INDEX slot_place_window_id ON slot_place (window_id, starts_at, place)",
                "CREATE UNIQUE INDEX slot_place_appointment_id ON slot_place (appointment_id)",
                "CREATE UNIQUE INDEX slot_place_waiting_place_id ON slot_place (waiting_place_id)",
                "CREATE INDEX appointment_by_window ON appointment (window_id, starts_at, id)",
                "CREATE INDEX appointment_by_household ON appointment (household_id, starts_at, id)",
                "CREATE INDEX appointment_by_inquiry ON appointment (inquiry_id, starts_at, id)",
                "CREATE INDEX appointment_by_time ON appointment (starts_at, id)",
                "CREATE INDEX appointment_reminder ON appointment (remind_at) \
                 WHERE remind_at IS NOT NULL",
                "CREATE INDEX waiting_place_by_household ON waiting_place (household_id, id)",
                "CREATE INDEX waiting_place_in_line ON waiting_place (window_id, id) \
                 WHERE status IN ('WAITING', 'OFFERED')",
            ],
        )
        .await
    }
}

fn service_window() -> TableCreateStatement {
    Table::create()
        .table("service_window")
        .col(uuid("id").primary_key())
        .col(uuid("station_id"))
        .col(text("township_code"))
        .col(text("name"))
        .col(integer("slot_minutes"))
        .col(integer("capacity"))
        .col(integer("bookable_days"))
        .col(integer("lead_minutes"))
        .col(text("hours"))
        .col(text("closures"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("retired_at"))
        .foreign_key(&mut references("station_id", "station", "id"))
        .take()
}

fn appointment() -> TableCreateStatement {
    Table::create()
        .table("appointment")
        .col(uuid("id").primary_key())
        .col(uuid("window_id"))
        .col(uuid("household_id"))
        .col(uuid_null("inquiry_id"))
        .col(uuid_null("guide_version_id"))
        .col(text_null("checklist_key"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(integer("place"))
        .col(text("status"))
        .col(boolean("displaced"))
        .col(text_null("readiness"))
        .col(blob_null("missing_papers"))
        .col(uuid_null("checked_by"))
        .col(timestamp_with_time_zone_null("checked_at"))
        .col(text_null("wasted_reason"))
        .col(blob_null("note"))
        .col(uuid_null("booked_by"))
        .col(timestamp_with_time_zone_null("remind_at"))
        .col(timestamp_with_time_zone_null("reminded_at"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("booked_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut references("window_id", "service_window", "id"))
        .foreign_key(&mut references("household_id", "household", "id"))
        .foreign_key(&mut references("inquiry_id", "inquiry", "id"))
        .foreign_key(&mut references("guide_version_id", "guide_version", "id"))
        .take()
}

fn waiting_place() -> TableCreateStatement {
    Table::create()
        .table("waiting_place")
        .col(uuid("id").primary_key())
        .col(uuid("window_id"))
        .col(uuid("household_id"))
        .col(date("from_day"))
        .col(date("until_day"))
        .col(text("status"))
        .col(timestamp_with_time_zone_null("offered_starts_at"))
        .col(timestamp_with_time_zone_null("offered_ends_at"))
        .col(timestamp_with_time_zone_null("offer_expires_at"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("joined_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut references("window_id", "service_window", "id"))
        .foreign_key(&mut references("household_id", "household", "id"))
        .take()
}

/// A place of a slot that is taken: by an appointment, or by an offer to who waits.
fn slot_place() -> TableCreateStatement {
    Table::create()
        .table("slot_place")
        .col(uuid("id").primary_key())
        .col(uuid("window_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(integer("place"))
        .col(uuid_null("appointment_id"))
        .col(uuid_null("waiting_place_id"))
        .foreign_key(&mut references("window_id", "service_window", "id"))
        .foreign_key(&mut references("appointment_id", "appointment", "id"))
        .foreign_key(&mut references("waiting_place_id", "waiting_place", "id"))
        .take()
}

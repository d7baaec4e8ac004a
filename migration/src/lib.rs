//! The history of the database schema, for SQLite and PostgreSQL alike: one change a file, never
//! edited after it has landed.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m0001_divisions;
mod m0002_staff;
mod m0003_households;
mod m0004_inquiries;
mod m0005_events;
mod m0006_reachable;
mod m0007_division_history;
mod m0008_household_life;
mod m0009_statistics;
mod m0010_rollout;
mod m0011_imports;
mod m0012_merges;
mod m0013_exports;
mod m0014_handover;
mod m0015_sessions_forgotten;
mod m0016_guides;
mod m0017_field_work;
mod m0018_import_doubles;
mod m0019_visits_by_time;
mod m0020_attachments;
mod m0021_calendar;
mod m0022_roster;
mod m0023_appointments;
mod m0024_urgent;
mod m0025_channels;
mod m0026_messenger;
mod m0027_desk;
mod m0028_residents;
mod m0029_owners;
mod m0030_sealed;
mod m0031_referrals;
mod m0032_readers;
mod m0033_openings;
mod m0034_follow_ups;
mod m0035_senders;
mod m0036_wechat_media;
mod m0037_friends;
mod m0038_wechat_menu;
mod m0039_moves;
mod m0040_desk_owners;
mod m0041_roster_version;

/// All changes, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_divisions::Migration),
            Box::new(m0002_staff::Migration),
            Box::new(m0003_households::Migration),
            Box::new(m0004_inquiries::Migration),
            Box::new(m0005_events::Migration),
            Box::new(m0006_reachable::Migration),
            Box::new(m0007_division_history::Migration),
            Box::new(m0008_household_life::Migration),
            Box::new(m0009_statistics::Migration),
            Box::new(m0010_rollout::Migration),
            Box::new(m0011_imports::Migration),
            Box::new(m0012_merges::Migration),
            Box::new(m0013_exports::Migration),
            Box::new(m0014_handover::Migration),
            Box::new(m0015_sessions_forgotten::Migration),
            Box::new(m0016_guides::Migration),
            Box::new(m0017_field_work::Migration),
            Box::new(m0018_import_doubles::Migration),
            Box::new(m0019_visits_by_time::Migration),
            Box::new(m0020_attachments::Migration),
            Box::new(m0021_calendar::Migration),
            Box::new(m0022_roster::Migration),
            Box::new(m0023_appointments::Migration),
            Box::new(m0024_urgent::Migration),
            Box::new(m0025_channels::Migration),
            Box::new(m0026_messenger::Migration),
            Box::new(m0027_desk::Migration),
            Box::new(m0028_residents::Migration),
            Box::new(m0029_owners::Migration),
            Box::new(m0030_sealed::Migration),
            Box::new(m0031_referrals::Migration),
            Box::new(m0032_readers::Migration),
            Box::new(m0033_openings::Migration),
            Box::new(m0034_follow_ups::Migration),
            Box::new(m0035_senders::Migration),
            Box::new(m0036_wechat_media::Migration),
            Box::new(m0037_friends::Migration),
            Box::new(m0038_wechat_menu::Migration),
            Box::new(m0039_moves::Migration),
            Box::new(m0040_desk_owners::Migration),
            Box::new(m0041_roster_version::Migration),
        ]
    }
}

/// A foreign key from `column` to the key `key` of `table`.
fn references(
    column: &'static str,
    table: &'static str,
    key: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(column).to(table, key).to_owned()
}

/// Runs statements of plain SQL that both databases understand.
async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for sql in statements {
        manager.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}

//! The numbers of every day: a row for each day on which a village's numbers changed, with what they
//! were at its end. A village's households count for the township it belonged to when they were
//! counted, so both are the key. The numbers are made anew from the event log.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COUNTS: [&str; 10] = [
    "people",
    "unvisited",
    "visited",
    "enrolled",
    "declined",
    "moved_away",
    "no_smartphone",
    "vacant",
    "reachable",
    "open_inquiries",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let forget = ["DROP TABLE village_tally", "DELETE FROM checkpoint WHERE reader = 'tally'"];
        run(manager, &forget).await?;
        let mut now = Table::create()
            .table("village_tally")
            .col(text("village_code"))
            .col(text("township_code"))
            .primary_key(Index::create().col("village_code").col("township_code"))
            .foreign_key(&mut references("village_code", "village", "code"))
            .take();
        let mut days = Table::create()
            .table("tally_day")
            .col(text("village_code"))
            .col(text("township_code"))
            .col(date("day"))
            .primary_key(Index::create().col("village_code").col("township_code").col("day"))
            .take();
        for count in COUNTS {
            now.col(big_integer(count).default(0));
            days.col(big_integer(count));
        }
        now.col(timestamp_with_time_zone("updated_at"));
        days.col(big_integer("recently_confirmed"));
        manager.create_table(now).await?;
        manager.create_table(days).await
    }
}

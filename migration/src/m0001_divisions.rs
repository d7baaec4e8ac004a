//! The division tree: county, township, village, village group; and the station of a township.

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
                    .table("county")
                    .col(text("code").primary_key())
                    .col(text("name"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("township")
                    .col(text("code").primary_key())
                    .col(text("county_code"))
                    .col(text("name"))
                    .col(text("kind"))
                    .foreign_key(&mut references("county_code", "county", "code"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("village")
                    .col(text("code").primary_key())
                    .col(text("township_code"))
                    .col(text("name"))
                    .foreign_key(&mut references("township_code", "township", "code"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("village_group")
                    .col(text("code").primary_key())
                    .col(text("village_code"))
                    .col(text("township_code"))
                    .col(integer("number"))
                    .foreign_key(&mut references("village_code", "village", "code"))
                    .foreign_key(&mut references("township_code", "township", "code"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("station")
                    .col(uuid("id").primary_key())
                    .col(text_uniq("township_code"))
                    .col(text("name"))
                    .foreign_key(&mut references("township_code", "township", "code"))
                    .take(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX township_by_county ON township (county_code, code)",
                "CREATE INDEX village_by_township ON village (township_code, code)",
                "CREATE INDEX village_by_name ON village (name, code)",
                "CREATE UNIQUE INDEX village_group_number ON village_group (village_code, number)",
            ],
        )
        .await
    }
}

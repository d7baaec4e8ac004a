//! Imports say which of the households that they register may be there already.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = [
            // The likeliest ones with the reasons, and the strength of the first.
            ("import_row", json_binary_null("doubles").take()),
            ("import_row", text_null("doubles_strength").take()),
            ("import_batch", integer("strong_doubles").default(0).take()),
            ("import_batch", integer("weak_doubles").default(0).take()),
        ];
        for (table, column) in added {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        Ok(())
    }
}

//! Imports of households: the uploaded file in sealed parts, the batch, the fate of each row, and what
//! a batch has overwritten. Households get the reference that the register outside knows them by.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reference = text_null("reference").take();
        manager.alter_table(Table::alter().table("household").add_column(reference).take()).await?;
        for table in [upload(), part(), batch(), row(), overwritten()] {
            manager.create_table(table).await?;
        }
        run(
            manager,
            &[
                // Villages number their households on their own, and merged villages keep both numbers.
                "CREATE INDEX household_by_reference ON household (village_code, reference) \
                 WHERE reference IS NOT NULL",
                "CREATE INDEX household_by_label ON household \
                 (group_code, (replace(lower(label), ' ', '')))",
                "CREATE INDEX import_batch_by_officer ON import_batch (officer_id, id)",
                "CREATE INDEX import_batch_unfinished ON import_batch (state, id) \
                 WHERE state IN ('WAITING', 'RUNNING', 'ROLLING_BACK')",
                "CREATE INDEX import_row_by_batch ON import_row (batch_id, id)",
            ],
        )
        .await
    }
}

fn upload() -> TableCreateStatement {
    Table::create()
        .table("import_upload")
        .col(uuid("id").primary_key())
        .col(uuid_null("officer_id"))
        .col(text_null("file_name"))
        .col(integer("header_line"))
        .col(json_binary("columns"))
        .col(integer("rows"))
        .col(integer("blank_rows"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

fn part() -> TableCreateStatement {
    Table::create()
        .table("import_part")
        .col(uuid("upload_id"))
        .col(integer("number"))
        .col(blob("data"))
        .primary_key(Index::create().col("upload_id").col("number"))
        .foreign_key(&mut references("upload_id", "import_upload", "id"))
        .take()
}

fn batch() -> TableCreateStatement {
    let mut table = Table::create()
        .table("import_batch")
        .col(uuid("id").primary_key())
        .col(uuid("upload_id"))
        .col(uuid_null("officer_id"))
        .col(uuid("actor_id"))
        .col(text("actor_role"))
        .col(text("state"))
        .col(boolean("dry_run"))
        .col(json_binary("layout"))
        .col(integer("line"))
        .col(text_null("failure"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .col(timestamp_with_time_zone_null("leased_until"))
        .foreign_key(&mut references("upload_id", "import_upload", "id"))
        .take();
    for count in ["created", "updated", "unchanged", "skipped", "failed", "touched"] {
        table.col(integer(count).default(0));
    }
    table
}

fn row() -> TableCreateStatement {
    Table::create()
        .table("import_row")
        .col(uuid("id").primary_key())
        .col(uuid("batch_id"))
        .col(integer("line"))
        .col(text("fate"))
        .col(text_null("code"))
        .col(text_null("column_name"))
        .col(integer_null("argument"))
        .col(uuid_null("household_id"))
        .foreign_key(&mut references("batch_id", "import_batch", "id"))
        .take()
}

fn overwritten() -> TableCreateStatement {
    Table::create()
        .table("import_overwritten")
        .col(uuid("batch_id"))
        .col(uuid("household_id"))
        .col(text("group_code"))
        .col(integer("door"))
        .col(text("label"))
        .col(text("search_text"))
        .col(blob_null("address"))
        .col(integer("people_count"))
        .col(integer("version"))
        .primary_key(Index::create().col("batch_id").col("household_id"))
        .foreign_key(&mut references("batch_id", "import_batch", "id"))
        .take()
}

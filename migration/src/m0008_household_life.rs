//! What happens to a household: visits, every change of its status, and what its contacts consented to.

use sea_orm_migration::{prelude::*, schema::*};

use crate::{references, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [visit(), status_change(), consent()] {
            manager.create_table(table).await?;
        }
        let confirmed = timestamp_with_time_zone_null("confirmed_at");
        for (table, column) in
            [("household_contact", confirmed), ("contact", uuid_null("consent_id"))]
        {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        run(
            manager,
            &[
                "CREATE INDEX visit_by_household ON visit (household_id, visited_at, id)",
                "CREATE INDEX household_status_change_by_household ON household_status_change \
                 (household_id, changed_at, id)",
                "CREATE INDEX consent_by_household ON consent (household_id, given_at, id)",
                "CREATE INDEX household_unvisited ON household (village_code, group_code, door, id) \
                 WHERE status = 'UNVISITED'",
                "UPDATE household_contact SET confirmed_at = since WHERE standing <> 'CARETAKER'",
                // Whoever was a contact before consents were recorded has agreed by word of mouth.
                "INSERT INTO consent (id, contact_id, household_id, basis, given_at, recorded_at) \
                 SELECT contact.id, contact.id, (SELECT household_id FROM household_contact \
                 WHERE contact_id = contact.id ORDER BY since, household_id LIMIT 1), \
                 'BEFORE_RECORDS', created_at, created_at FROM contact \
                 WHERE id IN (SELECT contact_id FROM household_contact)",
                "UPDATE contact SET consent_id = id WHERE id IN (SELECT id FROM consent)",
            ],
        )
        .await
    }
}

fn visit() -> TableCreateStatement {
    Table::create()
        .table("visit")
        .col(uuid("id").primary_key())
        .col(uuid("household_id"))
        .col(uuid("officer_id"))
        .col(text("outcome"))
        .col(blob_null("note"))
        .col(timestamp_with_time_zone("visited_at"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(date_null("next_visit_on"))
        .foreign_key(&mut references("household_id", "household", "id"))
        .foreign_key(&mut references("officer_id", "officer", "id"))
        .take()
}

fn status_change() -> TableCreateStatement {
    Table::create()
        .table("household_status_change")
        .col(uuid("id").primary_key())
        .col(uuid("household_id"))
        .col(text("from_status"))
        .col(text("to_status"))
        .col(text("cause"))
        .col(blob_null("reason"))
        .col(uuid_null("officer_id"))
        .col(timestamp_with_time_zone("changed_at"))
        .foreign_key(&mut references("household_id", "household", "id"))
        .foreign_key(&mut references("officer_id", "officer", "id"))
        .take()
}

/// The contact is no foreign key: the proof of a consent stays when the contact is erased.
fn consent() -> TableCreateStatement {
    Table::create()
        .table("consent")
        .col(uuid("id").primary_key())
        .col(uuid("contact_id"))
        .col(uuid("household_id"))
        .col(text_null("text_version"))
        .col(text_null("language"))
        .col(text_null("channel"))
        .col(text("basis"))
        .col(timestamp_with_time_zone("given_at"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(uuid_null("officer_id"))
        .col(timestamp_with_time_zone_null("withdrawn_at"))
        .foreign_key(&mut references("household_id", "household", "id"))
        .foreign_key(&mut references("officer_id", "officer", "id"))
        .take()
}

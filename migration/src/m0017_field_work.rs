//! How the log is read by village, for apps that were away, and which household took a merged one's place.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "CREATE INDEX event_of_village ON event (village_code, \"transaction\", sequence) \
                 WHERE kind IN ('HOUSEHOLD_REGISTERED', 'HOUSEHOLD_CHANGED', 'HOUSEHOLD_MERGED', \
                 'HOUSEHOLD_RESTORED', 'VISIT_RECORDED', 'CONTACT_CHANGED')",
                // The kind stands first, so that nothing else is looked into.
                "CREATE INDEX event_of_departure \
                 ON event ((detail->'before'->>'village'), \"transaction\", sequence) \
                 WHERE kind IN ('HOUSEHOLD_CHANGED', 'HOUSEHOLD_MERGED') \
                 AND detail->'before'->>'village' <> coalesce(detail->'after'->>'village', '')",
                "CREATE INDEX household_merge_by_merged ON household_merge (merged_id)",
            ],
        )
        .await
    }
}

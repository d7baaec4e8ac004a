//! How files are imported.

use async_graphql::{Context, ID, InputObject, Object};

use super::ImportBatch;
use super::layout::ImportField;
use super::rules::{self, Order};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

/// From which column of the file a field is to be read.
#[derive(InputObject)]
pub struct ImportMappingInput {
    /// The field.
    pub field: ImportField,
    /// The name of the column in the file, or its place, such as `#3` for the third.
    pub column: String,
}

/// The input of `importHouseholds`.
#[derive(InputObject)]
pub struct ImportHouseholdsInput {
    /// Chosen by the caller, new for each import: repeating a call with it starts no second one.
    pub idempotency_key: String,
    /// The file: the `uploadId` that `POST /imports` has answered.
    pub upload_id: ID,
    /// Columns whose names are not known, or mean something else here.
    pub mapping: Option<Vec<ImportMappingInput>>,
    /// Only say what would become of each row (试运行), and change nothing.
    pub dry_run: bool,
}

/// The input of `rollBackImport`.
#[derive(InputObject)]
pub struct RollBackImportInput {
    /// The import.
    pub batch_id: ID,
}

payload! {
    /// The answer of `importHouseholds`.
    ImportHouseholdsPayload {
        /// The import, which begins in a moment. Ask for `importBatch` to see how far it is.
        import_batch: ImportBatch
    }
}
payload! {
    /// The answer of `rollBackImport`.
    RollBackImportPayload {
        /// The import, which is taken back in a moment.
        import_batch: ImportBatch
    }
}

/// How files are imported.
#[derive(Default)]
pub struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Imports households from an uploaded file (导入住户). A row finds its household by its reference
    /// (户编号), else by group and door, else by group and label; what is blank finds nothing. Cells that
    /// are blank leave a known household as it is. Names and phone numbers of contacts are not kept: a
    /// contact joins by own consent.
    async fn import_households(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ImportHouseholdsInput,
    ) -> Result<ImportHouseholdsPayload> {
        let made = async {
            let once = Once::new("importHouseholds", &input.idempotency_key, &input)?;
            let order = Order {
                upload_id: GlobalId::expect_uuid(&input.upload_id, Kind::ImportUpload)?,
                mapping: input
                    .mapping
                    .unwrap_or_default()
                    .into_iter()
                    .map(|mapping| (mapping.field, mapping.column))
                    .collect(),
                dry_run: input.dry_run,
            };
            rules::start(Request::of(context)?, order, Some(once)).await
        };
        ImportHouseholdsPayload::of(context, made.await)
    }

    /// Takes a whole import back (撤销导入): what it registered is deleted, what it changed gets its old
    /// values. Refused with WRONG_STATE, saying how many, when somebody has touched one of its households
    /// since: changed it, opened an inquiry, or enrolled a contact.
    async fn roll_back_import(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RollBackImportInput,
    ) -> Result<RollBackImportPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.batch_id, Kind::ImportBatch)?;
            rules::roll_back(Request::of(context)?, id).await
        };
        RollBackImportPayload::of(context, made.await)
    }
}

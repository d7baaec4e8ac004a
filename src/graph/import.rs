//! What imports lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::duplicate::DuplicateStrength;
use crate::error::Result;
use crate::household::Household;
use crate::import::{
    self, ImportBatch, ImportDuplicate, ImportMapping, ImportRow, ImportRowFilter, Other,
};
use crate::officer::Officer;
use crate::page::lists;
use crate::record::{self, Related};
use crate::request::Request;

lists! {
    #[ComplexObject]
    impl ImportBatch {
        /// What became of each row, in the order of the file.
        rows: ImportRow, filter ImportRowFilter => below("import_row", "batch_id");
        ---
        /// Households registered (新增); in a dry run those that would be.
        async fn created_count(&self) -> i32 {
            self.counts.created
        }

        /// Households changed (更新).
        async fn updated_count(&self) -> i32 {
            self.counts.updated
        }

        /// Households that were the same (无变化).
        async fn unchanged_count(&self) -> i32 {
            self.counts.unchanged
        }

        /// Rows about a household of an earlier row (跳过).
        async fn skipped_count(&self) -> i32 {
            self.counts.skipped
        }

        /// Rows of which nothing came (失败).
        async fn failed_count(&self) -> i32 {
            self.counts.failed
        }

        /// Households registered that may be doubles (疑似重复); in a dry run those that would be. They are
        /// among `createdCount`.
        async fn possible_duplicate_count(
            &self,
            #[graphql(desc = "Only those whose strongest reason is of this strength.")] strength: Option<DuplicateStrength>,
        ) -> i32 {
            self.counts.doubles(strength)
        }

        /// Rows that have their fate: the sum of the five counts. It is `rowCount` when `state` is DONE.
        async fn processed_row_count(&self) -> i32 {
            self.counts.total()
        }

        /// From which column each field is read.
        async fn mapping(&self) -> Vec<ImportMapping> {
            self.mappings()
        }

        /// Who started it; null when it came from the command line.
        async fn started_by(&self, context: &Context<'_>) -> Related<Officer> {
            record::related(context, self.officer_id).await
        }
    }
}

#[ComplexObject]
impl ImportRow {
    /// Why it was skipped or failed, for people, in the language of `Accept-Language`; null otherwise.
    async fn message(&self, context: &Context<'_>) -> Result<Option<String>> {
        let language = Request::of(context)?.language();
        Ok(self.code.map(|code| code.say(self.argument, language)))
    }

    /// The household; null when nothing came of the row, in a dry run, or when the import was taken back.
    async fn household(&self, context: &Context<'_>) -> Related<Household> {
        record::related(context, self.household_id).await
    }

    /// What may be the same household as the one that the row registers (疑似重复), likeliest first: 5 at most.
    async fn possible_duplicates(&self) -> Vec<ImportDuplicate> {
        self.duplicates()
    }
}

#[ComplexObject]
impl ImportDuplicate {
    /// The other household; null in a dry run when it is an earlier row, when it is no longer there, or when
    /// it lies outside the caller's area.
    async fn household(&self, context: &Context<'_>) -> Alone<Option<Household>> {
        Alone::of(async move {
            let id = match self.other {
                Other::Household(id) => Some(id),
                Other::Line(line) => {
                    let row = import::id_of(self.row, line);
                    record::load::<ImportRow>(context, row.into())
                        .await?
                        .and_then(|row| row.household_id)
                }
            };
            match id {
                Some(id) => record::load(context, id.into()).await,
                None => Ok(None),
            }
        })
        .await
    }
}

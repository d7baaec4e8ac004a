//! Imports as the contract shows them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::doubles::{Other, Suggestion};
use super::fate::{ImportCode, ImportFate};
use super::layout::{ImportField, Layout};
use crate::access::Act;
use crate::duplicate::{DuplicateReason, DuplicateStrength};
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::{self, Filter, Found};

/// How far an import is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::import_batch::State")]
pub enum ImportState {
    /// 等待: it will begin in a moment.
    Waiting,
    /// 进行中: rows are being done. What is done stays, whatever happens to the rest.
    Running,
    /// 完成: every row has its fate.
    Done,
    /// 中断: it ended early; `failure` says why, and the counts say how far it came.
    Failed,
    /// 撤销中: it is being taken back.
    RollingBack,
    /// 已撤销: it was taken back.
    RolledBack,
}

/// Why an import ended before its last row.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportFailure {
    /// The rest of the file cannot be read.
    FileUnreadable,
    /// The file is no longer kept.
    FileGone,
    /// Whoever started it may no longer import.
    Forbidden,
    /// A fault of the service; it was logged.
    Internal,
}

/// How many rows have come to which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Households registered.
    pub created: i32,
    /// Households changed.
    pub updated: i32,
    /// Households that were the same.
    pub unchanged: i32,
    /// Rows about a household of an earlier row.
    pub skipped: i32,
    /// Rows of which nothing came.
    pub failed: i32,
    /// Households registered for which something strong says that they are doubles.
    pub strong_doubles: i32,
    /// Those for which something weak does.
    pub weak_doubles: i32,
}

impl Counts {
    /// Counts one row more.
    pub fn count(&mut self, fate: ImportFate) {
        *match fate {
            ImportFate::Created => &mut self.created,
            ImportFate::Updated => &mut self.updated,
            ImportFate::Unchanged => &mut self.unchanged,
            ImportFate::Skipped => &mut self.skipped,
            ImportFate::Failed => &mut self.failed,
        } += 1;
    }

    /// Counts a household that may be a double.
    pub fn count_double(&mut self, strength: Option<DuplicateStrength>) {
        match strength {
            Some(DuplicateStrength::Strong) => self.strong_doubles += 1,
            Some(DuplicateStrength::Weak) => self.weak_doubles += 1,
            None => {}
        }
    }

    /// How many households may be doubles, all or for a reason of this strength.
    pub fn doubles(&self, strength: Option<DuplicateStrength>) -> i32 {
        match strength {
            Some(DuplicateStrength::Strong) => self.strong_doubles,
            Some(DuplicateStrength::Weak) => self.weak_doubles,
            None => self.strong_doubles + self.weak_doubles,
        }
    }

    /// All rows that have a fate.
    pub fn total(&self) -> i32 {
        self.created + self.updated + self.unchanged + self.skipped + self.failed
    }
}

/// One import of a file of households (导入批次).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ImportBatch {
    /// Global id.
    pub id: GlobalId,
    /// How far it is.
    pub state: ImportState,
    /// Whether it only says what would become of the rows (试运行), and changes nothing.
    pub dry_run: bool,
    /// The name of the file; null when it was not given.
    pub file_name: Option<String>,
    /// Why it ended early; null unless `state` is FAILED.
    pub failure: Option<ImportFailure>,
    /// Rows of the file below the names of the columns, without empty ones.
    pub row_count: i32,
    /// Empty rows. They have no fate and are not in `rowCount`.
    pub blank_row_count: i32,
    /// How many households kept it from being taken back, because somebody has touched them since.
    pub touched_count: i32,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it ended; null until then.
    pub finished_at: Option<DateTime<Utc>>,
    /// Until when the file is kept, which the report and taking back need: 30 days from its upload.
    pub kept_until: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) counts: Counts,
    #[graphql(skip)]
    pub(crate) layout: Layout,
    #[graphql(skip)]
    pub(crate) officer_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) upload_id: Uuid,
}

/// From which column of the file a field is read.
#[derive(SimpleObject, Clone)]
pub struct ImportMapping {
    /// The field.
    pub field: ImportField,
    /// The name of the column in the file.
    pub column: String,
}

impl ImportBatch {
    /// How many rows have come to which fate.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Which column each field comes from.
    pub fn mappings(&self) -> Vec<ImportMapping> {
        let pairs = self.layout.pairs();
        pairs.map(|(field, column)| ImportMapping { field, column: column.to_owned() }).collect()
    }
}

/// The fate of one row of an imported file.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ImportRow {
    /// Global id.
    pub id: GlobalId,
    /// Its line in the file, from 1, as a spreadsheet program counts.
    pub line: i32,
    /// What became of it.
    pub fate: ImportFate,
    /// Why it was skipped or failed; null otherwise.
    pub code: Option<ImportCode>,
    /// The field whose cell is to blame; null when it is no single one.
    pub field: Option<ImportField>,
    /// A number that belongs to `code`: the earlier line, or the limit; null when there is none.
    pub argument: Option<i32>,
    #[graphql(skip)]
    pub(crate) household_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) doubles: Vec<Suggestion>,
}

/// What may be the same household as the one that a row registers (疑似重复): a household that was there
/// before, or an earlier row of the file. It is a suggestion, and nothing is merged by itself.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ImportDuplicate {
    /// The earlier line of the file; null when the other household was registered before this import.
    pub line: Option<i32>,
    /// What speaks for it.
    pub reasons: Vec<DuplicateReason>,
    /// How much speaks for it.
    pub strength: DuplicateStrength,
    #[graphql(skip)]
    pub(crate) other: Other,
    #[graphql(skip)]
    pub(crate) row: Uuid,
}

impl ImportRow {
    /// What may be the same household, likeliest first.
    pub fn duplicates(&self) -> Vec<ImportDuplicate> {
        let row = self.id.uuid();
        let shown = |one: &Suggestion| ImportDuplicate {
            line: match one.other {
                Other::Line(line) => Some(line),
                Other::Household(_) => None,
            },
            reasons: one.reasons.iter().copied().collect(),
            strength: one.strength(),
            other: one.other,
            row,
        };
        self.doubles.iter().map(shown).collect()
    }
}

/// Which rows of an import a list keeps.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ImportRowFilter {
    /// Those with one of these fates.
    pub fates: Option<Vec<ImportFate>>,
    /// Those that register a household for which something of one of these strengths says that it is a
    /// double (疑似重复).
    pub possible_duplicates: Option<Vec<DuplicateStrength>>,
}

impl Filter for ImportRowFilter {}

/// How imports are looked up.
#[derive(Default)]
pub struct ImportQuery;

lists! {
    #[Object]
    impl ImportQuery {
        /// Imports that the caller has started, or for county staff all of them: newest first.
        import_batches: ImportBatch => all(Act::ReadImport);
        ---
        /// The import with this id.
        async fn import_batch(&self, context: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Found<ImportBatch> {
            record::find(context, GlobalId::expect(&id, Kind::ImportBatch)).await
        }
    }
}

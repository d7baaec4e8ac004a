//! The fate of each row.

use async_graphql::Lookahead;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Reader, Sort, Tx, area::column, bulk, bulk::Form};
use crate::duplicate::DuplicateStrength;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::import::chunk::RowFate;
use crate::import::doubles::Suggestion;
use crate::import::fate::{ImportCode, ImportFate};
use crate::import::layout::ImportField;
use crate::import::{ImportRow, ImportRowFilter};
use crate::record::{self, Cells, Record};
use crate::request::Request;

/// The id of a row: its batch's, with the line in place of the last random bits, so that ids come in
/// the order of lines.
pub fn id_of(batch_id: Uuid, line: i32) -> Uuid {
    let line = u128::try_from(line).unwrap_or_default();
    Uuid::from_u128(batch_id.as_u128() & !0xFFFF_FFFF | line)
}

/// The word by which a value of an enum is stored.
pub(super) fn word(value: impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

/// The value of an enum that is stored by this word.
pub(super) fn value<T: DeserializeOwned>(word: String) -> Result<T, DbErr> {
    serde_json::from_value(word.into()).map_err(|error| DbErr::Json(error.to_string()))
}

impl Record for ImportRow {
    type Filter = ImportRowFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadImport;
    const KIND: Kind = Kind::ImportRow;
    const KEY: Column = ("import_row", "id");
    const PLACE: Place = Place { account: Some(("import_batch", "officer_id")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns =
            ["id", "line", "fate", "code", "column_name", "argument", "household_id", "doubles"];
        let mut select = record::from("import_row", &columns);
        record::join(&mut select, "import_batch", "id", ("import_row", "batch_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::ImportRow, cells.take::<Uuid>()?),
            line: cells.take()?,
            fate: value(cells.take()?)?,
            code: cells.take::<Option<String>>()?.map(value).transpose()?,
            field: cells.take::<Option<String>>()?.map(value).transpose()?,
            argument: cells.take()?,
            household_id: cells.take()?,
            doubles: match cells.take::<Option<serde_json::Value>>()? {
                Some(doubles) => serde_json::from_value(doubles)
                    .map_err(|error| DbErr::Json(error.to_string()))?,
                None => Vec::new(),
            },
        })
    }

    fn keep(filter: &ImportRowFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(fates) = &filter.fates {
            select.and_where(column(("import_row", "fate")).is_in(fates.iter().filter_map(word)));
        }
        if let Some(strengths) = &filter.possible_duplicates {
            let words = strengths.iter().filter_map(word);
            select.and_where(column(("import_row", "doubles_strength")).is_in(words));
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![Self::KEY], descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

const ROW: [(&str, Form); 10] = [
    ("id", Form::Id),
    ("batch_id", Form::Id),
    ("line", Form::Number),
    ("fate", Form::Text),
    ("code", Form::Text),
    ("column_name", Form::Text),
    ("argument", Form::Number),
    ("household_id", Form::Id),
    ("doubles", Form::Json),
    ("doubles_strength", Form::Text),
];
const ADD: &str = "INSERT INTO import_row \
    (id, batch_id, line, fate, code, column_name, argument, household_id, doubles, doubles_strength) \
    SELECT id, batch_id, line, fate, code, column_name, argument, household_id, doubles, doubles_strength \
    FROM {given}";

#[derive(Serialize)]
struct Stored<'a> {
    id: Uuid,
    batch_id: Uuid,
    line: i32,
    fate: ImportFate,
    code: Option<ImportCode>,
    column_name: Option<ImportField>,
    argument: Option<i32>,
    household_id: Option<Uuid>,
    #[serde(skip_serializing_if = "<[Suggestion]>::is_empty")]
    doubles: &'a [Suggestion],
    doubles_strength: Option<DuplicateStrength>,
}

/// Keeps the fate of each row.
pub async fn insert_rows(tx: &Tx, batch_id: Uuid, fates: &[RowFate]) -> Result<()> {
    let stored = |row| stored(batch_id, row);
    let rows: Vec<Stored<'_>> = fates.iter().map(stored).collect();
    tx.execute_raw(bulk::statement(tx.backend(), ADD, &ROW, &rows, [])?).await?;
    Ok(())
}

fn stored(batch_id: Uuid, row: &RowFate) -> Stored<'_> {
    Stored {
        id: id_of(batch_id, row.line),
        batch_id,
        line: row.line,
        fate: row.fate,
        code: row.fault.map(|fault| fault.code),
        column_name: row.field(),
        argument: row.fault.and_then(|fault| fault.argument),
        household_id: row.household_id,
        doubles: &row.doubles,
        doubles_strength: row.doubles_strength(),
    }
}

/// The next `limit` rows of a batch that somebody has to look at, after a line: nothing came of them, or they
/// may be doubles.
pub async fn fates(
    reader: &Reader,
    batch_id: Uuid,
    after: i32,
    limit: u64,
) -> Result<Vec<ImportRow>> {
    let mut select = record::visible::<ImportRow>(reader, ());
    let fates = [ImportFate::Skipped, ImportFate::Failed];
    let nothing = column(("import_row", "fate")).is_in(fates.iter().filter_map(word));
    select
        .and_where(nothing.or(column(("import_row", "doubles_strength")).is_not_null()))
        .and_where(column(("import_row", "batch_id")).eq(batch_id))
        .and_where(column(ImportRow::KEY).gt(id_of(batch_id, after)));
    ImportRow::sort(()).apply(&mut select);
    record::first(reader, &select, limit, ()).await
}

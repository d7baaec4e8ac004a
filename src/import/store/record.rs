//! Batches as the contract shows them.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::import_batch::State;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{DbBackend, DbErr, Value};
use uuid::Uuid;

use super::rows::value;
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::import::{Counts, ImportBatch, KEPT};
use crate::record::{self, Cells, Record};
use crate::request::Request;

impl Record for ImportBatch {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadImport;
    const KIND: Kind = Kind::ImportBatch;
    const KEY: Column = ("import_batch", "id");
    const PLACE: Place = Place { account: Some(("import_batch", "officer_id")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns = [
            "id",
            "state",
            "dry_run",
            "layout",
            "failure",
            "created",
            "updated",
            "unchanged",
            "skipped",
            "failed",
            "strong_doubles",
            "weak_doubles",
            "touched",
            "created_at",
            "finished_at",
            "officer_id",
            "upload_id",
        ];
        let mut select = record::from("import_batch", &columns);
        record::add(
            &mut select,
            "import_upload",
            &["file_name", "rows", "blank_rows", "created_at"],
        );
        record::join(&mut select, "import_upload", "id", ("import_batch", "upload_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::ImportBatch, cells.take::<Uuid>()?),
            state: cells.take::<State>()?.into(),
            dry_run: cells.take()?,
            layout: serde_json::from_value(cells.take::<serde_json::Value>()?)
                .map_err(|error| DbErr::Json(error.to_string()))?,
            failure: cells.take::<Option<String>>()?.map(value).transpose()?,
            counts: Counts {
                created: cells.take()?,
                updated: cells.take()?,
                unchanged: cells.take()?,
                skipped: cells.take()?,
                failed: cells.take()?,
                strong_doubles: cells.take()?,
                weak_doubles: cells.take()?,
            },
            touched_count: cells.take()?,
            created_at: cells.take()?,
            finished_at: cells.take()?,
            officer_id: cells.take()?,
            upload_id: cells.take()?,
            file_name: cells.take()?,
            row_count: cells.take()?,
            blank_row_count: cells.take()?,
            kept_until: cells.take::<DateTime<Utc>>()? + KEPT,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    fn sort((): ()) -> Sort {
        Sort { columns: vec![Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

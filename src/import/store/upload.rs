//! Uploaded files. They hold personal data, so they are sealed, and kept for a limited time.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{import_part, import_upload};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    Statement,
};
use uuid::Uuid;

use crate::db::{Tx, area};
use crate::error::{Error, Result};
use crate::import::sheet::Outline;

/// A file to be kept.
pub struct NewUpload {
    /// Its id.
    pub id: Uuid,
    /// Who brings it.
    pub officer_id: Option<Uuid>,
    /// Its name.
    pub file_name: Option<String>,
}

/// A file that is kept.
pub struct Upload {
    /// Its id.
    pub id: Uuid,
    /// What there is in it.
    pub outline: Outline,
}

/// A part is sealed for its place in its file, so that parts cannot be exchanged.
fn purpose(upload_id: Uuid, number: i32) -> String {
    format!("import {upload_id} {number}")
}

/// Keeps what is known of a file.
pub async fn insert_upload(
    tx: &Tx,
    new: NewUpload,
    outline: &Outline,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = import_upload::Model {
        id: new.id,
        officer_id: new.officer_id,
        file_name: new.file_name,
        header_line: outline.header_line,
        columns: outline.columns.clone().into(),
        rows: outline.rows,
        blank_rows: outline.blank_rows,
        created_at: now,
    };
    import_upload::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Keeps a part of a file.
pub async fn insert_part(tx: &Tx, upload_id: Uuid, number: i32, data: &[u8]) -> Result<()> {
    let sealed = tx.keyring().seal(&purpose(upload_id, number), data).map_err(Error::internal)?;
    let row = import_part::ActiveModel {
        upload_id: Set(upload_id),
        number: Set(number),
        data: Set(sealed),
    };
    import_part::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The file that this officer has brought, or that anybody has.
pub async fn upload(tx: &Tx, id: Uuid, officer_id: Option<Option<Uuid>>) -> Result<Option<Upload>> {
    let mut select = import_upload::Entity::find_by_id(id);
    if let Some(officer_id) = officer_id {
        let column = area::column(("import_upload", "officer_id"));
        select = select.filter(match officer_id {
            Some(officer_id) => column.eq(officer_id),
            None => column.is_null(),
        });
    }
    let Some(row) = select.one(tx).await? else { return Ok(None) };
    let columns = serde_json::from_value(row.columns).map_err(Error::internal)?;
    let outline = Outline {
        header_line: row.header_line,
        columns,
        rows: row.rows,
        blank_rows: row.blank_rows,
    };
    Ok(Some(Upload { id: row.id, outline }))
}

/// A part of a file; nothing after the last one, or when the file is no longer kept.
pub async fn part(tx: &Tx, upload_id: Uuid, number: i32) -> Result<Option<Vec<u8>>> {
    let Some(row) = import_part::Entity::find_by_id((upload_id, number)).one(tx).await? else {
        return Ok(None);
    };
    tx.keyring().open(&purpose(upload_id, number), &row.data).map(Some).map_err(Error::internal)
}

/// Forgets a file's contents.
pub async fn drop_parts(tx: &Tx, upload_id: Uuid) -> Result<()> {
    import_part::Entity::delete_many()
        .filter(import_part::Column::UploadId.eq(upload_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets the contents of files, and what imports have overwritten, after `kept`; of files that were
/// never imported after `unused`.
pub async fn drop_old_parts(
    tx: &Tx,
    kept: TimeDelta,
    unused: TimeDelta,
    now: DateTime<Utc>,
) -> Result<()> {
    let used = Expr::cust(
        "EXISTS (SELECT 1 FROM import_batch WHERE import_batch.upload_id = import_upload.id)",
    );
    let created = || Expr::col(import_upload::Column::CreatedAt);
    let old = sea_orm::sea_query::Query::select()
        .column(import_upload::Column::Id)
        .from(import_upload::Entity)
        .and_where(created().lt(now - kept).or(created().lt(now - unused).and(used.not())))
        .take();
    import_part::Entity::delete_many()
        .filter(import_part::Column::UploadId.in_subquery(old))
        .exec(tx)
        .await?;
    let sql = "DELETE FROM import_overwritten WHERE batch_id IN \
               (SELECT id FROM import_batch WHERE created_at < $1)";
    let values = [(now - kept).into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.backend(), sql, values)).await?;
    Ok(())
}

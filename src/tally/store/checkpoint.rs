//! How far a reader of the event log has come.

use entity::checkpoint;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QuerySelect};

use crate::db::Tx;
use crate::error::Result;
use crate::event::Position;

/// How far a reader has come; nothing when another instance reads under this name just now.
pub async fn lock_checkpoint(tx: &Tx, reader: &str) -> Result<Option<Position>> {
    let row = checkpoint::ActiveModel {
        reader: Set(reader.to_owned()),
        transaction: Set(0),
        sequence: Set(0),
    };
    let select = checkpoint::Entity::find()
        .filter(Expr::col(checkpoint::Column::Reader).eq(reader))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    if let Some(row) = select.clone().one(tx).await? {
        return Ok(Some(Position { transaction: row.transaction, sequence: row.sequence }));
    }
    checkpoint::Entity::insert(row)
        .on_conflict_do_nothing_on([checkpoint::Column::Reader])
        .exec_without_returning(tx)
        .await?;
    let row = select.one(tx).await?;
    Ok(row.map(|row| Position { transaction: row.transaction, sequence: row.sequence }))
}

/// How far a reader has come.
pub async fn checkpoint(tx: &Tx, reader: &str) -> Result<Position> {
    let row = checkpoint::Entity::find_by_id(reader).one(tx).await?;
    Ok(row.map_or_else(Position::default, |row| Position {
        transaction: row.transaction,
        sequence: row.sequence,
    }))
}

/// Notes how far a reader has come.
pub async fn set_checkpoint(tx: &Tx, reader: &str, position: Position) -> Result<()> {
    let row = checkpoint::ActiveModel {
        reader: Set(reader.to_owned()),
        transaction: Set(position.transaction),
        sequence: Set(position.sequence),
    };
    let known = OnConflict::column(checkpoint::Column::Reader)
        .update_columns([checkpoint::Column::Transaction, checkpoint::Column::Sequence])
        .to_owned();
    checkpoint::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

//! How signing keys are stored: sealed, newest first.

use chrono::{DateTime, Utc};
use entity::{officer, signing_key};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QueryTrait,
};
use uuid::Uuid;

use crate::db::{Place, Reader, Tx};
use crate::error::{Error, Result};

const PURPOSE: &str = "signing key";

/// All keys, newest first: id, private key, public key.
pub async fn all(reader: &Reader) -> Result<Vec<(String, Vec<u8>, Vec<u8>)>> {
    let select = signing_key::Entity::find()
        .order_by_desc(signing_key::Column::CreatedAt)
        .order_by_desc(signing_key::Column::Id)
        .into_query();
    let rows = reader.rows(&reader.select(select, Place::NOWHERE)).await?;
    rows.iter()
        .map(|row| {
            let row = signing_key::Model::from_query_result(row, "")?;
            let private = reader.keyring().open(PURPOSE, &row.private).map_err(Error::internal)?;
            Ok((row.id, private, row.public))
        })
        .collect()
}

/// Adds a key.
pub async fn add(
    tx: &Tx,
    id: &str,
    private: &[u8],
    public: Vec<u8>,
    at: DateTime<Utc>,
) -> Result<()> {
    let row = signing_key::ActiveModel {
        id: Set(id.to_owned()),
        private: Set(tx.keyring().seal(PURPOSE, private).map_err(Error::internal)?),
        public: Set(public),
        created_at: Set(at),
    };
    signing_key::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The active officer with this user name, and the role of the account.
pub async fn officer_named(tx: &Tx, username: &str) -> Result<Option<(Uuid, officer::Role)>> {
    let officer = officer::Entity::find()
        .filter(officer::Column::Username.eq(username))
        .filter(officer::Column::DeactivatedAt.is_null())
        .one(tx)
        .await?;
    Ok(officer.map(|officer| (officer.id, officer.role)))
}

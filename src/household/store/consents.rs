//! How consents are stored.

use std::collections::HashMap;

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::consent::{self, Basis, Channel, Language};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter, Value};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Reader, Scoped, Sort, Tx, area};
use crate::error::Result;
use crate::household::consent::{Consent, GivenConsent};
use crate::household::{Contact, Household};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

/// What a consent is made of.
const COLUMNS: [&str; 9] = [
    "id",
    "text_version",
    "language",
    "channel",
    "basis",
    "given_at",
    "recorded_at",
    "withdrawn_at",
    "officer_id",
];

impl Record for Consent {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadContact;
    const KIND: Kind = Kind::Consent;
    const KEY: Column = ("consent", "id");
    const PLACE: Place = Household::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from("consent", &COLUMNS);
        record::join(&mut select, "household", "id", ("consent", "household_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Consent, cells.take::<Uuid>()?),
            text_version: cells.take()?,
            language: cells.take::<Option<Language>>()?.map(Into::into),
            channel: cells.take::<Option<Channel>>()?.map(Into::into),
            basis: cells.take::<Basis>()?.into(),
            given_at: cells.take()?,
            recorded_at: cells.take()?,
            withdrawn_at: cells.take()?,
            officer_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("consent", "given_at"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.given_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The consents of contacts that are in force. They are seen by who sees the contact.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct InForce;

impl InForce {
    fn select(reader: &Reader) -> Scoped {
        let mut select = record::from("consent", &COLUMNS);
        record::join(&mut select, "contact", "consent_id", Consent::KEY);
        record::join(&mut select, "household_contact", "contact_id", Contact::KEY);
        record::join(&mut select, "household", "id", ("household_contact", "household_id"));
        reader.select(select, Household::PLACE)
    }
}

impl Batch for InForce {
    type Value = Consent;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Consent>> {
        let reader = request.reader(Act::ReadContact)?;
        let sort = Sort { columns: vec![Consent::KEY], descending: false };
        let select = Self::select(&reader);
        let rows = reader.rows_per_key(&select, Contact::KEY, keys, &sort, 1).await?;
        rows.iter()
            .map(|row| Ok((Key::first_of(row, &keys[0])?, record::read(row, 1, (), &reader)?)))
            .collect()
    }
}

/// The consent of a contact in the area of the change that is in force.
pub async fn in_force(tx: &Tx, contact_id: Uuid) -> Result<Option<Consent>> {
    let mut select = InForce::select(tx);
    select.and_where(area::column(Contact::KEY).eq(contact_id));
    Ok(record::all(tx, &select, ()).await?.pop())
}

/// Keeps that a contact consented when joining for a household.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    contact_id: Uuid,
    household_id: Uuid,
    given: GivenConsent,
    now: DateTime<Utc>,
) -> Result<()> {
    let actor = tx.scope().actor();
    let row = consent::Model {
        id,
        contact_id,
        household_id,
        text_version: Some(given.text_version),
        language: Some(given.language),
        channel: Some(given.channel),
        basis: given.basis,
        given_at: given.given_at,
        recorded_at: now,
        officer_id: actor.role.of_staff().map(|_| actor.id),
        withdrawn_at: None,
    };
    consent::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Ends all consents of a contact.
pub async fn withdraw(tx: &Tx, contact_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    consent::Entity::update_many()
        .col_expr(consent::Column::WithdrawnAt, Expr::val(now))
        .filter(consent::Column::ContactId.eq(contact_id))
        .filter(consent::Column::WithdrawnAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

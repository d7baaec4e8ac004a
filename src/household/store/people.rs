//! How contacts are stored.

use std::collections::HashMap;

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::contact;
use entity::household_contact::Standing;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value,
};
use uuid::Uuid;

use super::consents;
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, changed_one, on_taken};
use crate::error::{Error, Result};
use crate::household::contacts::{ContactChange, wechat_taken};
use crate::household::enrolment::Newcomer;
use crate::household::{Contact, ContactFilter, ContactResponsibility, Household, HouseholdWith};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};
use crate::scalar::PhoneNumber;
use crate::text;

/// What a sealed phone number of a contact is sealed for.
pub const PHONE: &str = "contact phone";
/// What a sealed WeChat identity is sealed for.
pub const WECHAT: &str = "contact wechat";
/// The column by which contacts belong to a household.
pub const SPEAKS_FOR: Column = ("household_contact", "household_id");
/// How many households of one contact are shown.
const MAX_RESPONSIBILITIES: u64 = 100;

impl Record for Contact {
    type Filter = ContactFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadContact;
    const KIND: Kind = Kind::Contact;
    const KEY: Column = ("contact", "id");
    const PLACE: Place = Household::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from(
            "contact",
            &["id", "name", "phone", "wechat_hash", "version", "created_at", "updated_at"],
        );
        record::join(&mut select, "household_contact", "contact_id", Self::KEY);
        record::join(&mut select, "household", "id", ("household_contact", "household_id"));
        record::add(&mut select, "household_contact", &["household_id"]);
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let reveals = cells.reveals();
        let name = |name: String| if reveals { name } else { text::masked_name(&name) };
        let phone = |phone: String| if reveals { phone } else { text::masked_phone(&phone) };
        Ok(Self {
            id: GlobalId::new(Kind::Contact, cells.take::<Uuid>()?),
            name: name(cells.take()?),
            phone: cells.open(PHONE)?.map(phone).map(PhoneNumber),
            has_wechat: cells.take::<Option<Vec<u8>>>()?.is_some(),
            version: cells.take()?,
            created_at: cells.take()?,
            updated_at: cells.take()?,
            revealed: Some(cells.take()?).filter(|_| reveals),
        })
    }

    fn keep(filter: &ContactFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(standing) = filter.standing {
            let standing = Standing::from(standing);
            select.and_where(column(("household_contact", "standing")).eq(standing));
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

/// The households that contacts speak for, oldest responsibility first.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Responsibilities(pub HouseholdWith);

impl Batch for Responsibilities {
    type Value = Vec<ContactResponsibility>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<ContactResponsibility>>> {
        let reader = request.reader(Act::ReadContact)?;
        let mut select = record::from("household_contact", &["standing", "since", "confirmed_at"]);
        record::join(&mut select, "household", "id", ("household_contact", "household_id"));
        self.0.add(&mut select);
        let select = reader.select(select, Household::PLACE);
        let sort = Sort {
            columns: vec![("household_contact", "since"), ("household_contact", "household_id")],
            descending: false,
        };
        let parent = ("household_contact", "contact_id");
        let rows = reader.rows_per_key(&select, parent, keys, &sort, MAX_RESPONSIBILITIES).await?;
        let mut found: HashMap<Key, Vec<ContactResponsibility>> = HashMap::new();
        for row in &rows {
            let mut cells = Cells::new(row, 1, &reader);
            let responsibility = ContactResponsibility {
                standing: cells.take::<Standing>()?.into(),
                since: cells.take()?,
                confirmed_at: cells.take()?,
                household: Household::read(&mut cells, self.0)?,
            };
            found.entry(Key::first_of(row, &keys[0])?).or_default().push(responsibility);
        }
        Ok(found)
    }
}

struct Sealed {
    value: Option<Vec<u8>>,
    hash: Option<Vec<u8>>,
}

/// Seals a value that is also looked up.
fn sealed(tx: &Tx, purpose: &str, value: Option<&str>) -> Result<Sealed> {
    let keyring = tx.keyring();
    Ok(Sealed {
        value: value
            .map(|value| keyring.seal(purpose, value.as_bytes()))
            .transpose()
            .map_err(Error::internal)?,
        hash: value.map(|value| keyring.hash(purpose, value.as_bytes())),
    })
}

/// Adds a contact.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    person: Newcomer,
    consent_id: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    let phone = sealed(tx, PHONE, person.phone.as_deref())?;
    let wechat = sealed(tx, WECHAT, person.wechat_id.as_deref())?;
    let row = contact::ActiveModel {
        id: Set(id),
        name: Set(person.name),
        phone: Set(phone.value),
        phone_hash: Set(phone.hash),
        wechat_id: Set(wechat.value),
        wechat_hash: Set(wechat.hash),
        consent_id: Set(Some(consent_id)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let inserted = contact::Entity::insert(row).exec_without_returning(tx).await;
    on_taken(inserted, "contact", "wechat", wechat_taken)?;
    Ok(())
}

/// Changes a contact of this version.
pub async fn update(
    tx: &Tx,
    id: Uuid,
    version: i32,
    change: ContactChange,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut row = contact::ActiveModel {
        name: change.name.map_or(NotSet, Set),
        version: Set(version.saturating_add(1)),
        updated_at: Set(now),
        ..Default::default()
    };
    if let Some(phone) = change.phone {
        let phone = sealed(tx, PHONE, phone.as_deref())?;
        row.phone = Set(phone.value);
        row.phone_hash = Set(phone.hash);
    }
    if let Some(wechat_id) = change.wechat_id {
        let wechat = sealed(tx, WECHAT, wechat_id.as_deref())?;
        row.wechat_id = Set(wechat.value);
        row.wechat_hash = Set(wechat.hash);
    }
    let result = contact::Entity::update_many()
        .set(row)
        .filter(contact::Column::Id.eq(id))
        .filter(contact::Column::Version.eq(version))
        .exec(tx)
        .await;
    changed_one(on_taken(result, "contact", "wechat", wechat_taken)?.rows_affected)
}

/// Notes which consent of a contact is in force.
pub async fn set_consent(tx: &Tx, id: Uuid, consent_id: Uuid) -> Result<()> {
    contact::Entity::update_many()
        .col_expr(contact::Column::ConsentId, Expr::val(consent_id))
        .filter(contact::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Erases a contact and ends the consents, and answers with the name.
pub async fn erase_contact(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<String> {
    consents::withdraw(tx, id, now).await?;
    let contact = contact::Entity::find_by_id(id).one(tx).await?.ok_or_else(Error::not_found)?;
    contact::Entity::delete_by_id(id).exec(tx).await?;
    Ok(contact.name)
}

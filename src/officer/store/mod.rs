//! How officers and postings are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::{household, officer, session, station};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SelectStatement};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, Value,
};
use uuid::Uuid;

use super::{Officer, OfficerFilter, OfficerOrder};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, changed_one, on_taken};
use crate::error::{Error, Result, UserErrorCode};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::PhoneNumber;
use crate::text;

pub mod leave;
mod posting;

pub use posting::{
    end_posting, end_postings, insert_postings, postings, postings_not_ended, postings_of_village,
    stand_ins_of,
};

/// What a sealed phone number of an officer is sealed for.
pub const PHONE: &str = "officer phone";

/// The columns of an officer.
pub const OFFICER_COLUMNS: [&str; 11] = [
    "id",
    "name",
    "role",
    "username",
    "phone",
    "wecom_user_id",
    "version",
    "created_at",
    "updated_at",
    "deactivated_at",
    "station_id",
];

impl Record for Officer {
    type Filter = OfficerFilter;
    type Order = OfficerOrder;
    type With = ();

    const READ: Act = Act::ReadOfficer;
    const KIND: Kind = Kind::Officer;
    const KEY: Column = ("officer", "id");
    const PLACE: Place = Place {
        township: Some(("station", "township_code")),
        account: Some(Self::KEY),
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from("officer", &OFFICER_COLUMNS);
        record::left_join(&mut select, "station", "id", ("officer", "station_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let staff = cells.allows(Act::ListOfficers);
        Ok(Self {
            id: GlobalId::new(Kind::Officer, cells.take::<Uuid>()?),
            name: cells.take()?,
            role: cells.take::<officer::Role>()?.into(),
            username: Some(cells.take()?).filter(|_| staff),
            phone: cells.open(PHONE)?.filter(|_| staff).map(PhoneNumber),
            wecom_user_id: cells.take::<Option<String>>()?.filter(|_| staff),
            version: cells.take()?,
            created_at: cells.take()?,
            updated_at: cells.take()?,
            deactivated_at: cells.take()?,
            station_id: cells.take()?,
        })
    }

    fn keep(filter: &OfficerFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(text) = &filter.text {
            let like = || LikeExpr::new(text::like(text)).escape('\\');
            let name = column(("officer", "name")).like(like());
            select.and_where(name.or(column(("officer", "username")).like(like())));
        }
        if let Some(roles) = &filter.roles {
            let roles = roles.iter().map(|role| officer::Role::from(*role));
            select.and_where(column(("officer", "role")).is_in(roles));
        }
        if let Some(code) = &filter.township_code {
            select.and_where(column(("station", "township_code")).eq(code.0.as_str()));
        }
        match filter.active {
            Some(true) => select.and_where(column(("officer", "deactivated_at")).is_null()),
            Some(false) => select.and_where(column(("officer", "deactivated_at")).is_not_null()),
            None => select,
        };
    }

    fn sort(order: OfficerOrder) -> Sort {
        // Ids are in the order of time.
        Sort { columns: vec![Self::KEY], descending: order == OfficerOrder::CreatedAtDesc }
    }

    fn sort_values(&self, _: OfficerOrder) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// A row to be made.
pub struct NewRow {
    /// Its id.
    pub id: Uuid,
    /// The name to sign in with.
    pub username: String,
    /// The officer's name.
    pub name: String,
    /// The phone number, to be sealed.
    pub phone: Option<String>,
    /// What the account is for.
    pub role: officer::Role,
    /// The hash of the password.
    pub password_hash: Option<String>,
}

fn sealed(tx: &Tx, phone: Option<String>) -> Result<Option<Vec<u8>>> {
    phone
        .map(|phone| tx.keyring().seal(PHONE, phone.as_bytes()))
        .transpose()
        .map_err(Error::internal)
}

/// Adds an officer.
pub async fn insert(
    tx: &Tx,
    new: NewRow,
    station_id: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = officer::ActiveModel {
        id: Set(new.id),
        username: Set(new.username),
        name: Set(new.name),
        phone: Set(sealed(tx, new.phone)?),
        role: Set(new.role),
        station_id: Set(station_id),
        password_hash: Set(new.password_hash),
        wecom_user_id: NotSet,
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        deactivated_at: Set(None),
    };
    let inserted = officer::Entity::insert(row).exec_without_returning(tx).await;
    on_taken(inserted, "officer", "username", || {
        Error::user(
            UserErrorCode::Taken,
            "username",
            "该用户名已被使用。",
            "This user name is taken.",
        )
    })?;
    Ok(())
}

/// What an officer is to have; `None` leaves it as it is.
pub struct Values {
    /// The name.
    pub name: Option<String>,
    /// The phone number, to be sealed.
    pub phone: Option<Option<String>>,
    /// The account in WeCom.
    pub wecom_user_id: Option<Option<String>>,
    /// What the account is for.
    pub role: officer::Role,
    /// The station.
    pub station_id: Option<Uuid>,
}

/// Changes an officer of this version.
pub async fn update(
    tx: &Tx,
    id: Uuid,
    version: i32,
    values: Values,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut row = officer::ActiveModel {
        role: Set(values.role),
        station_id: Set(values.station_id),
        version: Set(version.saturating_add(1)),
        updated_at: Set(now),
        ..Default::default()
    };
    if let Some(name) = values.name {
        row.name = Set(name);
    }
    if let Some(id) = values.wecom_user_id {
        row.wecom_user_id = Set(id);
    }
    if let Some(phone) = values.phone {
        row.phone = Set(sealed(tx, phone)?);
    }
    write(tx, id, version, row).await
}

/// Deactivates an officer of this version.
pub async fn deactivate(tx: &Tx, id: Uuid, version: i32, now: DateTime<Utc>) -> Result<()> {
    let row = officer::ActiveModel {
        deactivated_at: Set(Some(now)),
        version: Set(version.saturating_add(1)),
        updated_at: Set(now),
        ..Default::default()
    };
    write(tx, id, version, row).await
}

async fn write(tx: &Tx, id: Uuid, version: i32, row: officer::ActiveModel) -> Result<()> {
    let result = officer::Entity::update_many()
        .set(row)
        .filter(officer::Column::Id.eq(id))
        .filter(officer::Column::Version.eq(version))
        .exec(tx)
        .await;
    let result = on_taken(result, "officer", "wecom_user_id", || {
        Error::user(
            UserErrorCode::Taken,
            "wecomUserId",
            "该企业微信账号已属于另一位民警。",
            "Another officer has this account in WeCom.",
        )
    })?;
    changed_one(result.rows_affected)
}

/// The station of a township.
pub async fn station_of(tx: &Tx, township_code: &str) -> Result<Option<Uuid>> {
    let found = station::Entity::find()
        .filter(station::Column::TownshipCode.eq(township_code))
        .one(tx)
        .await?;
    Ok(found.map(|station| station.id))
}

/// Whether any household is registered in a village.
pub async fn is_inhabited(tx: &Tx, village_code: &str) -> Result<bool> {
    let first = household::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(household::Column::VillageCode.eq(village_code))
        .limit(1)
        .into_tuple::<i32>()
        .one(tx)
        .await?;
    Ok(first.is_some())
}

/// The sessions of an account, or of a contact, that have not ended.
pub async fn open_sessions(tx: &Tx, subject_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::SubjectId.eq(subject_id))
        .filter(session::Column::EndedAt.is_null())
        .into_tuple()
        .all(tx)
        .await?)
}

/// Ends sessions.
pub async fn end_sessions(tx: &Tx, sessions: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::val(now))
        .filter(session::Column::Id.is_in(sessions.iter().copied()))
        .filter(session::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

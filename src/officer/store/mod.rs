//! How officers and postings are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::{household, officer, posting, session, station};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, Value,
};
use uuid::Uuid;

use super::{Officer, OfficerFilter, OfficerOrder, Posting, PostingFilter};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area, area::column, changed_one, on_taken};
use crate::error::{Error, Result, UserErrorCode};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::PhoneNumber;
use crate::text;

pub mod leave;

/// What a sealed phone number of an officer is sealed for.
pub const PHONE: &str = "officer phone";

/// The columns of an officer.
pub const OFFICER_COLUMNS: [&str; 10] = [
    "id",
    "name",
    "role",
    "username",
    "phone",
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

impl Record for Posting {
    type Filter = PostingFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadPosting;
    const KIND: Kind = Kind::Posting;
    const KEY: Column = ("posting", "id");
    const PLACE: Place = Place {
        township: Some(("posting", "township_code")),
        village: Some(("posting", "village_code")),
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "posting",
            &["id", "duty", "starts_at", "ends_at", "version", "officer_id", "village_code"],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Posting, cells.take::<Uuid>()?),
            duty: cells.take::<posting::Duty>()?.into(),
            starts_at: cells.take()?,
            ends_at: cells.take()?,
            version: cells.take()?,
            officer_id: cells.take()?,
            village_code: cells.take()?,
        })
    }

    fn keep(filter: &PostingFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(at) = filter.current_at {
            select.and_where(area::current(at));
        }
        if let Some(duty) = filter.duty {
            select.and_where(column(("posting", "duty")).eq(posting::Duty::from(duty)));
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("posting", "starts_at"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.starts_at.into(), self.key().value()]
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

/// Changes an officer of this version.
pub async fn update(
    tx: &Tx,
    id: Uuid,
    version: i32,
    name: Option<String>,
    phone: Option<Option<String>>,
    role: officer::Role,
    station_id: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut row = officer::ActiveModel {
        role: Set(role),
        station_id: Set(station_id),
        version: Set(version.saturating_add(1)),
        updated_at: Set(now),
        ..Default::default()
    };
    if let Some(name) = name {
        row.name = Set(name);
    }
    if let Some(phone) = phone {
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
        .await?;
    changed_one(result.rows_affected)
}

/// Adds postings.
pub async fn insert_postings(tx: &Tx, new: &[posting::Model]) -> Result<()> {
    let rows = new.iter().map(|row| posting::ActiveModel::from(row.clone()));
    posting::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives a posting of this version its end.
pub async fn end_posting(tx: &Tx, id: Uuid, version: i32, ends_at: DateTime<Utc>) -> Result<()> {
    let row = posting::ActiveModel {
        ends_at: Set(Some(ends_at)),
        version: Set(version.saturating_add(1)),
        ..Default::default()
    };
    let result = posting::Entity::update_many()
        .set(row)
        .filter(posting::Column::Id.eq(id))
        .filter(posting::Column::Version.eq(version))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

/// Lets these postings end at a moment, or as they begin when that is later.
pub async fn end_postings(tx: &Tx, ids: &[Uuid], at: DateTime<Utc>) -> Result<()> {
    let starts_at = || Expr::col(posting::Column::StartsAt);
    let end = Expr::case(starts_at().gt(at), starts_at()).finally(Expr::val(at));
    posting::Entity::update_many()
        .col_expr(posting::Column::EndsAt, end.into())
        .col_expr(posting::Column::Version, Expr::col(posting::Column::Version).add(1))
        .filter(posting::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Not over at a moment.
fn lasts(at: DateTime<Utc>) -> sea_orm::sea_query::SimpleExpr {
    posting::Column::EndsAt.is_null().or(posting::Column::EndsAt.gt(at))
}

/// The postings of an officer that have not ended.
pub async fn postings_not_ended(
    tx: &Tx,
    officer_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::OfficerId.eq(officer_id))
        .filter(lasts(now))
        .all(tx)
        .await?)
}

/// The postings to a village that do not end before a moment.
pub async fn postings_of_village(
    tx: &Tx,
    village_code: &str,
    from: DateTime<Utc>,
) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::VillageCode.eq(village_code))
        .filter(lasts(from))
        .all(tx)
        .await?)
}

/// These postings.
pub async fn postings(tx: &Tx, ids: &[Uuid]) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::Id.is_in(ids.iter().copied()))
        .all(tx)
        .await?)
}

/// The postings that stand in for these and last beyond a moment.
pub async fn stand_ins_of(tx: &Tx, ids: &[Uuid], at: DateTime<Utc>) -> Result<Vec<posting::Model>> {
    Ok(posting::Entity::find()
        .filter(posting::Column::SourceId.is_in(ids.iter().copied()))
        .filter(lasts(at))
        .all(tx)
        .await?)
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

/// Ends all sessions of an account, and tells which.
pub async fn end_sessions(tx: &Tx, subject_id: Uuid, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let open: Vec<Uuid> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::SubjectId.eq(subject_id))
        .filter(session::Column::EndedAt.is_null())
        .into_tuple()
        .all(tx)
        .await?;
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::val(now))
        .filter(session::Column::SubjectId.eq(subject_id))
        .filter(session::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(open)
}

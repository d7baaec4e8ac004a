//! How counties and stations are stored.

use async_graphql::Lookahead;
use chrono::NaiveDate;
use entity::station;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ActiveValue::Set, DbBackend, DbErr, EntityTrait, Value};

use super::by;
use super::past::{self, OnDay};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx};
use crate::division::{County, CountyFilter, Station};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::{DivisionCode, PhoneNumber};

impl Record for County {
    type Filter = CountyFilter;
    type Order = ();
    type With = OnDay;

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::County;
    const KEY: Column = ("county", "code");
    const PLACE: Place = Place::NOWHERE;

    fn with(_: &Request, _: &Lookahead<'_>) -> OnDay {
        None
    }

    fn dated(_: OnDay, filter: &CountyFilter, today: NaiveDate) -> Result<OnDay> {
        past::day(filter.as_of, today)
    }

    fn select(day: OnDay) -> SelectStatement {
        past::from("county", &["code", "name", "valid_from"], None, day)
    }

    fn read(cells: &mut Cells<'_>, _: OnDay) -> Result<Self, DbErr> {
        let code: String = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::County, code.as_str()),
            code: DivisionCode(code),
            name: cells.take()?,
            valid_from: past::since(cells.take()?),
        })
    }

    fn keep(_: &CountyFilter, _: &mut SelectStatement, _: DbBackend) {}

    fn sort((): ()) -> Sort {
        by(Self::KEY, false)
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

impl Record for Station {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::Station;
    const KEY: Column = ("station", "id");
    const PLACE: Place = Place { township: Some(("station", "township_code")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from("station", &["id", "township_code", "name", "phone", "version"])
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let id: uuid::Uuid = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::Station, id),
            township_code: cells.take()?,
            name: cells.take()?,
            phone: cells.take::<Option<_>>()?.map(PhoneNumber),
            version: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    fn sort((): ()) -> Sort {
        by(Self::KEY, false)
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Changes a station, which is locked.
pub async fn update_station(tx: &Tx, after: &Station) -> Result<()> {
    let row = station::ActiveModel {
        id: Set(after.id.uuid()),
        phone: Set(after.phone.as_ref().map(|phone| phone.0.clone())),
        version: Set(after.version),
        ..Default::default()
    };
    station::Entity::update(row).exec(tx).await?;
    Ok(())
}

//! How the roster is stored.

use async_graphql::Lookahead;
use chrono::NaiveDate;
use entity::shift;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use super::pattern::Pattern;
use super::{Shift, ShiftFilter};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, changed_one};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::{Date, Weekday};

mod facts;
mod swap;

pub use facts::{facts, facts_of_station, facts_of_village, read as read_facts, version};
pub use swap::{cancel_swap, insert_swap};

fn is(name: &'static str) -> sea_orm::sea_query::SimpleExpr {
    column(("shift", name))
}

impl Record for Shift {
    type Filter = ShiftFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadShift;
    const KIND: Kind = Kind::Shift;
    const KEY: Column = ("shift", "id");
    const PLACE: Place = Place { township: Some(("shift", "township_code")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "shift",
            &[
                "id",
                "valid_from",
                "valid_until",
                "weekdays",
                "every_days",
                "day_kind",
                "start_minute",
                "length_minutes",
                "version",
                "created_at",
                "station_id",
                "village_code",
                "officer_id",
                "township_code",
            ],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Shift, cells.take::<Uuid>()?),
            valid_from: Date(cells.take()?),
            valid_until: cells.take::<Option<NaiveDate>>()?.map(Date),
            weekdays: cells.take::<Option<i32>>()?.map(weekdays),
            every_days: cells.take()?,
            day_kind: cells.take::<shift::DayKind>()?.into(),
            start_minute: cells.take()?,
            length_minutes: cells.take()?,
            version: cells.take()?,
            created_at: cells.take()?,
            station_id: cells.take()?,
            village_code: cells.take()?,
            officer_id: cells.take()?,
            township_code: cells.take()?,
        })
    }

    fn keep(filter: &ShiftFilter, select: &mut SelectStatement, _: DbBackend) {
        let known = |id: &async_graphql::ID| GlobalId::parse(id).map(|id| id.uuid()).ok();
        if let Some(id) = filter.station_id.as_ref().and_then(known) {
            select.and_where(is("station_id").eq(id));
        }
        if let Some(code) = &filter.village_code {
            select.and_where(is("village_code").eq(code.0.as_str()));
        }
        if let Some(id) = filter.officer_id.as_ref().and_then(known) {
            select.and_where(is("officer_id").eq(id));
        }
        if let Some(day) = filter.valid_on {
            let open = is("valid_until").is_null().or(is("valid_until").gt(day.0));
            select.and_where(is("valid_from").lte(day.0).and(open));
        }
    }

    fn sort((): ()) -> Sort {
        // Ids are in the order of time.
        Sort { columns: vec![Self::KEY], descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

fn weekdays(bits: i32) -> Vec<Weekday> {
    let days = Weekday::ALL.into_iter().enumerate();
    days.filter(|(place, _)| bits & (1 << place) != 0).map(|(_, day)| day).collect()
}

fn bits(days: &[Weekday]) -> i32 {
    let all = Weekday::ALL.iter().enumerate();
    all.filter(|(_, day)| days.contains(day)).map(|(place, _)| 1 << place).sum()
}

impl Shift {
    /// When it is.
    pub fn pattern(&self) -> Pattern {
        Pattern {
            valid_from: self.valid_from.0,
            valid_until: self.valid_until.map(|day| day.0),
            weekdays: self.weekdays.as_deref().map(bits),
            every_days: self.every_days,
            day_kind: self.day_kind,
            start_minute: self.start_minute,
            length_minutes: self.length_minutes,
        }
    }
}

/// Adds a shift.
pub async fn insert(tx: &Tx, new: &Shift) -> Result<()> {
    let row = shift::ActiveModel {
        id: Set(new.id.uuid()),
        station_id: Set(new.station_id),
        township_code: Set(new.township_code.clone()),
        village_code: Set(new.village_code.clone()),
        officer_id: Set(new.officer_id),
        valid_from: Set(new.valid_from.0),
        valid_until: Set(new.valid_until.map(|day| day.0)),
        weekdays: Set(new.weekdays.as_deref().map(bits)),
        every_days: Set(new.every_days),
        day_kind: Set(new.day_kind.into()),
        start_minute: Set(new.start_minute),
        length_minutes: Set(new.length_minutes),
        version: Set(new.version),
        created_at: Set(new.created_at),
    };
    shift::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives a shift, which is locked, its end.
pub async fn end(tx: &Tx, after: &Shift) -> Result<()> {
    let row = shift::ActiveModel {
        valid_until: Set(after.valid_until.map(|day| day.0)),
        version: Set(after.version),
        ..Default::default()
    };
    let changed = shift::Entity::update_many()
        .set(row)
        .filter(shift::Column::Id.eq(after.id.uuid()))
        .exec(tx)
        .await?;
    changed_one(changed.rows_affected)
}

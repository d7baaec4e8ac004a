//! How the division tree is stored.

use async_graphql::Lookahead;
use entity::{village, village_group};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, LockType, SelectStatement};
use sea_orm::{ActiveValue::Set, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, Value};

use super::{
    County, Station, Township, TownshipFilter, TownshipOrder, Village, VillageFilter, VillageGroup,
    VillageOrder,
};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::DivisionCode;
use crate::tally::{self, Tally};
use crate::text;

const TOWNSHIP_COLUMNS: [&str; 4] = ["code", "county_code", "name", "kind"];
const VILLAGE_COLUMNS: [&str; 3] = ["code", "township_code", "name"];
const GROUP_COLUMNS: [&str; 3] = ["code", "village_code", "number"];

fn by(name: Column, descending: bool) -> Sort {
    Sort { columns: vec![name], descending }
}

fn named_like(select: &mut SelectStatement, name: Column, wanted: Option<&String>) {
    if let Some(wanted) = wanted {
        select.and_where(column(name).like(LikeExpr::new(text::like(wanted)).escape('\\')));
    }
}

impl Record for County {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::County;
    const KEY: Column = ("county", "code");
    const PLACE: Place = Place::NOWHERE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from("county", &["code", "name"])
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let code: String = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::County, code.as_str()),
            code: DivisionCode(code),
            name: cells.take()?,
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

/// What is brought along with a township.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TownshipWith {
    /// Its numbers.
    pub tally: bool,
}

impl Record for Township {
    type Filter = TownshipFilter;
    type Order = TownshipOrder;
    type With = TownshipWith;

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::Township;
    const KEY: Column = ("township", "code");
    const PLACE: Place = Place { township: Some(Self::KEY), ..Place::NOWHERE };

    fn with(request: &Request, wanted: &Lookahead<'_>) -> TownshipWith {
        let counted = ["coverage", "openInquiryCount"];
        TownshipWith {
            tally: counted.iter().any(|field| wanted.field(field).exists())
                && request.may_join(Self::READ, Act::ReadTally),
        }
    }

    fn select(with: TownshipWith) -> SelectStatement {
        let mut select = record::from("township", &TOWNSHIP_COLUMNS);
        if with.tally {
            tally::join(&mut select, Self::KEY);
        }
        select
    }

    fn read(cells: &mut Cells<'_>, with: TownshipWith) -> Result<Self, DbErr> {
        let code: String = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::Township, code.as_str()),
            code: DivisionCode(code),
            county_code: cells.take()?,
            name: cells.take()?,
            kind: cells.take::<entity::township::Kind>()?.into(),
            tally: with.tally.then(|| Tally::read(cells)).transpose()?,
        })
    }

    fn keep(filter: &TownshipFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(code) = &filter.county_code {
            select.and_where(column(("township", "county_code")).eq(code.0.as_str()));
        }
        named_like(select, ("township", "name"), filter.text.as_ref());
    }

    fn sort(order: TownshipOrder) -> Sort {
        by(Self::KEY, order == TownshipOrder::CodeDesc)
    }

    fn sort_values(&self, _: TownshipOrder) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// What is brought along with a village.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VillageWith {
    /// Its township.
    pub township: bool,
}

impl VillageWith {
    fn join(self, select: &mut SelectStatement) {
        if self.township {
            record::join(select, "township", "code", ("village", "township_code"));
            record::add(select, "township", &TOWNSHIP_COLUMNS);
        }
    }

    /// Joins the village whose code is in `column`, and what is brought along with it.
    pub fn join_village(self, select: &mut SelectStatement, column: Column) {
        record::join(select, "village", "code", column);
        record::add(select, "village", &VILLAGE_COLUMNS);
        self.join(select);
    }
}

impl Record for Village {
    type Filter = VillageFilter;
    type Order = VillageOrder;
    type With = VillageWith;

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::Village;
    const KEY: Column = ("village", "code");
    const PLACE: Place = Place {
        village: Some(Self::KEY),
        township: Some(("village", "township_code")),
        ..Place::NOWHERE
    };

    fn with(request: &Request, wanted: &Lookahead<'_>) -> VillageWith {
        let township = wanted.field("township");
        let plain = Township::with(request, &township) == TownshipWith::default();
        VillageWith { township: township.exists() && plain }
    }

    fn select(with: VillageWith) -> SelectStatement {
        let mut select = record::from("village", &VILLAGE_COLUMNS);
        with.join(&mut select);
        select
    }

    fn read(cells: &mut Cells<'_>, with: VillageWith) -> Result<Self, DbErr> {
        let code: String = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::Village, code.as_str()),
            code: DivisionCode(code),
            township_code: cells.take()?,
            name: cells.take()?,
            township: with
                .township
                .then(|| Township::read(cells, TownshipWith::default()))
                .transpose()?,
        })
    }

    fn keep(filter: &VillageFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(code) = &filter.township_code {
            select.and_where(column(("village", "township_code")).eq(code.0.as_str()));
        }
        named_like(select, ("village", "name"), filter.text.as_ref());
    }

    fn sort(order: VillageOrder) -> Sort {
        by(Self::KEY, order == VillageOrder::CodeDesc)
    }

    fn sort_values(&self, _: VillageOrder) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

impl Record for VillageGroup {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadDivision;
    const KIND: Kind = Kind::VillageGroup;
    const KEY: Column = ("village_group", "code");
    const PLACE: Place =
        Place { village: Some(("village_group", "village_code")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from("village_group", &GROUP_COLUMNS)
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let code: String = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::VillageGroup, code.as_str()),
            code,
            village_code: cells.take()?,
            number: cells.take()?,
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
        record::from("station", &["id", "township_code", "name"])
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let id: uuid::Uuid = cells.take()?;
        Ok(Self {
            id: GlobalId::new(Kind::Station, id),
            township_code: cells.take()?,
            name: cells.take()?,
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

/// Keeps others from changing who looks after a village until the change is over. Who takes an
/// officer away locks it `alone`; who only adds a household shares the lock.
pub async fn lock_village(tx: &Tx, code: &str, alone: bool) -> Result<()> {
    village::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(Expr::col(village::Column::Code).eq(code))
        .lock(if alone { LockType::Update } else { LockType::Share })
        .into_tuple::<i32>()
        .one(tx)
        .await?;
    Ok(())
}

/// The code of the group with this number in a village. The group is made when it is new.
pub async fn ensure_group(tx: &Tx, village: &Village, number: i32) -> Result<String> {
    let code = format!("{}-{number:02}", village.code.0);
    let row = village_group::ActiveModel {
        code: Set(code.clone()),
        village_code: Set(village.code.0.clone()),
        township_code: Set(village.township_code.clone()),
        number: Set(number),
    };
    village_group::Entity::insert(row)
        .on_conflict_do_nothing_on([village_group::Column::Code])
        .exec_without_returning(tx)
        .await?;
    Ok(code)
}

//! How households are stored.

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::household::Status;
use entity::{contact, household, household_contact};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SelectStatement};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter,
    QuerySelect, Value,
};
use uuid::Uuid;

use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, changed_one};
use crate::division::{Village, VillageWith, living_code};
use crate::error::{Error, Result};
use crate::household::{Household, HouseholdFilter, HouseholdOrder};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::Date;
use crate::text;

/// What a sealed address is sealed for.
pub const ADDRESS: &str = "household address";

const COLUMNS: [&str; 15] = [
    "id",
    "label",
    "door",
    "address",
    "people_count",
    "status",
    "reachable",
    "confirmed_at",
    "next_visit_on",
    "version",
    "created_at",
    "updated_at",
    "village_code",
    "township_code",
    "group_code",
];

/// What is brought along with a household.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HouseholdWith {
    /// Its village, and what is brought along with that.
    pub village: Option<VillageWith>,
}

impl HouseholdWith {
    /// Adds the columns of a household that is in the FROM already, and what is brought along.
    pub fn add(self, select: &mut SelectStatement) {
        record::add(select, "household", &COLUMNS);
        if let Some(village) = self.village {
            village.join_village(select, ("household", "village_code"));
        }
    }
}

impl Record for Household {
    type Filter = HouseholdFilter;
    type Order = HouseholdOrder;
    type With = HouseholdWith;

    const READ: Act = Act::ReadHousehold;
    const KIND: Kind = Kind::Household;
    const KEY: Column = ("household", "id");
    const PLACE: Place = Place {
        township: Some(("household", "township_code")),
        village: Some(("household", "village_code")),
        household: Some(Self::KEY),
        ..Place::NOWHERE
    };

    fn with(request: &Request, wanted: &Lookahead<'_>) -> HouseholdWith {
        let village = wanted.field("village");
        HouseholdWith { village: village.exists().then(|| Village::with(request, &village)) }
    }

    fn select(with: HouseholdWith) -> SelectStatement {
        let mut select = record::from("household", &[]);
        with.add(&mut select);
        select
    }

    fn read(cells: &mut Cells<'_>, with: HouseholdWith) -> Result<Self, DbErr> {
        let reveals = cells.reveals();
        let shown = |label: String| if reveals { label } else { text::masked_label(&label) };
        Ok(Self {
            id: GlobalId::new(Kind::Household, cells.take::<Uuid>()?),
            label: shown(cells.take()?),
            door: cells.take()?,
            address: cells.open(ADDRESS)?.filter(|_| reveals),
            people_count: cells.take()?,
            status: cells.take::<Status>()?.into(),
            reachable: cells.take()?,
            confirmed_at: cells.take()?,
            next_visit_on: cells.take::<Option<_>>()?.map(Date),
            version: cells.take()?,
            created_at: cells.take()?,
            updated_at: cells.take()?,
            village_code: cells.take()?,
            township_code: cells.take()?,
            group_code: cells.take()?,
            village: with.village.map(|with| Village::read(cells, with)).transpose()?,
        })
    }

    fn keep(filter: &HouseholdFilter, select: &mut SelectStatement, backend: DbBackend) {
        if let Some(code) = &filter.township_code {
            select.and_where(column(("household", "township_code")).eq(code.0.as_str()));
        }
        if let Some(code) = &filter.village_code {
            let living = living_code(&code.0, backend);
            select.and_where(column(("household", "village_code")).eq(living));
            if let Some(number) = filter.group_number {
                let group = format!("{}-{number:02}", code.0);
                select.and_where(column(("household", "group_code")).eq(group));
            }
        }
        if let Some(statuses) = &filter.statuses {
            let statuses = statuses.iter().map(|status| Status::from(*status));
            select.and_where(column(("household", "status")).is_in(statuses));
        }
        if let Some(since) = filter.updated_since {
            select.and_where(column(("household", "updated_at")).gte(since));
        }
        if let Some(text) = &filter.text {
            find_text(text, select, backend);
        }
    }

    fn keep_masked(filter: &HouseholdFilter, select: &mut SelectStatement, backend: DbBackend) {
        if let Some(text) = &filter.text {
            find_shown(text, select, backend);
        }
    }

    fn sort(order: HouseholdOrder) -> Sort {
        let columns = match order {
            HouseholdOrder::DoorAsc => {
                vec![("household", "group_code"), ("household", "door"), Self::KEY]
            }
            HouseholdOrder::UpdatedAtAsc | HouseholdOrder::UpdatedAtDesc => {
                vec![("household", "updated_at"), Self::KEY]
            }
        };
        Sort { columns, descending: order == HouseholdOrder::UpdatedAtDesc }
    }

    fn sort_values(&self, order: HouseholdOrder) -> Vec<Value> {
        let id = self.key().value();
        match order {
            HouseholdOrder::DoorAsc => {
                vec![self.group_code.as_str().into(), self.door.into(), id]
            }
            HouseholdOrder::UpdatedAtAsc | HouseholdOrder::UpdatedAtDesc => {
                vec![self.updated_at.into(), id]
            }
        }
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// PostgreSQL finds pairs of characters in an index and then looks at the text; SQLite, which
/// serves one town, looks at the text.
fn find_text(text: &str, select: &mut SelectStatement, backend: DbBackend) {
    let searched = || column(("household", "search_text"));
    if backend == DbBackend::Postgres {
        select
            .and_where(Expr::cust_with_exprs(
                "bigrams($1) @> bigrams($2)",
                [searched(), Expr::val(text)],
            ))
            .and_where(Expr::cust_with_exprs("strpos($1, $2) > 0", [searched(), Expr::val(text)]));
    } else {
        select.and_where(Expr::cust_with_exprs("instr(?, ?) > 0", [searched(), Expr::val(text)]));
    }
}

/// Keeps households with `text` in what [`text::masked_label`] leaves of the label: all up to the last
/// hyphen. The label stands first in the searched text, before any contact's name.
fn find_shown(text: &str, select: &mut SelectStatement, backend: DbBackend) {
    let searched = column(("household", "search_text"));
    let (label, found) = match backend {
        DbBackend::Postgres => ("split_part($1, '|', 1)", "strpos($1, $2) > 0"),
        _ => ("substr(?, 1, instr(? || '|', '|') - 1)", "instr(?, ?) > 0"),
    };
    let label = Expr::cust_with_exprs(label, [searched.clone(), searched]);
    let shown = Func::cust("rtrim").args([
        label.clone(),
        Func::cust("replace").args([label, Expr::val("-"), Expr::val("")]).into(),
    ]);
    select.and_where(Expr::cust_with_exprs(found, [shown.into(), Expr::val(text)]));
}

/// What is searched of a household: its label and its contacts' names.
pub fn search_text<'a>(label: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut searched = text::normalised(label);
    for name in names.map(text::normalised).filter(|name| !label.contains(name.as_str())) {
        searched.push('|');
        searched.push_str(&name);
    }
    searched
}

/// A row to be made.
pub struct NewRow {
    /// Its id.
    pub id: Uuid,
    /// Its group.
    pub group_code: String,
    /// Its place in the group.
    pub door: i32,
    /// How officers call it.
    pub label: String,
    /// Where it is, to be sealed.
    pub address: Option<String>,
    /// How many people live there.
    pub people_count: i32,
    /// How far it is with us.
    pub status: Status,
}

/// The name of a status, in the table and in the event log.
pub fn status_name(status: Status) -> String {
    status.to_value()
}

fn sealed(tx: &Tx, address: Option<String>) -> Result<Option<Vec<u8>>> {
    address
        .map(|address| tx.keyring().seal(ADDRESS, address.as_bytes()))
        .transpose()
        .map_err(Error::internal)
}

/// Adds a household in a village of a township.
pub async fn insert(
    tx: &Tx,
    new: NewRow,
    (village_code, township_code): &(String, String),
    now: DateTime<Utc>,
) -> Result<()> {
    let row = household::ActiveModel {
        id: Set(new.id),
        village_code: Set(village_code.clone()),
        township_code: Set(township_code.clone()),
        group_code: Set(new.group_code),
        door: Set(new.door),
        search_text: Set(search_text(&new.label, std::iter::empty())),
        label: Set(new.label),
        reference: Set(None),
        address: Set(sealed(tx, new.address)?),
        people_count: Set(new.people_count),
        status: Set(new.status),
        reachable: Set(false),
        confirmed_at: Set(None),
        next_visit_on: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    household::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What is to be changed; `None` leaves it as it is.
#[derive(Default)]
pub struct Change {
    /// Its group.
    pub group_code: Option<String>,
    /// Its place in the group.
    pub door: Option<i32>,
    /// How officers call it.
    pub label: Option<String>,
    /// Where it is, or the deletion of it.
    pub address: Option<Option<String>>,
    /// How many people live there.
    pub people_count: Option<i32>,
    /// How far it is with us.
    pub status: Option<Status>,
    /// Whether one of its contacts may be messaged.
    pub reachable: Option<bool>,
    /// When a contact was last found to be right.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// Changes a household of this version.
pub async fn update(
    tx: &Tx,
    id: Uuid,
    version: i32,
    change: Change,
    now: DateTime<Utc>,
) -> Result<()> {
    use sea_orm::ActiveValue::NotSet;
    let row = household::ActiveModel {
        group_code: change.group_code.map_or(NotSet, Set),
        door: change.door.map_or(NotSet, Set),
        label: change.label.map_or(NotSet, Set),
        address: match change.address {
            Some(address) => Set(sealed(tx, address)?),
            None => NotSet,
        },
        people_count: change.people_count.map_or(NotSet, Set),
        status: change.status.map_or(NotSet, Set),
        reachable: change.reachable.map_or(NotSet, Set),
        confirmed_at: change.confirmed_at.map_or(NotSet, |at| Set(Some(at))),
        version: Set(version.saturating_add(1)),
        updated_at: Set(now),
        ..Default::default()
    };
    let result = household::Entity::update_many()
        .set(row)
        .filter(household::Column::Id.eq(id))
        .filter(household::Column::Version.eq(version))
        .exec(tx)
        .await?;
    changed_one(result.rows_affected)
}

/// The place after the last one in a group.
pub async fn next_door(tx: &Tx, group_code: &str) -> Result<i32> {
    let last: Option<Option<i32>> = household::Entity::find()
        .select_only()
        .column_as(household::Column::Door.max(), "last")
        .filter(household::Column::GroupCode.eq(group_code))
        .into_tuple()
        .one(tx)
        .await?;
    Ok(last.flatten().unwrap_or(0).saturating_add(1))
}

/// Writes anew what is searched of these households.
pub async fn refresh_search_text(tx: &Tx, ids: &[Uuid]) -> Result<()> {
    for id in ids {
        let Some(house) = household::Entity::find_by_id(*id).one(tx).await? else { continue };
        let names: Vec<String> = contact::Entity::find()
            .select_only()
            .column(contact::Column::Name)
            .filter(
                contact::Column::Id.in_subquery(
                    sea_orm::sea_query::Query::select()
                        .column(household_contact::Column::ContactId)
                        .from(household_contact::Entity)
                        .and_where(Expr::col(household_contact::Column::HouseholdId).eq(*id))
                        .take(),
                ),
            )
            .into_tuple()
            .all(tx)
            .await?;
        let searched = search_text(&house.label, names.iter().map(String::as_str));
        if searched != house.search_text {
            household::Entity::update_many()
                .col_expr(household::Column::SearchText, Expr::val(searched))
                .filter(household::Column::Id.eq(*id))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}

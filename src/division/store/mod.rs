//! How the division tree is stored.

use entity::village_group;
use sea_orm::sea_query::{ExprTrait, LikeExpr, LockType, SelectStatement};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
};

use super::{Village, group_code, parse_group};
use crate::db::{Column, Key, Sort, Tx, area::column};
use crate::error::{Error, Result, UserErrorCode};
use crate::record;
use crate::text;

mod county;
mod past;
mod table;
mod township;
mod village;

pub use county::update_station;
pub use past::{OnDay, Pasts, change, living_code, living_code_of};
pub use table::Rows;
pub use village::VillageWith;

fn by(name: Column, descending: bool) -> Sort {
    Sort { columns: vec![name], descending }
}

fn named_like(select: &mut SelectStatement, name: Column, wanted: Option<&String>) {
    if let Some(wanted) = wanted {
        select.and_where(column(name).like(LikeExpr::new(text::like(wanted)).escape('\\')));
    }
}

/// The living village with this code, or the one that followed the village with this code. Nobody else
/// changes who looks after it, or ends it, until the change is over: who takes something away locks it
/// `alone`, who only adds a household shares the lock.
pub async fn lock_living(tx: &Tx, code: &str, alone: bool) -> Result<Option<Village>> {
    let mut code = code.to_owned();
    loop {
        let found: Option<Option<String>> = entity::village::Entity::find()
            .select_only()
            .column(entity::village::Column::SuccessorCode)
            .filter(entity::village::Column::Code.eq(code.as_str()))
            .lock(if alone { LockType::Update } else { LockType::Share })
            .into_tuple()
            .one(tx)
            .await?;
        match found {
            Some(Some(successor)) => code = successor,
            _ => return record::one(tx, &Key::Code(code), VillageWith::default()).await,
        }
    }
}

/// Where the group with this number of a village lives today: the code of its village, and its number there.
pub async fn living_group(tx: &Tx, village_code: &str, number: i32) -> Result<(String, i32)> {
    let (mut code, mut number) = (village_code.to_owned(), number);
    loop {
        let group = village_group::Entity::find_by_id(group_code(&code, number)).one(tx).await?;
        let Some(successor) = group.and_then(|group| group.successor_code) else { break };
        let Some(next) = parse_group(&successor) else { break };
        (code, number) = next;
    }
    Ok((code, number))
}

/// The code of the group with this number in a village. The group is made when it is new.
pub async fn ensure_group(tx: &Tx, village: &Village, number: i32) -> Result<String> {
    let code = group_code(&village.code.0, number);
    if let Some(group) = village_group::Entity::find_by_id(&code).one(tx).await? {
        return if group.ended_on.is_none() { Ok(code) } else { Err(ended()) };
    }
    let row = village_group::ActiveModel {
        code: Set(code.clone()),
        village_code: Set(village.code.0.clone()),
        township_code: Set(village.township_code.clone()),
        number: Set(number),
        valid_from: NotSet,
        ended_on: NotSet,
        successor_code: NotSet,
    };
    village_group::Entity::insert(row)
        .on_conflict_do_nothing_on([village_group::Column::Code])
        .exec_without_returning(tx)
        .await?;
    Ok(code)
}

fn ended() -> Error {
    Error::user(
        UserErrorCode::WrongState,
        "groupNumber",
        "该组已划入其他村，请选择其他组。",
        "This group has gone to another village. Choose another one.",
    )
}

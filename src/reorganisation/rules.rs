//! The rules of reorganisations: what may become of what. How things move along is in `work`.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::reorganisation::Kind;

use super::work::Work;
use super::{Reorganisation, store};
use crate::access::Act;
use crate::db::{Key, Once};
use crate::division::{MAX_NAME, Township, Village, ensure_group};
use crate::error::{Error, Result, UserErrorCode};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::Date;
use crate::text;

const MAX_VILLAGES: usize = 20;
const MAX_HOUSEHOLDS: usize = 500;
/// The greatest number of a group: codes have two digits for it.
pub const MAX_GROUP: i32 = 99;

/// How a change is asked for.
pub struct Plan<'a> {
    /// By whom.
    pub request: &'a Request,
    /// Not twice.
    pub once: Once,
    /// From which day on.
    pub effective_on: NaiveDate,
    /// Only to tell what would change.
    pub dry_run: bool,
}

impl<'a> Plan<'a> {
    /// A change from this day on, which is today when left out.
    pub fn new(
        request: &'a Request,
        once: Once,
        effective_on: Option<Date>,
        dry_run: bool,
    ) -> Self {
        let today = request.service().clock.today();
        Self { request, once, effective_on: effective_on.map_or(today, |day| day.0), dry_run }
    }
}

fn refuse(code: UserErrorCode, field: &str, chinese: &'static str, english: &'static str) -> Error {
    Error::user(code, field, chinese, english)
}

/// Gives a county, a township or a village another name.
pub async fn rename(plan: Plan<'_>, code: &str, name: &str) -> Result<Reorganisation> {
    let name = text::required("name", name, MAX_NAME)?;
    let work = match Work::begin(plan, Act::Reorganise, Kind::DivisionRenamed).await? {
        Ok(work) => work,
        Err(first) => return Ok(first),
    };
    store::lock_division(&work.tx, code).await?;
    let before = expected(store::version(&work.tx, code).await?, "code")?;
    if before.valid_until.is_some() {
        return Err(has_ended("code"));
    }
    if before.name == name {
        return Err(refuse(
            UserErrorCode::Invalid,
            "name",
            "新名称与现名称相同。",
            "This is its name already.",
        ));
    }
    work.check_day(before.valid_from)?;
    store::rename(&work.tx, code, before, name, work.day).await?;
    work.finish(&[code.to_owned()]).await
}

/// Moves a village to another township.
pub async fn move_village(
    plan: Plan<'_>,
    code: &str,
    township: &str,
    new_code: String,
) -> Result<Reorganisation> {
    let mut work = match Work::begin(plan, Act::Reorganise, Kind::VillageMoved).await? {
        Ok(work) => work,
        Err(first) => return Ok(first),
    };
    let village = work.lock(&[code.to_owned()], "villageCode").await?.remove(0);
    let to: Option<Township> =
        record::one(&work.tx, &Key::from(township), Default::default()).await?;
    let to = expected(to, "townshipCode")?;
    if to.code.0 == village.township_code || to.code.0[..6] != village.township_code[..6] {
        return Err(refuse(
            UserErrorCode::Invalid,
            "townshipCode",
            "该村已属于这个乡镇，或这个乡镇属于另一个县。",
            "The village belongs to this township already, or the township is of another county.",
        ));
    }
    let (name, from) = (village.name.clone(), village.code.0.clone());
    let target = work.found(new_code, &to.code.0, name).await?;
    let groups = store::groups(&work.tx, &from, None).await?;
    let villages = [from.clone(), target.code.0.clone()];
    work.count(&villages).await?;
    work.follow(groups, &target, 0).await?;
    work.end(&village, &target).await?;
    work.move_along(&villages).await?;
    work.take_postings(&village, &target, true).await?;
    work.finish(&villages).await
}

/// Merges villages into another one.
pub async fn merge(plan: Plan<'_>, codes: Vec<String>, into: String) -> Result<Reorganisation> {
    let distinct: BTreeSet<&String> = codes.iter().collect();
    if distinct.len() != codes.len() || !(1..=MAX_VILLAGES).contains(&codes.len()) {
        return Err(refuse(
            UserErrorCode::Invalid,
            "villageCodes",
            "请选择1到20个不同的村。",
            "Name 1 to 20 villages, each once.",
        ));
    }
    if distinct.contains(&into) {
        return Err(refuse(
            UserErrorCode::Invalid,
            "intoCode",
            "村不能并入自身。",
            "A village cannot be merged into itself.",
        ));
    }
    let mut work = match Work::begin(plan, Act::Reorganise, Kind::VillagesMerged).await? {
        Ok(work) => work,
        Err(first) => return Ok(first),
    };
    let mut all = codes;
    all.push(into.clone());
    let mut villages = work.lock(&all, "villageCodes").await?;
    let target = villages.pop().ok_or_else(Error::not_found)?;
    if villages.iter().any(|one| one.township_code[..6] != target.township_code[..6]) {
        return Err(refuse(
            UserErrorCode::Invalid,
            "villageCodes",
            "这些村不属于同一个县。",
            "These villages are not of one county.",
        ));
    }
    work.count(&all).await?;
    for village in &villages {
        let groups = store::groups(&work.tx, &village.code.0, None).await?;
        let last = store::last_group(&work.tx, &target.code.0).await?;
        work.follow(groups, &target, last).await?;
        work.end(village, &target).await?;
    }
    work.move_along(&all).await?;
    for village in &villages {
        work.take_postings(village, &target, true).await?;
    }
    work.finish(&all).await
}

/// Makes some groups of a village a village of their own.
pub async fn split(
    plan: Plan<'_>,
    code: &str,
    new_code: String,
    name: &str,
    numbers: Vec<i32>,
) -> Result<Reorganisation> {
    let name = text::required("name", name, MAX_NAME)?;
    let distinct: BTreeSet<i32> = numbers.iter().copied().collect();
    let mut work = match Work::begin(plan, Act::Reorganise, Kind::VillageSplit).await? {
        Ok(work) => work,
        Err(first) => return Ok(first),
    };
    let village = work.lock(&[code.to_owned()], "villageCode").await?.remove(0);
    let groups = store::groups(&work.tx, code, Some(&distinct)).await?;
    if distinct.is_empty() || groups.len() != distinct.len() {
        return Err(refuse(
            UserErrorCode::Invalid,
            "groupNumbers",
            "请选择该村现有的村民组。",
            "Name groups that the village has.",
        ));
    }
    let target = work.found(new_code, &village.township_code, name).await?;
    let villages = [code.to_owned(), target.code.0.clone()];
    work.count(&villages).await?;
    work.follow(groups, &target, 0).await?;
    work.move_along(&villages).await?;
    work.take_postings(&village, &target, false).await?;
    work.finish(&villages).await
}

/// Moves households to another group.
pub async fn move_households(
    plan: Plan<'_>,
    ids: Vec<Key>,
    code: &str,
    group_number: i32,
) -> Result<Reorganisation> {
    let distinct: BTreeSet<Key> = ids.into_iter().collect();
    if !(1..=MAX_HOUSEHOLDS).contains(&distinct.len()) {
        return Err(refuse(
            UserErrorCode::Invalid,
            "householdIds",
            "请选择1到500户。",
            "Name 1 to 500 households.",
        ));
    }
    if !(1..=MAX_GROUP).contains(&group_number) {
        return Err(refuse(
            UserErrorCode::Invalid,
            "groupNumber",
            "组号应在1到99之间。",
            "The group's number must lie between 1 and 99.",
        ));
    }
    let mut work = match Work::begin(plan, Act::MoveHouseholds, Kind::HouseholdsMoved).await? {
        Ok(work) => work,
        Err(first) => return Ok(first),
    };
    let ids: Vec<Key> = distinct.into_iter().collect();
    let from = store::villages_of(&work.tx, &ids).await?;
    let mut villages: Vec<String> = from.into_iter().filter(|one| one != code).collect();
    villages.push(code.to_owned());
    let target: Village =
        work.lock(&villages, "villageCode").await?.pop().ok_or_else(Error::not_found)?;
    let group = ensure_group(&work.tx, &target, group_number).await?;
    work.count(&villages).await?;
    work.move_some(&ids, &target, &group).await?;
    work.finish(&villages).await
}

/// It is no more.
pub fn has_ended(field: &str) -> Error {
    refuse(
        UserErrorCode::WrongState,
        field,
        "该区划已撤销或已并入其他区划。",
        "This division has ended.",
    )
}

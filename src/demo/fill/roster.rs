//! Who is on duty: at each station somebody by day, somebody else by night, in turn; in the villages of the pilot town
//! their own officers on working days. And one of these is on leave from today.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::leave;
use entity::shift::{DayKind, Model};
use serde_json::Value;
use uuid::Uuid;

use super::staff::Team;
use super::{BEGAN, id_at};
use crate::clock;
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::store;
use crate::event::{Draft, Kind};
use crate::officer::stand_in;

/// From 08:30 to 17:30, and from then on to the next morning, in minutes.
const DAY: (i32, i32) = (510, 540);
const NIGHT: (i32, i32) = (1050, 900);
/// All days of the week, a bit each.
const WHOLE_WEEK: i32 = 127;
/// How long who is on leave is away.
const AWAY: TimeDelta = TimeDelta::days(5);

/// Adds the shifts.
pub async fn fill(tx: &Tx, teams: &[Team], now: DateTime<Utc>) -> Result<(), DemoError> {
    let at = now - BEGAN + TimeDelta::hours(6);
    let shifts: Vec<Model> = teams.iter().flat_map(|team| shifts_of(team, at)).collect();
    let told = shifts.iter().map(|shift| told(Kind::ShiftChanged, shift.id, at)).collect();
    store::add(tx, shifts).await?;
    Ok(store::record(tx, told).await?)
}

fn shifts_of(team: &Team, at: DateTime<Utc>) -> Vec<Model> {
    let first = clock::day(at);
    let desk = team.desk();
    let turns = desk.len() as u64;
    let shift = |officer_id: Uuid, valid_from: NaiveDate, (start_minute, length_minutes)| Model {
        id: id_at(at),
        station_id: team.station_id,
        township_code: team.township_code.clone(),
        village_code: None,
        officer_id,
        valid_from,
        valid_until: None,
        weekdays: None,
        every_days: i32::try_from(turns).ok(),
        day_kind: DayKind::Any,
        start_minute,
        length_minutes,
        version: 1,
        created_at: at,
    };
    let mut shifts = Vec::new();
    for (turn, officer) in (0..).zip(&desk) {
        shifts.push(shift(officer.id, first + Days::new(turn), DAY));
        // Whose day it was has the next night but one off.
        shifts.push(shift(officer.id, first + Days::new((turn + turns / 2) % turns), NIGHT));
    }
    let in_villages = team.officers.iter().filter(|_| team.keeps_a_desk());
    for (officer, village) in
        in_villages.flat_map(|one| one.leads.iter().map(move |village| (one, village)))
    {
        shifts.push(Model {
            village_code: Some(village.clone()),
            weekdays: Some(WHOLE_WEEK),
            every_days: None,
            day_kind: DayKind::Workday,
            ..shift(officer.id, first, DAY)
        });
    }
    shifts
}

/// Sends an officer of the pilot town on leave, and lets the next one cover.
pub async fn send_on_leave(tx: &Tx, teams: &[Team], now: DateTime<Utc>) -> Result<(), DemoError> {
    let Some(team) = teams.iter().find(|team| team.keeps_a_desk()) else { return Ok(()) };
    let mut leads = team.officers.iter().filter(|one| !one.leads.is_empty()).rev();
    let Some((away, cover)) = leads.next().zip(leads.next()) else { return Ok(()) };
    let leave = leave::Model {
        id: id_at(now),
        officer_id: away.id,
        cover_id: cover.id,
        township_code: team.township_code.clone(),
        starts_at: now,
        ends_at: now + AWAY,
        cancelled_at: None,
        version: 1,
        created_at: now,
    };
    let covers: Vec<_> = away
        .postings
        .iter()
        .filter_map(|posting| stand_in(id_at(now), posting, &leave, now))
        .collect();
    let mut events = vec![told(Kind::LeaveChanged, leave.id, now)];
    events.extend(covers.iter().map(|posting| Draft {
        place: Some((posting.village_code.clone(), posting.township_code.clone())),
        detail: serde_json::json!({ "officer": posting.officer_id }),
        ..told(Kind::PostingChanged, posting.id, now)
    }));
    store::add(tx, vec![leave]).await?;
    store::add(tx, covers).await?;
    Ok(store::record(tx, events).await?)
}

fn told(kind: Kind, subject_id: Uuid, at: DateTime<Utc>) -> Draft {
    Draft { kind, at, place: None, household_id: None, subject_id, detail: Value::Null }
}

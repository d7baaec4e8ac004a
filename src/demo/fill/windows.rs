//! A household registration window at each station, at which appointments can be booked.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::service_window::Model;
use uuid::Uuid;

use super::{BEGAN, id_at};
use crate::appointment::OpeningHours;
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::store;
use crate::scalar::{TimeOfDay, Weekday};

/// Morning and afternoon, in hours.
const OPENINGS: [(u16, u16); 2] = [(9, 12), (14, 17)];

/// Adds the windows, and says which is whose township's.
pub async fn fill(
    tx: &Tx,
    stations: &HashMap<String, Uuid>,
    now: DateTime<Utc>,
) -> Result<HashMap<String, Uuid>, DemoError> {
    let at = now - BEGAN;
    let hours =
        serde_json::to_string(&week()).map_err(|error| DemoError::Database(error.to_string()))?;
    let windows = stations.iter().map(|(township_code, station_id)| Model {
        id: id_at(at),
        station_id: *station_id,
        township_code: township_code.clone(),
        name: "户籍窗口".to_owned(),
        slot_minutes: 30,
        capacity: 2,
        bookable_days: 30,
        lead_minutes: 60,
        hours: hours.clone(),
        closures: "[]".to_owned(),
        openings: "[]".to_owned(),
        version: 1,
        created_at: at,
        updated_at: at,
        retired_at: None,
    });
    let windows: Vec<Model> = windows.collect();
    let ids = windows.iter().map(|window| (window.township_code.clone(), window.id)).collect();
    store::add(tx, windows).await?;
    Ok(ids)
}

fn week() -> Vec<OpeningHours> {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let days = [Monday, Tuesday, Wednesday, Thursday, Friday];
    let openings = days.into_iter().flat_map(|weekday| {
        OPENINGS.map(|(opens, closes)| OpeningHours {
            weekday,
            opens: TimeOfDay(opens * 60),
            closes: TimeOfDay(closes * 60),
        })
    });
    openings.collect()
}

//! What is kept about stations.

use async_graphql::{Context, ID, InputObject, Object};
use serde_json::Value;

use super::{Station, store};
use crate::access::Act;
use crate::db::changed_one;
use crate::error::Result;
use crate::event::{self, Draft};
use crate::id::{GlobalId, Kind};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::PhoneNumber;
use crate::text;

/// The input of `updateStation`.
#[derive(InputObject)]
pub struct UpdateStationInput {
    /// The station.
    pub station_id: ID,
    /// The station's `version` that the change is based on.
    pub expected_version: i32,
    /// The number that residents may call; null when there is none.
    pub phone: Option<PhoneNumber>,
}

crate::payload! {
    /// The answer of `updateStation`.
    UpdateStationPayload {
        /// The station after the change.
        station: Station
    }
}

/// How stations are kept.
#[derive(Default)]
pub struct StationMutation;

#[Object]
impl StationMutation {
    /// Changes a station's public number.
    async fn update_station(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateStationInput,
    ) -> Result<UpdateStationPayload> {
        UpdateStationPayload::of(context, update(Request::of(context)?, input).await)
    }
}

async fn update(request: &Request, input: UpdateStationInput) -> Result<Station> {
    let id = GlobalId::expect_uuid(&input.station_id, Kind::Station)?;
    let phone = input.phone.map(|phone| text::phone("phone", &phone.0)).transpose()?;
    let mut tx = request.begin(Act::ManageStation).await?;
    let found: Option<Station> = record::lock(&tx, &id.into()).await?;
    let before = expected(found, "stationId")?;
    changed_one(u64::from(before.version == input.expected_version))?;
    let version = before.version.saturating_add(1);
    let after = Station { phone: phone.map(PhoneNumber), version, ..before };
    store::update_station(&tx, &after).await?;
    tx.record(Draft {
        kind: event::Kind::StationChanged,
        at: request.service().clock.now(),
        place: None,
        household_id: None,
        subject_id: id,
        detail: Value::Null,
    });
    tx.commit().await?;
    Ok(after)
}

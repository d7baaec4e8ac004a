//! The rules of alerts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::urgent_alert::{Kind as EmergencyKindStored, Model, State};
use serde_json::json;
use uuid::Uuid;

use super::judge::Verdict;
use super::store;
use super::{EmergencyKind, UrgentAlert, UrgentAlertFilter, UrgentAlertState, UrgentStatistics};
use crate::access::Act;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::payload::expected;
use crate::record::{self, Filter};
use crate::request::Request;
use crate::roster::Facts;
use crate::scalar::Percent;

/// A message that tells of an emergency.
pub struct NewAlert {
    /// The message.
    pub message_id: Uuid,
    /// Its inquiry.
    pub inquiry_id: Uuid,
    /// Whose matter that is.
    pub household_id: Uuid,
    /// Where: the village's code and its township's.
    pub place: (String, String),
    /// When it came.
    pub at: DateTime<Utc>,
    /// The roster of the village at that moment, without whom the matter concerns.
    pub roster: Option<Arc<Facts>>,
}

/// Notes an alert, which is written and told of with the change that brings the message.
/// Answers with who is alerted.
pub fn raise(request: &Request, tx: &mut Tx, new: NewAlert, verdict: &Verdict) -> Option<Uuid> {
    let kind = verdict.kind().unwrap_or(EmergencyKind::CallForHelp);
    let alert = Model {
        id: request.new_id(),
        inquiry_id: new.inquiry_id,
        message_id: new.message_id,
        kind: kind.into(),
        words: verdict.words().join("\n"),
        list_version: verdict.list_version.to_owned(),
        raised_at: new.at,
        alerted_id: alerted(&new),
        state: State::Raised,
        handled_at: None,
        handler_id: None,
    };
    let detail = json!({ "inquiry": alert.inquiry_id, "kind": stored(kind),
                         "alerted": alert.alerted_id });
    tx.record(Draft {
        kind: Kind::UrgentRaised,
        at: new.at,
        place: Some(new.place),
        household_id: Some(new.household_id),
        subject_id: alert.id,
        detail,
    });
    let alerted = alert.alerted_id;
    store::insert(tx, alert);
    alerted
}

/// The officer who is on duty for the village. All of the village's officers hear of the alert by `urgentRaised`; this
/// one is named by it.
fn alerted(new: &NewAlert) -> Option<Uuid> {
    let duty = new.roster.as_ref()?.on_duty(new.at)?;
    Some(duty.officer_id)
}

fn stored(kind: EmergencyKind) -> String {
    store::kind_name(EmergencyKindStored::from(kind))
}

/// An officer answers for an alert.
pub async fn handle(request: &Request, id: Uuid, to: UrgentAlertState) -> Result<UrgentAlert> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::HandleUrgentAlert).await?;
    let before: UrgentAlert = expected(record::lock(&tx, &id.into()).await?, "urgentAlertId")?;
    if before.state == to {
        return Ok(before);
    }
    if before.state == UrgentAlertState::FalseAlarm {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "urgentAlertId",
            "该提醒已被认定为误报。",
            "This alert was found to be false.",
        ));
    }
    let handler_id = request.actor().id;
    store::handle(&tx, id, to.into(), handler_id, now).await?;
    let place = store::place(&tx, &before).await?;
    let (place, household_id) = expected(place, "urgentAlertId")?;
    tx.record(Draft {
        kind: Kind::UrgentHandled,
        at: now,
        place: Some(place),
        household_id: Some(household_id),
        subject_id: id,
        detail: json!({ "inquiry": before.inquiry_id, "state": store::state_name(to.into()) }),
    });
    tx.commit().await?;
    Ok(UrgentAlert { state: to, handled_at: Some(now), handler_id: Some(handler_id), ..before })
}

/// How many alerts there were.
pub async fn count(request: &Request, filter: UrgentAlertFilter) -> Result<UrgentStatistics> {
    let reader = request.reader(Act::CountUrgentAlerts)?;
    let mut counted = UrgentStatistics::default();
    for (state, count) in store::count(&reader, &filter.checked()?).await? {
        counted.raised += count;
        match state {
            State::Raised => counted.open = count,
            State::Acknowledged => counted.acknowledged = count,
            State::FalseAlarm => counted.false_alarms = count,
        }
    }
    counted.precision =
        Percent::of(counted.acknowledged, counted.acknowledged + counted.false_alarms);
    Ok(counted)
}

//! The rules of what officers do about an appointment: look at the papers before, and write down what came of it.

use chrono::{DateTime, Utc};
use entity::appointment::{Model, Readiness, Status, WastedReason};
use uuid::Uuid;

use super::rules::{find, lock, tell};
use super::{Appointment, store};
use crate::access::Act;
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::request::Request;
use crate::text;

const MAX_NOTE: usize = 500;
const MAX_PAPERS: usize = 20;
const MAX_PAPER: usize = 60;

/// What came of an appointment.
pub struct Outcome {
    /// Whether the household came, and was served.
    pub status: Status,
    /// Why it came in vain.
    pub wasted_reason: Option<WastedReason>,
    /// What is worth knowing.
    pub note: Option<String>,
}

/// Writes down which papers are missing, if any.
pub async fn check(
    request: &Request,
    id: Uuid,
    version: i32,
    missing: &[String],
) -> Result<Appointment> {
    if missing.len() > MAX_PAPERS {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "missingPapers",
            format!("最多{MAX_PAPERS}项材料。"),
            format!("There are at most {MAX_PAPERS} papers."),
        ));
    }
    let missing: Vec<String> = missing
        .iter()
        .map(|paper| text::required("missingPapers", paper, MAX_PAPER))
        .collect::<Result<_>>()?;
    let now = request.service().clock.now();
    let tx = request.begin(Act::HandleAppointment).await?;
    let before = lock(&tx, &find(&tx, id).await?, version).await?;
    if before.status != Status::Booked {
        return Err(not_booked());
    }
    let readiness = if missing.is_empty() { Readiness::Ready } else { Readiness::PapersMissing };
    let after = Model {
        readiness: Some(readiness),
        missing_papers: store::sealed_papers(&tx, &missing)?,
        checked_by: Some(tx.scope().actor().id),
        checked_at: Some(now),
        ..before
    };
    finish(tx, after, Status::Booked, now).await
}

/// Writes down what came of an appointment. What was written before can be put right.
pub async fn attend(
    request: &Request,
    id: Uuid,
    version: i32,
    outcome: Outcome,
) -> Result<Appointment> {
    let note = text::optional("note", outcome.note.as_deref(), MAX_NOTE)?;
    if (outcome.status == Status::WastedTrip) != outcome.wasted_reason.is_some() {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "wastedReason",
            "白跑一趟须说明原因，其他情况不填原因。",
            "A wasted trip has a reason, and nothing else has one.",
        ));
    }
    let now = request.service().clock.now();
    let tx = request.begin(Act::HandleAppointment).await?;
    let before = lock(&tx, &find(&tx, id).await?, version).await?;
    if before.status == Status::Cancelled {
        return Err(not_booked());
    }
    let early = match outcome.status {
        Status::Missed => now < before.starts_at,
        // Who comes a little earlier may be served.
        _ => clock::day(now) < clock::day(before.starts_at),
    };
    if early {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "outcome",
            "预约尚未到时间。",
            "It is too early for this: the appointment is still ahead.",
        ));
    }
    let status = before.status;
    let after = Model {
        status: outcome.status,
        wasted_reason: outcome.wasted_reason,
        note: note.map(|note| store::sealed_note(&tx, &note)).transpose()?,
        displaced: false,
        remind_at: None,
        moved_from: None,
        ..before
    };
    finish(tx, after, status, now).await
}

async fn finish(
    mut tx: Tx,
    after: Model,
    before: Status,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let after = Model { version: after.version + 1, updated_at: now, ..after };
    store::save(&tx, &after).await?;
    tell(&mut tx, &after, before, now).await?;
    let found = find(&tx, after.id).await?;
    tx.commit().await?;
    Ok(found)
}

fn not_booked() -> Error {
    Error::user(
        UserErrorCode::WrongState,
        "appointmentId",
        "该预约已取消或已办结。",
        "This appointment was cancelled, or is over.",
    )
}

//! The rules of requests for correction.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store;
use super::{CorrectableValue, CorrectionRequest, CorrectionState};
use crate::access::Act;
use crate::clock;
use crate::db::Once;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::household::Household;
use crate::id::{self, GlobalId};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

const MAX_TEXT: usize = 200;
/// Letters and digits that nobody takes for one another when a receipt is read out.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A request to be made.
pub struct NewRequest {
    /// The household.
    pub household_id: Uuid,
    /// Which value is wrong.
    pub value: CorrectableValue,
    /// What is kept now.
    pub wrong: Option<String>,
    /// What is right.
    pub right: String,
}

/// What an officer answers.
pub struct Answer {
    /// Whether the value was corrected.
    pub corrected: bool,
    /// Why it is not going to be.
    pub reason: Option<String>,
}

/// Asks for a correction.
pub async fn request(request: &Request, new: NewRequest, once: Once) -> Result<CorrectionRequest> {
    let wrong = text::optional("wrong", new.wrong.as_deref(), MAX_TEXT)?;
    let right = text::required("right", &new.right, MAX_TEXT)?;
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::RequestCorrection).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let key = new.household_id.into();
    let household: Option<Household> = record::one(&tx, &key, Default::default()).await?;
    let household = expected(household, "householdId")?;
    let made = CorrectionRequest {
        id: GlobalId::new(id::Kind::CorrectionRequest, id),
        receipt: receipt(id, now),
        value: new.value,
        wrong,
        right: Some(right),
        state: CorrectionState::Open,
        requested_at: now,
        answered_at: None,
        reason: None,
        household_id: new.household_id,
        contact_id: Some(tx.scope().actor().id),
        answerer_id: None,
        village_code: household.village_code,
        township_code: household.township_code,
    };
    store::insert(&mut tx, &made)?;
    tx.record(changed(&made, now));
    tx.commit().await?;
    Ok(made)
}

/// An officer answers a request.
pub async fn answer(request: &Request, id: Uuid, answer: Answer) -> Result<CorrectionRequest> {
    let reason = text::optional("reason", answer.reason.as_deref(), MAX_TEXT)?;
    if answer.corrected != reason.is_none() {
        return Err(Error::user(
            if answer.corrected { UserErrorCode::Invalid } else { UserErrorCode::Blank },
            "reason",
            "不予更正时须说明理由，已更正时不填。",
            "Say why when it is not corrected, and only then.",
        ));
    }
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::AnswerCorrection).await?;
    let before: CorrectionRequest =
        expected(record::lock(&tx, &id.into()).await?, "correctionRequestId")?;
    if before.state != CorrectionState::Open {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "correctionRequestId",
            "该申请已答复。",
            "This request was answered already.",
        ));
    }
    let state = if answer.corrected { CorrectionState::Done } else { CorrectionState::Refused };
    let after = CorrectionRequest {
        state,
        reason,
        answered_at: Some(now),
        answerer_id: Some(tx.scope().actor().id),
        ..before
    };
    store::answer(&tx, &after).await?;
    tx.record(changed(&after, now));
    tx.commit().await?;
    Ok(after)
}

/// The day in China, and eight characters of the id's random part: 20260901-7F3K9Q2X.
fn receipt(id: Uuid, at: DateTime<Utc>) -> String {
    let random = id.as_u128();
    let digits = (0..8).map(|place| DIGITS[(random >> (5 * place)) as usize & 31] as char);
    format!("{}-{}", clock::day(at).format("%Y%m%d"), digits.collect::<String>())
}

fn changed(request: &CorrectionRequest, at: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::CorrectionRequestChanged,
        at,
        place: Some((request.village_code.clone(), request.township_code.clone())),
        household_id: Some(request.household_id),
        subject_id: request.id.uuid(),
        detail: json!({ "state": store::state_name(request.state.into()) }),
    }
}

//! What somebody chose from a menu: a guide, or an answer to a question of one. It is answered at once and by itself, and
//! is no inquiry.

use uuid::Uuid;

use super::menu::{self, Choice, Said};
use super::store::{self, NewDelivery};
use super::{inbound::Work, parts};
use crate::db::Tx;
use crate::error::Result;
use crate::guide;
use crate::household::Speaker;
use crate::inquiry::{self, Told};
use crate::wecom::kf;
use entity::message_delivery::Automatic;

/// Answers what was chosen by what the guide says at this moment, and tells by which delivery; nothing when there is no
/// such guide any more.
pub async fn answer(
    work: &Work<'_>,
    tx: &mut Tx,
    speaker: Option<&Speaker>,
    choice: Choice,
) -> Result<Option<Uuid>> {
    let day = work.request.service().clock.today();
    let (current, places) = match choice {
        Choice::Guide(id) => (guide::current(tx, id, day).await?, String::new()),
        Choice::Answers(version_id, places) => {
            let Some(chosen) = guide::version(tx, version_id).await? else { return Ok(None) };
            match guide::current(tx, chosen.guide_id, day).await? {
                Some(current) if current.version_id == version_id => (Some(current), places),
                // The questions may be others now: they are asked from the first one on.
                current => (current, String::new()),
            }
        }
    };
    let Some(current) = current else { return Ok(None) };
    let Some(said) = menu::at(&current, &places) else { return Ok(None) };
    let (parts, told) = match (said, speaker) {
        (Said::Menu(_), _) => (1, None),
        (Said::Text(text), speaker) => {
            let parts = parts::split(&text, kf::MOST_TEXT).len();
            let told = speaker.map(|speaker| Told {
                contact_id: speaker.contact_id,
                households: speaker.households.clone(),
                text,
                guide_version_id: current.version_id,
            });
            (parts, told)
        }
    };
    let message_id = match told {
        Some(told) => inquiry::tell_there(work.request, tx, told).await?,
        None => None,
    };
    let id = message_id.unwrap_or_else(|| work.request.new_id());
    let new = NewDelivery {
        id,
        channel_id: work.channel_id,
        customer_id: work.customer.row.id,
        message_id,
        automatic: Some(Automatic::Guide),
        place: Some((current.version_id, places)),
        welcome_code: None,
        parts: i32::try_from(parts).unwrap_or(i32::MAX),
    };
    store::queue(tx, new, work.now).await?;
    Ok(Some(id))
}

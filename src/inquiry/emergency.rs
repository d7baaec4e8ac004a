//! What follows at once when a household writes of an emergency.

use chrono::TimeDelta;
use entity::message::Direction;
use uuid::Uuid;

use super::rules::message_added;
use super::store;
use super::{Inquiry, Message};
use crate::db::Tx;
use crate::id::{GlobalId, Kind};
use crate::request::Request;
use crate::urgent::{self, NewAlert};

/// Alerts an officer when a message tells of an emergency, and answers the household with 110. The answer is
/// nobody's reply: the inquiry still waits for an officer. Who writes down what a household said by another
/// way needs no answer.
/// Answers with who is alerted.
pub fn look_for(
    request: &Request,
    tx: &mut Tx,
    inquiry: &Inquiry,
    message: &Message,
) -> Option<Uuid> {
    let verdict = urgent::judge(&message.text);
    if !verdict.is_urgent() {
        return None;
    }
    let alert = NewAlert {
        message_id: message.id.uuid(),
        inquiry_id: inquiry.id.uuid(),
        household_id: inquiry.household_id,
        place: (inquiry.village_code.clone(), inquiry.township_code.clone()),
        at: message.sent_at,
        roster: inquiry.roster.clone(),
    };
    let alerted = urgent::raise(request, tx, alert, &verdict);
    if message.officer_id.is_some() {
        return alerted;
    }
    let answer = Message {
        id: GlobalId::new(Kind::Message, request.new_id()),
        direction: Direction::Outbound.into(),
        text: urgent::advice(request.language()).to_owned(),
        // Behind what it answers.
        sent_at: message.sent_at + TimeDelta::milliseconds(1),
        inquiry_id: inquiry.id.uuid(),
        officer_id: None,
        contact_id: None,
        guide_version_id: None,
        via: message.via,
        recalled_at: None,
        automatic: true,
    };
    store::insert_message(tx, &answer);
    tx.record(message_added(inquiry, &answer, message.sent_at));
    alerted
}

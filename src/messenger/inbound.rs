//! What becomes of what came: one thing at a time, in the order in which each customer said it, each in a change of
//! its own, so that whatever breaks off is done once.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::message_delivery::{Automatic, Reason};
use entity::wechat_message::{self, State};
use uuid::Uuid;

use super::chosen;
use super::menu::Choice;
use super::scene::Scene;
use super::store::{self, Kept, Known, NewDelivery};
use super::{of_channel, parts, words};
use crate::access::Act;
use crate::db::Tx;
use crate::deadline::{self, Policy};
use crate::error::{Code, Error, Kind, Result};
use crate::household::{self, Speaker, WECHAT};
use crate::inquiry::{self, Answer, Heard};
use crate::request::Request;
use crate::service::Service;
use crate::urgent;
use crate::wecom::{Body, Event, Item, Origin};

/// Works off everything that came, and tells how much that was.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let mut worked = 0;
    while one(service).await? {
        worked += 1;
    }
    Ok(worked)
}

async fn one(service: &Arc<Service>) -> Result<bool> {
    let request = of_channel(service);
    let policy = deadline::policy(service).await?;
    let mut tx = request.begin(Act::ReplyToInquiry).await?;
    let Some(customer) = store::next(&tx).await? else { return Ok(false) };
    let Some(kept) = store::first_new(&tx, customer.row.id).await? else { return Ok(true) };
    let done = async {
        let became = work_off(&request, &mut tx, &policy, &customer, &kept).await?;
        store::settle(&tx, &kept.row, became, service.clock.now()).await?;
        tx.commit().await
    };
    match done.await {
        Ok(()) => Ok(true),
        Err(error) if error.kind == Kind::Top(Code::Unavailable) => Err(error),
        Err(error) => {
            tracing::error!(?error, "what came through a channel was not worked off");
            let tx = service.keep().await?;
            store::note_failure(&tx, kept.row.sequence).await?;
            tx.commit().await?;
            Ok(true)
        }
    }
}

/// What became of something: and the message that it is now, and the contact who wrote that.
type Became = (State, Option<(Uuid, Option<Uuid>)>);

/// What came, in the change in which everything that follows is done.
pub(super) struct Work<'a> {
    pub(super) request: &'a Request,
    policy: &'a Policy,
    pub(super) customer: &'a Known,
    pub(super) channel_id: Uuid,
    pub(super) now: DateTime<Utc>,
}

async fn work_off(
    request: &Request,
    tx: &mut Tx,
    policy: &Policy,
    customer: &Known,
    kept: &Kept,
) -> Result<Became> {
    let item = Item::read(&kept.raw).ok_or_else(|| Error::internal("a message has no name"))?;
    let now = request.service().clock.now();
    let work = Work { request, policy, customer, channel_id: kept.row.channel_id, now };
    match (&item.body, item.origin) {
        (Body::Event(event), _) => {
            work.happened(tx, event).await?;
            Ok((State::Done, None))
        }
        (_, Origin::Customer) => work.written(tx, &item, &kept.row).await,
        (_, Origin::Servicer) => work.answered_elsewhere(tx, &item).await,
        _ => Ok((State::Done, None)),
    }
}

impl Work<'_> {
    /// The customer wrote.
    async fn written(
        &self,
        tx: &mut Tx,
        item: &Item,
        row: &wechat_message::Model,
    ) -> Result<Became> {
        let speaker = self.speaker(tx).await?;
        let newly_known = speaker.is_some() && self.customer.row.contact_id.is_none();
        if newly_known && store::release_held(tx, self.customer.row.id).await? > 0 {
            // What was written before that was known comes first.
            return Ok((State::New, None));
        }
        let contact_id = speaker.as_ref().map(|speaker| speaker.contact_id);
        if let Body::Chosen { id, .. } = &item.body {
            let choice = Choice::read(id).filter(|_| row.answered_by.is_none());
            store::note_chosen(tx, &self.customer.row, contact_id).await?;
            if let Some(choice) = choice
                && let Some(id) = chosen::answer(self, tx, speaker.as_ref(), choice).await?
            {
                store::note_answered(tx, row.sequence, id).await?;
                return Ok((State::Done, None));
            }
        }
        // A clock that goes ahead at the far side opens no window beyond ours.
        let written_at = item.sent_at.min(self.now);
        store::note_written(tx, &self.customer.row, contact_id, written_at).await?;
        if matches!(item.body, Body::Chosen { .. }) {
            // That lets nothing be sent.
            store::note_closed(tx, &self.customer.row).await?;
        }
        let text = text(&item.body, &item.kind);
        if words::asks_for_menu(&text) {
            self.say(tx, Automatic::Menu, None).await?;
            return Ok((State::Done, None));
        }
        if words::asks_for_verification(&text) {
            self.say(tx, Automatic::Verification, None).await?;
            return Ok((State::Done, None));
        }
        match speaker {
            Some(speaker) => {
                let answer = self.closed(tx, &text).await?;
                let heard = Heard { answer, ..heard(speaker, true, text) };
                let message = inquiry::hear(self.request, tx, self.policy, heard).await?;
                Ok((State::Done, Some((message.id.uuid(), message.contact_id))))
            }
            None => {
                self.ask(tx, &text).await?;
                Ok((State::Held, None))
            }
        }
    }

    /// What is to be answered outside of working hours: once until they begin again.
    async fn closed(&self, tx: &Tx, text: &str) -> Result<Option<Answer>> {
        let calendar = &self.policy.calendar;
        let opens = calendar.add_working_time(self.now, TimeDelta::zero());
        let row = &self.customer.row;
        let told = row
            .told_closed_at
            .is_some_and(|at| calendar.working_time_between(at, self.now) == TimeDelta::zero());
        // Of an emergency is answered with 110 alone.
        if opens <= self.now || told || urgent::judge(text).is_urgent() {
            return Ok(None);
        }
        store::note_told_closed(tx, row.id, self.now).await?;
        Ok(Some(Answer { on_duty: words::on_duty(opens), otherwise: words::closed(opens) }))
    }

    /// Answers somebody of whom we do not know who that is: with 110 when it presses, and once with the question.
    async fn ask(&self, tx: &Tx, text: &str) -> Result<()> {
        if urgent::judge(text).is_urgent() {
            self.say(tx, Automatic::Emergency, None).await?;
        }
        if self.customer.row.asked_at.is_none() {
            self.say(tx, Automatic::WhichHousehold, None).await?;
            store::note_asked(tx, self.customer.row.id, self.now).await?;
        }
        Ok(())
    }

    /// An officer answered in the WeCom client.
    async fn answered_elsewhere(&self, tx: &mut Tx, item: &Item) -> Result<Became> {
        let Some(speaker) = self.speaker(tx).await? else { return Ok((State::Done, None)) };
        let heard = heard(speaker, false, text(&item.body, &item.kind));
        let message = inquiry::hear(self.request, tx, self.policy, heard).await?;
        Ok((State::Done, Some((message.id.uuid(), message.contact_id))))
    }

    async fn happened(&self, tx: &mut Tx, event: &Event) -> Result<()> {
        match event {
            Event::EnterSession { scene, welcome_code } => {
                let row = &self.customer.row;
                if row.scene.is_none()
                    && let Some(scene) = Scene::read(scene)
                {
                    store::note_entry(tx, row.id, &scene).await?;
                }
                if let Some(code) = welcome_code {
                    self.say(tx, Automatic::Welcome, Some(code.clone())).await?;
                }
                Ok(())
            }
            Event::UserRecallMsg { recall_msgid } | Event::ServicerRecallMsg { recall_msgid } => {
                store::take_back(tx, self.channel_id, recall_msgid, self.now).await?;
                match store::message_of(tx, self.channel_id, recall_msgid).await? {
                    Some(id) => inquiry::recall(tx, id, self.now).await,
                    None => Ok(()),
                }
            }
            Event::MsgSendFail { fail_msgid, fail_type } => {
                let Some(id) = parts::delivery(fail_msgid) else { return Ok(()) };
                let reason = reason(*fail_type);
                let failed = store::not_arrived(tx, id, self.channel_id, reason, self.now).await?;
                match failed {
                    Some(message_id) => inquiry::message_changed(tx, message_id, self.now).await,
                    None => Ok(()),
                }
            }
            Event::SessionStatusChange { .. } => {
                store::note_session(tx, self.customer.row.id, false).await
            }
            Event::Other => Ok(()),
        }
    }

    async fn speaker(&self, tx: &Tx) -> Result<Option<Speaker>> {
        let hashes = tx.keyring().hashes(WECHAT, self.customer.external_id.as_bytes());
        let speaker = household::speaker(tx, hashes).await?;
        Ok(speaker.filter(|speaker| !speaker.households.is_empty()))
    }

    async fn say(&self, tx: &Tx, automatic: Automatic, welcome_code: Option<String>) -> Result<()> {
        let new = NewDelivery {
            id: self.request.new_id(),
            channel_id: self.channel_id,
            customer_id: self.customer.row.id,
            message_id: None,
            automatic: Some(automatic),
            place: None,
            welcome_code,
            parts: 1,
        };
        store::queue(tx, new, self.now).await
    }
}

fn heard(speaker: Speaker, by_contact: bool, text: String) -> Heard {
    let Speaker { contact_id, households, .. } = speaker;
    Heard { contact_id, households, by_contact, text, answer: None }
}

/// What an item says, in words.
pub fn text(body: &Body, kind: &str) -> String {
    match body {
        Body::Text(text) | Body::Chosen { text, .. } => text.clone(),
        Body::Image(_) => "[图片]".to_owned(),
        Body::Voice(_) => "[语音]".to_owned(),
        Body::Video(_) => "[视频]".to_owned(),
        Body::File(_) => "[文件]".to_owned(),
        Body::Location(place) => format!("[位置] {} {}", place.name, place.address),
        Body::Event(_) | Body::Other => match kind {
            "link" => "[链接]",
            "business_card" => "[名片]",
            "miniprogram" => "[小程序]",
            "merged_msg" => "[聊天记录]",
            "channels" => "[视频号]",
            "note" => "[笔记]",
            _ => "[暂不支持的消息]",
        }
        .to_owned(),
    }
}

/// Why something did not arrive, by the far side's number.
fn reason(fail_type: i64) -> Reason {
    match fail_type {
        1 | 2 | 7..=9 => Reason::ChannelDown,
        4 => Reason::WindowClosed,
        5 => Reason::SessionElsewhere,
        6 => Reason::LimitReached,
        10 => Reason::Refused,
        _ => Reason::Other,
    }
}

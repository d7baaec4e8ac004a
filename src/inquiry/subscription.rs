//! What happens to inquiries, as it happens.

use async_graphql::{Context, ID, InputObject, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};
use uuid::Uuid;

use super::{Inquiry, Message};
use crate::db::Key;
use crate::error::Result;
use crate::event::{Event, Kind};
use crate::follow::{Asked, Told, follow, is_in};
use crate::id::{self, GlobalId};
use crate::request::Request;
use crate::scalar::DivisionCode;

/// Which events a subscription tells of. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct InquiryEventFilter {
    /// In this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// Of this household.
    pub household_id: Option<ID>,
    /// Of this inquiry.
    pub inquiry_id: Option<ID>,
}

/// An inquiry was opened or changed.
#[derive(SimpleObject)]
pub struct InquiryChangedEvent {
    /// Where this event stands; give it as `after` to go on from here.
    pub cursor: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The inquiry as it is now.
    pub inquiry: Inquiry,
}

/// A message was written.
#[derive(SimpleObject)]
pub struct MessageAddedEvent {
    /// Where this event stands; give it as `after` to go on from here.
    pub cursor: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The message.
    pub message: Message,
}

/// Something became of a message after it was written.
#[derive(SimpleObject)]
pub struct MessageChangedEvent {
    /// Where this event stands; give it as `after` to go on from here.
    pub cursor: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The message as it is now.
    pub message: Message,
}

/// What happens to inquiries.
#[derive(Default)]
pub struct InquirySubscription;

#[Subscription]
impl InquirySubscription {
    /// Tells of each inquiry in the caller's area that is opened, changed or escalated, to which an officer
    /// begins or stops writing an answer, whose readers change, or that is referred.
    async fn inquiry_changed(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Tells of what meets all of its conditions; of everything when left out."
        )]
        filter: Option<InquiryEventFilter>,
        #[graphql(
            desc = "Go on after this event: the `cursor` of the last event, `serviceInfo.eventCursor` taken before a list was loaded, or `start` for everything. Only what happens from now on when left out."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Complete after this many events, from 1 to 10000. Endless when left out."
        )]
        first: Option<i32>,
    ) -> Result<impl Stream<Item = Result<InquiryChangedEvent>> + use<>> {
        let kinds = &[
            Kind::InquirySubmitted,
            Kind::InquiryChanged,
            Kind::InquiryEscalated,
            Kind::InquiryReadersChanged,
            Kind::InquiryReferred,
            Kind::DraftLockChanged,
        ];
        let request = Request::of(context)?;
        let kept = filter.unwrap_or_default().kept()?;
        let subject = |event: &Event| Some(event.subject_id.into());
        let told = follow::<Inquiry, _>(request, Asked { after, first }, kinds, kept, subject);
        Ok(told.await?.map(|told| {
            told.map(|Told { cursor, at, object: inquiry }| InquiryChangedEvent {
                cursor,
                at,
                inquiry,
            })
        }))
    }

    /// Tells of each message that is written in the caller's area.
    async fn message_added(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Tells of what meets all of its conditions; of everything when left out."
        )]
        filter: Option<InquiryEventFilter>,
        #[graphql(
            desc = "Go on after this event: the `cursor` of the last event, `serviceInfo.eventCursor` taken before a list was loaded, or `start` for everything. Only what happens from now on when left out."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Complete after this many events, from 1 to 10000. Endless when left out."
        )]
        first: Option<i32>,
    ) -> Result<impl Stream<Item = Result<MessageAddedEvent>> + use<>> {
        let request = Request::of(context)?;
        let kept = filter.unwrap_or_default().kept()?;
        let kinds = &[Kind::MessageAdded];
        let told = follow::<Message, _>(request, Asked { after, first }, kinds, kept, message);
        Ok(told.await?.map(|told| {
            told.map(|Told { cursor, at, object: message }| MessageAddedEvent {
                cursor,
                at,
                message,
            })
        }))
    }

    /// Tells of each message in the caller's area that was taken back, or was sent to the household in WeChat or failed
    /// to: see its `recalledAt` and `delivery`.
    async fn message_changed(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Tells of what meets all of its conditions; of everything when left out."
        )]
        filter: Option<InquiryEventFilter>,
        #[graphql(
            desc = "Go on after this event: the `cursor` of the last event, `serviceInfo.eventCursor` taken before a list was loaded, or `start` for everything. Only what happens from now on when left out."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Complete after this many events, from 1 to 10000. Endless when left out."
        )]
        first: Option<i32>,
    ) -> Result<impl Stream<Item = Result<MessageChangedEvent>> + use<>> {
        let request = Request::of(context)?;
        let kept = filter.unwrap_or_default().kept()?;
        let kinds = &[Kind::MessageChanged];
        let told = follow::<Message, _>(request, Asked { after, first }, kinds, kept, message);
        Ok(told.await?.map(|told| {
            told.map(|Told { cursor, at, object: message }| MessageChangedEvent {
                cursor,
                at,
                message,
            })
        }))
    }
}

/// The message that an event tells of.
fn message(event: &Event) -> Option<Key> {
    let id = event.detail.get("message").and_then(|id| id.as_str());
    id.and_then(|id| id.parse::<Uuid>().ok()).map(Key::from)
}

impl InquiryEventFilter {
    /// What it keeps.
    fn kept(self) -> Result<impl Fn(&Event) -> bool + Send + Sync + 'static> {
        if let Some(code) = &self.area_code {
            code.expect_area()?;
        }
        let id = |id: &Option<ID>, kind| {
            id.as_ref().map(|id| GlobalId::expect_uuid(id, kind)).transpose()
        };
        let household_id = id(&self.household_id, id::Kind::Household)?;
        let inquiry_id = id(&self.inquiry_id, id::Kind::Inquiry)?;
        Ok(move |event: &Event| {
            self.area_code.as_ref().is_none_or(|area| is_in(event, &area.0))
                && household_id.is_none_or(|id| event.household_id == Some(id))
                && inquiry_id.is_none_or(|id| event.subject_id == id)
        })
    }
}

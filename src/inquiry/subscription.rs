//! What happens to inquiries, as it happens.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, future};
use uuid::Uuid;

use super::store::InquiryWith;
use super::{Inquiry, Message};
use crate::access::Act;
use crate::error::{Code, Error, Result};
use crate::event::{Event, Kind};
use crate::id::{self, GlobalId};
use crate::live;
use crate::record::{self, Record};
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

/// What happens to inquiries.
#[derive(Default)]
pub struct InquirySubscription;

#[Subscription]
impl InquirySubscription {
    /// Tells of each inquiry in the caller's area that is opened or changed.
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
        let kinds = &[Kind::InquirySubmitted, Kind::InquiryChanged];
        let request = Request::of(context)?.clone();
        request.reader(Act::ReadInquiry)?;
        let events = happenings(&request, filter, after, kinds).await?;
        let loaded = events.filter_map(move |event| {
            let request = request.clone();
            async move {
                let told = async {
                    let event = event?;
                    let key = event.subject_id.into();
                    let found = see::<Inquiry>(&request, &key, InquiryWith::default()).await?;
                    Ok(found.map(|inquiry| InquiryChangedEvent {
                        cursor: cursor(&request, &event),
                        at: event.at,
                        inquiry,
                    }))
                };
                told.await.transpose()
            }
        });
        Ok(loaded.take(limit(first)?))
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
        let request = Request::of(context)?.clone();
        request.reader(Act::ReadMessage)?;
        let events = happenings(&request, filter, after, &[Kind::MessageAdded]).await?;
        let loaded = events.filter_map(move |event| {
            let request = request.clone();
            async move {
                let told = async {
                    let event = event?;
                    let id = event.detail.get("message").and_then(|id| id.as_str());
                    let Some(id) = id.and_then(|id| id.parse::<Uuid>().ok()) else {
                        return Ok(None);
                    };
                    let found = see::<Message>(&request, &id.into(), ()).await?;
                    Ok(found.map(|message| MessageAddedEvent {
                        cursor: cursor(&request, &event),
                        at: event.at,
                        message,
                    }))
                };
                told.await.transpose()
            }
        });
        Ok(loaded.take(limit(first)?))
    }
}

/// The events of these kinds that a filter keeps, after a cursor.
async fn happenings(
    request: &Arc<Request>,
    filter: Option<InquiryEventFilter>,
    after: Option<String>,
    kinds: &'static [Kind],
) -> Result<impl Stream<Item = Result<Arc<Event>>> + use<>> {
    let filter = filter.unwrap_or_default();
    if let Some(code) = &filter.area_code {
        code.expect_area()?;
    }
    let id =
        |id: &Option<ID>, kind| id.as_ref().map(|id| GlobalId::expect_uuid(id, kind)).transpose();
    let household_id = id(&filter.household_id, id::Kind::Household)?;
    let inquiry_id = id(&filter.inquiry_id, id::Kind::Inquiry)?;
    let live = request.service().live.clone();
    let position = match after {
        Some(cursor) => live::position(&cursor, request.service().database.keyring())?,
        None => live.head().await?,
    };
    let area = filter.area_code.map(|code| code.0);
    let kept = move |event: &Event| {
        area.as_ref().is_none_or(|area| {
            event.village_code.as_ref().is_some_and(|code| code.starts_with(area.as_str()))
        }) && household_id.is_none_or(|id| event.household_id == Some(id))
            && inquiry_id.is_none_or(|id| event.subject_id == id)
    };
    Ok(live
        .after(position, kinds)
        .filter(move |event| future::ready(event.as_ref().map_or(true, |event| kept(event)))))
}

/// The object, when the caller may see it at this moment. The connection goes back at once: the next
/// event may be long in coming.
async fn see<R: Record>(
    request: &Request,
    key: &crate::db::Key,
    with: R::With,
) -> Result<Option<R>> {
    let found = record::one(&request.reader(R::READ)?, key, with).await;
    request.pause().await;
    found
}

fn cursor(request: &Request, event: &Event) -> String {
    live::cursor(event.position, request.service().database.keyring())
}

fn limit(first: Option<i32>) -> Result<usize> {
    match first {
        None => Ok(usize::MAX),
        Some(first @ 1..=10_000) => Ok(first.unsigned_abs() as usize),
        Some(_) => Err(Error::top(
            Code::BadUserInput,
            "first 必须在 1 到 10000 之间。",
            "first must lie between 1 and 10000.",
        )),
    }
}

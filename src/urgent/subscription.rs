//! Alerts, as they are raised.

use async_graphql::{Context, InputObject, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};

use super::UrgentAlert;
use crate::error::Result;
use crate::event::{Event, Kind};
use crate::follow::{Asked, Told, follow, is_in};
use crate::request::Request;
use crate::scalar::DivisionCode;

/// Which alerts a subscription tells of. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct UrgentEventFilter {
    /// In this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
}

/// A household wrote of an emergency.
#[derive(SimpleObject)]
pub struct UrgentRaisedEvent {
    /// Where this event stands; give it as `after` to go on from here.
    pub cursor: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The alert as it is now.
    pub urgent_alert: UrgentAlert,
}

/// Alerts, as they are raised.
#[derive(Default)]
pub struct UrgentSubscription;

#[Subscription]
impl UrgentSubscription {
    /// Tells of each message in the caller's area that tells of an emergency.
    async fn urgent_raised(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Tells of what meets all of its conditions; of everything when left out."
        )]
        filter: Option<UrgentEventFilter>,
        #[graphql(
            desc = "Go on after this event: the `cursor` of the last event, `serviceInfo.eventCursor` taken before a list was loaded, or `start` for everything. Only what happens from now on when left out."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Complete after this many events, from 1 to 10000. Endless when left out."
        )]
        first: Option<i32>,
    ) -> Result<impl Stream<Item = Result<UrgentRaisedEvent>> + use<>> {
        let request = Request::of(context)?;
        let area = filter.unwrap_or_default().area_code;
        area.as_ref().map(DivisionCode::expect_area).transpose()?;
        let kept = move |event: &Event| area.as_ref().is_none_or(|area| is_in(event, &area.0));
        let subject = |event: &Event| Some(event.subject_id.into());
        let asked = Asked { after, first };
        let told = follow::<UrgentAlert, _>(request, asked, &[Kind::UrgentRaised], kept, subject);
        Ok(told.await?.map(|told| {
            told.map(|Told { cursor, at, object: urgent_alert }| UrgentRaisedEvent {
                cursor,
                at,
                urgent_alert,
            })
        }))
    }
}

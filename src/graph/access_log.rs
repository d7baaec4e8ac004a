//! What entries of the access log lead to.

use async_graphql::{ComplexObject, Context};

use crate::access_log::AccessEntry;
use crate::actor::Role;
use crate::alone::Alone;
use crate::division::Station;
use crate::household::Household;
use crate::inquiry::Inquiry;
use crate::officer::Officer;
use crate::record::{self, Related};
use crate::request::Request;

#[ComplexObject]
impl AccessEntry {
    /// Who looked; null for residents, who are told the role and the station, and may ask there.
    async fn officer(&self, context: &Context<'_>) -> Alone<Option<Officer>> {
        Alone::of(async {
            if Request::of(context)?.actor().role == Role::Resident {
                return Ok(None);
            }
            record::load(context, self.officer_id.into()).await
        })
        .await
    }

    /// The station of whoever looked; null for county staff.
    async fn station(&self, context: &Context<'_>) -> Alone<Option<Station>> {
        Alone::of(async {
            let officer = record::load::<Officer>(context, self.officer_id.into()).await?;
            match officer.and_then(|officer| officer.station_id) {
                Some(id) => record::load(context, id.into()).await,
                None => Ok(None),
            }
        })
        .await
    }

    /// The household of which something was shown.
    async fn household(&self, context: &Context<'_>) -> Related<Household> {
        record::related(context, Some(self.household_id)).await
    }

    /// The sealed inquiry that was shown; null when it was none, or for who does not see it.
    async fn inquiry(&self, context: &Context<'_>) -> Related<Inquiry> {
        record::related(context, self.inquiry_id).await
    }
}

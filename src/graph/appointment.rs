//! What service windows and appointments lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::appointment::{
    Appointment, AppointmentFilter, AppointmentOrder, ServiceWindow, WaitingPlace,
};
use crate::division::Station;
use crate::error::Result;
use crate::guide::GuideVersion;
use crate::guide::content::GuideChecklist;
use crate::household::Household;
use crate::inquiry::Inquiry;
use crate::officer::Officer;
use crate::page::lists;
use crate::record::{self, Related};
use crate::walk::Walked;

lists! {
    #[ComplexObject]
    impl ServiceWindow {
        /// The appointments at this window of the households in the caller's area; null for roles that see no
        /// appointments.
        appointments: Appointment, filter AppointmentFilter, order AppointmentOrder
            => below("appointment", "window_id");
        ---
        /// The station.
        async fn station(&self, context: &Context<'_>) -> Result<Walked<Station>> {
            record::parent(context, self.station_id).await
        }
    }
}

#[ComplexObject]
impl Appointment {
    /// Where the household goes.
    async fn window(&self, context: &Context<'_>) -> Result<Walked<ServiceWindow>> {
        record::parent(context, self.window_id).await
    }

    /// Who comes.
    async fn household(&self, context: &Context<'_>) -> Result<Walked<Household>> {
        record::parent(context, self.household_id).await
    }

    /// The inquiry that it belongs to; null when to none.
    async fn inquiry(&self, context: &Context<'_>) -> Related<Inquiry> {
        record::related(context, self.inquiry_id).await
    }

    /// The version of the guide that it was booked with; null when with none.
    async fn guide_version(&self, context: &Context<'_>) -> Related<GuideVersion> {
        record::related(context, self.guide_version_id).await
    }

    /// What the household was told to bring and to do (材料清单), by the guide of that day; null without a guide.
    async fn checklist(&self, context: &Context<'_>) -> Alone<Option<GuideChecklist>> {
        Alone::of(async {
            let (Some(id), Some(key)) = (self.guide_version_id, &self.checklist_key) else {
                return Ok(None);
            };
            let version: Option<GuideVersion> = record::load(context, id.into()).await?;
            let lists = version.into_iter().flat_map(|version| version.content.checklists);
            Ok(lists.into_iter().find(|list| list.key == *key))
        })
        .await
    }

    /// The officer who looked at the papers; null while nobody has.
    async fn checked_by(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.checked_by).await
    }

    /// The officer who booked it; null when the household did.
    async fn booked_by(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.booked_by).await
    }
}

#[ComplexObject]
impl WaitingPlace {
    /// The window for which the household waits.
    async fn window(&self, context: &Context<'_>) -> Result<Walked<ServiceWindow>> {
        record::parent(context, self.window_id).await
    }

    /// Who waits.
    async fn household(&self, context: &Context<'_>) -> Result<Walked<Household>> {
        record::parent(context, self.household_id).await
    }

    /// The inquiry that it is about; null when about none.
    async fn inquiry(&self, context: &Context<'_>) -> Related<Inquiry> {
        record::related(context, self.inquiry_id).await
    }
}

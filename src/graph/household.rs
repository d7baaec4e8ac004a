//! What households and contacts lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::appointment::{Appointment, AppointmentFilter, AppointmentOrder, WaitingPlace};
use crate::division::{Township, Village, VillageGroup};
use crate::duplicate::{Doubles, PossibleDuplicate};
use crate::error::Result;
use crate::friend::{Friend, FriendFilter, FriendLink, LinkOf};
use crate::household::{
    Consent, Contact, ContactFilter, ContactResponsibility, ContactStanding, Household,
    HouseholdStatusChange, InForce, Responsibilities, SPEAKS_FOR,
};
use crate::inquiry::{Inquiry, InquiryFilter, InquiryOrder};
use crate::merge::{HouseholdMerge, HouseholdMergeOrder};
use crate::page::{self, lists};
use crate::record::{self, Record, Related};
use crate::request::Request;
use crate::scalar::PhoneNumber;
use crate::visit::{Visit, VisitOrder};
use crate::walk::Walked;

lists! {
    #[ComplexObject]
    impl Household {
        /// The contacts who speak for it.
        contacts: Contact, filter ContactFilter => below("household_contact", "household_id");
        /// Its inquiries; null for roles that see no inquiries.
        inquiries: Inquiry, filter InquiryFilter, order InquiryOrder
            => below("inquiry", "household_id");
        /// Its appointments (预约); null for roles that see no appointments.
        appointments: Appointment, filter AppointmentFilter, order AppointmentOrder
            => below("appointment", "household_id");
        /// Where it waits or waited for a place (候补), last joined first; null for roles that see no appointments.
        waiting_places: WaitingPlace => below("waiting_place", "household_id");
        /// When an officer was at its door (走访记录), last first; null for roles that see no visits.
        visits: Visit, order VisitOrder => below("visit", "household_id");
        /// How far it was before, and what changed it, last first; null for roles that see no visits.
        status_history: HouseholdStatusChange => below("household_status_change", "household_id");
        /// What its contacts agreed to, also those who have left: last given first.
        consents: Consent => below("consent", "household_id");
        /// The doubles that were merged into it (合并记录).
        merges: HouseholdMerge, order HouseholdMergeOrder => below("household_merge", "survivor_id");
        /// Which officers have somebody of it as a friend in WeCom, or had: last changed first.
        friends: Friend, filter FriendFilter => below("friend", "household_id");
        ---
        /// The QR code by which it becomes the friend of its officer; null while there is none.
        async fn friend_link(&self, context: &Context<'_>) -> Alone<Option<FriendLink>> {
            Alone::of(async { Request::of(context)?.load(LinkOf, self.id.key.clone()).await }).await
        }

        /// Households that may be this one entered twice (疑似重复), strongest first: at most 20. Null for
        /// roles that keep no households.
        async fn possible_duplicates(&self, context: &Context<'_>) -> Alone<Vec<PossibleDuplicate>> {
            Alone::of(async {
                let request = Request::of(context)?;
                let with = Household::with(request, &context.look_ahead().field("household"));
                Ok(request.load(Doubles(with), self.id.key.clone()).await?.unwrap_or_default())
            })
            .await
        }

        /// When an officer was last at its door; null when never, or for roles that see no visits.
        async fn last_visit(&self, context: &Context<'_>) -> Related<Visit> {
            let parent = ("visit", "household_id");
            page::first_below(context, parent, &self.id.key, (), VisitOrder::VisitedAtDesc).await
        }

        /// Where it is; null when unknown, or for roles that may not see it. That staff were told is written down.
        async fn address(&self, context: &Context<'_>) -> Alone<Option<String>> {
            Alone::of(async {
                if self.address.is_some() {
                    Request::of(context)?.shows_contact(self.id.uuid());
                }
                Ok(self.address.clone())
            })
            .await
        }

        /// The village that it belongs to.
        async fn village(&self, context: &Context<'_>) -> Result<Walked<Village>> {
            match &self.village {
                Some(village) => Ok(village.clone().into()),
                None => record::parent(context, self.village_code.as_str()).await,
            }
        }

        /// The township that it belongs to.
        async fn township(&self, context: &Context<'_>) -> Result<Walked<Township>> {
            record::parent(context, self.township_code.as_str()).await
        }

        /// The village group that it belongs to.
        async fn group(&self, context: &Context<'_>) -> Result<Walked<VillageGroup>> {
            record::parent(context, self.group_code.as_str()).await
        }

        /// The contact who is asked first; null when nobody is enrolled.
        async fn primary_contact(&self, context: &Context<'_>) -> Related<Contact> {
            let filter = ContactFilter { standing: Some(ContactStanding::Primary) };
            page::first_below(context, SPEAKS_FOR, &self.id.key, filter, ()).await
        }
    }
}

#[ComplexObject]
impl Contact {
    /// The contact's phone number, masked for roles that may not see it; null when unknown. That staff were told it in
    /// full is written down.
    async fn phone(&self, context: &Context<'_>) -> Alone<Option<PhoneNumber>> {
        Alone::of(async {
            if let Some(household_id) = self.revealed.filter(|_| self.phone.is_some()) {
                Request::of(context)?.shows_contact(household_id);
            }
            Ok(self.phone.clone())
        })
        .await
    }

    /// The households in the caller's area that the contact speaks for, oldest first: at most 100.
    async fn responsibilities(&self, context: &Context<'_>) -> Result<Vec<ContactResponsibility>> {
        let request = Request::of(context)?;
        let with = Household::with(request, &context.look_ahead().field("household"));
        Ok(request.load(Responsibilities(with), self.id.key.clone()).await?.unwrap_or_default())
    }
    /// What the contact agreed to (知情同意); without a consent in force nobody is messaged.
    async fn consent(&self, context: &Context<'_>) -> Alone<Option<Consent>> {
        Alone::of(async { Request::of(context)?.load(InForce, self.id.key.clone()).await }).await
    }
}

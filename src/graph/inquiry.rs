//! What inquiries and messages lead to.

use async_graphql::{ComplexObject, Context};
use futures_util::future::try_join_all;

use crate::alone::Alone;
use crate::appointment::{Appointment, AppointmentFilter, AppointmentOrder};
use crate::attachment::{Attachment, OfMessage};
use crate::deadline::Deadline;
use crate::division::Village;
use crate::error::{Error, Result};
use crate::guide::GuideVersion;
use crate::household::{Contact, Household};
use crate::inquiry::{
    DraftLock, Inquiry, InquiryOwnership, InquiryWith, Message, MessageOrder, PastOwners,
};
use crate::messenger::{
    MessageDelivery, OfInquiry as WindowOf, OfMessage as DeliveryOf, WechatWindow,
};
use crate::officer::Officer;
use crate::page::lists;
use crate::rating::{OfInquiry as RatingOf, Rating};
use crate::record::{self, ByKey, Related};
use crate::referral::{Referral, ReferralFilter, ReferralOrder};
use crate::request::Request;
use crate::roster::Shift;
use crate::seal::{ConcernedBy, InquiryReader, ReadersOf};
use crate::urgent::{OfInquiry, OfMessage as AlertOfMessage, UrgentAlert};
use crate::walk::Walked;

lists! {
    #[ComplexObject]
    impl Inquiry {
        /// What was said. Internal notes appear to officers only.
        messages: Message, order MessageOrder => below("message", "inquiry_id");
        /// The appointments that belong to it; null for roles that see no appointments.
        appointments: Appointment, filter AppointmentFilter, order AppointmentOrder
            => below("appointment", "inquiry_id");
        /// Who else was asked to settle it (转办); null for roles that see no referrals.
        referrals: Referral, filter ReferralFilter, order ReferralOrder => below("referral", "inquiry_id");
        ---
        /// The household whose matter it is.
        async fn household(&self, context: &Context<'_>) -> Result<Walked<Household>> {
            match &self.household {
                Some(household) => Ok(household.clone().into()),
                None => record::parent(context, self.household_id).await,
            }
        }

        /// The village of the household.
        async fn village(&self, context: &Context<'_>) -> Result<Walked<Village>> {
            record::parent(context, self.village_code.as_str()).await
        }

        /// The officer who takes it on; null while it is the whole desk's.
        async fn assignee(&self, context: &Context<'_>) -> Related<Officer> {
            record::related(context, self.assignee_id).await
        }

        /// Who answered for it before the present `owner`, latest first: at most 50. Only officers see it.
        async fn past_owners(&self, context: &Context<'_>) -> Alone<Vec<InquiryOwnership>> {
            Alone::of(async {
                let request = Request::of(context)?;
                if request.actor().role.of_staff().is_none() {
                    return Ok(Vec::new());
                }
                let past = request.load(PastOwners, self.id.key.clone()).await?;
                Ok(past.unwrap_or_default())
            })
            .await
        }

        /// By when it is to be answered and resolved, and why; null for inquiries from before that was kept.
        async fn deadline(&self, context: &Context<'_>) -> Alone<Option<Deadline>> {
            Alone::of(async {
                let request = Request::of(context)?;
                let clock = match &self.stopwatch {
                    Some(clock) => clock.clone(),
                    None => {
                        let with = InquiryWith { stopwatch: true, ..Default::default() };
                        again(request, self, with).await?.stopwatch.flatten()
                    }
                };
                let now = request.service().clock.now();
                Ok(clock.map(|clock| Deadline::of(&clock, now, request.language())))
            })
            .await
        }

        /// Who is writing an answer just now; null when nobody is. Only officers see it.
        async fn draft_lock(&self, context: &Context<'_>) -> Alone<Option<DraftLock>> {
            Alone::of(async {
                let request = Request::of(context)?;
                if request.actor().role.of_staff().is_none() {
                    return Ok(None);
                }
                let lock = match self.draft_lock {
                    Some(lock) => lock,
                    None => {
                        let with = InquiryWith { draft_lock: true, ..Default::default() };
                        again(request, self, with).await?.draft_lock.flatten()
                    }
                };
                Ok(lock.filter(|lock| lock.until > request.service().clock.now()))
            })
            .await
        }

        /// How much may be sent in WeChat to the contact whom the inquiry is with; null when that contact has never written
        /// there. Ask again after `messageAdded` and `messageChanged`.
        async fn wechat_window(&self, context: &Context<'_>) -> Alone<Option<WechatWindow>> {
            Alone::of(async { Request::of(context)?.load(WindowOf, self.id.key.clone()).await }).await
        }

        /// Who is named to see it besides the chief (可查看的民警): at most a few dozen; empty while it is not sealed.
        /// Null for residents.
        async fn readers(&self, context: &Context<'_>) -> Alone<Option<Vec<InquiryReader>>> {
            Alone::of(async {
                let request = Request::of(context)?;
                if request.actor().role.of_staff().is_none() {
                    return Ok(None);
                }
                let readers = request.load(ReadersOf, self.id.key.clone()).await?;
                Ok(Some(readers.unwrap_or_default()))
            })
            .await
        }

        /// The officers whom it concerns (涉及的民警), who never see it.
        async fn concerned_officers(&self, context: &Context<'_>) -> Alone<Vec<Officer>> {
            Alone::of(async {
                let request = Request::of(context)?;
                let ids = request.load(ConcernedBy, self.id.key.clone()).await?.unwrap_or_default();
                let officers = ids.into_iter().map(|id| record::load::<Officer>(context, id.into()));
                Ok(try_join_all(officers).await?.into_iter().flatten().collect())
            })
            .await
        }

        /// How content the household is with how it was handled; null while it has not said.
        async fn rating(&self, context: &Context<'_>) -> Alone<Option<Rating>> {
            Alone::of(async { Request::of(context)?.load(RatingOf, self.id.key.clone()).await }).await
        }

        /// The latest of its messages that tells of an emergency; null when none does. Show its `call` and `advice`
        /// at once.
        async fn urgent(&self, context: &Context<'_>) -> Alone<Option<UrgentAlert>> {
            Alone::of(async { Request::of(context)?.load(OfInquiry, self.id.key.clone()).await }).await
        }

        /// What was said last between the desk and the household; internal notes and the automatic answer to an
        /// emergency do not count.
        async fn last_message(&self, context: &Context<'_>) -> Related<Message> {
            match &self.last_message {
                Some(message) => Alone::of(async { Ok(Some(message.clone().into())) }).await,
                None => record::related(context, self.last_message_id).await,
            }
        }
    }
}

/// An inquiry with more than was brought along.
async fn again(request: &Request, inquiry: &Inquiry, with: InquiryWith) -> Result<Inquiry> {
    let found = request.load(ByKey::<Inquiry>(with), inquiry.id.key.clone()).await?;
    found.ok_or_else(Error::not_found)
}

#[ComplexObject]
impl DraftLock {
    /// Who is writing.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, Some(self.officer_id)).await
    }
}

#[ComplexObject]
impl InquiryOwnership {
    /// Why, in words, in the language of `Accept-Language`.
    async fn text(&self, context: &Context<'_>) -> Result<String> {
        Ok(self.words().say(Request::of(context)?.language()).to_owned())
    }

    /// Who answers for it.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, Some(self.officer_id)).await
    }

    /// The shift by which it is so; null when there is none, and for roles that see no shifts.
    async fn shift(&self, context: &Context<'_>) -> Related<Shift> {
        record::related(context, self.shift_id).await
    }

    /// The officer on leave for whom this one covers; null when there is none.
    async fn covers(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.covers_id).await
    }

    /// The officer who decided it: who gave it, took it on, gave it back or opened it again. Null when nobody did, and
    /// it came with a message or a deadline.
    async fn by(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.by_id).await
    }
}

#[ComplexObject]
impl InquiryReader {
    /// Who is named.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, Some(self.officer_id)).await
    }

    /// Who named that officer; null when it follows from what the officer does.
    async fn named_by(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.named_by).await
    }
}

#[ComplexObject]
impl Message {
    /// The inquiry that it belongs to.
    async fn inquiry(&self, context: &Context<'_>) -> Result<Walked<Inquiry>> {
        record::parent(context, self.inquiry_id).await
    }

    /// The officer who wrote it, or who wrote it down on the household's behalf.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.officer_id).await
    }

    /// How far it is on its way to the household in WeChat; null when it does not go there.
    async fn delivery(&self, context: &Context<'_>) -> Alone<Option<MessageDelivery>> {
        Alone::of(async { Request::of(context)?.load(DeliveryOf, self.id.key.clone()).await }).await
    }

    /// The alert that it raised; null when it does not tell of an emergency. Show its `call` and `advice` at once.
    async fn urgent(&self, context: &Context<'_>) -> Alone<Option<UrgentAlert>> {
        Alone::of(async { Request::of(context)?.load(AlertOfMessage, self.id.key.clone()).await })
            .await
    }

    /// The files that came with it (附件), in the order in which they were sent: at most 9.
    async fn attachments(&self, context: &Context<'_>) -> Alone<Vec<Attachment>> {
        Alone::of(async {
            let files = Request::of(context)?.load(OfMessage, self.id.key.clone()).await?;
            Ok(files.unwrap_or_default())
        })
        .await
    }

    /// The version of the guide that it was made from; null when it was made from none.
    async fn guide_version(&self, context: &Context<'_>) -> Related<GuideVersion> {
        record::related(context, self.guide_version_id).await
    }

    /// The contact who wrote it; null when an officer did, or when the contact was removed.
    async fn contact(&self, context: &Context<'_>) -> Related<Contact> {
        record::related(context, self.contact_id).await
    }
}

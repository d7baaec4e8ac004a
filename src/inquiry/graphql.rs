//! Inquiries and messages as the contract shows them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::outdated::OutdatedReplyFilter;
use super::ownership::InquiryOwnership;
use crate::access::Act;
use crate::category::{InquiryCategory, InquiryPriority};
use crate::deadline::Stopwatch;
use crate::error::Result;
use crate::household::Household;
use crate::id::{GlobalId, Kind};
use crate::page::{Connection, Listing, Window, lists};
use crate::record::{self, Filter, Found};
use crate::roster::Facts;
use crate::scalar::{Date, DivisionCode, check_moments};

/// Where an inquiry stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::inquiry::Status")]
pub enum InquiryStatus {
    /// 待答复: nobody has answered yet.
    Open,
    /// 待居民回复: an officer answered last.
    WaitingForResident,
    /// 待民警回复: the household wrote again after an answer, or it was opened again.
    WaitingForOfficer,
    /// 已办结: closed. It can be opened again.
    Resolved,
}

/// Who has to move next.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitingOn {
    /// The desk: an officer has to answer.
    Officer,
    /// The household has to answer.
    Resident,
    /// Nobody: it is resolved.
    Nobody,
}

/// Who has to see to it that an inquiry goes on.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::inquiry::Escalation")]
pub enum EscalationLevel {
    /// The desk: the officers of the village. So it is until a deadline runs out.
    Desk,
    /// 所长: the chief of the station, since a deadline ran out.
    Chief,
    /// 县局: the county office, since the chief did not get it going either.
    County,
}

/// Who speaks to whom.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::message::Direction")]
pub enum MessageDirection {
    /// From the household to the desk.
    Inbound,
    /// From the desk to the household.
    Outbound,
    /// 内部备注: among officers; the household never sees it.
    InternalNote,
}

/// Through what a message was said.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::message::Via")]
pub enum MessageVia {
    /// 本平台: through an app of this service.
    App,
    /// 微信: in WeChat.
    Wechat,
    /// 电话: on the phone; an officer wrote it down.
    Phone,
    /// 上门: face to face, at the household's door or at the station; an officer wrote it down.
    AtTheDoor,
}

/// One matter of one household (咨询、线索、求助).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Inquiry {
    /// Global id.
    pub id: GlobalId,
    /// What it is about.
    pub category: InquiryCategory,
    /// Where it stands.
    pub status: InquiryStatus,
    /// Who has to move next.
    pub waiting_on: WaitingOn,
    /// Since when that side has been waited for; since when nobody is, when it is resolved.
    pub waiting_since: DateTime<Utc>,
    /// How much it presses.
    pub priority: InquiryPriority,
    /// Who has to see to it that it goes on.
    pub escalation: EscalationLevel,
    /// Whether it is sealed (密): leads, complaints and disputes are seen by their household and by officers who are
    /// named, and never by an officer whom they concern. Each look of an officer is written down.
    pub sealed: bool,
    /// What it is about, in a few words.
    pub subject: String,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When something last happened.
    pub updated_at: DateTime<Utc>,
    /// When it was resolved; null while it is not.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Who answers for it (责任人), and why: whoever took it on and is at work, else who was on duty when the household
    /// wrote last; above the desk, once a deadline ran out. Null from before that was kept.
    pub owner: Option<InquiryOwnership>,
    /// When what was written in it was erased, as sealed inquiries are not kept long: texts are empty from then on, and
    /// files are gone. Null while it is whole.
    pub erased_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) household_id: uuid::Uuid,
    #[graphql(skip)]
    pub(crate) village_code: String,
    #[graphql(skip)]
    pub(crate) township_code: String,
    #[graphql(skip)]
    pub(crate) assignee_id: Option<uuid::Uuid>,
    #[graphql(skip)]
    pub(crate) last_message_id: Option<uuid::Uuid>,
    #[graphql(skip)]
    pub(crate) due_at: Option<DateTime<Utc>>,
    /// Its clock, when it was brought along; inquiries of old have none.
    #[graphql(skip)]
    pub(crate) stopwatch: Option<Option<Stopwatch>>,
    /// Who holds its draft lock, when that was brought along.
    #[graphql(skip)]
    pub(crate) draft_lock: Option<Option<DraftLock>>,
    /// The roster of the moment, when that was brought along.
    #[graphql(skip)]
    pub(crate) roster: Option<Arc<Facts>>,
    #[graphql(skip)]
    pub(crate) household: Option<Arc<Household>>,
    #[graphql(skip)]
    pub(crate) last_message: Option<Arc<Message>>,
}

/// Who is writing an answer just now, so that nobody else begins one.
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(complex)]
pub struct DraftLock {
    /// It holds until then, unless the officer's app asks for more time.
    pub until: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) officer_id: uuid::Uuid,
}

/// One line of an inquiry (消息).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Message {
    /// Global id.
    pub id: GlobalId,
    /// Who speaks to whom.
    pub direction: MessageDirection,
    /// What was written.
    pub text: String,
    /// When it was written.
    pub sent_at: DateTime<Utc>,
    /// Through what it was said.
    pub via: MessageVia,
    /// When who wrote it took it back (撤回); null while it stands. What it said is kept for the record and is not to be
    /// acted on.
    pub recalled_at: Option<DateTime<Utc>>,
    /// Whether the service itself wrote it (自动回复).
    pub automatic: bool,
    #[graphql(skip)]
    pub(crate) inquiry_id: uuid::Uuid,
    #[graphql(skip)]
    pub(crate) officer_id: Option<uuid::Uuid>,
    #[graphql(skip)]
    pub(crate) contact_id: Option<uuid::Uuid>,
    #[graphql(skip)]
    pub(crate) guide_version_id: Option<uuid::Uuid>,
}

/// Which inquiries a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct InquiryFilter {
    /// Of this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// Of this household.
    pub household_id: Option<ID>,
    /// About one of these.
    pub categories: Option<Vec<InquiryCategory>>,
    /// In one of these statuses.
    pub statuses: Option<Vec<InquiryStatus>>,
    /// Where this side has to move next.
    pub waiting_on: Option<WaitingOn>,
    /// Assigned to this officer.
    pub assignee_id: Option<ID>,
    /// Assigned to somebody (true) or to nobody (false).
    pub assigned: Option<bool>,
    /// Whose owner is this officer.
    pub owner_id: Option<ID>,
    /// That are somebody's own work at a moment: see `InboxTab.MINE`.
    #[graphql(skip)]
    pub(crate) mine: Option<(uuid::Uuid, DateTime<Utc>)>,
    /// Of one of these priorities.
    pub priorities: Option<Vec<InquiryPriority>>,
    /// Whose deadline runs out before this moment: give the present one for those that are overdue.
    pub due_before: Option<DateTime<Utc>>,
    /// Escalated to one of these.
    pub escalations: Option<Vec<EscalationLevel>>,
    /// With a message that tells of an emergency and was not found to be a false alarm (true), or without one
    /// (false).
    pub urgent: Option<bool>,
    /// With an open referral that is to be followed up on this day or earlier: give today for those that are due.
    pub follow_up_until: Option<Date>,
    /// Opened at this moment or later.
    pub opened_since: Option<DateTime<Utc>>,
    /// Opened before this moment.
    pub opened_before: Option<DateTime<Utc>>,
    /// Something happened at this moment or later.
    pub updated_since: Option<DateTime<Utc>>,
    /// Nothing happened at this moment or later.
    pub updated_before: Option<DateTime<Utc>>,
}

impl Filter for InquiryFilter {
    fn checked(self) -> Result<Self> {
        if let Some(code) = &self.area_code {
            code.expect_area()?;
        }
        for (id, kind) in [
            (&self.household_id, Kind::Household),
            (&self.assignee_id, Kind::Officer),
            (&self.owner_id, Kind::Officer),
        ] {
            id.as_ref().map(|id| GlobalId::expect(id, kind)).transpose()?;
        }
        check_moments(&[self.opened_since, self.opened_before])?;
        check_moments(&[self.updated_since, self.updated_before, self.due_before])?;
        Ok(self)
    }

    fn is_wide(&self) -> bool {
        let ids = [&self.household_id, &self.assignee_id, &self.owner_id];
        ids.iter().all(|id| id.is_none())
            && self.area_code.as_ref().is_none_or(|code| code.0.len() != 12)
            && self.mine.is_none()
            && self.follow_up_until.is_none()
    }
}

/// In which order inquiries come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum InquiryOrder {
    /// Opened last first.
    #[default]
    OpenedAtDesc,
    /// Opened first first: who has waited longest.
    OpenedAtAsc,
    /// Last touched first.
    UpdatedAtDesc,
    /// Longest untouched first.
    UpdatedAtAsc,
    /// Who has been waited for longest first.
    WaitingSinceAsc,
}

/// In which order messages come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MessageOrder {
    /// As they were written.
    #[default]
    SentAtAsc,
    /// Latest first.
    SentAtDesc,
}

/// How inquiries are looked up.
#[derive(Default)]
pub struct InquiryQuery;

lists! {
    #[Object]
    impl InquiryQuery {
        /// Inquiries in the caller's area: an inbox.
        inquiries: Inquiry, filter InquiryFilter, order InquiryOrder => all(Act::ReadInquiry);
        ---
        /// The inquiry with this id.
        async fn inquiry(&self, context: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Found<Inquiry> {
            record::find(context, GlobalId::expect(&id, Kind::Inquiry)).await
        }

        /// Replies in the caller's area that were made from a version of a guide that no longer holds, while the
        /// household was not told by a newer one since: whom to write to again (需更新告知).
        async fn outdated_replies(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "Keeps what meets all of its conditions; the last 30 days of all guides when left out.")]
            filter: Option<OutdatedReplyFilter>,
            #[graphql(desc = "In which order the rows come; the first value of the enum when left out.")]
            order_by: Option<MessageOrder>,
            #[graphql(desc = "The first so many rows, from 1 to 100; 20 when neither this nor `last` is given.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor. Goes with `first`.")]
            after: Option<String>,
            #[graphql(desc = "The last so many rows, from 1 to 100. Not together with `first`.")]
            last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor. Goes with `last`.")]
            before: Option<String>,
        ) -> Found<Connection<Message>> {
            let asked = filter.unwrap_or_default().asked(context);
            let window = asked.as_ref().map_err(Clone::clone);
            let window = window.and_then(|_| Window::new(first, after, last, before));
            let order = order_by.unwrap_or_default();
            Connection::all(context, Act::ReadMessage, Listing { filter: asked.ok(), order, window })
                .await
        }
    }
}

//! Unknown senders as the contract shows them, and how they become known.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rules::{self, Binding};
use crate::access::Act;
use crate::db::Once;
use crate::error::Result;
use crate::household::consent::ConsentInput;
use crate::household::{ContactStanding, Newcomer, Who};
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::payload;
use crate::record::Filter;
use crate::request::Request;
use crate::scalar::{DivisionCode, PhoneNumber};

/// Somebody who wrote in WeChat (微信来信人). While no `contact` is known, what is written waits, and becomes an inquiry
/// once an officer has found out who that is.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct WechatSender {
    /// Global id.
    pub id: GlobalId,
    /// The code of the link by which they came in first, such as `411481109204-03-017`: village, group and door. Null
    /// when they came without one.
    pub scene: Option<String>,
    /// The door (门牌序号) that the link is of, within its group.
    pub door: Option<i32>,
    /// What they call themselves in WeChat (微信昵称), which anybody can choose freely, so it proves nothing; masked for
    /// roles that do not see personal data. Null until WeChat has told it, a little after they came in, and once it is
    /// forgotten.
    pub nickname: Option<String>,
    /// The name of the account to which they write.
    pub account: String,
    /// When they came in or wrote first.
    pub first_seen_at: DateTime<Utc>,
    /// When they wrote last; null when they have only come in.
    pub last_wrote_at: Option<DateTime<Utc>>,
    /// When an officer left aside what they had written so far; null when none has.
    pub dismissed_at: Option<DateTime<Utc>>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    #[graphql(skip)]
    pub(crate) village_code: Option<String>,
    #[graphql(skip)]
    pub(crate) contact_id: Option<Uuid>,
}

/// Something that an unknown sender wrote, and that waits.
#[derive(SimpleObject, Clone, Debug)]
pub struct HeldMessage {
    /// What was written, or in brackets what was sent; null for roles that do not see personal data.
    pub text: Option<String>,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
}

/// Which unknown senders a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SenderFilter {
    /// Whose link is of this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
}

impl Filter for SenderFilter {
    fn checked(self) -> Result<Self> {
        self.area_code.as_ref().map(DivisionCode::expect_area).transpose()?;
        Ok(self)
    }
}

/// In which order unknown senders come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SenderOrder {
    /// Who has waited longest since writing last comes first.
    #[default]
    LastWroteAtAsc,
    /// Who wrote last comes first.
    LastWroteAtDesc,
}

/// The input of `bindSender`: a contact who speaks for the household already, or the name of a new one.
#[derive(InputObject)]
pub struct BindSenderInput {
    /// Chosen by the caller, new for each sender: repeating a call with it does nothing more.
    pub idempotency_key: String,
    /// The sender.
    pub sender_id: ID,
    /// The household that they are of.
    pub household_id: ID,
    /// A contact of that household: the sender is that contact, also when another WeChat identity was known before.
    pub contact_id: Option<ID>,
    /// The name of a new contact, at most 40 characters.
    pub name: Option<String>,
    /// The phone number of a new contact.
    pub phone: Option<PhoneNumber>,
    /// How a new contact stands to the household. BACKUP when left out.
    pub standing: Option<ContactStanding>,
    /// What a new contact agreed to.
    pub consent: Option<ConsentInput>,
}

/// The input of `dismissSender`.
#[derive(InputObject)]
pub struct DismissSenderInput {
    /// The sender.
    pub sender_id: ID,
    /// The sender's `version` that the change is based on.
    pub expected_version: i32,
}

payload! {
    /// The answer of `bindSender`.
    BindSenderPayload {
        /// The sender, who is known now. What they wrote becomes an inquiry within seconds: see `inquiryChanged`.
        sender: WechatSender
    }
}
payload! {
    /// The answer of `dismissSender`.
    DismissSenderPayload {
        /// The sender, left aside.
        sender: WechatSender
    }
}

/// How unknown senders are looked up.
#[derive(Default)]
pub struct SenderQuery;

lists! {
    #[Object]
    impl SenderQuery {
        /// Who wrote in WeChat and is not known yet (待核实的来信人). Officers see who came by a link of their villages,
        /// chiefs also who came by none.
        unbound_senders: WechatSender, filter SenderFilter, order SenderOrder => all(Act::ReadSender);
        ---
    }
}

/// How unknown senders become known.
#[derive(Default)]
pub struct SenderMutation;

#[Object]
impl SenderMutation {
    /// Says who an unknown sender is (核实绑定). What they wrote so far becomes an inquiry of the household, in order.
    /// Answer personal questions only after you have made sure: by a call to the number that is kept, or at the door.
    async fn bind_sender(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: BindSenderInput,
    ) -> Result<BindSenderPayload> {
        let made = async {
            let once = Once::new("bindSender", &input.idempotency_key, &input)?;
            let who = match &input.contact_id {
                Some(id) => Who::Known(GlobalId::expect_uuid(id, Kind::Contact)?),
                None => Who::New(Newcomer {
                    name: input.name.unwrap_or_default(),
                    phone: input.phone.map(|phone| phone.0),
                    wechat_id: None,
                }),
            };
            let binding = Binding {
                sender_id: GlobalId::expect_uuid(&input.sender_id, Kind::WechatSender)?,
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                who,
                standing: input.standing.unwrap_or(ContactStanding::Backup).into(),
                consent: input.consent,
            };
            rules::bind(Request::of(context)?, binding, once).await
        };
        BindSenderPayload::of(context, made.await)
    }

    /// Leaves aside what an unknown sender wrote so far (不予处理), which is then forgotten. Who writes again is listed again.
    async fn dismiss_sender(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: DismissSenderInput,
    ) -> Result<DismissSenderPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.sender_id, Kind::WechatSender)?;
            rules::dismiss(Request::of(context)?, id, input.expected_version).await
        };
        DismissSenderPayload::of(context, made.await)
    }
}

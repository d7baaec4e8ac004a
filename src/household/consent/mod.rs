//! Consents (同意): a contact joins only after agreeing to a text, by a way and at a time that are written
//! down. The record names nobody, so it stays as proof when the contact is erased.

mod texts;

use async_graphql::{Enum, InputObject, SimpleObject};
use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

use crate::clock;
use crate::error::{Error, Result, UserErrorCode};
use crate::id::GlobalId;

pub use texts::{ConsentText, texts};

/// In which language the contact read or heard the text.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::consent::Language")]
pub enum ConsentLanguage {
    /// 中文: Chinese, also when it was explained in the local dialect.
    Chinese,
    /// 英文: English.
    English,
}

/// By which way the consent was given.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::consent::Channel")]
pub enum ConsentChannel {
    /// 当面: to the officer's face.
    InPerson,
    /// 电话: on the phone.
    Phone,
    /// 微信: in WeChat.
    Wechat,
}

/// In which form the consent was given.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::consent::Basis")]
pub enum ConsentBasis {
    /// 书面同意: signed on paper.
    Written,
    /// 口头同意: said.
    Spoken,
    /// 电子同意: tapped or written on a device.
    Electronic,
    /// 早于登记制度: agreed before consents were written down. It cannot be given any more.
    BeforeRecords,
}

/// What a contact agreed to (知情同意), and until when.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Consent {
    /// Global id.
    pub id: GlobalId,
    /// The version of the text, as `consentTexts` has it; null from before consents were written down.
    pub text_version: Option<String>,
    /// In which language; null from before consents were written down.
    pub language: Option<ConsentLanguage>,
    /// By which way; null from before consents were written down.
    pub channel: Option<ConsentChannel>,
    /// In which form.
    pub basis: ConsentBasis,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// When it was withdrawn; null while it is in force.
    pub withdrawn_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) officer_id: Option<Uuid>,
}

/// A consent that was given and is to be written down.
#[derive(InputObject, Clone)]
pub struct ConsentInput {
    /// The version of the text that the contact agreed to, as `consentTexts` has it.
    pub text_version: String,
    /// In which language.
    pub language: ConsentLanguage,
    /// By which way.
    pub channel: ConsentChannel,
    /// In which form.
    pub basis: ConsentBasis,
    /// When it was given: not in the future, and not before the text was in use.
    pub given_at: DateTime<Utc>,
}

/// A consent that can be kept.
pub struct GivenConsent {
    /// The version of the text.
    pub text_version: String,
    /// In which language.
    pub language: entity::consent::Language,
    /// By which way.
    pub channel: entity::consent::Channel,
    /// In which form.
    pub basis: entity::consent::Basis,
    /// When.
    pub given_at: DateTime<Utc>,
}

impl ConsentInput {
    /// Checks that there is such a text, and that it could be agreed to at that time.
    pub fn checked(self, now: DateTime<Utc>) -> Result<GivenConsent> {
        let text = texts::find(&self.text_version).ok_or_else(|| {
            refused(
                UserErrorCode::NotFound,
                "textVersion",
                "没有该版本的告知书。",
                "There is no text of this version.",
            )
        })?;
        if self.basis == ConsentBasis::BeforeRecords {
            return Err(refused(
                UserErrorCode::Invalid,
                "basis",
                "同意须为书面、口头或电子形式。",
                "A consent is written, spoken or electronic.",
            ));
        }
        if self.given_at > now || clock::day(self.given_at) < text.valid_from.0 {
            return Err(refused(
                UserErrorCode::Invalid,
                "givenAt",
                "同意时间不能晚于现在，也不能早于告知书启用之日。",
                "It was given neither in the future nor before the text was in use.",
            ));
        }
        Ok(GivenConsent {
            text_version: self.text_version,
            language: self.language.into(),
            channel: self.channel.into(),
            basis: self.basis.into(),
            given_at: self.given_at.trunc_subsecs(6),
        })
    }
}

fn refused(
    code: UserErrorCode,
    field: &str,
    chinese: &'static str,
    english: &'static str,
) -> Error {
    Error::user(code, &format!("consent.{field}"), chinese, english)
}

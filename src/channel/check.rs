//! Whether a channel works, and what an administrator can do about it when it does not.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::advice::advice;
use super::store::{self, Callback};
use super::{Channel, ChannelKind};
use crate::access::Act;
use crate::error::{Language, Result};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::wecom::{Account, Class, Failure, Reason};

/// After so many days without anything delivered, something may be wrong.
const SILENT_DAYS: i64 = 7;

/// What can be wrong with a channel. New values may be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelFindingCode {
    /// It is out of use.
    Disabled,
    /// The account of WeChat customer service is not named.
    AccountMissing,
    /// There is no secret.
    SecretMissing,
    /// There are no keys of a callback, neither of this channel nor of another one of the corporation.
    CallbackKeysMissing,
    /// WeChat's side has never checked the address of the callback with the present keys.
    CallbackNeverVerified,
    /// Nothing was delivered for a week.
    CallbackSilent,
    /// The keys before the present ones are still good.
    OldKeysStillGood,
    /// The operator has not said under which address the service is reached.
    PublicAddressMissing,
    /// The secret is wrong.
    BadSecret,
    /// There is no such corporation.
    BadCorpId,
    /// The address from which the service calls is not trusted (企业可信IP).
    AddressNotTrusted,
    /// The app may not use this part of the API.
    NotPermitted,
    /// The API of the customer service account is switched off.
    ApiSwitchedOff,
    /// The customer service account does not exist, or the app may not use it.
    AccountNotFound,
    /// WeChat's side refused for another reason: see `apiError`.
    ApiRefused,
    /// WeChat's side cannot be reached from the service.
    ApiUnreachable,
}

use ChannelFindingCode as Code;

/// How bad a finding is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FindingSeverity {
    /// The channel does not work until this is put right.
    Error,
    /// It works, but this should be looked at.
    Warning,
}

/// Something that is wrong with a channel.
#[derive(SimpleObject, Clone, Debug)]
pub struct ChannelFinding {
    /// What is wrong, for programs.
    pub code: ChannelFindingCode,
    /// How bad it is.
    pub severity: FindingSeverity,
    /// Whether the channel works in spite of it.
    pub works: bool,
    /// What is wrong and what to do about it, for people, in the language of `Accept-Language`.
    pub message: String,
    /// The number (`errcode`) with which WeChat's side refused, when it did.
    pub api_error: Option<i64>,
}

/// What was found when a channel was looked at.
#[derive(SimpleObject, Clone, Debug)]
pub struct ChannelCheck {
    /// Whether it works: no finding is an error.
    pub works: bool,
    /// When it was looked at.
    pub checked_at: DateTime<Utc>,
    /// What is wrong; empty when nothing is.
    pub findings: Vec<ChannelFinding>,
}

/// Looks at a channel from here, and then from WeChat's side.
pub async fn check(request: &Request, id: Uuid) -> Result<ChannelCheck> {
    let service = request.service();
    let now = service.clock.now();
    let reader = request.reader(Act::ManageChannel)?;
    let channel: Channel = expected(record::one(&reader, &id.into(), ()).await?, "channelId")?;
    let mut found = Vec::new();
    if channel.kind != ChannelKind::ByHand {
        let callback =
            store::callback(&reader, channel.corp_id.as_deref().unwrap_or_default()).await?;
        let account = store::account(&reader, id).await?;
        drop(reader);
        // The far side may be slow: nobody else shall wait for this request's connection.
        request.pause().await;
        found = from_here(&channel, &callback, service.door.public_url.is_some(), now);
        if let Some(account) = account {
            let answer = from_there(request, &channel, &account).await;
            found.extend(answer.err().map(|failure| (refused(failure), failure.number())));
            let tx = service.keep().await?;
            store::note_api(&tx, id, answer, now).await?;
            tx.commit().await?;
        }
    }
    if !channel.enabled {
        found.push((Code::Disabled, None));
    }
    let told = |(code, number)| finding(code, number, request.language());
    let findings: Vec<ChannelFinding> = found.into_iter().map(told).collect();
    let works = findings.iter().all(|finding| finding.works);
    Ok(ChannelCheck { works, checked_at: now, findings })
}

type Found = Vec<(Code, Option<i64>)>;

fn from_here(channel: &Channel, callback: &Callback, public: bool, now: DateTime<Utc>) -> Found {
    let silent = callback.heard_at.or(callback.verified_at);
    let points = [
        (
            Code::AccountMissing,
            channel.kind == ChannelKind::WechatKf && channel.open_kfid.is_none(),
        ),
        (Code::SecretMissing, !channel.has_secret),
        (Code::PublicAddressMissing, !public),
        (Code::CallbackKeysMissing, !callback.has_keys),
        (Code::CallbackNeverVerified, callback.has_keys && callback.verified_at.is_none()),
        (Code::CallbackSilent, silent.is_some_and(|at| at < now - TimeDelta::days(SILENT_DAYS))),
        (Code::OldKeysStillGood, channel.has_old_callback_keys),
    ];
    points.into_iter().filter(|(_, wrong)| *wrong).map(|(code, _)| (code, None)).collect()
}

/// Signs in, and looks for the account.
async fn from_there(
    request: &Request,
    channel: &Channel,
    account: &Account,
) -> Result<(), Failure> {
    let wecom = &request.service().wecom;
    wecom.sign_in(account).await?;
    match &channel.open_kfid {
        Some(open_kfid) if !wecom.has_account(account, open_kfid).await? => {
            Err(Failure::Refused(UNKNOWN_ACCOUNT))
        }
        _ => Ok(()),
    }
}

/// The number for an account that is not there.
const UNKNOWN_ACCOUNT: i64 = 95004;

fn refused(failure: Failure) -> Code {
    match failure.class() {
        Class::Permanent(reason) => match reason {
            Reason::BadSecret => Code::BadSecret,
            Reason::BadCorp => Code::BadCorpId,
            Reason::UntrustedAddress => Code::AddressNotTrusted,
            Reason::NotPermitted => Code::NotPermitted,
            Reason::SwitchedOff => Code::ApiSwitchedOff,
            Reason::UnknownAccount => Code::AccountNotFound,
            _ => Code::ApiRefused,
        },
        _ if failure.number().is_none() => Code::ApiUnreachable,
        _ => Code::ApiRefused,
    }
}

fn finding(code: Code, api_error: Option<i64>, language: Language) -> ChannelFinding {
    let severity = match code {
        Code::CallbackSilent | Code::OldKeysStillGood | Code::PublicAddressMissing => {
            FindingSeverity::Warning
        }
        _ => FindingSeverity::Error,
    };
    let works = severity == FindingSeverity::Warning;
    let message = advice(code).say(language).to_owned();
    ChannelFinding { code, severity, works, message, api_error }
}

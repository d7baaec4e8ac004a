//! Whether a channel works, and what an administrator can do about it when it does not.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::store::{self, Callback};
use super::{Channel, ChannelKind};
use crate::access::Act;
use crate::error::{Language, Result, Text};
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
        if let Some(account) = account.filter(|_| speaks_wecom(channel.kind)) {
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

/// Official Accounts sign in elsewhere and in another way.
fn speaks_wecom(kind: ChannelKind) -> bool {
    matches!(kind, ChannelKind::WechatKf | ChannelKind::WecomContacts)
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

/// What to do.
fn advice(code: Code) -> Text {
    let (chinese, english) = match code {
        Code::Disabled => (
            "渠道已停用。需要使用时请重新启用。",
            "The channel is out of use. Enable it when it is wanted.",
        ),
        Code::AccountMissing => (
            "未填写客服账号（open_kfid）。请在企业微信管理后台“微信客服”中查看后填写。",
            "The customer service account (open_kfid) is missing. WeCom's console shows it under WeChat customer service.",
        ),
        Code::SecretMissing => (
            "未填写Secret。请在企业微信管理后台打开可调用接口的应用，复制Secret后填写。",
            "The secret is missing. Open the app that may call the API in WeCom's console and copy its secret.",
        ),
        Code::CallbackKeysMissing => (
            "未填写回调的Token和EncodingAESKey。请在管理后台“接收消息服务器配置”中生成后填写。",
            "The callback's token and key are missing. Make them in the console where messages are received, and enter them here.",
        ),
        Code::CallbackNeverVerified => (
            "微信一侧尚未用当前密钥验证过回调地址。请把callbackUrl填入管理后台并保存；仍不成功时，请检查域名、证书和防火墙。",
            "WeChat's side has not checked the callback's address with these keys. Enter callbackUrl in the console and save; \
             if that fails, look at the domain, the certificate and the firewall.",
        ),
        Code::CallbackSilent => (
            "已有7天没有收到回调。如期间确有居民来信，请检查回调地址和可调用接口的应用是否仍然有效。",
            "Nothing was delivered for 7 days. If residents did write, see whether the callback's address and the app still hold.",
        ),
        Code::OldKeysStillGood => (
            "旧的回调密钥仍然有效。管理后台改用新密钥并验证通过后，请停用旧密钥。",
            "The callback's old keys are still good. Retire them when the console has the new ones and they were checked.",
        ),
        Code::PublicAddressMissing => (
            "未设置本服务的公网地址（HUHUTONG_PUBLIC_URL），callbackUrl只显示路径。请联系运维人员设置。",
            "The service's public address (HUHUTONG_PUBLIC_URL) is not set, so callbackUrl is only a path. Ask the operator to set it.",
        ),
        Code::BadSecret => (
            "Secret不正确。请从管理后台重新复制。",
            "The secret is wrong. Copy it from the console again.",
        ),
        Code::BadCorpId => (
            "企业ID不正确。请在管理后台“我的企业”中核对。",
            "There is no such corporation. Compare the id with the one in the console.",
        ),
        Code::AddressNotTrusted => (
            "本服务的出口IP不在企业可信IP内。请在管理后台该应用的“企业可信IP”中添加。",
            "The service's address is not trusted. Add it to the app's trusted addresses (企业可信IP) in the console.",
        ),
        Code::NotPermitted => (
            "该应用无权调用接口。请在管理后台“微信客服”或“客户联系”的“可调用接口的应用”中添加该应用。",
            "The app may not call this API. Add it in the console to the apps that may (可调用接口的应用).",
        ),
        Code::ApiSwitchedOff => (
            "微信客服的API已关闭。请在管理后台“微信客服”的“API”中开启。",
            "The API of WeChat customer service is switched off. Switch it on in the console.",
        ),
        Code::AccountNotFound => (
            "没有找到该客服账号，或该应用无权管理它。请核对open_kfid，并在管理后台授权。",
            "There is no such customer service account, or the app may not manage it. Compare open_kfid and grant the app access.",
        ),
        Code::ApiRefused => (
            "微信一侧拒绝了请求。请按apiError中的错误码查阅企业微信文档。",
            "WeChat's side refused. Look up the number in apiError in WeCom's documents.",
        ),
        Code::ApiUnreachable => (
            "无法连接微信一侧的接口。请检查接口地址、网络和防火墙。",
            "WeChat's API cannot be reached. Look at its address, the network and the firewall.",
        ),
    };
    Text::new(chinese, english)
}

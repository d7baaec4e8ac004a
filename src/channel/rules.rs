//! The rules of channels.

use async_graphql::MaybeUndefined;
use entity::channel::Kind as Stored;
use serde_json::json;
use uuid::Uuid;

use super::input::{CallbackKeysInput, CreateChannelInput, UpdateChannelInput};
use super::said::{
    self, MAX_ID, base_url, checked, kf_account, no_account, outer_id, township, within,
};
use super::store::{self, Secrets};
use super::{Channel, ChannelKind};
use crate::access::Act;
use crate::db::{Key, Once, Tx, changed_one};
use crate::division::Township;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::id::{self, GlobalId};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;
use crate::wecom;

const MAX_NAME: usize = 40;
/// Where the API of Official Accounts is.
const OFFICIAL_ACCOUNTS: &str = "https://api.weixin.qq.com";

/// What is wanted of a channel, besides other values.
pub enum Wish {
    /// That its callback has these keys.
    Rotate(CallbackKeysInput),
    /// That only its present keys are good.
    RetireOld,
    /// That it is used, or not.
    Use(bool),
}

/// Makes a channel.
pub async fn create(request: &Request, new: CreateChannelInput, once: Once) -> Result<Channel> {
    let kind = Stored::from(new.kind);
    if kind == Stored::ByHand {
        let given = [
            ("corpId", new.corp_id.is_some()),
            ("openKfid", new.open_kfid.is_some()),
            ("secret", new.secret.is_some()),
            ("callbackKeys", new.callback_keys.is_some()),
            ("apiBaseUrl", new.api_base_url.is_some()),
        ];
        if let Some((field, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(no_account(field));
        }
    } else if new.corp_id.is_none() {
        text::required("corpId", "", MAX_ID)?;
    }
    let keys = new.callback_keys.as_ref();
    let secrets = Secrets {
        secret: new.secret.as_deref().map(said::secret).transpose()?,
        callback: keys.map(|keys| checked(new.kind, keys, "callbackKeys")).transpose()?,
    };
    let own = if kind == Stored::OfficialAccount { OFFICIAL_ACCOUNTS } else { wecom::PUBLIC };
    let now = request.service().clock.now();
    let id = request.new_id();
    let channel = Channel {
        id: GlobalId::new(id::Kind::Channel, id),
        kind: new.kind,
        name: text::required("name", &new.name, MAX_NAME)?,
        corp_id: new.corp_id.as_deref().map(|id| outer_id("corpId", id)).transpose()?,
        open_kfid: new.open_kfid.as_deref().map(|id| kf_account(new.kind, id)).transpose()?,
        api_base_url: base_url(new.api_base_url.as_deref().unwrap_or(own))?,
        window_messages: within("windowMessages", new.window_messages, 100)?,
        window_hours: within("windowHours", new.window_hours, 720)?,
        per_minute: within("perMinute", new.per_minute, 10_000)?,
        enabled: true,
        version: 1,
        created_at: now,
        updated_at: now,
        verified_at: None,
        api_error: None,
        api_checked_at: None,
        township_code: township(new.township_code.as_ref())?,
        has_secret: secrets.secret.is_some(),
        has_callback_keys: secrets.callback.is_some(),
        has_old_callback_keys: false,
    };
    let mut tx = request.begin(Act::ManageChannel).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    exists(&tx, channel.township_code.as_deref()).await?;
    store::insert(&tx, &channel, &secrets).await?;
    tx.record(happened(&channel));
    tx.commit().await?;
    Ok(channel)
}

/// Changes a channel.
pub async fn update(request: &Request, id: Uuid, change: UpdateChannelInput) -> Result<Channel> {
    let (mut tx, before) = opened(request, id, change.expected_version).await?;
    let mut after = next(request, &before);
    if before.kind == ChannelKind::ByHand {
        let given = [
            ("corpId", change.corp_id.is_some()),
            ("openKfid", change.open_kfid.is_some()),
            ("secret", change.secret.is_some()),
            ("apiBaseUrl", change.api_base_url.is_some()),
        ];
        if let Some((field, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(no_account(field));
        }
    }
    if let Some(name) = &change.name {
        after.name = text::required("name", name, MAX_NAME)?;
    }
    match &change.township_code {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => after.township_code = None,
        MaybeUndefined::Value(code) => after.township_code = township(Some(code))?,
    }
    if let Some(id) = &change.corp_id {
        after.corp_id = Some(outer_id("corpId", id)?);
    }
    if let Some(id) = &change.open_kfid {
        after.open_kfid = Some(kf_account(before.kind, id)?);
    }
    let secret = change.secret.as_deref().map(said::secret).transpose()?;
    if let Some(url) = &change.api_base_url {
        after.api_base_url = base_url(url)?;
        if after.api_base_url != before.api_base_url && before.has_secret && secret.is_none() {
            return Err(Error::user(
                UserErrorCode::Blank,
                "secret",
                "接口地址变更后，须重新填写Secret。",
                "The secret goes to the new address: give it again.",
            ));
        }
    }
    let limits = [
        ("windowMessages", change.window_messages, 100, &mut after.window_messages),
        ("windowHours", change.window_hours, 720, &mut after.window_hours),
        ("perMinute", change.per_minute, 10_000, &mut after.per_minute),
    ];
    for (field, given, most, value) in limits {
        if let Some(given) = given {
            *value = within(field, given, most)?;
        }
    }
    after.has_secret |= secret.is_some();
    exists(&tx, after.township_code.as_deref()).await?;
    store::update(&tx, &before, &after, secret.as_deref()).await?;
    tx.record(happened(&after));
    tx.commit().await?;
    Ok(after)
}

/// Does with a channel what is wished.
pub async fn change(request: &Request, id: Uuid, version: i32, wish: Wish) -> Result<Channel> {
    let (mut tx, before) = opened(request, id, version).await?;
    let mut after = next(request, &before);
    match wish {
        Wish::Rotate(keys) => {
            let keys = checked(before.kind, &keys, "callbackKeys")?;
            if before.kind == ChannelKind::ByHand {
                return Err(no_account("callbackKeys"));
            }
            if before.has_old_callback_keys {
                return Err(wrong_state(
                    "上一组旧密钥仍然有效，请先停用。",
                    "The keys before the present ones are still good. Retire them first.",
                ));
            }
            after.has_old_callback_keys = before.has_callback_keys;
            after.has_callback_keys = true;
            after.verified_at = None;
            store::rotate(&tx, &before, &after, &keys).await?;
        }
        Wish::RetireOld => {
            if !before.has_old_callback_keys {
                return Err(wrong_state("没有旧密钥。", "There are no old keys."));
            }
            after.has_old_callback_keys = false;
            store::retire_old(&tx, &before, &after).await?;
        }
        Wish::Use(enabled) => {
            after.enabled = enabled;
            store::update(&tx, &before, &after, None).await?;
        }
    }
    tx.record(happened(&after));
    tx.commit().await?;
    Ok(after)
}

async fn opened(request: &Request, id: Uuid, version: i32) -> Result<(Tx, Channel)> {
    let tx = request.begin(Act::ManageChannel).await?;
    let before: Channel = expected(record::lock(&tx, &id.into()).await?, "channelId")?;
    changed_one(u64::from(before.version == version))?;
    Ok((tx, before))
}

fn next(request: &Request, before: &Channel) -> Channel {
    let updated_at = request.service().clock.now();
    Channel { version: before.version.saturating_add(1), updated_at, ..before.clone() }
}

fn happened(channel: &Channel) -> Draft {
    Draft {
        kind: Kind::ChannelChanged,
        at: channel.updated_at,
        place: None,
        household_id: None,
        subject_id: channel.id.uuid(),
        detail: json!({ "version": channel.version, "enabled": channel.enabled }),
    }
}

async fn exists(tx: &Tx, code: Option<&str>) -> Result<()> {
    if let Some(code) = code {
        let found = record::one::<Township>(tx, &Key::from(code), Default::default()).await?;
        expected(found, "townshipCode")?;
    }
    Ok(())
}

fn wrong_state(chinese: &'static str, english: &'static str) -> Error {
    Error::user(UserErrorCode::WrongState, "channelId", chinese, english)
}

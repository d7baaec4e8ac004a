//! An Official Account (公众号) beside the corp: its followers, and what its API answers.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Callback, Door, Refusal, World};
use crate::channel::xml::Fields;

const WINDOW: TimeDelta = TimeDelta::hours(48);
const PER_MESSAGE: u32 = 5;
const MOST_TEXT: usize = 2048;
const TOKEN_LIFE: TimeDelta = TimeDelta::seconds(7200);

/// An Official Account.
pub struct Official {
    /// Its AppID.
    pub app_id: String,
    /// Its secret.
    pub secret: String,
    /// Whether what it delivers is not sealed.
    pub plain: bool,
    /// How many notices it may send still.
    pub notices_left: u32,
    pub(super) token: Option<(String, DateTime<Utc>)>,
    pub(super) followers: BTreeMap<String, Follower>,
}

#[derive(Default)]
pub(super) struct Follower {
    wrote_at: Option<DateTime<Utc>>,
    sent_since: u32,
    received: Vec<String>,
    notices: Vec<String>,
}

impl Default for Official {
    fn default() -> Self {
        Self {
            app_id: "wxdouble0123456789".to_owned(),
            secret: "the-official-secret".to_owned(),
            plain: false,
            notices_left: 100_000,
            token: None,
            followers: BTreeMap::new(),
        }
    }
}

impl World {
    /// Somebody begins to follow the account, by a QR code with this scene or without any; the callback is what the far
    /// side delivers, and answers are read from its answer.
    pub fn follow(&mut self, openid: &str, scene: &str) -> Option<Callback> {
        self.official.followers.entry(openid.to_owned()).or_default();
        let key = if scene.is_empty() { String::new() } else { format!("qrscene_{scene}") };
        self.official_event(openid, "subscribe", &key)
    }

    /// A follower scans a QR code.
    pub fn scan_again(&mut self, openid: &str, scene: &str) -> Option<Callback> {
        self.official_event(openid, "SCAN", scene)
    }

    /// A follower leaves.
    pub fn unfollow(&mut self, openid: &str) -> Option<Callback> {
        self.official.followers.remove(openid);
        self.official_event(openid, "unsubscribe", "")
    }

    /// A follower writes to the account.
    pub fn write_to_account(&mut self, openid: &str, text: &str) -> Option<Callback> {
        self.send_to_account(openid, "text", &format!("<Content><![CDATA[{text}]]></Content>"))
    }

    /// A follower sends the account something of any kind.
    pub fn send_to_account(&mut self, openid: &str, kind: &str, more: &str) -> Option<Callback> {
        let (now, id) = (self.clock.now(), self.next("1000"));
        let follower = self.official.followers.entry(openid.to_owned()).or_default();
        (follower.wrote_at, follower.sent_since) = (Some(now), 0);
        self.official_callback(openid, kind, &format!("{more}<MsgId>{id}</MsgId>"))
    }

    /// Puts a callback in line for the account's channel.
    pub fn post_to_account(&mut self, openid: &str, callback: Option<Callback>) {
        self.callbacks.extend(callback.map(|one| (Door::Account(openid.to_owned()), one)));
    }

    /// What was answered to a callback at once, in plain mode: a text reaches the follower.
    pub fn answered(&mut self, openid: &str, answer: &str) {
        let fields = Fields::read(answer).ok();
        let text = fields.as_ref().and_then(|fields| fields.get("Content"));
        if let Some((text, follower)) = text.zip(self.official.followers.get_mut(openid)) {
            follower.received.push(text.to_owned());
        }
    }

    /// Who follows the account.
    pub fn followers(&self) -> Vec<String> {
        self.official.followers.keys().cloned().collect()
    }

    /// What the account sent a follower.
    pub fn said(&self, openid: &str) -> Vec<String> {
        let follower = self.official.followers.get(openid);
        follower.map(|one| one.received.clone()).unwrap_or_default()
    }

    /// By which templates the account sent a follower notices.
    pub fn notices(&self, openid: &str) -> Vec<String> {
        let follower = self.official.followers.get(openid);
        follower.map(|one| one.notices.clone()).unwrap_or_default()
    }

    /// All tokens of the account are good no more.
    pub fn end_stable_token(&mut self) {
        self.official.token = None;
    }

    fn official_event(&mut self, openid: &str, event: &str, key: &str) -> Option<Callback> {
        let more = format!("<Event>{event}</Event><EventKey>{key}</EventKey>");
        self.official_callback(openid, "event", &more)
    }

    fn official_callback(&mut self, openid: &str, kind: &str, more: &str) -> Option<Callback> {
        let (now, nonce) = (self.clock.now().timestamp(), self.next("0"));
        let plain = format!(
            "<xml><ToUserName><![CDATA[gh_double]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>\
             <CreateTime>{now}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{more}</xml>"
        );
        let mut seal = self.seal.clone();
        seal.receiver.clone_from(&self.official.app_id);
        let signed = seal.signed_plainly(now, &nonce);
        if self.official.plain {
            return Some(Callback { query: signed, body: plain });
        }
        let sealed = seal.callback(&plain, now, &nonce)?;
        let query = format!("{signed}&encrypt_type=aes&{}", sealed.only_seal());
        Some(Callback { query, ..sealed })
    }

    pub(in crate::demo::wechat) fn grant_stable(
        &mut self,
        asked: &Value,
    ) -> Result<Value, Refusal> {
        if asked["grant_type"] != "client_credential" {
            return Err(40002);
        }
        if asked["appid"] != self.official.app_id.as_str() {
            return Err(40013);
        }
        if asked["secret"] != self.official.secret.as_str() {
            return Err(40125);
        }
        let now = self.clock.now();
        let known = self.official.token.take().filter(|(_, until)| *until > now);
        let (text, until) = known.unwrap_or_else(|| (self.next("STABLE"), now + TOKEN_LIFE));
        self.official.token = Some((text.clone(), until));
        Ok(json!({ "access_token": text, "expires_in": (until - now).num_seconds() }))
    }

    /// Whether a token is the account's.
    pub(in crate::demo::wechat) fn is_official(&self, token: &str) -> Result<(), Refusal> {
        match &self.official.token {
            Some((text, until)) if text == token && *until > self.clock.now() => Ok(()),
            Some((text, _)) if text == token => Err(42001),
            _ => Err(40001),
        }
    }

    pub(in crate::demo::wechat) fn say(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let text = match asked["msgtype"].as_str() {
            Some("image") if asked["image"]["media_id"].is_string() => "[image]".to_owned(),
            _ => asked["text"]["content"].as_str().unwrap_or_default().to_owned(),
        };
        if text.is_empty() || text.len() > MOST_TEXT {
            return Err(if text.is_empty() { 44004 } else { 45002 });
        }
        let now = self.clock.now();
        let follower = self.follower(asked)?;
        match follower.wrote_at {
            Some(at) if at + WINDOW > now && follower.sent_since < PER_MESSAGE => {
                follower.sent_since += 1;
                follower.received.push(text);
                Ok(json!({}))
            }
            Some(at) if at + WINDOW > now => Err(45047),
            _ => Err(45015),
        }
    }

    pub(in crate::demo::wechat) fn notify(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let template = asked["template_id"].as_str().ok_or(40037)?.to_owned();
        self.follower(asked)?;
        self.official.notices_left = self.official.notices_left.checked_sub(1).ok_or(45009)?;
        self.follower(asked)?.notices.push(template);
        let msgid = self.next("9000");
        Ok(json!({ "msgid": msgid }))
    }

    fn follower(&mut self, asked: &Value) -> Result<&mut Follower, Refusal> {
        let openid = asked["touser"].as_str().unwrap_or_default();
        self.official.followers.get_mut(openid).ok_or(43004)
    }
}

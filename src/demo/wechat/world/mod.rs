//! What there is on the far side, what people do there, and how it misbehaves.

mod answers;
mod contact_answers;
mod contacts;
mod official;
mod menus;

use std::collections::{BTreeMap, HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use contacts::{Contacts, Friend, Way};
pub use official::Official;

use super::seal::{Callback, Seal};
use crate::clock::Clock;

const CALLBACK_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(10);

/// How the next call of a kind goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fault {
    /// It is refused with this number, and nothing is done.
    Refuse(i64),
    /// Nothing is done, and no answer comes.
    Hang,
    /// Nothing is done, and the line breaks.
    Close,
    /// It is done, but the answer is lost.
    LoseAnswer,
    /// Something between answers with a page of HTML.
    Gateway,
}

/// Where a callback is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// To the channel of customer service.
    CustomerService,
    /// To that of the members' contacts.
    Contacts,
    /// To that of the Official Account: what is answered at once is for this follower.
    Account(String),
}

/// How callbacks are delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Delivering {
    /// Once, in order.
    #[default]
    Well,
    /// Each three times.
    Thrice,
    /// Not at all.
    Not,
    /// The last one first.
    Backwards,
}

/// A line on a resident's phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The message's name.
    pub msgid: String,
    /// Whether the resident wrote it.
    pub own: bool,
    /// What it says.
    pub text: String,
}

#[derive(Default)]
struct Resident {
    nickname: String,
    state: i64,
    wrote_at: Option<DateTime<Utc>>,
    sent_since: u32,
    lines: Vec<Line>,
}

/// Everything on the far side.
pub struct World {
    /// The corp.
    pub corp_id: String,
    /// The secret of its app.
    pub secret: String,
    /// Its account.
    pub open_kfid: String,
    /// What its callbacks are sealed with.
    pub seal: Seal,
    /// How callbacks are delivered.
    pub delivering: Delivering,
    /// The most items of a page, whatever is asked for.
    pub page_size: usize,
    /// How often each call was made.
    pub calls: HashMap<String, u32>,
    /// Members and their friends.
    pub contacts: Contacts,
    /// An Official Account.
    pub official: Official,
    clock: Clock,
    begun_at: u64,
    number: u64,
    token: Option<(String, DateTime<Utc>)>,
    callback_tokens: HashMap<String, DateTime<Utc>>,
    faults: Vec<(String, VecDeque<Fault>)>,
    callbacks: Vec<(Door, Callback)>,
    log: Vec<(DateTime<Utc>, Value)>,
    residents: BTreeMap<String, Resident>,
    media: HashMap<String, (String, Vec<u8>)>,
    uploads: HashMap<String, String>,
    menus: HashMap<String, Vec<(String, String)>>,
    scenes: HashMap<String, String>,
}

/// The number of a refusal.
pub type Refusal = i64;

impl World {
    pub(super) fn new(clock: Clock) -> Self {
        let corp_id = "wwdouble00000000001".to_owned();
        Self {
            secret: "the-double-secret".to_owned(),
            open_kfid: "wkDoubleAccount0001".to_owned(),
            seal: Seal {
                token: "DoubleToken2026".to_owned(),
                encoding_aes_key: "pyTKlsYE4Ydrw0BCiP1jbPLeSO57m/EBuUjc4OTtuDI".to_owned(),
                receiver: corp_id.clone(),
            },
            corp_id,
            delivering: Delivering::Well,
            page_size: 1000,
            calls: HashMap::new(),
            contacts: Contacts::default(),
            official: Official::default(),
            clock,
            begun_at: 0,
            number: 0,
            token: None,
            callback_tokens: HashMap::new(),
            faults: Vec::new(),
            callbacks: Vec::new(),
            log: Vec::new(),
            residents: BTreeMap::new(),
            media: HashMap::new(),
            uploads: HashMap::new(),
            menus: HashMap::new(),
            scenes: HashMap::new(),
        }
    }

    /// Counts from this number on, so that nothing is called as in an earlier life.
    pub fn begin_at(&mut self, number: u64) {
        (self.begun_at, self.number) = (number, number);
    }

    fn next(&mut self, prefix: &str) -> String {
        self.number += 1;
        format!("{prefix}{:06}", self.number)
    }

    // What residents and others do.

    /// A resident follows a link into the chat.
    pub fn enter(&mut self, resident: &str, scene: &str) {
        let code = self.next("WELCOME");
        let event = json!({ "event_type": "enter_session", "scene": scene, "welcome_code": code });
        self.met(resident);
        self.happens(resident, event);
    }

    /// A resident has this name in WeChat.
    pub fn name(&mut self, resident: &str, nickname: &str) {
        nickname.clone_into(&mut self.met(resident).nickname);
    }

    /// A resident writes, and gets to know the message's name.
    pub fn write(&mut self, resident: &str, text: &str) -> String {
        self.send(resident, "text", json!({ "content": text }), text)
    }

    /// A resident sends a file of a kind: `image`, `voice`, `video` or `file`.
    pub fn send_file(&mut self, resident: &str, kind: &str, mime: &str, bytes: Vec<u8>) -> String {
        let media_id = self.next("MEDIA");
        self.media.insert(media_id.clone(), (mime.to_owned(), bytes));
        self.send(resident, kind, json!({ "media_id": media_id }), &format!("[{kind}]"))
    }

    /// A resident sends something of any kind, which looks so on the phone.
    pub fn send(&mut self, resident: &str, kind: &str, content: Value, shown: &str) -> String {
        let now = self.clock.now();
        let msgid = self.next("in");
        let line = Line { msgid: msgid.clone(), own: true, text: shown.to_owned() };
        let met = self.met(resident);
        met.wrote_at = Some(now);
        met.sent_since = 0;
        if met.state == 4 {
            met.state = 0;
        }
        met.lines.push(line);
        self.item(3, &msgid, resident, kind, content);
        msgid
    }

    /// A resident takes a message back.
    pub fn recall(&mut self, resident: &str, msgid: &str) {
        self.met(resident).lines.retain(|line| line.msgid != msgid);
        self.happens(resident, json!({ "event_type": "user_recall_msg", "recall_msgid": msgid }));
    }

    /// An officer answers in the WeCom client.
    pub fn servicer_writes(&mut self, resident: &str, text: &str) -> String {
        let msgid = self.next("in");
        let line = Line { msgid: msgid.clone(), own: false, text: text.to_owned() };
        self.met(resident).lines.push(line);
        self.item(5, &msgid, resident, "text", json!({ "content": text }));
        msgid
    }

    /// What was sent turns out not to have arrived.
    pub fn fail(&mut self, resident: &str, msgid: &str, fail_type: i64) {
        self.met(resident).lines.retain(|line| line.msgid != msgid);
        let event =
            json!({ "event_type": "msg_send_fail", "fail_msgid": msgid, "fail_type": fail_type });
        self.happens(resident, event);
    }

    /// Puts a resident's session into a state from 0 to 4.
    pub fn set_state(&mut self, resident: &str, state: i64) {
        self.met(resident).state = state;
    }

    /// What stands on a resident's phone.
    pub fn phone(&self, resident: &str) -> Vec<Line> {
        self.residents.get(resident).map(|one| one.lines.clone()).unwrap_or_default()
    }

    /// What a resident was sent.
    pub fn received(&self, resident: &str) -> Vec<String> {
        let sent = self.phone(resident).into_iter().filter(|line| !line.own);
        sent.map(|line| line.text).collect()
    }

    /// What is in the file of this name that was brought last.
    pub fn file_named(&self, name: &str) -> Vec<u8> {
        let named = self.uploads.iter().filter(|(_, known)| *known == name).map(|(id, _)| id).max();
        named.and_then(|id| self.media.get(id)).map(|(_, bytes)| bytes.clone()).unwrap_or_default()
    }

    /// Everybody who ever wrote or came in.
    pub fn residents(&self) -> Vec<String> {
        self.residents.keys().cloned().collect()
    }

    /// Adds an item to the log as it stands, of a kind that may not be known yet.
    pub fn log(&mut self, item: Value) {
        self.log.push((self.clock.now(), item));
        self.call_back();
    }

    // How it misbehaves.

    /// The next `times` calls of `path`, such as `kf/send_msg`, go wrong.
    pub fn misbehave(&mut self, path: &str, fault: Fault, times: usize) {
        let faults = std::iter::repeat_n(fault, times);
        match self.faults.iter_mut().find(|(known, _)| known == path) {
            Some((_, queue)) => queue.extend(faults),
            None => self.faults.push((path.to_owned(), faults.collect())),
        }
    }

    /// Nothing goes wrong any more.
    pub fn behave(&mut self) {
        self.faults.clear();
        self.delivering = Delivering::Well;
    }

    /// No file is kept any more.
    pub fn forget_files(&mut self) {
        self.media.clear();
    }

    /// All access tokens that were given out are good no more.
    pub fn end_tokens(&mut self) {
        self.token = None;
    }

    /// The callbacks that are to be delivered.
    pub fn take_callbacks(&mut self) -> Vec<Callback> {
        self.take_for_doors().into_iter().map(|(_, callback)| callback).collect()
    }

    /// The callbacks that are to be delivered, in the way in which they are, and where to.
    pub fn take_for_doors(&mut self) -> Vec<(Door, Callback)> {
        let mut callbacks = std::mem::take(&mut self.callbacks);
        match self.delivering {
            Delivering::Well => callbacks,
            Delivering::Thrice => callbacks.into_iter().flat_map(|one| vec![one; 3]).collect(),
            Delivering::Not => Vec::new(),
            Delivering::Backwards => {
                callbacks.reverse();
                callbacks
            }
        }
    }

    // What follows from it.

    fn met(&mut self, resident: &str) -> &mut Resident {
        let nickname = format!("微信用户{}", self.residents.len() + 1);
        self.residents
            .entry(resident.to_owned())
            .or_insert_with(|| Resident { nickname, ..Default::default() })
    }

    fn item(&mut self, origin: i64, msgid: &str, resident: &str, kind: &str, content: Value) {
        let now = self.clock.now();
        let mut item = json!({ "msgid": msgid, "open_kfid": self.open_kfid, "external_userid": resident,
                               "send_time": now.timestamp(), "origin": origin, "msgtype": kind });
        item[kind] = content;
        self.log(item);
    }

    fn happens(&mut self, resident: &str, mut event: Value) {
        event["open_kfid"] = self.open_kfid.as_str().into();
        event["external_userid"] = resident.into();
        let (msgid, now) = (self.next("ev"), self.clock.now());
        // Events name neither account nor customer outside.
        self.log(json!({ "msgid": msgid, "send_time": now.timestamp(), "origin": 4,
                         "msgtype": "event", "event": event }));
    }

    fn call_back(&mut self) {
        let (token, nonce) = (self.next("SYNC"), self.next("0"));
        let now = self.clock.now();
        self.callback_tokens.insert(token.clone(), now + CALLBACK_TOKEN_LIFE);
        let plain = format!(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><CreateTime>{now}</CreateTime>\
             <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>\
             <Token><![CDATA[{token}]]></Token><OpenKfId><![CDATA[{}]]></OpenKfId></xml>",
            self.corp_id,
            self.open_kfid,
            now = now.timestamp(),
        );
        let callback = self.seal.callback(&plain, now.timestamp(), &nonce);
        self.callbacks.extend(callback.map(|one| (Door::CustomerService, one)));
    }
}

//! What a customer-service account's log says: what customers wrote and what happened. Whatever cannot be read,
//! or is of a kind that is not known yet, is an item all the same.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// Who an item comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// 3: the customer.
    Customer,
    /// 4: the system, which tells of an event.
    System,
    /// 5: a person in the WeCom client.
    Servicer,
    /// Something else.
    Unknown,
}

/// An item of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name in the account.
    pub msgid: String,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// Who it comes from.
    pub origin: Origin,
    /// The customer whom it is about; events that concern no customer have none.
    pub external_userid: Option<String>,
    /// The far side's name for its kind.
    pub kind: String,
    /// What it says.
    pub body: Body,
}

/// What an item says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Words.
    Text(String),
    /// What was chosen from a menu.
    Chosen {
        /// The name of the choice.
        id: String,
        /// What it said.
        text: String,
    },
    /// A picture.
    Image(String),
    /// A recording (AMR).
    Voice(String),
    /// A film.
    Video(String),
    /// A file.
    File(String),
    /// A place on the map.
    Location(Place),
    /// Something that happened.
    Event(Event),
    /// Something else: a link, a card, a mini program, or what is not known yet.
    Other,
}

/// A place on the map.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Place {
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// Where it is, in words.
    #[serde(default)]
    pub address: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "event_type", rename_all = "snake_case")]
pub enum Event {
    /// A customer came in.
    EnterSession {
        /// By which link.
        #[serde(default)]
        scene: String,
        /// What allows one greeting within 20 seconds.
        welcome_code: Option<String>,
    },
    /// What was sent did not arrive.
    MsgSendFail {
        /// Which message.
        fail_msgid: String,
        /// Why.
        fail_type: i64,
    },
    /// The customer took a message back.
    UserRecallMsg {
        /// Which.
        recall_msgid: String,
    },
    /// A person in the WeCom client took a message back.
    ServicerRecallMsg {
        /// Which.
        recall_msgid: String,
    },
    /// A session was taken, passed on, ended or opened again in the WeCom client.
    SessionStatusChange {
        /// 1 from the pool, 2 passed on, 3 ended, 4 opened again.
        change_type: i64,
    },
    /// Something else.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Head {
    msgid: String,
    #[serde(default)]
    external_userid: Option<String>,
    #[serde(default)]
    send_time: i64,
    #[serde(default)]
    origin: i64,
    #[serde(default)]
    msgtype: String,
}

impl Item {
    /// Reads an item; nothing when it has no name of a sensible form, without which it cannot be told from others.
    pub fn read(raw: &Value) -> Option<Self> {
        let head = Head::deserialize(raw).ok().filter(|head| is_name(&head.msgid))?;
        // Events name their customer inside.
        let inside = raw["event"]["external_userid"].as_str().map(str::to_owned);
        let external_userid = head.external_userid.or(inside).filter(|id| is_name(id));
        Some(Self {
            body: body(&head.msgtype, &raw[&head.msgtype]).unwrap_or(Body::Other),
            msgid: head.msgid,
            sent_at: DateTime::from_timestamp(head.send_time, 0).unwrap_or_default(),
            origin: match head.origin {
                3 => Origin::Customer,
                4 => Origin::System,
                5 => Origin::Servicer,
                _ => Origin::Unknown,
            },
            external_userid,
            kind: if is_name(&head.msgtype) { head.msgtype } else { String::new() },
        })
    }
}

/// Whether a text can be a name at the far side.
fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn body(kind: &str, content: &Value) -> Option<Body> {
    let text = |name: &str| content[name].as_str().map(str::to_owned);
    Some(match kind {
        "text" => match text("menu_id").filter(|id| is_name(id)) {
            Some(id) => Body::Chosen { id, text: text("content")? },
            None => Body::Text(text("content")?),
        },
        "image" => Body::Image(text("media_id")?),
        "voice" => Body::Voice(text("media_id")?),
        "video" => Body::Video(text("media_id")?),
        "file" => Body::File(text("media_id")?),
        "location" => Body::Location(Place::deserialize(content).ok()?),
        "event" => Body::Event(Event::deserialize(content).unwrap_or(Event::Other)),
        _ => Body::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_yet_is_an_item_all_the_same() {
        for raw in [
            json!({ "msgid": "1", "msgtype": "hologram", "origin": 9, "hologram": { "x": 1 } }),
            json!({ "msgid": "1", "msgtype": "text", "text": "no object" }),
            json!({ "msgid": "1" }),
        ] {
            assert_eq!(Item::read(&raw).map(|item| item.body), Some(Body::Other), "{raw}");
        }
        let event = json!({ "msgid": "1", "msgtype": "event",
                            "event": { "event_type": "new_thing", "external_userid": "wm1" } });
        let item = Item::read(&event).unwrap();
        assert_eq!(item.body, Body::Event(Event::Other));
        assert_eq!(item.external_userid.as_deref(), Some("wm1"));
    }

    #[test]
    fn what_has_no_name_is_no_item() {
        for raw in [
            json!({}),
            json!({ "msgid": "" }),
            json!({ "msgid": 7 }),
            json!({ "msgid": "a\u{0}" }),
            json!([1]),
            json!("x"),
        ] {
            assert_eq!(Item::read(&raw), None, "{raw}");
        }
    }

    #[test]
    fn every_kind_of_event_is_read_from_inside() {
        let read = |event: Value| match Item::read(
            &json!({ "msgid": "1", "origin": 4, "msgtype": "event", "event": event }),
        )
        .unwrap()
        .body
        {
            Body::Event(event) => event,
            other => panic!("{other:?}"),
        };
        let entered = json!({ "event_type": "enter_session", "open_kfid": "wk1", "external_userid": "wm1",
                              "scene": "411481109204-03-017", "welcome_code": "W" });
        let scene = "411481109204-03-017".to_owned();
        let welcome_code = Some("W".to_owned());
        assert_eq!(read(entered), Event::EnterSession { scene, welcome_code });
        let failed = json!({ "event_type": "msg_send_fail", "fail_msgid": "m", "fail_type": 10 });
        let fail_msgid = "m".to_owned();
        assert_eq!(read(failed), Event::MsgSendFail { fail_msgid, fail_type: 10 });
    }
}

//! What an Official Account delivers, told as customer service tells it.

use serde_json::{Value, json};

use crate::channel::xml::Fields;
use crate::crypt::Keyring;

/// What names of events are made for.
const NAME: &str = "official account event";
/// How a scene is marked when somebody follows the account by it.
const BY_SCENE: &str = "qrscene_";

/// What became of a follower.
pub enum Told {
    /// Something that was written, or that somebody came in.
    Item(Value),
    /// The follower has left: nothing can be sent any more.
    Left,
    /// Nothing that matters here.
    Nothing,
}

/// What was delivered, and the follower whom it is about.
pub fn read<'a>(fields: &'a Fields, keyring: &Keyring) -> Option<(&'a str, Told)> {
    let get = |name| fields.get(name).filter(|text| !text.is_empty());
    let (follower, kind) = (get("FromUserName")?, get("MsgType")?);
    let sent_at = get("CreateTime").and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
    let msgid = match get("MsgId") {
        Some(id) => id.to_owned(),
        None => name(keyring, &[follower, get("CreateTime")?, get("Event").unwrap_or_default()]),
    };
    let mut item = json!({ "msgid": msgid, "external_userid": follower, "send_time": sent_at,
                           "origin": 3, "msgtype": kind });
    let media = || json!({ "media_id": get("MediaId") });
    let told = match (kind, get("Event")) {
        ("text", _) => {
            item["text"] = json!({ "content": get("Content").unwrap_or_default() });
            if let Some(choice) = get("bizmsgmenuid") {
                item["text"]["menu_id"] = choice.into();
            }
            Told::Item(item)
        }
        ("image" | "voice" | "video", _) => {
            item[kind] = media();
            Told::Item(item)
        }
        ("shortvideo", _) => {
            item["msgtype"] = "video".into();
            item["video"] = media();
            Told::Item(item)
        }
        ("location", _) => {
            item["location"] = json!({ "latitude": number(get("Location_X")), "name": "",
                "longitude": number(get("Location_Y")), "address": get("Label").unwrap_or_default() });
            Told::Item(item)
        }
        ("event", Some("unsubscribe")) => Told::Left,
        ("event", Some("subscribe" | "SCAN")) => {
            let key = get("EventKey").unwrap_or_default();
            let scene = key.strip_prefix(BY_SCENE).unwrap_or(key);
            item["origin"] = 4.into();
            item["event"] = json!({ "event_type": "enter_session", "scene": scene });
            Told::Item(item)
        }
        ("event", _) => Told::Nothing,
        _ => Told::Item(item),
    };
    Some((follower, told))
}

fn number(text: Option<&str>) -> f64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The name of what has none: the same whenever it is delivered, and telling nothing of whom it is about.
fn name(keyring: &Keyring, parts: &[&str]) -> String {
    let hash = keyring.hash(NAME, parts.join("\n").as_bytes());
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

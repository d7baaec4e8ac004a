//! What the API answers.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Fault, Line, Refusal, Resident, World};

/// After so long nothing more may be sent to a resident.
const WINDOW: TimeDelta = TimeDelta::hours(48);
/// So many messages may follow one of the resident's.
const PER_MESSAGE: u32 = 5;
/// So long the log is kept.
const KEPT: TimeDelta = TimeDelta::days(3);
const TOKEN_LIFE: TimeDelta = TimeDelta::seconds(7200);
const MOST_TEXT: usize = 2048;

impl World {
    pub(in crate::demo::wechat) fn called(&mut self, path: &str) -> Option<Fault> {
        *self.calls.entry(path.to_owned()).or_default() += 1;
        let (_, queue) = self.faults.iter_mut().find(|(known, _)| known == path)?;
        queue.pop_front()
    }

    pub(in crate::demo::wechat) fn grant(
        &mut self,
        corp_id: &str,
        secret: &str,
    ) -> Result<Value, Refusal> {
        if corp_id != self.corp_id {
            return Err(40013);
        }
        if secret != self.secret {
            return Err(40001);
        }
        let now = self.clock.now();
        let text = match self.token.take().filter(|(_, until)| *until > now) {
            Some((text, _)) => text,
            None => self.next("ACCESS"),
        };
        self.token = Some((text.clone(), now + TOKEN_LIFE));
        Ok(json!({ "access_token": text, "expires_in": TOKEN_LIFE.num_seconds() }))
    }

    pub(in crate::demo::wechat) fn admit(&self, token: &str) -> Result<(), Refusal> {
        match &self.token {
            Some((text, until)) if text == token => {
                if *until > self.clock.now() {
                    Ok(())
                } else {
                    Err(42001)
                }
            }
            _ => Err(40014),
        }
    }

    pub(in crate::demo::wechat) fn page(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let now = self.clock.now();
        if let Some(token) = asked["token"].as_str().filter(|token| !token.is_empty())
            && self.callback_tokens.get(token).is_none_or(|until| *until <= now)
        {
            return Err(95007);
        }
        let cursor = asked["cursor"].as_str().unwrap_or_default();
        let start = match cursor.rsplit_once('-') {
            Some((life, place)) if life == self.begun_at.to_string() => {
                place.parse().map_err(|_| 40058)?
            }
            // Of another life.
            Some(_) => return Err(40058),
            None => self.log.iter().take_while(|(at, _)| *at < now - KEPT).count(),
        };
        let limit = asked["limit"].as_u64().unwrap_or(1000).min(1000) as usize;
        let items = self.log.iter().skip(start).take(limit.min(self.page_size));
        let items: Vec<&Value> = items.map(|(_, item)| item).collect();
        let end = start + items.len();
        Ok(json!({ "next_cursor": format!("{}-{end}", self.begun_at),
                   "has_more": i32::from(end < self.log.len()), "msg_list": items }))
    }

    pub(in crate::demo::wechat) fn send_message(
        &mut self,
        asked: &Value,
    ) -> Result<Value, Refusal> {
        let msgid = match asked["msgid"].as_str() {
            Some(given) if fits(given) => given.to_owned(),
            Some(_) => return Err(40058),
            None => self.next("out"),
        };
        let text = match asked["msgtype"].as_str() {
            Some("msgmenu") => self.show_menu(&msgid, &asked["msgmenu"])?,
            Some("text") => asked["text"]["content"].as_str().unwrap_or_default().to_owned(),
            Some(kind @ ("image" | "file")) => {
                let media_id = asked[kind]["media_id"].as_str().unwrap_or_default();
                let name = self.uploads.get(media_id).ok_or(40007)?;
                format!("[{kind}] {name}")
            }
            _ => return Err(40008),
        };
        if text.is_empty() || text.len() > MOST_TEXT {
            return Err(if text.is_empty() { 44004 } else { 45002 });
        }
        let now = self.clock.now();
        let resident = self.known(asked["touser"].as_str())?;
        if resident.lines.iter().any(|line| line.msgid == msgid) {
            return Ok(json!({ "msgid": msgid }));
        }
        match resident.wrote_at {
            None => return Err(95024),
            Some(at) if at + WINDOW <= now => return Err(95002),
            Some(_) if resident.sent_since >= PER_MESSAGE => return Err(95001),
            Some(_) if resident.state > 1 => return Err(95018),
            Some(_) => {}
        }
        resident.sent_since += 1;
        resident.lines.push(Line { msgid: msgid.clone(), own: false, text });
        Ok(json!({ "msgid": msgid }))
    }

    pub(in crate::demo::wechat) fn welcome(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let code = asked["code"].as_str().unwrap_or_default();
        let (at, resident) = self.welcomed(code).ok_or(41050)?;
        if at + TimeDelta::seconds(20) < self.clock.now() {
            return Err(41050);
        }
        let msgid = asked["msgid"].as_str().unwrap_or_default().to_owned();
        let text = match asked["msgtype"].as_str() {
            Some("msgmenu") => self.show_menu(&msgid, &asked["msgmenu"])?,
            Some("text") => asked["text"]["content"].as_str().unwrap_or_default().to_owned(),
            _ => return Err(40008),
        };
        if text.is_empty() || text.len() > MOST_TEXT {
            return Err(if text.is_empty() { 44004 } else { 45002 });
        }
        let line = Line { msgid: msgid.clone(), own: false, text };
        let resident = self.met(&resident);
        if resident.lines.iter().all(|line| line.msgid != msgid) {
            resident.lines.push(line);
        }
        Ok(json!({ "msgid": msgid }))
    }

    fn welcomed(&self, code: &str) -> Option<(DateTime<Utc>, String)> {
        let (at, item) = self.log.iter().find(|(_, item)| item["event"]["welcome_code"] == code)?;
        Some((*at, item["event"]["external_userid"].as_str()?.to_owned()))
    }

    pub(in crate::demo::wechat) fn state(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let resident = self.known(asked["external_userid"].as_str())?;
        Ok(json!({ "service_state": resident.state }))
    }

    pub(in crate::demo::wechat) fn change_state(
        &mut self,
        asked: &Value,
    ) -> Result<Value, Refusal> {
        let to = asked["service_state"].as_i64().filter(|to| (0..=4).contains(to)).ok_or(40058)?;
        let resident = self.known(asked["external_userid"].as_str())?;
        // Whom a person has, or who has gone, the service cannot take.
        if to < 2 && resident.state > 2 {
            return Err(95018);
        }
        resident.state = to;
        Ok(json!({}))
    }

    pub(in crate::demo::wechat) fn customers(&self, asked: &Value) -> Value {
        let asked = asked["external_userid_list"].as_array().cloned().unwrap_or_default();
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for id in asked.iter().filter_map(Value::as_str) {
            match self.residents.get(id) {
                Some(one) => known.push(json!({ "external_userid": id, "nickname": one.nickname })),
                None => unknown.push(id),
            }
        }
        json!({ "customer_list": known, "invalid_external_userid": unknown })
    }

    pub(in crate::demo::wechat) fn file(
        &self,
        media_id: &str,
    ) -> Result<(String, Vec<u8>), Refusal> {
        self.media.get(media_id).cloned().ok_or(40007)
    }

    /// A file is brought, as the one field of a form.
    pub(in crate::demo::wechat) fn brought(
        &mut self,
        kind: &str,
        form: &[u8],
    ) -> Result<Value, Refusal> {
        let place = |bytes: &[u8], text: &str| {
            bytes.windows(text.len()).position(|window| window == text.as_bytes())
        };
        let head = place(form, "\r\n\r\n").ok_or(40004)?;
        let words = String::from_utf8_lossy(&form[..head]).into_owned();
        let boundary = words.lines().next().filter(|line| line.starts_with("--")).ok_or(40004)?;
        let named = |name: &str| Some(words.split_once(name)?.1.split_once('"')?.0.to_owned());
        let name =
            named("filename=\"").filter(|_| words.contains("name=\"media\"")).ok_or(40004)?;
        let rest = &form[head + 4..];
        let end = place(rest, &format!("\r\n{boundary}--")).ok_or(40004)?;
        if !["image", "voice", "video", "file"].contains(&kind) || end <= 5 {
            return Err(if end <= 5 { 40006 } else { 40004 });
        }
        let media_id = self.next("UP");
        self.media.insert(media_id.clone(), (kind.to_owned(), rest[..end].to_vec()));
        self.uploads.insert(media_id.clone(), name);
        Ok(json!({ "type": kind, "media_id": media_id }))
    }

    pub(in crate::demo::wechat) fn link(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let scene = asked["scene"].as_str().filter(|scene| fits(scene)).ok_or(40058)?.to_owned();
        let url = self.next("https://work.weixin.qq.com/kfid/double?enc_scene=");
        self.scenes.insert(url.clone(), scene);
        Ok(json!({ "url": url }))
    }

    pub(in crate::demo::wechat) fn accounts(&self, asked: &Value) -> Value {
        let all = [json!({ "open_kfid": self.open_kfid, "name": "户户通" })];
        let offset = asked["offset"].as_u64().unwrap_or(0) as usize;
        json!({ "account_list": all.get(offset..).unwrap_or_default() })
    }

    pub(in crate::demo::wechat) fn is_account(&self, open_kfid: &Value) -> Result<(), Refusal> {
        if *open_kfid == self.open_kfid.as_str() { Ok(()) } else { Err(95004) }
    }

    fn known(&mut self, resident: Option<&str>) -> Result<&mut Resident, Refusal> {
        self.residents.get_mut(resident.unwrap_or_default()).ok_or(84061)
    }
}

/// Whether a name or a scene has a form that the far side takes.
fn fits(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

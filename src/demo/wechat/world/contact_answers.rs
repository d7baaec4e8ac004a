//! What the API of external contacts answers.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::contacts::{MOVES_AFTER, Move, Way, key};
use super::{Refusal, World};

/// So often somebody may be handed over, in so many days.
const MOST_MOVES: usize = 2;
const IN_DAYS: TimeDelta = TimeDelta::days(90);
const MOST_AT_ONCE: usize = 100;
const CODE_LIFE: TimeDelta = TimeDelta::seconds(20);
const GROUP: &str = "户户通";

fn text<'a>(asked: &'a Value, name: &str) -> &'a str {
    asked[name].as_str().unwrap_or_default()
}

fn texts(asked: &Value, name: &str) -> Vec<String> {
    let list = asked[name].as_array().into_iter().flatten();
    list.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

impl World {
    pub(in crate::demo::wechat) fn contact(
        &mut self,
        call: &str,
        asked: &Value,
    ) -> Result<Value, Refusal> {
        match call {
            "remark" => self.remark(asked),
            "mark_tag" => self.mark(asked),
            "add_corp_tag" => self.add_tag(asked),
            "edit_corp_tag" => self.rename_tag(asked),
            "get_corp_tag_list" => Ok(self.tag_list()),
            "add_contact_way" => self.add_way(asked),
            "update_contact_way" => self.lead_way(asked),
            "send_welcome_msg" => self.greet(asked),
            "transfer_customer" => self.hand_over(asked, false),
            "resigned/transfer_customer" => self.hand_over(asked, true),
            "transfer_result" | "resigned/transfer_result" => Ok(self.handed_over(asked)),
            "batch/get_by_user" => self.friends_of(asked),
            _ => Err(40066),
        }
    }

    fn friend_of(&mut self, asked: &Value) -> Result<&mut super::contacts::Friend, Refusal> {
        let key = key(text(asked, "userid"), text(asked, "external_userid"));
        self.contacts.friends.get_mut(&key).ok_or(84061)
    }

    fn remark(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let remark = text(asked, "remark");
        if remark.is_empty() || remark.chars().count() > 20 {
            return Err(40058);
        }
        remark.clone_into(&mut self.friend_of(asked)?.remark);
        Ok(json!({}))
    }

    fn mark(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let (add, remove) = (texts(asked, "add_tag"), texts(asked, "remove_tag"));
        if add.is_empty() && remove.is_empty() {
            return Err(40058);
        }
        let known = |id: &String| self.contacts.tags.iter().any(|(known, _)| known == id);
        if !add.iter().chain(&remove).all(known) {
            return Err(40068);
        }
        let friend = self.friend_of(asked)?;
        friend.tags.extend(add);
        remove.iter().for_each(|id| {
            friend.tags.remove(id);
        });
        Ok(json!({}))
    }

    fn add_tag(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let name = asked["tag"][0]["name"].as_str().unwrap_or_default().to_owned();
        if name.is_empty() || name.chars().count() > 30 {
            return Err(40058);
        }
        if self.contacts.tags.iter().any(|(_, known)| *known == name) {
            return Err(40071);
        }
        if self.contacts.tags.len() >= self.contacts.most_tags {
            return Err(40126);
        }
        let id = self.next("tag");
        self.contacts.tags.push((id.clone(), name.clone()));
        Ok(json!({ "tag_group": { "group_id": "g1", "group_name": GROUP,
                                  "tag": [{ "id": id, "name": name }] } }))
    }

    fn rename_tag(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let (id, name) = (text(asked, "id"), text(asked, "name"));
        let mut tags = self.contacts.tags.iter_mut();
        let (_, known) = tags.find(|(known, _)| known == id).ok_or(40068)?;
        name.clone_into(known);
        Ok(json!({}))
    }

    fn tag_list(&self) -> Value {
        let tags = self.contacts.tags.iter().map(|(id, name)| json!({ "id": id, "name": name }));
        json!({ "tag_group": [{ "group_id": "g1", "group_name": GROUP,
                                "tag": tags.collect::<Vec<_>>() }] })
    }

    fn members(&self, asked: &Value, name: &str) -> Result<String, Refusal> {
        let users = texts(asked, name);
        let [user] = &users[..] else { return Err(40058) };
        let user = user.to_ascii_lowercase();
        if self.contacts.members.contains_key(&user) { Ok(user) } else { Err(40003) }
    }

    fn add_way(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let user = self.members(asked, "user")?;
        let state = text(asked, "state").to_owned();
        if state.chars().count() > 30 {
            return Err(40058);
        }
        let config = self.next("way");
        self.contacts.ways.insert(config.clone(), Way { user, state });
        let qr_code = format!("https://wework.qpic.cn/double/{config}");
        Ok(json!({ "config_id": config, "qr_code": qr_code }))
    }

    fn lead_way(&mut self, asked: &Value) -> Result<Value, Refusal> {
        let user = self.members(asked, "user")?;
        self.contacts.ways.get_mut(text(asked, "config_id")).ok_or(41044)?.user = user;
        Ok(json!({}))
    }

    fn greet(&mut self, asked: &Value) -> Result<Value, Refusal> {
        // A code is good once.
        let known = self.contacts.codes.remove(text(asked, "welcome_code"));
        let (at, external) = known.ok_or(41050)?;
        if at + CODE_LIFE < self.clock.now() {
            return Err(41050);
        }
        let said = asked["text"]["content"].as_str().unwrap_or_default().to_owned();
        self.contacts.greeted.entry(external).or_default().push(said);
        Ok(json!({}))
    }

    fn hand_over(&mut self, asked: &Value, resigned: bool) -> Result<Value, Refusal> {
        self.let_move();
        let from = text(asked, "handover_userid").to_ascii_lowercase();
        let to = text(asked, "takeover_userid").to_ascii_lowercase();
        let people = texts(asked, "external_userid");
        if people.is_empty() || people.len() > MOST_AT_ONCE {
            return Err(40058);
        }
        let works = |user: &String| self.contacts.members.contains_key(user);
        if !works(&to) || works(&from) == resigned {
            return Err(40003);
        }
        let now = self.clock.now();
        let mut taken = Vec::new();
        for external in people {
            let moves = || self.contacts.moves.iter().filter(|one| one.external == external);
            let lately = |one: &&Move| one.at > now - IN_DAYS && [1, 2].contains(&one.status);
            let number = if moves().any(|one| one.status == 2) {
                40129
            } else if moves().filter(lately).count() >= MOST_MOVES {
                40128
            } else if !self.contacts.friends.contains_key(&key(&from, &external)) {
                40131
            } else {
                let (from, to) = (from.clone(), to.clone());
                let external = external.clone();
                self.contacts.moves.push(Move { from, to, external, at: now, status: 2 });
                0
            };
            taken.push(json!({ "external_userid": external, "errcode": number }));
        }
        Ok(json!({ "customer": taken }))
    }

    fn handed_over(&mut self, asked: &Value) -> Value {
        self.let_move();
        let from = text(asked, "handover_userid").to_ascii_lowercase();
        let to = text(asked, "takeover_userid").to_ascii_lowercase();
        let moves = self.contacts.moves.iter().filter(|one| one.from == from && one.to == to);
        let moves: Vec<Value> = moves
            .map(|one| {
                let takeover_time = (one.at + MOVES_AFTER).timestamp();
                json!({ "external_userid": one.external, "status": one.status,
                        "takeover_time": takeover_time })
            })
            .collect();
        let (page, next) = self.some(&moves, asked);
        json!({ "customer": page, "next_cursor": next })
    }

    fn friends_of(&self, asked: &Value) -> Result<Value, Refusal> {
        let user = self.members(asked, "userid_list")?;
        let friends = self.contacts.friends.iter().filter(|((of, _), _)| *of == user);
        let friends: Vec<Value> = friends
            .map(|((_, external), friend)| {
                json!({ "external_contact": { "external_userid": external, "name": "微信用户" },
                        "follow_info": { "userid": user, "remark": friend.remark,
                                         "createtime": friend.since.timestamp(), "tag_id": friend.tags } })
            })
            .collect();
        let (page, next) = self.some(&friends, asked);
        Ok(json!({ "external_contact_list": page, "next_cursor": next }))
    }

    /// A page of a list, and where the next one begins.
    fn some<'a>(&self, all: &'a [Value], asked: &Value) -> (&'a [Value], String) {
        let start = text(asked, "cursor").parse().unwrap_or(0).min(all.len());
        let end = (start + self.contacts.page_size).min(all.len());
        let next = if end < all.len() { end.to_string() } else { String::new() };
        (&all[start..end], next)
    }
}

//! Members of the corp, and the residents whom they have as external contacts (客户联系).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Door, World};

/// After so long somebody who was handed over has gone along.
pub(super) const MOVES_AFTER: TimeDelta = TimeDelta::hours(24);

/// Members, their friends, and what is known of them.
pub struct Contacts {
    /// How many friends a member may have.
    pub places: usize,
    /// How many tags the corp may have.
    pub most_tags: usize,
    /// How many friends a page has at most.
    pub page_size: usize,
    pub(super) members: BTreeMap<String, String>,
    pub(super) friends: BTreeMap<(String, String), Friend>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) ways: BTreeMap<String, Way>,
    pub(super) moves: Vec<Move>,
    pub(super) codes: HashMap<String, (DateTime<Utc>, String)>,
    pub(super) greeted: HashMap<String, Vec<String>>,
}

/// A friend, as a member sees them.
#[derive(Clone, Debug, Default)]
pub struct Friend {
    /// How the member calls them.
    pub remark: String,
    /// The ids of their tags.
    pub tags: BTreeSet<String>,
    pub(super) since: DateTime<Utc>,
}

/// A QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// To whom it leads.
    pub user: String,
    /// What comes with whoever scans it.
    pub state: String,
}

pub(super) struct Move {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) external: String,
    pub(super) at: DateTime<Utc>,
    pub(super) status: i64,
}

impl Default for Contacts {
    fn default() -> Self {
        Self {
            places: 5000,
            most_tags: 3000,
            page_size: 100,
            members: BTreeMap::new(),
            friends: BTreeMap::new(),
            tags: Vec::new(),
            ways: BTreeMap::new(),
            moves: Vec::new(),
            codes: HashMap::new(),
            greeted: HashMap::new(),
        }
    }
}

pub(super) fn key(user: &str, external: &str) -> (String, String) {
    (user.to_ascii_lowercase(), external.to_owned())
}

impl World {
    /// Somebody joins the corp.
    pub fn join(&mut self, user: &str) {
        self.contacts.members.insert(user.to_ascii_lowercase(), user.to_owned());
    }

    /// Somebody leaves the corp; the friends stay the corp's.
    pub fn resign(&mut self, user: &str) {
        self.contacts.members.remove(&user.to_ascii_lowercase());
    }

    /// A resident becomes a member's friend, by a QR code with this state or without any.
    pub fn befriend(&mut self, user: &str, external: &str, state: &str) {
        let since = self.clock.now();
        let friend = Friend { since, ..Default::default() };
        self.contacts.friends.insert(key(user, external), friend);
        let code = self.next("GREET");
        self.contacts.codes.insert(code.clone(), (since, external.to_owned()));
        let more = format!("<State>{state}</State><WelcomeCode>{code}</WelcomeCode>");
        self.tell_of_friend("add_external_contact", user, external, &more);
    }

    /// A resident scans a QR code.
    pub fn scan(&mut self, url: &str, external: &str) {
        let config = url.rsplit('/').next().unwrap_or_default();
        if let Some(Way { user, state }) = self.contacts.ways.get(config).cloned() {
            self.befriend(&user, external, &state);
        }
    }

    /// A resident has added a member, who has not confirmed it.
    pub fn half_befriend(&mut self, user: &str, external: &str) {
        self.tell_of_friend("add_half_external_contact", user, external, "");
    }

    /// A member deletes a friend.
    pub fn member_deletes(&mut self, user: &str, external: &str) {
        self.contacts.friends.remove(&key(user, external));
        self.tell_of_friend("del_external_contact", user, external, "");
    }

    /// A resident deletes a member, who goes on seeing them.
    pub fn resident_deletes(&mut self, user: &str, external: &str) {
        self.tell_of_friend("del_follow_user", user, external, "");
    }

    /// A member calls a friend otherwise.
    pub fn member_remarks(&mut self, user: &str, external: &str, remark: &str) {
        if let Some(friend) = self.contacts.friends.get_mut(&key(user, external)) {
            remark.clone_into(&mut friend.remark);
        }
        self.tell_of_friend("edit_external_contact", user, external, "");
    }

    /// A resident does not want to go along to another member.
    pub fn refuse_move(&mut self, to: &str, external: &str) {
        let waiting = |one: &&mut Move| {
            one.to == to.to_ascii_lowercase() && one.external == external && one.status == 2
        };
        if let Some(one) = self.contacts.moves.iter_mut().find(waiting) {
            one.status = 3;
        }
        let more = "<FailReason>customer_refused</FailReason>";
        self.tell_of_friend("transfer_fail", to, external, more);
    }

    /// A member's friend, as the member sees them.
    pub fn friend(&self, user: &str, external: &str) -> Option<Friend> {
        self.contacts.friends.get(&key(user, external)).cloned()
    }

    /// The names of a friend's tags.
    pub fn tags_of(&self, user: &str, external: &str) -> Vec<String> {
        let Some(friend) = self.friend(user, external) else { return Vec::new() };
        let tags = self.contacts.tags.iter().filter(|(id, _)| friend.tags.contains(id));
        tags.map(|(_, name)| name.clone()).collect()
    }

    /// Every friendship: the member, the resident, and how the member sees the resident.
    pub fn friendships(&self) -> Vec<(String, String, Friend)> {
        let friends = self.contacts.friends.iter();
        friends.map(|((user, one), friend)| (user.clone(), one.clone(), friend.clone())).collect()
    }

    /// An administrator deletes a tag in the console.
    pub fn delete_tag(&mut self, name: &str) {
        self.contacts.tags.retain(|(_, known)| known != name);
    }

    /// Every QR code that was made.
    pub fn ways(&self) -> Vec<Way> {
        self.contacts.ways.values().cloned().collect()
    }

    /// What a resident was greeted with.
    pub fn greeted(&self, external: &str) -> Vec<String> {
        self.contacts.greeted.get(external).cloned().unwrap_or_default()
    }

    /// Those whose day is over go along, unless there is no place. The corp is told by nobody of what its programs do.
    pub(super) fn let_move(&mut self) {
        let now = self.clock.now();
        let mut full = Vec::new();
        for one in &mut self.contacts.moves {
            if one.status != 2 || one.at + MOVES_AFTER > now {
                continue;
            }
            let had = self.contacts.friends.keys().filter(|(user, _)| *user == one.to).count();
            if had >= self.contacts.places {
                one.status = 4;
                full.push((one.to.clone(), one.external.clone()));
                continue;
            }
            one.status = 1;
            if let Some(friend) = self.contacts.friends.remove(&key(&one.from, &one.external)) {
                let friend = Friend { since: now, ..friend };
                self.contacts.friends.insert(key(&one.to, &one.external), friend);
            }
        }
        for (to, external) in full {
            let more = "<FailReason>customer_limit_exceed</FailReason>";
            self.tell_of_friend("transfer_fail", &to, &external, more);
        }
    }

    fn tell_of_friend(&mut self, change: &str, user: &str, external: &str, more: &str) {
        let (now, nonce) = (self.clock.now(), self.next("0"));
        let user = self.contacts.members.get(&user.to_ascii_lowercase()).map_or(user, |user| user);
        let plain = format!(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>\
             <CreateTime>{}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
             <Event><![CDATA[change_external_contact]]></Event><ChangeType>{change}</ChangeType>\
             <UserID>{user}</UserID><ExternalUserID>{external}</ExternalUserID>{more}</xml>",
            self.corp_id,
            now.timestamp(),
        );
        let callback = self.seal.callback(&plain, now.timestamp(), &nonce);
        self.callbacks.extend(callback.map(|one| (Door::Contacts, one)));
    }
}

//! The calls of a corp whose members have residents as external contacts (客户联系).

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Nothing;
use super::{Account, Failure, Wecom};

/// The most people that are handed over at once.
pub const MOST_MOVED: usize = 100;
/// The most characters of a remark.
pub const MOST_REMARK: usize = 20;
/// The most characters of a tag's name.
pub const MOST_TAG: usize = 30;
/// The group that the service's tags are in.
const GROUP: &str = "户户通";
const FRIENDS_AT_ONCE: usize = 100;

/// A QR code by which one becomes the friend of a member.
#[derive(Deserialize)]
pub struct Way {
    /// The far side's name for it, which is told once only.
    pub config_id: String,
    /// Where its picture is.
    #[serde(default)]
    pub qr_code: String,
}

/// From whom to whom people are handed over.
#[derive(Clone, Copy)]
pub struct Hands<'a> {
    /// The member who has them.
    pub from: &'a str,
    /// The member who is to have them.
    pub to: &'a str,
    /// Whether the former has left the corp: then other calls do it.
    pub resigned: bool,
}

/// What became of somebody who is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 1: it is done.
    Done,
    /// 2: it takes a day, in which the resident may refuse.
    Waiting,
    /// 3: the resident refused.
    Refused,
    /// 4: the taker has as many friends as may be.
    Full,
}

/// Somebody who is handed over.
pub struct Moved {
    /// The far side's name for them.
    pub external_userid: String,
    /// How far it is; nothing when that is not known.
    pub outcome: Option<Outcome>,
    /// When they went along, or will, in seconds since 1970; of an earlier hand-over it lies before this one.
    pub takeover_time: Option<i64>,
}

/// A friend of a member, as the far side has it.
#[derive(Deserialize)]
pub struct Follow {
    /// Who it is.
    pub external_contact: External,
    /// What the member knows of them.
    pub follow_info: Known,
}

/// Who a friend is.
#[derive(Deserialize)]
pub struct External {
    /// The far side's name for them.
    pub external_userid: String,
}

/// What a member knows of a friend.
#[derive(Deserialize)]
pub struct Known {
    /// How the member calls them.
    #[serde(default)]
    pub remark: String,
    /// Since when they are friends, in seconds since 1970.
    #[serde(default)]
    pub createtime: i64,
}

/// Some friends of a member.
#[derive(Deserialize)]
pub struct Follows {
    /// The friends.
    #[serde(default)]
    pub external_contact_list: Vec<Follow>,
    /// Where this page ends; empty after the last.
    #[serde(default)]
    pub next_cursor: String,
}

#[derive(Deserialize)]
struct Tag {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Group {
    group_name: String,
    #[serde(default)]
    tag: Vec<Tag>,
}

impl Wecom {
    /// Calls a friend so in the member's WeCom.
    pub async fn remark(
        &self,
        account: &Account,
        (user, external): (&str, &str),
        remark: &str,
    ) -> Result<(), Failure> {
        let body = json!({ "userid": user, "external_userid": external, "remark": remark });
        self.post::<Nothing>(account, "externalcontact/remark", &body).await.map(drop)
    }

    /// Gives a friend a tag and takes another one away.
    pub async fn mark(
        &self,
        account: &Account,
        (user, external): (&str, &str),
        add: &str,
        remove: Option<&str>,
    ) -> Result<(), Failure> {
        let remove: Vec<&str> = remove.into_iter().collect();
        let body = json!({ "userid": user, "external_userid": external, "add_tag": [add],
                           "remove_tag": remove });
        self.post::<Nothing>(account, "externalcontact/mark_tag", &body).await.map(drop)
    }

    /// Makes a tag, and gives its id.
    pub async fn add_tag(&self, account: &Account, name: &str) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            tag_group: Group,
        }
        let body = json!({ "group_name": GROUP, "tag": [{ "name": name }] });
        let answer: Answer = self.post(account, "externalcontact/add_corp_tag", &body).await?;
        let made = answer.tag_group.tag.into_iter().find(|tag| tag.name == name);
        made.map(|tag| tag.id).ok_or(Failure::Unreadable)
    }

    /// Calls a tag otherwise.
    pub async fn rename_tag(&self, account: &Account, id: &str, name: &str) -> Result<(), Failure> {
        let body = json!({ "id": id, "name": name });
        self.post::<Nothing>(account, "externalcontact/edit_corp_tag", &body).await.map(drop)
    }

    /// The id of the service's tag of this name.
    pub async fn tag(&self, account: &Account, name: &str) -> Result<Option<String>, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            tag_group: Vec<Group>,
        }
        let path = "externalcontact/get_corp_tag_list";
        let answer: Answer = self.post(account, path, &json!({})).await?;
        let own = answer.tag_group.into_iter().filter(|group| group.group_name == GROUP);
        let mut named = own.flat_map(|group| group.tag).filter(|tag| tag.name == name);
        Ok(named.next().map(|tag| tag.id))
    }

    /// Makes a QR code that leads to a member. `state` comes back with whoever scans it.
    pub async fn friend_way(
        &self,
        account: &Account,
        user: &str,
        state: &str,
    ) -> Result<Way, Failure> {
        let body = json!({ "type": 1, "scene": 2, "skip_verify": true, "state": state,
                           "user": [user] });
        self.post(account, "externalcontact/add_contact_way", &body).await
    }

    /// Leads a QR code to another member; its picture stays the same.
    pub async fn lead_way(
        &self,
        account: &Account,
        config_id: &str,
        user: &str,
    ) -> Result<(), Failure> {
        let body = json!({ "config_id": config_id, "user": [user] });
        self.post::<Nothing>(account, "externalcontact/update_contact_way", &body).await.map(drop)
    }

    /// Greets a new friend, with the code that came with that and is good for 20 seconds.
    pub async fn welcome_friend(
        &self,
        account: &Account,
        code: &str,
        text: &str,
    ) -> Result<(), Failure> {
        let body = json!({ "welcome_code": code, "text": { "content": text } });
        self.post::<Nothing>(account, "externalcontact/send_welcome_msg", &body).await.map(drop)
    }

    /// Hands people over, up to [`MOST_MOVED`], who are told so in these words. Each is taken or refused by itself.
    pub async fn hand_over(
        &self,
        account: &Account,
        hands: Hands<'_>,
        people: &[&str],
        words: &str,
    ) -> Result<Vec<(String, Result<(), Failure>)>, Failure> {
        #[derive(Deserialize)]
        struct One {
            external_userid: String,
            errcode: i64,
        }
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            customer: Vec<One>,
        }
        let mut body = json!({ "handover_userid": hands.from, "takeover_userid": hands.to,
                               "external_userid": people });
        if !hands.resigned {
            body["transfer_success_msg"] = words.into();
        }
        let answer: Answer = self.post(account, &hands.path("transfer_customer"), &body).await?;
        let taken = |one: One| {
            let taken = if one.errcode == 0 { Ok(()) } else { Err(Failure::Refused(one.errcode)) };
            (one.external_userid, taken)
        };
        Ok(answer.customer.into_iter().map(taken).collect())
    }

    /// What became of people who are handed over, and where to go on after that; nowhere after the last.
    pub async fn handed_over(
        &self,
        account: &Account,
        hands: Hands<'_>,
        cursor: &str,
    ) -> Result<(Vec<Moved>, Option<String>), Failure> {
        #[derive(Deserialize)]
        struct One {
            external_userid: String,
            status: i64,
            takeover_time: Option<i64>,
        }
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            customer: Vec<One>,
            #[serde(default)]
            next_cursor: String,
        }
        let body = json!({ "handover_userid": hands.from, "takeover_userid": hands.to,
                           "cursor": cursor });
        let answer: Answer = self.post(account, &hands.path("transfer_result"), &body).await?;
        let moved = |one: One| Moved {
            external_userid: one.external_userid,
            outcome: Outcome::from_number(one.status),
            takeover_time: one.takeover_time,
        };
        let next = Some(answer.next_cursor).filter(|next| !next.is_empty());
        Ok((answer.customer.into_iter().map(moved).collect(), next))
    }

    /// Some friends of a member, as the far side has them.
    pub async fn friends_of(
        &self,
        account: &Account,
        user: &str,
        cursor: &str,
    ) -> Result<Follows, Failure> {
        let body: Value =
            json!({ "userid_list": [user], "cursor": cursor, "limit": FRIENDS_AT_ONCE });
        self.post(account, "externalcontact/batch/get_by_user", &body).await
    }
}

impl Hands<'_> {
    fn path(self, call: &str) -> String {
        let resigned = if self.resigned { "resigned/" } else { "" };
        format!("externalcontact/{resigned}{call}")
    }
}

impl Outcome {
    fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Done),
            2 => Some(Self::Waiting),
            3 => Some(Self::Refused),
            4 => Some(Self::Full),
            _ => None,
        }
    }
}

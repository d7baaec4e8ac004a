//! The calls of an Official Account (公众号) of WeChat.

use serde_json::{Map, Value, json};

use super::call::Nothing;
use super::{Account, Failure, Wecom, Words};

/// The most bytes of a text that is sent.
pub const MOST_TEXT: usize = 2048;
/// So many notices may be sent in a day.
pub const NOTICES_A_DAY: i32 = 100_000;

/// A notice by one of the account's templates, which needs no message of the follower's before.
pub struct Notice<'a> {
    /// The account's name for the template.
    pub template_id: &'a str,
    /// Where it leads; nowhere when there is nothing.
    pub url: Option<&'a str>,
    /// What stands in its places.
    pub values: &'a [(&'a str, &'a str)],
    /// The sender's own name for it, under which it is sent once.
    pub name: &'a str,
}

impl Wecom {
    /// Writes to a follower who wrote not long ago. The far side does not know again what it was given before.
    pub async fn tell(
        &self,
        account: &Account,
        openid: &str,
        words: Words<'_>,
    ) -> Result<(), Failure> {
        let choice = |id: &str, content: &str| json!({ "id": id, "content": content });
        let body = words.into(json!({ "touser": openid }), choice);
        self.post::<Nothing>(account, "message/custom/send", &body).await.map(drop)
    }

    /// Shows a picture to a follower who wrote not long ago.
    pub async fn show(
        &self,
        account: &Account,
        openid: &str,
        media_id: &str,
    ) -> Result<(), Failure> {
        let body =
            json!({ "touser": openid, "msgtype": "image", "image": { "media_id": media_id } });
        self.post::<Nothing>(account, "message/custom/send", &body).await.map(drop)
    }

    /// Sends a follower a notice.
    pub async fn notify(
        &self,
        account: &Account,
        openid: &str,
        notice: &Notice<'_>,
    ) -> Result<(), Failure> {
        let values = notice.values.iter();
        let data: Map<String, Value> =
            values.map(|(name, value)| ((*name).to_owned(), json!({ "value": value }))).collect();
        let mut body = json!({ "touser": openid, "template_id": notice.template_id, "data": data,
                               "client_msg_id": notice.name });
        if let Some(url) = notice.url {
            body["url"] = url.into();
        }
        self.post::<Nothing>(account, "message/template/send", &body).await.map(drop)
    }
}

//! What is said to a customer: words, or a menu to choose from.

use serde_json::{Value, json};

use super::call::Nothing;
use super::{Account, Failure, Wecom};

/// The most choices of a menu.
pub const MOST_CHOICES: usize = 10;
/// The most bytes of what a choice says.
pub const MOST_LABEL: usize = 128;
/// The most bytes of what stands above a menu, and of what stands below it.
pub const MOST_BESIDE: usize = 1024;

/// A menu (菜单消息): what is chosen comes back as a text with the choice's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// What stands above: at most [`MOST_BESIDE`] bytes.
    pub head: String,
    /// The choices: 1 to [`MOST_CHOICES`] names of at most 128 bytes, and what they say, at most [`MOST_LABEL`].
    pub choices: Vec<(String, String)>,
    /// What stands below: at most [`MOST_BESIDE`] bytes.
    pub tail: String,
}

/// What is said.
#[derive(Clone, Copy)]
pub enum Words<'a> {
    /// A text.
    Text(&'a str),
    /// A menu.
    Menu(&'a Menu),
}

impl Words<'_> {
    /// Puts the words into a message. How a choice is written is not everywhere the same.
    pub(super) fn into(self, mut message: Value, choice: fn(&str, &str) -> Value) -> Value {
        let (kind, content) = match self {
            Self::Text(text) => ("text", json!({ "content": text })),
            Self::Menu(menu) => {
                let choices = menu.choices.iter();
                let list: Vec<Value> = choices.map(|(id, content)| choice(id, content)).collect();
                let menu = json!({ "head_content": menu.head, "list": list,
                                   "tail_content": menu.tail });
                ("msgmenu", menu)
            }
        };
        message["msgtype"] = kind.into();
        message[kind] = content;
        message
    }
}

fn click(id: &str, content: &str) -> Value {
    json!({ "type": "click", "click": { "id": id, "content": content } })
}

impl Wecom {
    /// Says something to a customer. `msgid` is the sender's own name for it: what was sent under it before is not sent
    /// again.
    pub async fn say(
        &self,
        account: &Account,
        (open_kfid, external_userid): (&str, &str),
        msgid: &str,
        words: Words<'_>,
    ) -> Result<(), Failure> {
        let to = json!({ "touser": external_userid, "open_kfid": open_kfid, "msgid": msgid });
        self.post::<Nothing>(account, "kf/send_msg", &words.into(to, click)).await.map(drop)
    }

    /// Greets a customer who has just come in, with the code that came with that and is good for 20 seconds.
    pub async fn welcome(
        &self,
        account: &Account,
        code: &str,
        msgid: &str,
        words: Words<'_>,
    ) -> Result<(), Failure> {
        let to = json!({ "code": code, "msgid": msgid });
        self.post::<Nothing>(account, "kf/send_msg_on_event", &words.into(to, click))
            .await
            .map(drop)
    }
}

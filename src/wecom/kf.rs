//! The calls of a customer-service account (微信客服).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Nothing;
use super::{Account, Failure, Wecom};

/// The most messages of a page.
pub const MOST_MESSAGES: u32 = 1000;
/// The most bytes of a text that is sent.
pub const MOST_TEXT: usize = 2048;
/// The most customers that are asked for at once.
pub const MOST_CUSTOMERS: usize = 100;
const ACCOUNTS_AT_ONCE: usize = 100;

/// What to fetch.
#[derive(Serialize)]
pub struct Sync<'a> {
    /// The account.
    pub open_kfid: &'a str,
    /// Where the page before ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<&'a str>,
    /// The callback's token, good for ten minutes; without it the far side lets one ask less often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<&'a str>,
    /// How much at once, up to [`MOST_MESSAGES`].
    pub limit: u32,
}

/// What came.
#[derive(Deserialize)]
pub struct Page {
    /// Where this page ends; none when nothing came.
    #[serde(default)]
    pub next_cursor: String,
    /// Whether there is more, be this page full or not.
    #[serde(default)]
    pub has_more: i64,
    /// What came, as it came.
    #[serde(default)]
    pub msg_list: Vec<Value>,
}

/// Where a customer's session is. The API may send in the first two only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// 0: nobody has taken it.
    New,
    /// 1: the service answers.
    Assistant,
    /// 2: it waits for a person in the WeCom client.
    Pool,
    /// 3: a person answers in the WeCom client.
    Person,
    /// 4: it has ended, or was never begun.
    Ended,
}

impl SessionState {
    fn from_number(number: i64) -> Option<Self> {
        [Self::New, Self::Assistant, Self::Pool, Self::Person, Self::Ended]
            .into_iter()
            .find(|state| *state as i64 == number)
    }

    /// Whether the API may send.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::New | Self::Assistant)
    }
}

/// A customer, as WeChat shows them.
#[derive(Deserialize)]
pub struct Customer {
    /// The account's name for them.
    pub external_userid: String,
    /// What they call themselves.
    #[serde(default)]
    pub nickname: String,
    /// What is the same of them in all of the developer's accounts, when one is bound.
    pub unionid: Option<String>,
}

/// A customer-service account of the corp.
#[derive(Deserialize)]
pub struct KfAccount {
    /// The far side's name for it.
    pub open_kfid: String,
    /// What customers see.
    pub name: String,
}

impl Wecom {
    /// The next page of what customers wrote and what happened.
    pub async fn sync(&self, account: &Account, asked: &Sync<'_>) -> Result<Page, Failure> {
        self.post(account, "kf/sync_msg", asked).await
    }

    /// Where a customer's session is.
    pub async fn session(
        &self,
        account: &Account,
        open_kfid: &str,
        external_userid: &str,
    ) -> Result<SessionState, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            service_state: i64,
        }
        let body = json!({ "open_kfid": open_kfid, "external_userid": external_userid });
        let answer: Answer = self.post(account, "kf/service_state/get", &body).await?;
        SessionState::from_number(answer.service_state).ok_or(Failure::Unreadable)
    }

    /// Moves a customer's session.
    pub async fn move_session(
        &self,
        account: &Account,
        open_kfid: &str,
        external_userid: &str,
        to: SessionState,
    ) -> Result<(), Failure> {
        let body = json!({ "open_kfid": open_kfid, "external_userid": external_userid,
                           "service_state": to as i64 });
        self.post::<Nothing>(account, "kf/service_state/trans", &body).await.map(drop)
    }

    /// Who customers are, up to [`MOST_CUSTOMERS`]. Those whom the far side does not know are left out.
    pub async fn customers(
        &self,
        account: &Account,
        external_userids: &[&str],
    ) -> Result<Vec<Customer>, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            customer_list: Vec<Customer>,
        }
        let body = json!({ "external_userid_list": external_userids });
        let answer: Answer = self.post(account, "kf/customer/batchget", &body).await?;
        Ok(answer.customer_list)
    }

    /// A link that leads into a chat with the account. `scene` comes back with who follows it.
    pub async fn contact_way(
        &self,
        account: &Account,
        open_kfid: &str,
        scene: &str,
    ) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            url: String,
        }
        let body = json!({ "open_kfid": open_kfid, "scene": scene });
        let answer: Answer = self.post(account, "kf/add_contact_way", &body).await?;
        Ok(answer.url)
    }

    /// The corp's customer-service accounts that the app may use, `ACCOUNTS_AT_ONCE` from `offset` on.
    pub async fn accounts(
        &self,
        account: &Account,
        offset: usize,
    ) -> Result<Vec<KfAccount>, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            account_list: Vec<KfAccount>,
        }
        let body = json!({ "offset": offset, "limit": ACCOUNTS_AT_ONCE });
        let answer: Answer = self.post(account, "kf/account/list", &body).await?;
        Ok(answer.account_list)
    }

    /// Whether the app may use this account.
    pub async fn has_account(&self, account: &Account, open_kfid: &str) -> Result<bool, Failure> {
        let mut offset = 0;
        loop {
            let page = self.accounts(account, offset).await?;
            if page.iter().any(|one| one.open_kfid == open_kfid) {
                return Ok(true);
            }
            if page.len() < ACCOUNTS_AT_ONCE {
                return Ok(false);
            }
            offset += page.len();
        }
    }
}

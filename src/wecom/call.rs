//! One call of the API: with the app's token, within a time and a size.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::token::{Granted, Tokens};
use super::{Account, Class, Failure, Issuer, Patience};
use crate::clock::Clock;

/// The most bytes of an answer in JSON: a page of a thousand messages.
const MOST_JSON: usize = 16 << 20;
/// How a wrong secret is refused.
const BAD_SECRET: i64 = 40001;

/// Speaks with the API in the name of any app.
pub struct Wecom {
    http: reqwest::Client,
    tokens: Tokens,
}

/// What is asked, without the token.
pub(super) struct Call<'a, B> {
    pub(super) path: &'a str,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) sent: Sent<'a, B>,
    pub(super) most: usize,
}

/// What is sent along.
pub(super) enum Sent<'a, B> {
    Nothing,
    Json(&'a B),
    File(&'a Upload<'a>),
}

/// A file that is sent.
pub struct Upload<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

impl Upload<'_> {
    /// It as the one field `media` of a form, and the media type of the form.
    fn form(&self) -> (String, Vec<u8>) {
        // What is in no file by chance.
        let boundary = format!("huhutong-{}", uuid::Uuid::new_v4().simple());
        let name: String =
            self.name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{name}\"; \
             filelength={}\r\nContent-Type: {}\r\n\r\n",
            self.bytes.len(),
            self.media_type
        );
        let foot = format!("\r\n--{boundary}--\r\n");
        let form = [head.as_bytes(), self.bytes, foot.as_bytes()].concat();
        (format!("multipart/form-data; boundary={boundary}"), form)
    }
}

/// An answer's kind, the name of the file in it, and its bytes.
pub(super) struct Raw {
    pub(super) content_type: Option<String>,
    pub(super) name: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// An answer that says no more than that all is well.
#[derive(serde::Deserialize)]
pub(super) struct Nothing {}

#[derive(serde::Deserialize)]
struct Verdict {
    /// Some answers have none when all is well.
    #[serde(default)]
    errcode: i64,
}

impl Wecom {
    /// Speaks with the API by this clock, so patiently.
    pub fn new(clock: Clock, patience: Patience) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .connect_timeout(patience.connect)
            .timeout(patience.answer)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, tokens: Tokens::new(clock) })
    }

    /// Whether the app's secret is good and this service is let in.
    pub async fn sign_in(&self, account: &Account) -> Result<(), Failure> {
        self.token(account, None).await.map(drop)
    }

    /// Sends JSON and reads JSON.
    pub(super) async fn post<A: DeserializeOwned>(
        &self,
        account: &Account,
        path: &str,
        body: &impl Serialize,
    ) -> Result<A, Failure> {
        let call = Call { path, query: &[], sent: Sent::Json(body), most: MOST_JSON };
        let raw = self.call(account, &call).await?;
        serde_json::from_slice(&raw.bytes).map_err(|_| Failure::Unreadable)
    }

    /// Calls with the token that is there, and once more with a new one when that was refused.
    pub(super) async fn call<B: Serialize>(
        &self,
        account: &Account,
        call: &Call<'_, B>,
    ) -> Result<Raw, Failure> {
        let token = self.token(account, None).await?;
        match self.attempt(account, call, &token).await {
            Err(failure) if account.is_spent(failure) => {
                let token = self.token(account, Some(&token)).await?;
                self.attempt(account, call, &token).await
            }
            other => other,
        }
    }

    async fn token(
        &self,
        account: &Account,
        spent: Option<&str>,
    ) -> Result<std::sync::Arc<str>, Failure> {
        let fetch = async || {
            let raw = send(self.asking_for_token(account)?, MOST_JSON).await?;
            let granted: Granted =
                serde_json::from_slice(&raw.bytes).map_err(|_| Failure::Unreadable)?;
            Ok(granted)
        };
        self.tokens.get(account, spent, fetch).await
    }

    fn asking_for_token(&self, account: &Account) -> Result<reqwest::RequestBuilder, Failure> {
        let (id, secret) = (&*account.corp_id, &*account.secret);
        Ok(match account.issuer {
            Issuer::Corp => {
                let query = [("corpid", id), ("corpsecret", secret)];
                self.http.get(address(account, "gettoken", &query)?)
            }
            Issuer::OfficialAccount => {
                let body =
                    json!({ "grant_type": "client_credential", "appid": id, "secret": secret });
                self.http.post(address(account, "stable_token", &[])?).json(&body)
            }
        })
    }

    async fn attempt<B: Serialize>(
        &self,
        account: &Account,
        call: &Call<'_, B>,
        token: &str,
    ) -> Result<Raw, Failure> {
        let mut query = vec![("access_token", token)];
        query.extend_from_slice(call.query);
        let address = address(account, call.path, &query)?;
        let request = match &call.sent {
            Sent::Nothing => self.http.get(address),
            Sent::Json(body) => self.http.post(address).json(body),
            Sent::File(upload) => {
                let (content_type, form) = upload.form();
                let request = self.http.post(address).body(form);
                request.header(reqwest::header::CONTENT_TYPE, content_type)
            }
        };
        send(request, call.most).await
    }
}

impl Account {
    /// Whether a failure says that the token is good no more. Where WeCom means a wrong secret, WeChat means that as well.
    fn is_spent(&self, failure: Failure) -> bool {
        failure.class() == Class::RefreshToken
            || self.issuer == Issuer::OfficialAccount && failure == Failure::Refused(BAD_SECRET)
    }
}

fn address(account: &Account, path: &str, query: &[(&str, &str)]) -> Result<url::Url, Failure> {
    let base = account.base_url.trim_end_matches('/');
    url::Url::parse_with_params(&format!("{base}/cgi-bin/{path}"), query).map_err(|_| Failure::Away)
}

/// Sends a request and reads its answer, unless that is a refusal.
async fn send(request: reqwest::RequestBuilder, most: usize) -> Result<Raw, Failure> {
    let mut answer = request.send().await?;
    // The API itself always says 200; anything else comes from between.
    if !answer.status().is_success() {
        return Err(Failure::Unreadable);
    }
    let content_type = answer.headers().get(reqwest::header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let name = answer.headers().get(reqwest::header::CONTENT_DISPOSITION);
    let name = name.and_then(|value| file_name(value.as_bytes()));
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > most {
            return Err(Failure::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    let says_json = |kind: &str| kind.contains("json") || kind.starts_with("text/plain");
    if content_type.as_deref().is_none_or(says_json) {
        match serde_json::from_slice::<Verdict>(&bytes) {
            Ok(Verdict { errcode: 0 }) | Err(_) => {}
            Ok(Verdict { errcode }) => return Err(Failure::Refused(errcode)),
        }
    }
    Ok(Raw { content_type, name, bytes })
}

/// The name in `attachment; filename="..."`, which comes as it is and not in ASCII.
fn file_name(disposition: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(disposition);
    let (_, rest) = text.split_once("filename=\"")?;
    let (name, _) = rest.split_once('"')?;
    Some(name.to_owned()).filter(|name| !name.trim().is_empty())
}

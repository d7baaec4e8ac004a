//! Channels, and what their far side sends to the door.

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use huhutong::demo::wechat::{Callback, Seal};
use tower::ServiceExt;

use super::{TestApp, Value, json};

/// What the two sides of a channel's door know.
#[derive(Clone)]
pub struct Gate {
    pub channel: Value,
    pub path: String,
    pub seal: Seal,
}

/// The keys that a channel of tests has.
pub fn seal(receiver: &str) -> Seal {
    Seal {
        token: "hht4Token2026".to_owned(),
        encoding_aes_key: "pyTKlsYE4Ydrw0BCiP1jbPLeSO57m/EBuUjc4OTtuDI".to_owned(),
        receiver: receiver.to_owned(),
    }
}

/// Other keys.
pub fn other_seal(receiver: &str) -> Seal {
    Seal {
        token: "Another1".to_owned(),
        encoding_aes_key: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".to_owned(),
        receiver: receiver.to_owned(),
    }
}

/// The keys as a mutation takes them.
pub fn keys(seal: &Seal) -> Value {
    json!({ "token": seal.token, "aesKey": seal.encoding_aes_key })
}

pub const CORP: &str = "wwa1b2c3d4e5f60718";
const WANTED: &str = "id version callbackUrl";

impl TestApp {
    /// The input of a new channel of WeChat customer service. Nobody answers where its API is.
    pub fn channel_input(&self) -> Value {
        json!({ "idempotencyKey": self.service().new_id(), "kind": "WECHAT_KF", "name": "陈集微信客服",
                "corpId": CORP, "openKfid": format!("wk{}", self.service().new_id().simple()),
                "secret": "SecretOfTheApp-1", "apiBaseUrl": "http://127.0.0.1:9", "callbackKeys": keys(&seal(CORP)) })
    }

    pub async fn channel_of(&self, input: Value) -> Value {
        self.county_admin().mutate("createChannel", input, WANTED).await.done()
    }

    /// A channel of WeChat customer service and its door.
    pub async fn gate(&self) -> Gate {
        let channel = self.channel_of(self.channel_input()).await;
        let path = channel["callbackUrl"].as_str().unwrap().to_owned();
        Gate { channel, path, seal: seal(CORP) }
    }

    /// Knocks at the door of a channel.
    pub async fn knock(
        &self,
        method: &str,
        address: &str,
        body: impl Into<Body>,
    ) -> (StatusCode, Bytes) {
        let request = Request::builder().method(method).uri(address).body(body.into()).unwrap();
        let response = self.router().oneshot(request).await.unwrap();
        let status = response.status();
        (status, response.into_body().collect().await.unwrap().to_bytes())
    }

    /// What the far side would send now.
    pub fn callback(&self, seal: &Seal, says: &str) -> Callback {
        seal.callback(says, self.now().timestamp(), "0012345").unwrap()
    }

    /// Delivers it, and tells in one word what was answered.
    pub async fn deliver(&self, gate: &Gate, callback: &Callback) -> String {
        let address = format!("{}?{}", gate.path, callback.query);
        let (status, body) = self.knock("POST", &address, callback.body.clone()).await;
        format!("{} {}", status.as_u16(), String::from_utf8_lossy(&body))
    }

    /// Has the far side check the address.
    pub async fn verify(&self, gate: &Gate, callback: &Callback) -> String {
        let (status, body) =
            self.knock("GET", &format!("{}?{}", gate.path, callback.query), "").await;
        format!("{} {}", status.as_u16(), String::from_utf8_lossy(&body))
    }

    /// How many deliveries are kept.
    pub async fn deliveries(&self) -> i64 {
        self.number("SELECT count(*) FROM channel_delivery").await
    }
}

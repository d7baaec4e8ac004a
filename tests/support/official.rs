//! An Official Account of the application, and its far side.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use huhutong::channel::envelope::{Keys, Outside};
use huhutong::channel::xml::Fields;
use huhutong::demo::wechat::{Callback, Double};
use huhutong::{messenger, official};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::app::TestApp;
use super::wechat::far_side;

pub struct Account {
    pub app: TestApp,
    pub far: Double,
    pub channel: Value,
}

impl Account {
    /// An account in safe mode.
    pub async fn start(app: &TestApp) -> Self {
        Self::sealing(app, true).await
    }

    /// An account in plain mode.
    pub async fn plain(app: &TestApp) -> Self {
        Self::sealing(app, false).await
    }

    async fn sealing(app: &TestApp, seals: bool) -> Self {
        let (far, account) = far_side(app.service().clock.clone()).await;
        let input = {
            let mut world = far.world();
            world.official.plain = !seals;
            let mut keys = json!({ "token": world.seal.token });
            if seals {
                keys["aesKey"] = world.seal.encoding_aes_key.as_str().into();
            }
            json!({
                "idempotencyKey": app.service().new_id(), "kind": "OFFICIAL_ACCOUNT", "name": "服务号",
                "corpId": world.official.app_id, "secret": world.official.secret,
                "apiBaseUrl": account.base_url, "callbackKeys": keys,
            })
        };
        let channel = app.county_admin().mutate("createChannel", input, "id version").await.done();
        Self { app: app.clone(), far, channel }
    }

    /// Delivers a callback, and gives what is answered.
    pub async fn deliver(&self, callback: Option<Callback>) -> (StatusCode, String) {
        let Callback { query, body } = callback.expect("a callback");
        let path = format!("/wechat/callback/{}", self.channel["id"].as_str().unwrap());
        let request = Request::post(format!("{path}?{query}")).body(Body::from(body)).unwrap();
        let answer = self.app.router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body: Bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Delivers what is answered with `success`, and does what there is to do.
    pub async fn go_on(&self, callback: Option<Callback>) {
        assert_eq!(self.deliver(callback).await, (StatusCode::OK, "success".to_owned()));
        self.work().await;
    }

    /// Does what there is to do at this moment.
    pub async fn work(&self) {
        let service = self.app.service();
        while official::work(service).await.unwrap() | messenger::work(service).await.unwrap() {}
    }

    /// What an answer in an envelope says.
    pub fn opened(&self, answer: &str) -> Fields {
        let outer = Fields::read(answer).unwrap();
        let get = |name| outer.get(name).unwrap();
        let world = self.far.world();
        let keys = Keys::new(&world.seal.token, &world.seal.encoding_aes_key).unwrap();
        let (timestamp, nonce) = (get("TimeStamp"), get("Nonce"));
        let outside = Outside { signature: get("MsgSignature"), timestamp, nonce };
        let opened = keys.open(outside, get("Encrypt"), &world.official.app_id).unwrap();
        Fields::read(&opened).unwrap()
    }

    /// A new household of a village whose primary contact follows the account under this name.
    pub async fn household(&self, village: &str, openid: &str) -> Value {
        let household = self.app.household(village).await;
        let input = json!({
            "idempotencyKey": self.app.service().new_id(), "householdId": household["id"],
            "name": "王建国", "wechatId": openid, "standing": "PRIMARY", "consent": self.app.consent(),
        });
        self.app.county_admin().mutate("enrolContact", input, "id").await.done();
        household
    }

    /// What was said with a household, and the first inquiry's id.
    pub async fn said(&self, household: &Value) -> (Vec<String>, Value) {
        let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { id \
                        messages(first: 100) { edges { node { direction text via } } } } } } } }";
        let answer =
            self.app.county_admin().query(document, json!({ "id": household["id"] })).await;
        let inquiry = answer.at("/household/inquiries/edges/0/node").clone();
        let edges = inquiry["messages"]["edges"].as_array().cloned().unwrap_or_default();
        let line = |edge: &Value| {
            let node = &edge["node"];
            let text = |name: &str| node[name].as_str().unwrap().to_owned();
            format!("{} {}: {}", text("direction"), text("via"), text("text"))
        };
        (edges.iter().map(line).collect(), inquiry["id"].clone())
    }

    /// An officer answers, a second after whatever was before.
    pub async fn answer(&self, inquiry: &Value, text: &str) {
        self.app.advance(Duration::from_secs(1));
        let input = json!({ "idempotencyKey": self.app.service().new_id(), "inquiryId": inquiry, "text": text });
        self.app.county_admin().mutate("replyToInquiry", input, "id").await.done();
        self.settled().await;
        self.app.advance(Duration::from_secs(1));
    }

    /// Works until every event was read: those of other tests' changes may be held back for a moment.
    async fn settled(&self) {
        let last = "SELECT coalesce(max(sequence), 0) FROM event";
        let read =
            "SELECT coalesce((SELECT sequence FROM checkpoint WHERE reader = 'messenger'), 0)";
        loop {
            self.work().await;
            if self.app.number(last).await == self.app.number(read).await {
                return self.work().await;
            }
            tokio::task::yield_now().await;
        }
    }

    /// How far the last message of an inquiry is on its way, and why it is not there.
    pub async fn delivery(&self, inquiry: &Value) -> String {
        let document = "query($id: ID!) { inquiry(id: $id) { messages(last: 1) { edges { node { \
                        delivery { state reason } } } } } }";
        let answer = self.app.county_admin().query(document, json!({ "id": inquiry })).await;
        let delivery = answer.at("/inquiry/messages/edges/0/node/delivery");
        let text = |name: &str| delivery[name].as_str().unwrap_or("-").to_owned();
        format!("{} {}", text("state"), text("reason"))
    }
}

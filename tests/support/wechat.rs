//! The far side of a WeChat channel, in the test's process.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use huhutong::clock::Clock;
use huhutong::demo::wechat::Double;
use huhutong::messenger;
use huhutong::wecom::{Account, Issuer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use super::app::TestApp;

/// A double that answers at an address of its own.
pub async fn far_side(clock: Clock) -> (Double, Account) {
    let double = Double::new(clock);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let serving = double.clone();
    tokio::spawn(async move { serving.serve(listener).await });
    let account = {
        let world = double.world();
        Account {
            base_url,
            corp_id: world.corp_id.clone(),
            secret: world.secret.clone(),
            issuer: Issuer::Corp,
        }
    };
    (double, account)
}

/// A channel of the application, and its far side.
pub struct Wechat {
    pub app: TestApp,
    pub far: Double,
    /// The channel: id, version.
    pub channel: Value,
}

impl Wechat {
    pub async fn start(app: &TestApp) -> Self {
        Self::start_as(app, "wkDoubleAccount0001").await
    }

    /// The same, for an account of this name.
    pub async fn start_as(app: &TestApp, open_kfid: &str) -> Self {
        Self::begin(app, open_kfid, app.service().clock.clone()).await
    }

    /// The same, by another clock than the test's.
    pub async fn start_by(app: &TestApp, clock: Clock) -> Self {
        Self::begin(app, "wkDoubleAccount0001", clock).await
    }

    async fn begin(app: &TestApp, open_kfid: &str, clock: Clock) -> Self {
        let (far, account) = far_side(clock).await;
        far.world().open_kfid = open_kfid.to_owned();
        let input = {
            let world = far.world();
            json!({
                "idempotencyKey": app.service().new_id(), "kind": "WECHAT_KF", "name": "户户通",
                "corpId": account.corp_id, "openKfid": world.open_kfid, "secret": account.secret,
                "apiBaseUrl": account.base_url,
                "callbackKeys": { "token": world.seal.token, "aesKey": world.seal.encoding_aes_key },
            })
        };
        let channel = app.county_admin().mutate("createChannel", input, "id version").await.done();
        Self { app: app.clone(), far, channel }
    }

    /// A new household of a village whose primary contact has this identity in WeChat.
    pub async fn household(&self, village: &str, external_id: &str) -> Value {
        let household = self.app.household(village).await;
        let input = json!({
            "idempotencyKey": self.app.service().new_id(), "householdId": household["id"],
            "name": "王建国", "wechatId": external_id, "standing": "PRIMARY",
            "consent": self.app.consent(),
        });
        self.app.county_admin().mutate("enrolContact", input, "id").await.done();
        household
    }

    /// Delivers what the far side calls, through the door.
    pub async fn deliver(&self) {
        let callbacks = self.far.world().take_callbacks();
        let path = format!("/wechat/callback/{}", self.channel["id"].as_str().unwrap());
        for callback in callbacks {
            let request = Request::post(format!("{path}?{}", callback.query));
            let request = request.body(Body::from(callback.body)).unwrap();
            let answer = self.app.router().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }

    /// Delivers what the far side calls to the program at this address.
    pub async fn deliver_to(&self, address: &str) {
        let callbacks = self.far.world().take_callbacks();
        let path = format!("/wechat/callback/{}", self.channel["id"].as_str().unwrap());
        for callback in callbacks {
            let to = format!("http://{address}{path}?{}", callback.query);
            let answer = reqwest::Client::new().post(to).body(callback.body).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }

    /// The same channel, worked on by another instance.
    pub fn at(self, app: &TestApp) -> Self {
        Self { app: app.clone(), ..self }
    }

    /// Does what there is to do at this moment, when everything that has happened can be read. Nobody else may do anything
    /// meanwhile: that would be waited for in vain.
    pub async fn work(&self) {
        loop {
            self.app.event_cursor().await;
            if !messenger::work(self.app.service()).await.unwrap() {
                return;
            }
        }
    }

    /// Delivers what the far side calls, and does what there is to do.
    pub async fn go_on(&self) {
        self.deliver().await;
        self.work().await;
    }

    /// The inquiry that somebody, the primary contact of a new household, opens with this text: id.
    pub async fn asked(&self, village: &str, external_id: &str, text: &str) -> Value {
        let household = self.household(village, external_id).await;
        self.far.world().write(external_id, text);
        self.go_on().await;
        self.inquiry_of(&household).await
    }

    /// The latest inquiry of a household: id, version.
    pub async fn inquiry_of(&self, household: &Value) -> Value {
        let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1, orderBy: OPENED_AT_DESC) \
                        { edges { node { id version } } } } }";
        let admin = self.app.county_admin();
        let answer = admin.query(document, json!({ "id": household["id"] })).await;
        answer.at("/household/inquiries/edges/0/node").clone()
    }

    /// An officer's reply: id.
    pub async fn reply(&self, inquiry: &Value, text: &str) -> Value {
        let input = json!({ "idempotencyKey": self.app.service().new_id(),
                            "inquiryId": inquiry["id"], "text": text });
        self.app.county_admin().mutate("replyToInquiry", input, "id").await.done()
    }

    /// How far a message is: `SENT`, `FAILED REFUSED`, or nothing when it does not go to WeChat.
    pub async fn state(&self, message: &Value) -> String {
        let document =
            "query($id: ID!) { node(id: $id) { ... on Message { delivery { state reason } } } }";
        let admin = self.app.county_admin();
        let answer = admin.query(document, json!({ "id": message["id"] })).await;
        let delivery = answer.at("/node/delivery");
        let words = ["state", "reason"].map(|name| delivery[name].as_str().unwrap_or_default());
        words.join(" ").trim().to_owned()
    }

    /// How much may be sent, as `4 of 5`; nothing when the contact has never written.
    pub async fn left(&self, inquiry: &Value) -> String {
        let document = "query($id: ID!) { inquiry(id: $id) { wechatWindow { left of } } }";
        let admin = self.app.county_admin();
        let answer = admin.query(document, json!({ "id": inquiry["id"] })).await;
        match answer.at("/inquiry/wechatWindow") {
            Value::Null => String::new(),
            window => format!("{} of {}", window["left"], window["of"]),
        }
    }

    /// What somebody was sent.
    pub fn received(&self, external_id: &str) -> Vec<String> {
        self.far.world().received(external_id)
    }

    /// How often the far side was called.
    pub fn calls(&self, path: &str) -> u32 {
        self.far.world().calls.get(path).copied().unwrap_or_default()
    }

    /// Everything that was said with a household, as `IN: text` and `OUT: text`, inquiry after inquiry.
    pub async fn said(&self, household: &Value) -> Vec<Vec<String>> {
        let document = "query($id: ID!) { household(id: $id) { inquiries(first: 20, orderBy: OPENED_AT_ASC) \
                        { edges { node { messages(first: 100) { edges { node { direction text } } } } } } } }";
        let answer =
            self.app.county_admin().query(document, json!({ "id": household["id"] })).await;
        let edges = |value: &Value| value["edges"].as_array().cloned().unwrap_or_default();
        let line = |edge: &Value| {
            let direction = if edge["node"]["direction"] == "INBOUND" { "IN" } else { "OUT" };
            format!("{direction}: {}", edge["node"]["text"].as_str().unwrap())
        };
        edges(answer.at("/household/inquiries"))
            .iter()
            .map(|inquiry| edges(&inquiry["node"]["messages"]).iter().map(line).collect())
            .collect()
    }
}

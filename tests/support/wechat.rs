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
        let (far, account) = far_side(app.service().clock.clone()).await;
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

    /// Does what there is to do at this moment.
    pub async fn work(&self) {
        while messenger::work(self.app.service()).await.unwrap() {}
    }

    /// Delivers what the far side calls, and does what there is to do.
    pub async fn go_on(&self) {
        self.deliver().await;
        self.work().await;
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

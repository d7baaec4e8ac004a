//! A corp at WeCom whose members are officers, and their friends.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use huhutong::demo::wechat::Double;
use huhutong::friend;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::app::TestApp;
use super::wechat::far_side;
use super::{Actor, county};

/// A channel of WeCom contacts, and its far side.
pub struct Wecom {
    pub app: TestApp,
    pub far: Double,
    pub channel: Value,
}

impl Wecom {
    pub async fn start(app: &TestApp) -> Self {
        let (far, account) = far_side(app.service().clock.clone()).await;
        let input = {
            let world = far.world();
            json!({
                "idempotencyKey": app.service().new_id(), "kind": "WECOM_CONTACTS", "name": "客户联系",
                "corpId": account.corp_id, "secret": account.secret,
                "apiBaseUrl": account.base_url, "perMinute": 10_000,
                "callbackKeys": { "token": world.seal.token, "aesKey": world.seal.encoding_aes_key },
            })
        };
        let channel = app.county_admin().mutate("createChannel", input, "id version").await.done();
        Self { app: app.clone(), far, channel }
    }

    /// The lead of a village, who is a member of the corp under this name.
    pub async fn member(&self, village: &str, user: &str) -> Actor {
        let officer = self.app.lead(village);
        self.joins(&officer, user).await;
        officer
    }

    /// An officer becomes a member of the corp.
    pub async fn joins(&self, officer: &Actor, user: &str) {
        self.far.world().join(user);
        let document = "query($id: ID!) { officer(id: $id) { version } }";
        let admin = self.app.county_admin();
        let answer = admin.query(document, json!({ "id": officer.id() })).await;
        let version = answer.at("/officer/version").clone();
        let input =
            json!({ "officerId": officer.id(), "expectedVersion": version, "wecomUserId": user });
        admin.mutate("updateOfficer", input, "wecomUserId").await.done();
        self.work().await;
    }

    /// A new household of a village whose primary contact has this identity in WeChat.
    pub async fn household(&self, village: &str, name: &str, external: &str) -> Value {
        let household = self.app.household(village).await;
        let input = json!({
            "idempotencyKey": self.app.service().new_id(), "householdId": household["id"],
            "name": name, "wechatId": external, "standing": "PRIMARY", "consent": self.app.consent(),
        });
        let contact = self.app.county_admin().mutate("enrolContact", input, "id version").await;
        json!({ "id": household["id"], "version": 2, "contact": contact.done() })
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

    /// Does what there is to do at this moment. Events of other tests' changes may be held back for a moment.
    pub async fn work(&self) {
        let last = "SELECT coalesce(max(sequence), 0) FROM event";
        let read = "SELECT coalesce((SELECT sequence FROM checkpoint WHERE reader = 'friend'), 0)";
        loop {
            let service = self.app.service();
            while friend::work(service).await.unwrap() | friend::compare(service).await.unwrap() {}
            if self.app.number(last).await == self.app.number(read).await {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Delivers what the far side calls, and does what there is to do.
    pub async fn go_on(&self) {
        self.deliver().await;
        self.work().await;
    }

    /// The roster as the county sees it: officer, contact or household or neither, and how it is.
    pub async fn roster(&self) -> Vec<String> {
        let document = "{ friends(first: 100) { edges { node { state officer { wecomUserId } \
                        contact { name } household { label } } } } }";
        let answer = self.app.county_admin().query(document, json!({})).await;
        let edges = answer.at("/friends/edges").as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let mut lines: Vec<String> = edges
            .iter()
            .map(|edge| {
                let node = &edge["node"];
                let who = match &node["contact"]["name"] {
                    Value::Null => text(&node["household"]["label"]),
                    name => text(name),
                };
                format!("{} {who} {}", text(&node["officer"]["wecomUserId"]), text(&node["state"]))
            })
            .collect();
        lines.sort();
        lines
    }

    /// What is not the same here and there, as the chief of 陈集镇 sees it: kind, whether it is so still.
    pub async fn differences(&self) -> Vec<String> {
        let document = "{ friendDifferences(first: 100) { edges { node { kind settledAt } } } }";
        let answer = self.app.chief(county::CHENJI).query(document, json!({})).await;
        let edges = answer.at("/friendDifferences/edges").as_array().unwrap().clone();
        let line = |edge: &Value| {
            let is = if edge["node"]["settledAt"].is_null() { "open" } else { "settled" };
            format!("{} {is}", edge["node"]["kind"].as_str().unwrap())
        };
        let mut lines: Vec<String> = edges.iter().map(line).collect();
        lines.sort();
        lines
    }

    /// How an officer's WeCom calls a friend.
    pub fn remark(&self, user: &str, external: &str) -> String {
        self.far.world().friend(user, external).expect("a friend").remark
    }

    /// How often the far side was called so.
    pub fn calls(&self, call: &str) -> u32 {
        self.far.world().calls.get(&format!("externalcontact/{call}")).copied().unwrap_or(0)
    }
}

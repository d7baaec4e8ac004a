//! The demo with its own WeChat: one types as a resident, answers as an officer, and sees it on the page.

use std::time::Duration;

use serde_json::{Value, json};

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::{Folder, Program, TestApp, ask, until};

on_both_databases!(
    what_is_typed_on_the_demos_page_is_an_inquiry_and_is_answered_there,
    friends_and_followers_are_played_as_well,
);

/// A browser and an app, at what the demo says of itself.
struct Visitor {
    client: reqwest::Client,
    said: Value,
}

impl Visitor {
    async fn deed(&self, deed: Value) {
        let to = format!("{}control", self.said["wechatUrl"].as_str().unwrap());
        let answer = self.client.post(to).json(&deed).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    async fn seen(&self, what: &str) -> Value {
        let from = format!("{}control/{what}", self.said["wechatUrl"].as_str().unwrap());
        self.client.get(from).send().await.unwrap().json().await.unwrap()
    }

    /// What is seen at a place, once it is there.
    async fn awaited(&self, what: &str, place: &str) -> Value {
        loop {
            if let Some(value) = self.seen(what).await.pointer(place) {
                return value.clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What stands on the resident's phone.
    async fn phone(&self) -> Vec<String> {
        let phones = self.seen("phones").await;
        let phones = phones.as_array().unwrap();
        let phone = phones.iter().find(|phone| phone["resident"] == "wmResident0001");
        let lines = phone.and_then(|phone| phone["lines"].as_array()).into_iter().flatten();
        lines.map(|line| line["text"].as_str().unwrap().to_owned()).collect()
    }

    async fn asked(&self, document: &str, variables: Value) -> Value {
        let (url, token) = (&self.said["url"], &self.said["tokens"]["OFFICER"]);
        ask(url.as_str().unwrap(), token.as_str().unwrap(), document, variables).await
    }

    /// The inquiry whose last message is this text, once it is there.
    async fn inquiry(&self, text: &str) -> Value {
        let document =
            "{ inquiries(first: 20) { edges { node { id lastMessage { text via } } } } }";
        loop {
            let data = self.asked(document, json!({})).await;
            let edges = data["inquiries"]["edges"].as_array().unwrap();
            let found = edges.iter().find(|edge| edge["node"]["lastMessage"]["text"] == text);
            if let Some(edge) = found {
                return edge["node"].clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn reply(&self, inquiry: &Value, text: &str) {
        let document = "mutation($input: ReplyToInquiryInput!) { replyToInquiry(input: $input) { \
                        userErrors { code } } }";
        let input = json!({ "idempotencyKey": text, "inquiryId": inquiry["id"], "text": text });
        let data = self.asked(document, json!({ "input": input })).await;
        assert_eq!(data["replyToInquiry"]["userErrors"], json!([]));
        until(async || self.phone().await.last().map(String::as_str) == Some(text)).await;
    }
}

/// As if the demo had filled it.
async fn fill(app: &TestApp) {
    let household = app.household(LIUHE).await;
    app.contact_of(&household, "王建国").await;
    app.inquiry(&household).await;
    app.sql("CREATE TABLE huhutong_demo (filled_at text NOT NULL)").await;
    app.sql("INSERT INTO huhutong_demo (filled_at) VALUES ('2026')").await;
}

async fn what_is_typed_on_the_demos_page_is_an_inquiry_and_is_answered_there(app: TestApp) {
    fill(&app).await;
    let folder = Folder::new();
    for life in ["一", "二"] {
        let (mut program, said) = Program::demo(&app.url(), &folder);
        let visitor = Visitor { client: reqwest::Client::new(), said };
        let page = visitor.client.get(visitor.said["wechatUrl"].as_str().unwrap());
        let page = page.send().await.unwrap().text().await.unwrap();
        assert!(page.contains("扮演居民") && !page.contains("https://"));
        let text = format!("办居住证要多久？{life}");
        let write = json!({ "do": "write", "resident": "wmResident0001", "text": text });
        visitor.deed(write).await;
        let inquiry = visitor.inquiry(&text).await;
        assert_eq!(inquiry["lastMessage"]["via"], "WECHAT");
        visitor.reply(&inquiry, &format!("十五个工作日。{life}")).await;
        program.stop();
    }
    assert_eq!(app.number("SELECT count(*) FROM channel").await, 3);
    // What it had in hand it let go, so that the next one need not wait.
    let in_hand = "SELECT (SELECT count(*) FROM channel WHERE holder IS NOT NULL) + \
                   (SELECT count(*) FROM message_delivery WHERE taken_until IS NOT NULL)";
    assert_eq!(app.number(in_hand).await, 0);
}

async fn friends_and_followers_are_played_as_well(app: TestApp) {
    fill(&app).await;
    let (mut program, said) = Program::demo(&app.url(), &Folder::new());
    let visitor = Visitor { client: reqwest::Client::new(), said };
    let officer = visitor.said["usernames"]["OFFICER"].clone();
    let befriend =
        json!({ "do": "befriend", "user": officer, "resident": "wmResident0001", "state": "" });
    visitor.deed(befriend).await;
    until(async || {
        let friend = visitor.awaited("friends", "/friends/0").await;
        friend["remark"] == "刘河村1组-王建国" && friend["tags"] == json!(["陈集镇刘河村 204"])
    })
    .await;
    let roster = "{ friends(first: 2) { edges { node { state household { id } } } } }";
    let roster = visitor.asked(roster, json!({})).await;
    assert_eq!(roster["friends"]["edges"][0]["node"]["state"], "FRIEND");

    visitor.deed(json!({ "do": "follow", "follower": "oFollower", "scene": "" })).await;
    let greeting = visitor.awaited("followers", "/0/received/0").await;
    assert!(greeting.as_str().unwrap().contains("110"));
    program.stop();
}

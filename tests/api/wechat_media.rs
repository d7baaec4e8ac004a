//! Files that come from WeChat and go there.

use std::time::Duration;

use huhutong::demo::wechat::Fault;
use serde_json::json;

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::wechat::Wechat;
use crate::support::{TestApp, Value, docx, jpeg, png};

on_both_databases!(
    a_picture_comes_as_a_file_of_its_message_without_what_it_told_besides,
    what_is_not_taken_or_not_to_be_had_remains_a_hint,
    a_file_that_fails_for_the_moment_holds_nothing_up_and_comes_once,
    with_the_consent_the_files_go,
    files_of_a_reply_are_sent_behind_its_text,
    a_file_whose_sending_breaks_off_arrives_once,
);

/// The messages of a household's latest inquiry: text and files.
async fn messages(app: &TestApp, household: &Value) -> Vec<(String, Vec<Value>)> {
    let document = "query($id: ID!) { household(id: $id) { inquiries(first: 1) { edges { node { \
                    messages(first: 50) { edges { node { text attachments { name mediaType width } } } } \
                    } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": household["id"] })).await;
    let edges = answer.at("/household/inquiries/edges/0/node/messages/edges").as_array().unwrap();
    let told = edges.iter().map(|edge| {
        let files = edge["node"]["attachments"].as_array().unwrap().clone();
        (edge["node"]["text"].as_str().unwrap().to_owned(), files)
    });
    told.collect()
}

async fn a_picture_comes_as_a_file_of_its_message_without_what_it_told_besides(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    app.work_in_background().await;
    let document = "subscription { messageChanged { message { attachments { url mediaType } } } }";
    let mut events = app.lead(LIUHE).subscribe(document, json!({})).await;
    wechat.far.world().send_file("wm1", "image", "image/jpeg", jpeg());
    wechat.deliver().await;
    let shown = events.next().await["message"]["attachments"][0].clone();
    assert_eq!(shown["mediaType"], "image/jpeg");
    let (status, _, body) = app.lead(LIUHE).had(&shown["url"]).await;
    assert_eq!(status, 200);
    assert!(!String::from_utf8_lossy(&body).contains("SECRET"));
    let file = json!({ "name": "图片.jpg", "mediaType": "image/jpeg", "width": 3 });
    assert_eq!(messages(&app, &household).await, [("[图片]".to_owned(), vec![file])]);
}

async fn what_is_not_taken_or_not_to_be_had_remains_a_hint(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    {
        let mut world = wechat.far.world();
        world.send_file("wm1", "file", "application/pdf", b"MZ no document".to_vec());
        world.send_file("wm1", "image", "image/png", b"\x89PNG\r\n\x1a\nbroken".to_vec());
        world.send("wm1", "video", json!({ "media_id": "gone" }), "[video]");
        world.send("wm1", "voice", json!({ "media_id": 7 }), "[voice]");
    }
    wechat.go_on().await;
    let kept = messages(&app, &household).await;
    let texts: Vec<&str> = kept.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, ["[文件]", "[图片]", "[视频]", "[暂不支持的消息]"]);
    assert!(kept.iter().all(|(_, files)| files.is_empty()));
    let waiting = "SELECT count(*) FROM wechat_message WHERE media_state = 'WANTED'";
    assert_eq!(app.number(waiting).await, 0);
}

async fn a_file_that_fails_for_the_moment_holds_nothing_up_and_comes_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().misbehave("media/get", Fault::Refuse(-1), 1);
    wechat.far.world().misbehave("media/get", Fault::Close, 1);
    wechat.far.world().misbehave("media/get", Fault::Gateway, 1);
    wechat.far.world().send_file("wm1", "image", "image/png", png(4, 5));
    wechat.far.world().write("wm1", "这是照片");
    wechat.go_on().await;
    let kept = messages(&app, &household).await;
    assert_eq!(kept, [("[图片]".to_owned(), vec![]), ("这是照片".to_owned(), vec![])]);
    for _ in 0..4 {
        app.advance(Duration::from_secs(20));
        wechat.work().await;
    }
    let file = json!({ "name": "图片.png", "mediaType": "image/png", "width": 4 });
    assert_eq!(messages(&app, &household).await[0].1, [file]);
    wechat.work().await;
    assert_eq!(wechat.calls("media/get"), 4);
    // One that is three days old is not to be had any more.
    wechat.far.world().misbehave("media/get", Fault::Refuse(-1), 100);
    wechat.far.world().send_file("wm1", "image", "image/png", png(4, 5));
    wechat.go_on().await;
    app.advance(Duration::from_secs(3 * 24 * 3600));
    wechat.work().await;
    let missing = "SELECT count(*) FROM wechat_message WHERE media_state = 'MISSING'";
    assert_eq!(app.number(missing).await, 1);
}

async fn with_the_consent_the_files_go(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().send_file("wm1", "image", "image/png", png(4, 5));
    wechat.go_on().await;
    assert_eq!(messages(&app, &household).await[0].1.len(), 1);
    let document = "query($id: ID!) { household(id: $id) { primaryContact { id } } }";
    let answer = app.county_admin().query(document, json!({ "id": household["id"] })).await;
    let input =
        json!({ "idempotencyKey": "bye", "contactId": answer.at("/household/primaryContact/id") });
    app.county_admin().mutate("withdrawConsent", input, "id").await.done();
    assert_eq!(messages(&app, &household).await[0].1.len(), 0);
}

async fn files_of_a_reply_are_sent_behind_its_text(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "表在哪里？").await;
    let officer = app.lead(LIUHE);
    let form = officer.bring("申请表.docx", docx(300)).await;
    let map = officer.bring("地图.png", png(4, 5)).await;
    let reply = json!({ "idempotencyKey": "r", "inquiryId": inquiry["id"], "text": "请填表",
                        "attachmentIds": [form, map] });
    let message = officer.mutate("replyToInquiry", reply, "id").await.done();
    wechat.work().await;
    assert_eq!(wechat.received("wm1"), ["请填表", "[file] 申请表.docx", "[image] 地图.png"]);
    assert_eq!(wechat.far.world().file_named("申请表.docx"), docx(300));
    assert_eq!(wechat.state(&message).await, "SENT");
    assert_eq!(wechat.left(&inquiry).await, "2 of 5");
    let document =
        "query($id: ID!) { node(id: $id) { ... on Message { delivery { parts sentParts } } } }";
    let answer = officer.query(document, json!({ "id": message["id"] })).await;
    assert_eq!(answer.at("/node/delivery"), &json!({ "parts": 3, "sentParts": 3 }));
}

async fn a_file_whose_sending_breaks_off_arrives_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "表在哪里？").await;
    let officer = app.lead(LIUHE);
    let form = officer.bring("申请表.docx", docx(300)).await;
    let reply = json!({ "idempotencyKey": "r", "inquiryId": inquiry["id"], "text": "请填表",
                        "attachmentIds": [form] });
    let message = officer.mutate("replyToInquiry", reply, "id").await.done();
    for fault in [Fault::Close, Fault::LoseAnswer, Fault::Refuse(-1)] {
        wechat.far.world().misbehave("media/upload", fault, 1);
    }
    for _ in 0..5 {
        wechat.work().await;
        app.advance(Duration::from_secs(30));
    }
    assert_eq!(wechat.received("wm1"), ["请填表", "[file] 申请表.docx"]);
    assert_eq!(wechat.state(&message).await, "SENT");
}

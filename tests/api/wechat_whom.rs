//! To whom in WeChat an answer goes, and to whom it does not.

use std::time::Duration;

use huhutong::demo::wechat::Fault;
use serde_json::json;

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::wechat::Wechat;
use crate::support::{TestApp, Value};

on_both_databases!(
    what_was_said_elsewhere_is_not_sent,
    who_asked_in_an_app_reads_there,
    what_an_officer_wrote_down_is_answered_to_the_primary_contact,
    after_the_consent_is_withdrawn_nothing_is_sent_and_nobody_is_known,
    who_is_called_otherwise_now_is_not_written_to_under_the_old_name,
);

async fn contact_of(app: &TestApp, household: &Value) -> Value {
    let document = "query($id: ID!) { household(id: $id) { primaryContact { id version } } }";
    let answer = app.county_admin().query(document, json!({ "id": household["id"] })).await;
    answer.at("/household/primaryContact").clone()
}

async fn what_was_said_elsewhere_is_not_sent(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    let officer = app.lead(LIUHE);
    for via in ["PHONE", "AT_THE_DOOR"] {
        let input = json!({ "idempotencyKey": via, "inquiryId": inquiry["id"], "text": "说过了", "via": via });
        let message = officer.mutate("replyToInquiry", input, "id").await.done();
        wechat.work().await;
        assert_eq!(wechat.state(&message).await, "", "{via}");
    }
    let input = json!({ "idempotencyKey": "n", "inquiryId": inquiry["id"], "text": "内部备注" });
    let note = officer.mutate("addInternalNote", input, "id").await.done();
    wechat.work().await;
    assert_eq!(wechat.state(&note).await, "");
    assert_eq!(wechat.received("wm1"), [""; 0]);
}

async fn who_asked_in_an_app_reads_there(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "在吗");
    wechat.go_on().await;
    let resident = app.resident(&contact_of(&app, &household).await);
    let input =
        json!({ "idempotencyKey": "a", "householdId": household["id"], "text": "在应用里问" });
    let inquiry = resident.mutate("submitInquiry", input, "id").await.done();
    assert_eq!(wechat.left(&inquiry).await, "");
    let message = wechat.reply(&inquiry, "在应用里答").await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "");
    assert_eq!(wechat.received("wm1"), [""; 0]);
}

async fn what_an_officer_wrote_down_is_answered_to_the_primary_contact(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "在吗");
    wechat.go_on().await;
    let inquiry = app.inquiry(&household).await;
    assert_eq!(wechat.left(&inquiry).await, "5 of 5");
    let message = wechat.reply(&inquiry, "请带户口本").await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "SENT");
    assert_eq!(wechat.received("wm1"), ["请带户口本"]);
}

async fn after_the_consent_is_withdrawn_nothing_is_sent_and_nobody_is_known(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "在吗");
    wechat.go_on().await;
    let inquiry = wechat.inquiry_of(&household).await;
    wechat.far.world().misbehave("kf/send_msg", Fault::Refuse(-1), 1);
    let queued = wechat.reply(&inquiry, "在的").await;
    wechat.work().await;
    assert_eq!(wechat.state(&queued).await, "QUEUED");
    let contact = contact_of(&app, &household).await;
    let input = json!({ "idempotencyKey": "bye", "contactId": contact["id"] });
    app.county_admin().mutate("withdrawConsent", input, "id").await.done();
    app.advance(Duration::from_secs(3));
    let later = wechat.reply(&inquiry, "还在吗").await;
    wechat.work().await;
    assert_eq!(wechat.state(&queued).await, "FAILED NO_CONSENT");
    assert_eq!(wechat.state(&later).await, "");
    assert_eq!(wechat.left(&inquiry).await, "");
    assert_eq!(wechat.received("wm1"), [""; 0]);
    for left in [
        "SELECT count(*) FROM channel_customer WHERE length(external_id) > 0",
        "SELECT count(*) FROM wechat_message WHERE length(raw) > 0",
    ] {
        assert_eq!(app.number(left).await, 0, "{left}");
    }
    // Who writes again is somebody unknown.
    wechat.far.world().write("wm1", "又来了");
    wechat.go_on().await;
    assert_eq!(app.number("SELECT count(*) FROM wechat_message WHERE state = 'HELD'").await, 1);
    assert_eq!(wechat.received("wm1").len(), 1);
}

async fn who_is_called_otherwise_now_is_not_written_to_under_the_old_name(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wmStranger").await;
    wechat.far.world().write("wmStranger", "在吗");
    wechat.go_on().await;
    let inquiry = wechat.inquiry_of(&household).await;
    wechat.far.world().misbehave("kf/send_msg", Fault::Refuse(-1), 1);
    let queued = wechat.reply(&inquiry, "在的").await;
    wechat.work().await;
    let contact = contact_of(&app, &household).await;
    let input = json!({ "contactId": contact["id"], "expectedVersion": contact["version"],
                        "wechatId": "wmRight" });
    app.county_admin().mutate("updateContact", input, "id").await.done();
    app.advance(Duration::from_secs(3));
    let later = wechat.reply(&inquiry, "补充一点").await;
    wechat.work().await;
    assert_eq!(wechat.state(&queued).await, "FAILED NO_CONSENT");
    assert_eq!(wechat.state(&later).await, "");
    assert_eq!(wechat.left(&inquiry).await, "");
    assert_eq!(wechat.received("wmStranger"), [""; 0]);
}

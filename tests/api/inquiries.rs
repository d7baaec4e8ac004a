//! Inquiries and their messages.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, WANGLOU};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    a_resident_asks_and_an_officer_answers,
    an_officer_submits_on_a_households_behalf,
    the_subject_is_the_beginning_of_the_text_when_none_is_given,
    an_inquiry_says_which_field_is_wrong,
    a_resolved_inquiry_takes_no_reply_until_it_is_reopened,
    a_note_moves_nothing_and_the_household_never_sees_it,
    an_inquiry_is_assigned_to_who_looks_after_the_village_only,
    an_inquiry_is_given_back_to_the_desk,
    a_category_can_be_said_anew,
    resolving_and_reopening_keep_the_time_of_resolution,
    what_was_said_elsewhere_is_written_down_as_such,
);

fn text(key: &str, inquiry: &Value, text: &str) -> Value {
    json!({ "idempotencyKey": key, "inquiryId": inquiry["id"], "text": text })
}

fn version(inquiry: &Value, version: i32) -> Value {
    json!({ "inquiryId": inquiry["id"], "expectedVersion": version })
}

fn submission(key: &str, household: &Value) -> Value {
    json!({ "idempotencyKey": key, "householdId": household["id"], "text": "身份证丢了怎么办？" })
}

async fn a_resident_asks_and_an_officer_answers(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let wanted = "id status waitingOn version category lastMessage { direction text \
                  officer { id } contact { id } } household { id }";
    let input = with(submission("a", &household), "category", "ID_CARD");
    let inquiry = resident.mutate("submitInquiry", input, wanted).await.done();
    assert_eq!(
        inquiry,
        json!({ "id": inquiry["id"], "status": "OPEN", "waitingOn": "OFFICER", "version": 1,
                "category": "ID_CARD", "household": { "id": household["id"] },
                "lastMessage": { "direction": "INBOUND", "text": "身份证丢了怎么办？",
                    "officer": null, "contact": { "id": resident.contact_id() } } })
    );
    let wanted =
        "direction text officer { id } contact { id } inquiry { status waitingOn version }";
    let reply = text("a", &inquiry, "请带户口本来所里。");
    let reply = officer.mutate("replyToInquiry", reply, wanted).await.done();
    assert_eq!(
        reply,
        json!({ "direction": "OUTBOUND", "text": "请带户口本来所里。", "contact": null,
                "officer": { "id": officer.id() },
                "inquiry": { "status": "WAITING_FOR_RESIDENT", "waitingOn": "RESIDENT", "version": 2 } })
    );
    let wanted = "direction inquiry { status lastMessage { text } }";
    let thanks =
        resident.mutate("replyToInquiry", text("b", &inquiry, "谢谢"), wanted).await.done();
    assert_eq!(
        thanks,
        json!({ "direction": "INBOUND", "inquiry": { "status": "WAITING_FOR_OFFICER",
                "lastMessage": { "text": "谢谢" } } })
    );
}

async fn an_officer_submits_on_a_households_behalf(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let wanted = "category lastMessage { direction officer { id } }";
    let inquiry = officer.mutate("submitInquiry", submission("a", &household), wanted).await.done();
    assert_eq!(
        inquiry,
        json!({ "category": "ID_CARD",
                "lastMessage": { "direction": "INBOUND", "officer": { "id": officer.id() } } })
    );
}

async fn the_subject_is_the_beginning_of_the_text_when_none_is_given(app: TestApp) {
    let household = app.household(LIUHE).await;
    let long = with(submission("a", &household), "text", format!("{}\n第二行", "户".repeat(31)));
    let inquiry = app.county_admin().mutate("submitInquiry", long, "subject").await.done();
    assert_eq!(inquiry["subject"], format!("{}…", "户".repeat(30)));
    let given = with(submission("b", &household), "subject", " 身份证 ");
    let inquiry = app.county_admin().mutate("submitInquiry", given, "subject").await.done();
    assert_eq!(inquiry["subject"], "身份证");
}

async fn an_inquiry_says_which_field_is_wrong(app: TestApp) {
    let household = app.household(LIUHE).await;
    for (field, value, expected) in [
        ("text", String::new(), "BLANK text"),
        ("text", "长".repeat(4001), "TOO_LONG text"),
        ("text", "a\0b".to_owned(), "INVALID text"),
        ("subject", "长".repeat(61), "TOO_LONG subject"),
        ("idempotencyKey", "k".repeat(101), "TOO_LONG idempotencyKey"),
        ("householdId", app.county_admin().id(), "BAD_ID"),
    ] {
        let input = with(submission("a", &household), field, value);
        let answer = app.county_admin().mutate("submitInquiry", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
}

async fn a_resolved_inquiry_takes_no_reply_until_it_is_reopened(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let officer = app.lead(LIUHE);
    let resolved = officer.mutate("resolveInquiry", version(&inquiry, 1), "status waitingOn").await;
    assert_eq!(resolved.done(), json!({ "status": "RESOLVED", "waitingOn": "NOBODY" }));
    let answer = officer.mutate("replyToInquiry", text("a", &inquiry, "好的"), "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE inquiryId");
    let again = officer.mutate("resolveInquiry", version(&inquiry, 2), "id").await;
    assert_eq!(again.outcome(), "WRONG_STATE inquiryId");
    let reopened = officer.mutate("reopenInquiry", version(&inquiry, 2), "status").await.done();
    assert_eq!(reopened["status"], "WAITING_FOR_OFFICER");
    officer.mutate("replyToInquiry", text("a", &inquiry, "好的"), "id").await.done();
    let early = officer.mutate("reopenInquiry", version(&inquiry, 4), "id").await;
    assert_eq!(early.outcome(), "WRONG_STATE inquiryId");
}

async fn a_note_moves_nothing_and_the_household_never_sees_it(app: TestApp) {
    let household = app.household(LIUHE).await;
    let (resident, inquiry) = (app.resident_of(&household).await, app.inquiry(&household).await);
    let wanted = "id direction inquiry { status version }";
    let note = text("a", &inquiry, "老上访户，注意方式");
    let note = app.lead(LIUHE).mutate("addInternalNote", note, wanted).await.done();
    assert_eq!(note["direction"], "INTERNAL_NOTE");
    assert_eq!(note["inquiry"], json!({ "status": "OPEN", "version": 1 }));
    let document = "query($id: ID!, $note: ID!) { inquiry(id: $id) { lastMessage { text } \
        messages { totalCount edges { node { direction } } } } nodes(ids: [$note]) { id } }";
    let variables = json!({ "id": inquiry["id"], "note": note["id"] });
    let answer = resident.query(document, variables.clone()).await;
    assert_eq!(answer.nodes("/inquiry/messages", "direction"), ["INBOUND"]);
    assert_eq!(answer.at("/inquiry/messages/totalCount"), 1);
    assert_eq!(answer.at("/nodes"), &json!([null]));
    let answer = app.lead(LIUHE).query(document, variables).await;
    assert_eq!(answer.at("/inquiry/messages/totalCount"), 2);
    assert_eq!(answer.at("/inquiry/lastMessage/text"), "新生儿上户口需要哪些材料？");
}

async fn an_inquiry_is_assigned_to_who_looks_after_the_village_only(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let chief = app.chief(CHENJI);
    let to = |version, id: String| json!({ "inquiryId": inquiry["id"], "expectedVersion": version, "assigneeId": id });
    for stranger in [app.lead(WANGLOU), app.chief(MANGSHAN), app.analyst(), app.auditor()] {
        let answer = chief.mutate("assignInquiry", to(1, stranger.id()), "id").await;
        assert_eq!(answer.outcome(), "NOT_FOUND assigneeId");
    }
    let ours = [app.lead(LIUHE), app.chief(CHENJI), app.county_admin()];
    for (version, one) in (1..).zip(ours) {
        let input = to(version, one.id());
        let assigned = chief.mutate("assignInquiry", input, "assignee { id }").await.done();
        assert_eq!(assigned["assignee"]["id"], one.id());
    }
}

async fn an_inquiry_is_given_back_to_the_desk(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let officer = app.lead(LIUHE);
    let mine = with(version(&inquiry, 1), "assigneeId", officer.id());
    officer.mutate("assignInquiry", mine, "id").await.done();
    let back =
        officer.mutate("assignInquiry", version(&inquiry, 2), "assignee { id } version").await;
    assert_eq!(back.done(), json!({ "assignee": null, "version": 3 }));
}

async fn a_category_can_be_said_anew(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let input = with(version(&inquiry, 1), "category", "TRANSFER_TO_12345");
    let after = app.lead(LIUHE).mutate("recategorizeInquiry", input, "category version").await;
    assert_eq!(after.done(), json!({ "category": "TRANSFER_TO_12345", "version": 2 }));
}

async fn resolving_and_reopening_keep_the_time_of_resolution(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let officer = app.lead(LIUHE);
    app.advance(Duration::from_secs(60));
    let wanted = "resolvedAt openedAt";
    let resolved = officer.mutate("resolveInquiry", version(&inquiry, 1), wanted).await.done();
    assert_eq!(resolved["resolvedAt"], "2026-09-01T08:01:00+00:00");
    assert_eq!(resolved["openedAt"], inquiry["openedAt"]);
    let reopened = officer.mutate("reopenInquiry", version(&inquiry, 2), wanted).await.done();
    assert_eq!(reopened["resolvedAt"], Value::Null);
}

async fn what_was_said_elsewhere_is_written_down_as_such(app: TestApp) {
    let household = app.household(LIUHE).await;
    let (resident, officer) = (app.resident_of(&household).await, app.lead(LIUHE));
    let submitted = |key: &str, via: Value| json!({ "idempotencyKey": key, "householdId": household["id"], "text": "身份证丢了", "via": via });
    let wanted = "id lastMessage { via direction officer { id } }";
    let phoned =
        officer.mutate("submitInquiry", submitted("a", "PHONE".into()), wanted).await.done();
    assert_eq!(
        phoned["lastMessage"],
        json!({ "via": "PHONE", "direction": "INBOUND", "officer": { "id": officer.id() } })
    );
    let asked = resident.mutate("submitInquiry", submitted("b", Value::Null), wanted).await.done();
    assert_eq!(asked["lastMessage"]["via"], "APP");
    let answered = |key: &str, via: Value| json!({ "idempotencyKey": key, "inquiryId": phoned["id"], "text": "请带户口簿", "via": via });
    let reply =
        officer.mutate("replyToInquiry", answered("c", "AT_THE_DOOR".into()), "via").await.done();
    assert_eq!(reply["via"], "AT_THE_DOOR");
    let reply = officer.mutate("replyToInquiry", answered("d", Value::Null), "via").await.done();
    assert_eq!(reply["via"], "APP");
    for (mutation, input) in [
        ("submitInquiry", submitted("e", "PHONE".into())),
        ("replyToInquiry", answered("e", "WECHAT".into())),
    ] {
        assert_eq!(resident.mutate(mutation, input, "id").await.outcome(), "INVALID via");
    }
}

//! Lists of inquiries and messages.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, COUNTY, LIUHE, OTHER_LIUHE, lead};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(filters_narrow_the_inbox, orders_put_the_inbox_in_order, messages_come_in_order,);

async fn subjects(app: &TestApp, arguments: &str) -> Vec<String> {
    let document = format!("{{ inquiries({arguments}) {{ edges {{ node {{ subject }} }} }} }}");
    app.county_admin().query(&document, json!({})).await.nodes("/inquiries", "subject")
}

fn text(key: &str, inquiry: &Value, text: &str) -> Value {
    json!({ "idempotencyKey": key, "inquiryId": inquiry["id"], "text": text })
}

fn version(inquiry: &Value, version: i32) -> Value {
    json!({ "inquiryId": inquiry["id"], "expectedVersion": version })
}

fn submission(key: &str, household: &Value) -> Value {
    json!({ "idempotencyKey": key, "householdId": household["id"], "text": "身份证丢了怎么办？" })
}

/// Three inquiries: 甲 in 刘河, answered; 乙 in 刘河, resolved and then 丙 in the other 刘河, open.
async fn three(app: &TestApp) -> [Value; 3] {
    let here = app.household(LIUHE).await;
    let there = app.household(OTHER_LIUHE).await;
    let admin = app.county_admin();
    let mut made = Vec::new();
    for (subject, household, category) in
        [("甲", &here, "ID_CARD"), ("乙", &here, "DISPUTE"), ("丙", &there, "ID_CARD")]
    {
        let input =
            with(with(submission(subject, household), "subject", subject), "category", category);
        made.push(admin.mutate("submitInquiry", input, "id").await.done());
        app.advance(Duration::from_secs(60));
    }
    let made: [Value; 3] = made.try_into().unwrap();
    app.lead(LIUHE).mutate("replyToInquiry", text("r", &made[0], "好"), "id").await.done();
    app.advance(Duration::from_secs(60));
    let mine = with(version(&made[1], 1), "assigneeId", app.lead(LIUHE).id());
    admin.mutate("assignInquiry", mine, "id").await.done();
    admin.mutate("resolveInquiry", version(&made[1], 2), "id").await.done();
    made
}

async fn filters_narrow_the_inbox(app: TestApp) {
    three(&app).await;
    let lead = huhutong::id::GlobalId::new(huhutong::id::Kind::Officer, lead(LIUHE));
    for (filter, expected) in [
        (format!("areaCode: \"{COUNTY}\""), "甲乙丙"),
        ("areaCode: \"411482\"".to_owned(), ""),
        (format!("areaCode: \"{CHENJI}\""), "甲乙"),
        (format!("areaCode: \"{OTHER_LIUHE}\""), "丙"),
        ("categories: [ID_CARD]".to_owned(), "甲丙"),
        ("categories: []".to_owned(), ""),
        ("statuses: [OPEN, RESOLVED]".to_owned(), "乙丙"),
        ("statuses: [OPEN, WAITING_FOR_OFFICER, WAITING_FOR_RESIDENT]".to_owned(), "甲丙"),
        ("waitingOn: OFFICER".to_owned(), "丙"),
        ("waitingOn: RESIDENT".to_owned(), "甲"),
        ("waitingOn: NOBODY".to_owned(), "乙"),
        ("waitingOn: OFFICER, statuses: [RESOLVED]".to_owned(), ""),
        ("assigned: true".to_owned(), "乙"),
        ("assigned: false".to_owned(), "甲丙"),
        (format!("assigneeId: \"{lead}\""), "乙"),
        ("openedSince: \"2026-09-01T08:01:00Z\"".to_owned(), "乙丙"),
        ("openedBefore: \"2026-09-01T08:01:00Z\"".to_owned(), "甲"),
        ("updatedSince: \"2026-09-01T08:03:00Z\"".to_owned(), "甲乙"),
        ("updatedBefore: \"2026-09-01T08:03:00Z\"".to_owned(), "丙"),
    ] {
        let arguments = format!("orderBy: OPENED_AT_ASC, filter: {{ {filter} }}");
        assert_eq!(subjects(&app, &arguments).await.concat(), expected, "{filter}");
    }
}

async fn orders_put_the_inbox_in_order(app: TestApp) {
    three(&app).await;
    for (order, expected) in [
        ("OPENED_AT_DESC", "丙乙甲"),
        ("OPENED_AT_ASC", "甲乙丙"),
        ("UPDATED_AT_DESC", "乙甲丙"),
        ("UPDATED_AT_ASC", "丙甲乙"),
    ] {
        let found = subjects(&app, &format!("orderBy: {order}")).await;
        assert_eq!(found.concat(), expected, "{order}");
    }
}

async fn messages_come_in_order(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    for word in ["一", "二", "三"] {
        app.advance(Duration::from_secs(1));
        app.lead(LIUHE).mutate("replyToInquiry", text(word, &inquiry, word), "id").await.done();
    }
    let document = "query($id: ID!) { inquiry(id: $id) { messages(orderBy: SENT_AT_DESC, first: 3) \
                    { edges { node { text } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": inquiry["id"] })).await;
    assert_eq!(answer.nodes("/inquiry/messages", "text"), ["三", "二", "一"]);
}

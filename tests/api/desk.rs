//! The desk: one inbox for several officers, in which nobody is answered twice and nobody waits unseen.

use std::time::Duration;

use futures_util::future::join_all;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    who_has_waited_longest_comes_first,
    every_tab_counts_what_it_shows,
    an_inbox_takes_two_statements,
    of_many_who_claim_one_gets_it,
    what_somebody_has_who_is_no_longer_posted_can_be_claimed,
    a_draft_lock_shows_who_is_writing_and_ends,
    a_draft_lock_ends_with_the_answer,
    an_officer_is_told_what_was_written_meanwhile,
    each_of_many_inquiries_has_a_result_of_its_own,
    many_inquiries_take_as_many_statements_as_few,
    bad_lists_of_inquiries_are_refused,
    the_desk_is_told_who_is_writing,
);

async fn said(officer: &Actor, inquiry: &Value, text: &str) -> Value {
    let input = json!({ "idempotencyKey": text, "inquiryId": inquiry["id"], "text": text });
    officer.mutate("replyToInquiry", input, "id").await.done()
}

fn about(inquiry: &Value) -> Value {
    json!({ "inquiryId": inquiry["id"] })
}

async fn tab(officer: &Actor, tab: &str) -> Vec<String> {
    let document =
        format!("{{ inbox {{ inquiries(tab: {tab}) {{ edges {{ node {{ id }} }} }} }} }}");
    officer.query(&document, json!({})).await.nodes("/inbox/inquiries", "id")
}

async fn counts(officer: &Actor) -> Value {
    let document =
        "{ inbox { counts { unanswered mine unassigned overdue waitingForResident escalated } } }";
    officer.query(document, json!({})).await.at("/inbox/counts").clone()
}

/// Inquiries of a household, a minute apart.
async fn asked<const N: usize>(app: &TestApp, household: &Value) -> [Value; N] {
    let mut made = Vec::new();
    for _ in 0..N {
        made.push(app.inquiry(household).await);
        app.advance(Duration::from_secs(60));
    }
    made.try_into().unwrap()
}

async fn who_has_waited_longest_comes_first(app: TestApp) {
    let household = app.household(LIUHE).await;
    let [first, second, third] = asked(&app, &household).await;
    let officer = app.lead(LIUHE);
    let resident = app.resident_of(&household).await;
    said(&officer, &first, "带户口本").await;
    assert_eq!(tab(&officer, "WAITING_FOR_RESIDENT").await, [first["id"].as_str().unwrap()]);
    app.advance(Duration::from_secs(60));
    said(&resident, &first, "还要什么").await;
    app.advance(Duration::from_secs(60));
    // Writing once more does not send anybody to the end of the queue.
    said(&resident, &second, "有人吗").await;
    let expected = [&second, &third, &first].map(|one| one["id"].as_str().unwrap().to_owned());
    assert_eq!(tab(&officer, "UNANSWERED").await, expected);
    let page = "query($after: String) { inbox { inquiries(tab: UNANSWERED, first: 2, after: $after) \
                { pageInfo { endCursor hasNextPage } edges { node { id } } } } }";
    let one = officer.query(page, json!({})).await;
    let end = one.at("/inbox/inquiries/pageInfo/endCursor");
    let two = officer.query(page, json!({ "after": end })).await;
    assert_eq!(two.nodes("/inbox/inquiries", "id"), expected[2..]);
}

async fn every_tab_counts_what_it_shows(app: TestApp) {
    let household = app.household(LIUHE).await;
    let [mine, theirs, answered, done] = asked(&app, &household).await;
    app.inquiry(&app.household(OTHER_LIUHE).await).await;
    let (officer, colleague) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    officer.mutate("claimInquiry", about(&mine), "id").await.done();
    colleague.mutate("claimInquiry", about(&theirs), "id").await.done();
    said(&officer, &answered, "好").await;
    let resolve = json!({ "inquiryId": done["id"], "expectedVersion": 1 });
    officer.mutate("resolveInquiry", resolve, "id").await.done();
    assert_eq!(
        counts(&officer).await,
        json!({ "unanswered": 2, "mine": 2, "unassigned": 0, "overdue": 0, "waitingForResident": 1,
                "escalated": 0 })
    );
    app.inquiry(&household).await;
    app.advance(Duration::from_secs(14 * 24 * 3600));
    assert_eq!(
        counts(&officer).await,
        json!({ "unanswered": 3, "mine": 3, "unassigned": 1, "overdue": 3, "waitingForResident": 1,
                "escalated": 0 })
    );
    for (name, count) in [
        ("UNANSWERED", 3),
        ("MINE", 3),
        ("UNASSIGNED", 1),
        ("OVERDUE", 3),
        ("WAITING_FOR_RESIDENT", 1),
        ("ESCALATED", 0),
    ] {
        assert_eq!(tab(&officer, name).await.len(), count, "{name}");
    }
    assert_eq!(counts(&app.chief(CHENJI)).await["unanswered"], 3);
    assert_eq!(counts(&app.county_admin()).await["unanswered"], 4);
    assert_eq!(counts(&app.lead(WANGLOU)).await["unanswered"], 0);
    let here = format!("{{ inbox(areaCode: \"{OTHER_LIUHE}\") {{ counts {{ unanswered }} }} }}");
    let answer = app.county_admin().query(&here, json!({})).await;
    assert_eq!(answer.at("/inbox/counts/unanswered"), 1);
    assert_eq!(
        app.resident_of(&household).await.query(&here, json!({})).await.code(),
        Some("FORBIDDEN")
    );
}

async fn an_inbox_takes_two_statements(app: TestApp) {
    let household = app.household(LIUHE).await;
    asked::<5>(&app, &household).await;
    let officer = app.lead(LIUHE);
    let document = "{ inbox { counts { unanswered mine unassigned overdue waitingForResident escalated } \
        inquiries(tab: UNANSWERED, first: 20) { edges { node { id subject waitingSince priority escalation \
        household { label } lastMessage { text } deadline { dueAt state reasons { text } } \
        draftLock { until } } } } } }";
    let (few, answer) = app.statements(officer.query(document, json!({}))).await;
    assert_eq!(answer.nodes("/inbox/inquiries", "id").len(), 5);
    asked::<15>(&app, &household).await;
    let (many, answer) = app.statements(officer.query(document, json!({}))).await;
    assert_eq!(answer.nodes("/inbox/inquiries", "id").len(), 20);
    assert_eq!((few, many), (2, 2));
}

async fn of_many_who_claim_one_gets_it(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let mut officers = vec![app.lead(LIUHE)];
    for _ in 0..7 {
        officers.push(app.officer_posted_to(&[LIUHE]).await);
    }
    let document = "mutation($input: ClaimInquiryInput!) { claimInquiry(input: $input) { \
        inquiry { version assignee { id } } takenBy { id } userErrors { code field message } } }";
    let input = json!({ "input": about(&inquiry) });
    let tries = officers.iter().map(|officer| officer.query(document, input.clone()));
    let answers = join_all(tries).await;
    let won: Vec<usize> = (0..8).filter(|nth| answers[*nth].outcome() == "ok").collect();
    assert_eq!(won.len(), 1);
    let winner = officers[won[0]].id();
    for answer in &answers {
        assert_eq!(answer.at("/claimInquiry/inquiry/assignee/id"), &json!(winner));
        assert_eq!(answer.at("/claimInquiry/inquiry/version"), 2);
    }
    let loser = &answers[(won[0] + 1) % 8];
    assert_eq!(loser.outcome(), "ALREADY_CLAIMED inquiryId");
    assert_eq!(loser.at("/claimInquiry/takenBy/id"), &json!(winner));
    let again = officers[won[0]].query(document, input).await;
    assert_eq!(
        (again.outcome().as_str(), again.at("/claimInquiry/inquiry/version")),
        ("ok", &json!(2))
    );
    let elsewhere = app.lead(WANGLOU).mutate("claimInquiry", about(&inquiry), "id").await;
    assert_eq!(elsewhere.outcome(), "NOT_FOUND inquiryId");
}

async fn what_somebody_has_who_is_no_longer_posted_can_be_claimed(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let gone = app.officer_posted_to(&[LIUHE]).await;
    gone.mutate("claimInquiry", about(&inquiry), "id").await.done();
    let officer = app.lead(LIUHE);
    let lost = officer.mutate("claimInquiry", about(&inquiry), "id").await;
    assert_eq!(lost.outcome(), "ALREADY_CLAIMED inquiryId");
    app.end_posting_of(&gone, LIUHE).await;
    let taken = officer.mutate("claimInquiry", about(&inquiry), "assignee { id }").await.done();
    assert_eq!(taken["assignee"]["id"], officer.id());
}

const LOCK: &str = "mutation($input: LockDraftInput!) { lockDraft(input: $input) { \
    inquiry { draftLock { until officer { id } } } writer { id } userErrors { code field message } } }";

async fn a_draft_lock_shows_who_is_writing_and_ends(app: TestApp) {
    let household = app.household(LIUHE).await;
    let inquiry = app.inquiry(&household).await;
    let (officer, colleague) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let input = json!({ "input": about(&inquiry) });
    let held = officer.query(LOCK, input.clone()).await;
    assert_eq!(held.outcome(), "ok");
    assert_eq!(held.at("/lockDraft/inquiry/draftLock/officer/id"), &json!(officer.id()));
    app.advance(Duration::from_secs(59));
    let refused = colleague.query(LOCK, input.clone()).await;
    assert_eq!(refused.outcome(), "BEING_ANSWERED inquiryId");
    assert_eq!(refused.at("/lockDraft/writer/id"), &json!(officer.id()));
    assert_eq!(officer.query(LOCK, input.clone()).await.outcome(), "ok");
    app.advance(Duration::from_secs(59));
    assert_eq!(colleague.query(LOCK, input.clone()).await.outcome(), "BEING_ANSWERED inquiryId");
    // Letting go of somebody else's changes nothing.
    colleague.mutate("unlockDraft", about(&inquiry), "id").await.done();
    assert_eq!(colleague.query(LOCK, input.clone()).await.outcome(), "BEING_ANSWERED inquiryId");
    app.advance(Duration::from_secs(2));
    let read = "query($id: ID!) { inquiry(id: $id) { draftLock { until } } }";
    let id = json!({ "id": inquiry["id"] });
    assert!(officer.query(read, id.clone()).await.at("/inquiry/draftLock").is_null());
    assert_eq!(colleague.query(LOCK, input).await.outcome(), "ok");
    assert!(officer.query(read, id.clone()).await.at("/inquiry/draftLock/until").is_string());
    let resident = app.resident_of(&household).await;
    assert!(resident.query(read, id.clone()).await.at("/inquiry/draftLock").is_null());
    colleague.mutate("unlockDraft", about(&inquiry), "id").await.done();
    assert!(officer.query(read, id).await.at("/inquiry/draftLock").is_null());
    assert_eq!(
        resident.query(LOCK, json!({ "input": about(&inquiry) })).await.code(),
        Some("FORBIDDEN")
    );
}

async fn a_draft_lock_ends_with_the_answer(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let (officer, colleague) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let input = json!({ "input": about(&inquiry) });
    officer.query(LOCK, input.clone()).await.data();
    said(&officer, &inquiry, "好").await;
    assert_eq!(colleague.query(LOCK, input).await.outcome(), "ok");
    app.advance(Duration::from_secs(61));
    huhutong::worker::sweep(app.service()).await.unwrap();
    assert_eq!(app.number("SELECT count(*) FROM draft_lock").await, 0);
}

async fn an_officer_is_told_what_was_written_meanwhile(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let officer = app.lead(LIUHE);
    let inquiry = app.inquiry(&household).await;
    let read = "query($id: ID!) { inquiry(id: $id) { lastMessage { id } } }";
    let seen = officer.query(read, json!({ "id": inquiry["id"] })).await;
    let seen = seen.at("/inquiry/lastMessage/id").clone();
    app.advance(Duration::from_secs(1));
    let news = said(&resident, &inquiry, "已经办好了，不用了").await;
    app.advance(Duration::from_secs(1));
    let note = json!({ "idempotencyKey": "n", "inquiryId": inquiry["id"], "text": "内部" });
    officer.mutate("addInternalNote", note, "id").await.done();
    let document = "mutation($input: ReplyToInquiryInput!) { replyToInquiry(input: $input) { \
        message { id } unseenMessages { id text } userErrors { code field message } } }";
    let input = json!({ "idempotencyKey": "k", "inquiryId": inquiry["id"], "text": "请带户口本来",
                        "lastSeenMessageId": seen });
    let held_back = officer.query(document, json!({ "input": input })).await;
    assert_eq!(held_back.outcome(), "UNSEEN_MESSAGES lastSeenMessageId");
    let unseen = held_back.at("/replyToInquiry/unseenMessages").clone();
    assert_eq!(unseen, json!([{ "id": news["id"], "text": "已经办好了，不用了" }]));
    assert_eq!(app.number("SELECT count(*) FROM message WHERE direction = 'OUTBOUND'").await, 0);
    // The same key, after reading: it goes out, once.
    let input = with(input, "lastSeenMessageId", news["id"].clone());
    let sent = officer.query(document, json!({ "input": input })).await;
    assert_eq!(sent.outcome(), "ok");
    let again = officer.query(document, json!({ "input": input })).await;
    assert_eq!(again.at("/replyToInquiry/message/id"), sent.at("/replyToInquiry/message/id"));
    // A colleague who has not seen that answer does not answer a second time.
    let colleague = app.officer_posted_to(&[LIUHE]).await;
    let late = with(input, "idempotencyKey", "other");
    let refused = colleague.query(document, json!({ "input": late })).await;
    assert_eq!(refused.outcome(), "UNSEEN_MESSAGES lastSeenMessageId");
    assert_eq!(app.number("SELECT count(*) FROM message WHERE direction = 'OUTBOUND'").await, 1);
}

fn items(inquiries: &[&Value]) -> Value {
    inquiries.iter().map(|one| json!({ "inquiryId": one["id"], "expectedVersion": 1 })).collect()
}

const RESULT: &str = "inquiryId inquiry { version status priority category assignee { id } } \
                      userErrors { code field message }";

async fn each_of_many_inquiries_has_a_result_of_its_own(app: TestApp) {
    let household = app.household(LIUHE).await;
    let [first, stale, third] = asked(&app, &household).await;
    let foreign = app.inquiry(&app.household(WANGLOU).await).await;
    let officer = app.lead(LIUHE);
    officer.mutate("claimInquiry", about(&stale), "id").await.done();
    let all = items(&[&first, &stale, &foreign, &third]);
    let assign = json!({ "items": all, "change": { "assign": { "assigneeId": officer.id() } } });
    let results = officer.mutate("changeInquiries", assign, RESULT).await.done();
    let results = results.as_array().unwrap();
    let codes: Vec<&Value> = results.iter().map(|one| &one["userErrors"][0]["code"]).collect();
    assert_eq!(
        codes,
        [&Value::Null, &json!("VERSION_CONFLICT"), &json!("NOT_FOUND"), &Value::Null]
    );
    assert_eq!(results[3]["inquiryId"], third["id"]);
    assert_eq!(results[3]["inquiry"]["assignee"]["id"], officer.id());
    assert_eq!(results[3]["inquiry"]["version"], 2);
    for (change, field, value) in [
        (json!({ "priority": "HIGH" }), "priority", "HIGH"),
        (json!({ "category": "TRAFFIC" }), "category", "TRAFFIC"),
        (json!({ "step": "RESOLVE" }), "status", "RESOLVED"),
        (json!({ "step": "REOPEN" }), "status", "WAITING_FOR_OFFICER"),
    ] {
        let now = app
            .county_admin()
            .query("query($id: ID!) { inquiry(id: $id) { version } }", json!({ "id": first["id"] }))
            .await;
        let version = now.at("/inquiry/version").clone();
        let input = json!({ "items": [{ "inquiryId": first["id"], "expectedVersion": version }],
                            "change": change });
        let results = officer.mutate("changeInquiries", input, RESULT).await.done();
        assert_eq!(results[0]["inquiry"][field], value, "{results}");
    }
}

async fn many_inquiries_take_as_many_statements_as_few(app: TestApp) {
    let household = app.household(LIUHE).await;
    let few = asked::<2>(&app, &household).await;
    let many = asked::<30>(&app, &household).await;
    let officer = app.lead(LIUHE);
    let change = async |inquiries: &[Value]| {
        let items = items(&inquiries.iter().collect::<Vec<_>>());
        let input = json!({ "items": items, "change": { "priority": "LOW" } });
        let wanted = "inquiry { priority } userErrors { code field message }";
        let (count, answer) =
            app.statements(officer.mutate("changeInquiries", input, wanted)).await;
        let results = answer.done();
        assert!(results.as_array().unwrap().iter().all(|one| one["inquiry"]["priority"] == "LOW"));
        count
    };
    change(&asked::<1>(&app, &household).await).await;
    assert_eq!(change(&few).await, change(&many).await);
}

async fn bad_lists_of_inquiries_are_refused(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let officer = app.lead(LIUHE);
    let change = json!({ "priority": "LOW" });
    for list in [items(&[]), items(&[&inquiry, &inquiry]), items(&[&inquiry; 101])] {
        let input = json!({ "items": list, "change": change });
        let refused = officer.mutate("changeInquiries", input, RESULT).await;
        assert_eq!(refused.outcome(), "INVALID items");
    }
    let input =
        json!({ "items": items(&[&inquiry]), "change": { "priority": "LOW", "step": "RESOLVE" } });
    let refused = officer.mutate("changeInquiries", input, RESULT).await;
    assert_ne!(refused.outcome(), "ok");
}

async fn the_desk_is_told_who_is_writing(app: TestApp) {
    app.work_in_background().await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let (officer, colleague) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let cursor = app.event_cursor().await;
    let document = "subscription($after: String) { inquiryChanged(after: $after) { inquiry { \
                    draftLock { officer { id } } assignee { id } } } }";
    let input = json!({ "input": about(&inquiry) });
    for _ in 0..2 {
        officer.query(LOCK, input.clone()).await.data();
    }
    officer.mutate("claimInquiry", about(&inquiry), "id").await.done();
    let mut events = colleague.subscribe(document, json!({ "after": cursor })).await;
    assert_eq!(events.next().await["inquiry"]["draftLock"]["officer"]["id"], officer.id());
    assert_eq!(events.next().await["inquiry"]["assignee"]["id"], officer.id());
}

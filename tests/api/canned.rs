//! Canned replies: whose they are, what they said, and how they are filled.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, OTHER_LIUHE, station_id};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    a_station_sees_its_own_replies_and_the_countys,
    the_countys_replies_are_kept_by_the_county,
    a_variable_that_there_is_not_is_refused,
    texts_are_bounded,
    what_a_reply_said_is_kept,
    a_reply_out_of_use_is_not_offered,
    a_reply_is_filled_for_an_inquiry,
    what_has_no_value_stays_open_and_is_named,
    a_reply_is_filled_in_the_own_area_only,
    a_station_has_a_number,
    replies_are_filtered,
);

fn written(app: &TestApp, station: Value, title: &str, text: &str) -> Value {
    json!({ "idempotencyKey": app.service().new_id(), "stationId": station, "title": title, "text": text })
}

async fn made(app: &TestApp, station: Value, title: &str, text: &str) -> Value {
    let input = written(app, station, title, text);
    app.county_admin().mutate("createCannedReply", input, "id version").await.done()
}

fn named(reply: &Value) -> Value {
    json!({ "cannedReplyId": reply["id"], "expectedVersion": reply["version"] })
}

async fn titles(actor: &Actor, filter: Value) -> Vec<String> {
    let document = "query($filter: CannedReplyFilter) { cannedReplies(filter: $filter) { edges { node { title } } } }";
    actor.query(document, json!({ "filter": filter })).await.nodes("/cannedReplies", "title")
}

async fn a_station_sees_its_own_replies_and_the_countys(app: TestApp) {
    made(&app, Value::Null, "a county", "您好").await;
    made(&app, station_id(MANGSHAN).into(), "c other", "您好").await;
    let input = written(&app, station_id(CHENJI).into(), "b own", "您好");
    let wanted = "title station { id township { code } }";
    let own = app.chief(CHENJI).mutate("createCannedReply", input, wanted).await.done();
    assert_eq!(own["station"]["township"]["code"], CHENJI);
    let officer = app.officer_posted_to(&[LIUHE]).await;
    for actor in [&officer, &app.chief(CHENJI)] {
        assert_eq!(titles(actor, Value::Null).await, ["a county", "b own"]);
    }
    for actor in [app.county_admin(), app.auditor()] {
        assert_eq!(titles(&actor, Value::Null).await, ["a county", "b own", "c other"]);
    }
    let resident = app.resident_of(&app.household(LIUHE).await).await;
    for actor in [app.analyst(), resident] {
        let answer = actor.query("{ cannedReplies { totalCount } }", json!({})).await;
        assert_eq!(answer.outcome(), "FORBIDDEN");
    }
    app.sql("UPDATE officer SET deactivated_at = created_at WHERE role = 'OFFICER'").await;
    assert_eq!(titles(&officer, Value::Null).await, [""; 0]);
}

async fn the_countys_replies_are_kept_by_the_county(app: TestApp) {
    let countys = made(&app, Value::Null, "county", "您好").await;
    let others = made(&app, station_id(MANGSHAN).into(), "other", "您好").await;
    let chief = app.chief(CHENJI);
    for (station, expected) in [
        (Value::Null, "WRONG_STATE stationId"),
        (station_id(MANGSHAN).into(), "NOT_FOUND stationId"),
    ] {
        let input = written(&app, station, "a", "b");
        assert_eq!(chief.mutate("createCannedReply", input, "id").await.outcome(), expected);
    }
    for mutation in ["updateCannedReply", "retireCannedReply"] {
        let answer = chief.mutate(mutation, named(&countys), "id").await;
        assert_eq!(answer.outcome(), "WRONG_STATE cannedReplyId");
        let answer = chief.mutate(mutation, named(&others), "id").await;
        assert_eq!(answer.outcome(), "NOT_FOUND cannedReplyId");
    }
}

async fn a_variable_that_there_is_not_is_refused(app: TestApp) {
    let reply = made(&app, Value::Null, "a", "您好").await;
    for (text, expected) in [
        ("{household}您好，我是{民警}", "ok"),
        ("{name}您好", "INVALID text"),
        ("{}", "INVALID text"),
        ("{household", "INVALID text"),
        ("household}", "INVALID text"),
        ("{{household}}", "INVALID text"),
        ("{HOUSEHOLD}", "INVALID text"),
        ("{🐕}", "INVALID text"),
    ] {
        let input = written(&app, Value::Null, "t", text);
        let answer = app.county_admin().mutate("createCannedReply", input, "id").await;
        assert_eq!(answer.outcome(), expected, "{text}");
        if expected != "ok" {
            let answer = app
                .county_admin()
                .mutate("updateCannedReply", with(named(&reply), "text", text), "id")
                .await;
            assert_eq!(answer.outcome(), expected, "{text}");
        }
    }
}

async fn texts_are_bounded(app: TestApp) {
    for (title, text, expected) in [
        (" ", "a", "BLANK title"),
        (&*"长".repeat(41), "a", "TOO_LONG title"),
        ("a", "\n", "BLANK text"),
        ("a", &*"长".repeat(1001), "TOO_LONG text"),
        ("a", "a\u{0}b", "INVALID text"),
        ("👮", "👨‍👩‍👧 سلام", "ok"),
    ] {
        let input = written(&app, Value::Null, title, text);
        let answer = app.county_admin().mutate("createCannedReply", input, "id").await;
        assert_eq!(answer.outcome(), expected, "{title:.20}");
    }
}

async fn what_a_reply_said_is_kept(app: TestApp) {
    let reply = made(&app, station_id(CHENJI).into(), "窗口时间", "上午开门").await;
    let chief = app.chief(CHENJI);
    let input = with(named(&reply), "text", "全天开门，{date}除外");
    let wanted = "id version text title variables category versions { edges { node { number text title officer { id } } } }";
    let changed = chief
        .mutate("updateCannedReply", with(input.clone(), "category", "ID_CARD"), wanted)
        .await
        .done();
    assert_eq!(
        changed,
        json!({ "id": reply["id"], "version": 2, "text": "全天开门，{date}除外", "title": "窗口时间",
                "variables": ["DATE"], "category": "ID_CARD",
                "versions": { "edges": [
                    { "node": { "number": 2, "text": "全天开门，{date}除外", "title": "窗口时间", "officer": { "id": chief.id() } } },
                    { "node": { "number": 1, "text": "上午开门", "title": "窗口时间", "officer": { "id": app.county_admin().id() } } },
                ] } })
    );
    let stale = chief.mutate("updateCannedReply", input, "id").await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    let cleared = with(named(&changed), "category", Value::Null);
    let cleared = chief.mutate("updateCannedReply", cleared, "category version").await.done();
    assert_eq!(cleared, json!({ "category": null, "version": 3 }));
}

async fn a_reply_out_of_use_is_not_offered(app: TestApp) {
    let reply = made(&app, Value::Null, "旧", "您好").await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let admin = app.county_admin();
    let retired =
        admin.mutate("retireCannedReply", named(&reply), "id version retiredAt").await.done();
    assert!(retired["retiredAt"].is_string());
    assert_eq!(titles(&admin, Value::Null).await, [""; 0]);
    assert_eq!(titles(&admin, json!({ "retired": true })).await, ["旧"]);
    let changed = admin.mutate("updateCannedReply", named(&retired), "id").await;
    assert_eq!(changed.outcome(), "WRONG_STATE cannedReplyId");
    assert_eq!(render(&admin, &reply, &inquiry).await.outcome(), "NOT_FOUND");
}

async fn render(actor: &Actor, reply: &Value, inquiry: &Value) -> crate::support::Answer {
    let document = "query($reply: ID!, $inquiry: ID!) { renderCannedReply(cannedReplyId: $reply, inquiryId: $inquiry) \
        { text missing } }";
    actor.query(document, json!({ "reply": reply["id"], "inquiry": inquiry["id"] })).await
}

async fn a_reply_is_filled_for_an_inquiry(app: TestApp) {
    let household = app.labelled(LIUHE, "刘河村3组-王建国").await;
    app.contact_of(&household, "王{date}国").await;
    let inquiry = app.inquiry(&household).await;
    let text =
        "{contact}（{household}）您好，{date}{乡镇}{village}，{station}，{民警}。{contact}再见";
    let reply = made(&app, Value::Null, "a", text).await;
    let officer = app.lead(LIUHE);
    let (statements, answer) = app.statements(render(&officer, &reply, &inquiry)).await;
    assert_eq!(
        answer.at("/renderCannedReply"),
        &json!({ "missing": [], "text": "王{date}国（刘河村3组-王建国）您好，9月1日陈集镇刘河村委会，\
                 永城市公安局陈集镇派出所，张lead-411481109204。王{date}国再见" })
    );
    assert!(statements <= 7, "{statements} statements");
}

async fn what_has_no_value_stays_open_and_is_named(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let reply = made(&app, Value::Null, "a", "{联系人}您好，请打{派出所电话}").await;
    let answer = render(&app.lead(LIUHE), &reply, &inquiry).await;
    assert_eq!(
        answer.at("/renderCannedReply"),
        &json!({ "missing": ["CONTACT", "STATION_PHONE"], "text": "{联系人}您好，请打{派出所电话}" })
    );
}

async fn a_reply_is_filled_in_the_own_area_only(app: TestApp) {
    let inquiry = app.inquiry(&app.household(OTHER_LIUHE).await).await;
    let own = app.inquiry(&app.household(LIUHE).await).await;
    let reply = made(&app, Value::Null, "a", "{household}").await;
    let others = made(&app, station_id(MANGSHAN).into(), "b", "{household}").await;
    let officer = app.lead(LIUHE);
    assert_eq!(render(&officer, &reply, &inquiry).await.outcome(), "NOT_FOUND");
    assert_eq!(render(&officer, &others, &own).await.outcome(), "NOT_FOUND");
    assert_eq!(render(&officer, &own, &reply).await.outcome(), "BAD_ID");
    assert_eq!(render(&officer, &reply, &own).await.outcome(), "ok");
    // Who sees labels masked, gets them masked.
    let label = app.labelled(LIUHE, "刘河村3组-王建国").await;
    let answer = render(&app.auditor(), &reply, &app.inquiry(&label).await).await;
    assert_eq!(answer.at("/renderCannedReply/text"), "刘河村3组-王**");
}

async fn a_station_has_a_number(app: TestApp) {
    let input =
        json!({ "stationId": station_id(CHENJI), "expectedVersion": 1, "phone": "0370-511 2110" });
    let chief = app.chief(CHENJI);
    let station = chief.mutate("updateStation", input.clone(), "phone version").await.done();
    assert_eq!(station, json!({ "phone": "03705112110", "version": 2 }));
    for (field, value, expected) in [
        ("expectedVersion", Value::from(1), "VERSION_CONFLICT expectedVersion"),
        ("phone", "110".into(), "INVALID phone"),
        ("stationId", station_id(MANGSHAN).into(), "NOT_FOUND stationId"),
    ] {
        let answer = chief.mutate("updateStation", with(input.clone(), field, value), "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let reply = made(&app, Value::Null, "a", "{stationPhone}").await;
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let answer = render(&app.lead(LIUHE), &reply, &inquiry).await;
    assert_eq!(answer.at("/renderCannedReply/text"), "03705112110");
}

async fn replies_are_filtered(app: TestApp) {
    for (title, category, station) in [
        ("a", Value::Null, Value::Null),
        ("b", "ID_CARD".into(), station_id(CHENJI).into()),
        ("c Hello", "DISPUTE".into(), station_id(MANGSHAN).into()),
    ] {
        let input = with(written(&app, station, title, "请 带户口簿"), "category", category);
        app.county_admin().mutate("createCannedReply", input, "id").await.done();
    }
    let admin = app.county_admin();
    for (filter, expected) in [
        (json!({ "category": "ID_CARD" }), vec!["a", "b"]),
        (json!({ "stationId": station_id(CHENJI) }), vec!["a", "b"]),
        (json!({ "text": "请带 户口" }), vec!["a", "b", "c Hello"]),
        (json!({ "text": "HELLO" }), vec!["c Hello"]),
        (json!({ "text": "%_" }), vec![]),
    ] {
        assert_eq!(titles(&admin, filter.clone()).await, expected, "{filter}");
    }
    for (filter, expected) in
        [(json!({ "text": "a" }), "BAD_USER_INPUT"), (json!({ "stationId": "x" }), "BAD_ID")]
    {
        let document =
            "query($filter: CannedReplyFilter) { cannedReplies(filter: $filter) { totalCount } }";
        let answer = admin.query(document, json!({ "filter": filter })).await;
        assert_eq!(answer.outcome(), expected);
    }
}

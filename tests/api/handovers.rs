//! One officer hands villages over to another.

use std::time::Duration;

use chrono::TimeDelta;

use crate::on_both_databases;
use crate::support::county::{CHENJI, CHENJI_VILLAGE, LIUHE, MANGSHAN, OTHER_LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    both_look_after_the_village_until_the_overlap_ends,
    a_packet_is_counted_and_open_inquiries_go_along,
    a_packet_holds_its_households_and_inquiries,
    both_sides_confirm_the_checklist_each_for_itself,
    a_cancelled_hand_over_is_as_if_it_had_not_been,
    a_hand_over_is_not_cancelled_after_its_overlap,
    of_two_hand_overs_of_one_village_at_once_one_is_made,
    a_hand_over_says_which_field_is_wrong,
    the_same_key_hands_over_once,
    strangers_do_not_find_a_hand_over,
    a_households_transfer_goes_on_step_by_step,
    a_packet_takes_as_many_statements_whatever_is_in_it,
);

fn packet(key: &str, from: &Actor, to: &Actor, villages: &[&str]) -> Value {
    json!({ "idempotencyKey": key, "fromOfficerId": from.id(), "toOfficerId": to.id(),
            "villageCodes": villages })
}

fn on(handover: &Value, version: i32) -> Value {
    json!({ "handoverId": handover["id"], "expectedVersion": version })
}

async fn villages(actor: &Actor) -> Vec<String> {
    let document = "{ viewer { villages { edges { node { code } } } } }";
    actor.query(document, json!({})).await.nodes("/viewer/villages", "code")
}

async fn assigned(app: &TestApp, from: &Actor, village: &str) -> Value {
    let inquiry = app.inquiry(&app.household(village).await).await;
    let input =
        json!({ "inquiryId": inquiry["id"], "expectedVersion": 1, "assigneeId": from.id() });
    app.county_admin().mutate("assignInquiry", input, "id version").await.done()
}

async fn assignee_of(app: &TestApp, inquiry: &Value) -> Value {
    let document = "query($id: ID!) { inquiry(id: $id) { version assignee { id } } }";
    let answer = app.county_admin().query(document, json!({ "id": inquiry["id"] })).await;
    answer.at("/inquiry").clone()
}

async fn both_look_after_the_village_until_the_overlap_ends(app: TestApp) {
    app.household(LIUHE).await;
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let wanted = "status overlapUntil from { id } to { id } villages { code township { code } }";
    let input = packet("a", &from, &to, &[LIUHE]);
    let made = app.chief(CHENJI).mutate("handOver", input, wanted).await.done();
    assert_eq!(
        made,
        json!({ "status": "OPEN", "overlapUntil": "2026-09-08T08:00:00+00:00",
                "from": { "id": from.id() }, "to": { "id": to.id() },
                "villages": [{ "code": LIUHE, "township": { "code": CHENJI } }] })
    );
    assert_eq!([villages(&from).await, villages(&to).await], [[LIUHE], [LIUHE]]);
    app.advance(Duration::from_secs(7 * 86_400));
    assert_eq!([villages(&from).await, villages(&to).await], [vec![], vec![LIUHE.to_owned()]]);
    let document = "query($id: ID!) { officer(id: $id) { postings(filter: \
        { duty: LEAD }) { edges { node { duty endsAt } } } } }";
    let answer = app.county_admin().query(document, json!({ "id": to.id() })).await;
    assert_eq!(answer.nodes("/officer/postings", "endsAt"), ["null"]);
}

async fn a_packet_is_counted_and_open_inquiries_go_along(app: TestApp) {
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let theirs = assigned(&app, &from, LIUHE).await;
    let note = json!({ "idempotencyKey": "n", "inquiryId": theirs["id"], "text": "已约周三" });
    from.mutate("addInternalNote", note, "id").await.done();
    let resolved = assigned(&app, &from, LIUHE).await;
    let close = json!({ "inquiryId": resolved["id"], "expectedVersion": 2 });
    from.mutate("resolveInquiry", close, "id").await.done();
    let desk = app.inquiry(&app.household(LIUHE).await).await;
    let wanted = "householdCount inquiryCount noteCount transferCounts { state count }";
    let input = packet("a", &from, &to, &[LIUHE]);
    let made = app.chief(CHENJI).mutate("handOver", input, wanted).await.done();
    assert_eq!(
        made,
        json!({ "householdCount": 3, "inquiryCount": 1, "noteCount": 1, "transferCounts": [
            { "state": "PENDING", "count": 3 }, { "state": "ACCEPTED", "count": 0 },
            { "state": "REFUSED", "count": 0 }, { "state": "DONE", "count": 0 }] })
    );
    let moved = assignee_of(&app, &theirs).await;
    assert_eq!(moved, json!({ "version": 3, "assignee": { "id": to.id() } }));
    assert_eq!(assignee_of(&app, &resolved).await["assignee"]["id"], from.id());
    assert_eq!(assignee_of(&app, &desk).await["assignee"], Value::Null);
}

async fn a_packet_holds_its_households_and_inquiries(app: TestApp) {
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let theirs = assigned(&app, &from, LIUHE).await;
    app.labelled(LIUHE, "1组-王建国").await;
    app.household(WANGLOU).await;
    let chief = app.chief(CHENJI);
    for (key, village) in [("a", LIUHE), ("b", WANGLOU)] {
        let from = app.lead(village);
        chief.mutate("handOver", packet(key, &from, &to, &[village]), "id").await.done();
        app.advance(Duration::from_secs(60));
    }
    let later = app.household(LIUHE).await;
    let document = "query($first: Int!) { handovers(first: $first) { edges { node { \
        households(first: 1, filter: { text: \"建国\" }) { totalCount pageInfo { hasNextPage } edges { node { label } } } \
        all: households { totalCount edges { node { id } } } \
        inquiries { totalCount edges { node { id status household { label } } } } } } } }";
    let (few, one) = app.statements(chief.query(document, json!({ "first": 1 }))).await;
    one.data();
    let (many, answer) = app.statements(chief.query(document, json!({ "first": 2 }))).await;
    assert_eq!(few, many);
    let packets = answer.at("/handovers/edges").as_array().unwrap().clone();
    let (wanglou, liuhe) = (&packets[0]["node"], &packets[1]["node"]);
    assert_eq!(liuhe["households"]["edges"][0]["node"]["label"], "1组-王建国");
    assert_eq!(liuhe["all"]["totalCount"], 2);
    assert!(!liuhe["all"].to_string().contains(later["id"].as_str().unwrap()));
    assert_eq!(liuhe["inquiries"]["edges"][0]["node"]["id"], theirs["id"]);
    assert_eq!(wanglou["inquiries"]["totalCount"], 0);
    assert_eq!(wanglou["all"]["totalCount"], 1);
    // The giver's area ends with the overlap, and with it what the giver sees of the packet.
    app.advance(Duration::from_secs(8 * 24 * 3600));
    let after = from.query(document, json!({ "first": 1 })).await;
    assert_eq!(after.at("/handovers/edges/0/node/all/totalCount"), 0);
    assert_eq!(
        to.query(document, json!({ "first": 2 }))
            .await
            .at("/handovers/edges/1/node/all/totalCount"),
        2
    );
}

async fn both_sides_confirm_the_checklist_each_for_itself(app: TestApp) {
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let input = packet("a", &from, &to, &[LIUHE]);
    let wanted = "id checklist { item title fromConfirmedAt toConfirmedAt }";
    let made = app.chief(CHENJI).mutate("handOver", input, wanted).await.done();
    let items: Vec<Value> = made["checklist"].as_array().unwrap().clone();
    assert_eq!(items[0]["title"], "未办结咨询已逐件说明");
    let mut version = 1;
    let mut last = Value::Null;
    for side in [&from, &to] {
        for one in &items {
            let input = with(on(&made, version), "item", one["item"].clone());
            let wanted = "status closedAt checklist { fromConfirmedAt toConfirmedAt }";
            last = side.mutate("confirmHandoverItem", input, wanted).await.done();
            version += 1;
            let open = side.id() == from.id() || one["item"] != items[items.len() - 1]["item"];
            assert_eq!(last["status"], if open { "OPEN" } else { "CONFIRMED" });
        }
    }
    assert_eq!(last["closedAt"], "2026-09-01T08:00:00+00:00");
    let again = with(on(&made, version), "item", "DISPUTES");
    let answer = from.mutate("confirmHandoverItem", again, "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE handoverId");
    let answer = app.chief(CHENJI).mutate("cancelHandover", on(&made, version), "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE handoverId");
}

async fn a_cancelled_hand_over_is_as_if_it_had_not_been(app: TestApp) {
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let inquiry = assigned(&app, &from, LIUHE).await;
    let chief = app.chief(CHENJI);
    let input = packet("a", &from, &to, &[LIUHE]);
    let made = chief.mutate("handOver", input, "id").await.done();
    let stale = chief.mutate("cancelHandover", on(&made, 9), "id").await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    let cancelled = chief.mutate("cancelHandover", on(&made, 1), "status").await.done();
    assert_eq!(cancelled["status"], "CANCELLED");
    assert_eq!(assignee_of(&app, &inquiry).await["assignee"]["id"], from.id());
    assert_eq!(villages(&to).await, [""; 0]);
    app.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(villages(&from).await, [LIUHE]);
    let input = packet("b", &from, &to, &[LIUHE]);
    chief.mutate("handOver", input, "id").await.done();
}

async fn a_hand_over_is_not_cancelled_after_its_overlap(app: TestApp) {
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let input = packet("a", &from, &to, &[LIUHE]);
    let made = app.chief(CHENJI).mutate("handOver", input, "id").await.done();
    app.advance(Duration::from_secs(7 * 86_400));
    let answer = app.chief(CHENJI).mutate("cancelHandover", on(&made, 1), "id").await;
    assert_eq!(answer.outcome(), "WRONG_STATE handoverId");
}

async fn of_two_hand_overs_of_one_village_at_once_one_is_made(app: TestApp) {
    app.household(LIUHE).await;
    let from = app.lead(LIUHE);
    let (one, other) = (app.officer_posted_to(&[]).await, app.officer_posted_to(&[]).await);
    let admin = app.county_admin();
    let (a, b) = tokio::join!(
        admin.mutate("handOver", packet("a", &from, &one, &[LIUHE]), "id"),
        admin.mutate("handOver", packet("b", &from, &other, &[LIUHE]), "id"),
    );
    let mut outcomes = [a.outcome(), b.outcome()];
    outcomes.sort();
    assert_eq!(outcomes, ["WRONG_STATE villageCodes", "ok"]);
}

async fn a_hand_over_says_which_field_is_wrong(app: TestApp) {
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let late = (app.now() + TimeDelta::days(61)).to_rfc3339();
    let early = (app.now() - TimeDelta::seconds(1)).to_rfc3339();
    let many: Vec<String> = (0..51).map(|n| format!("411481109{n:03}")).collect();
    let good = packet("a", &from, &to, &[LIUHE]);
    for (field, value, expected) in [
        ("villageCodes", json!([]), "INVALID villageCodes"),
        ("villageCodes", many.into(), "INVALID villageCodes"),
        ("villageCodes", json!([LIUHE, WANGLOU]), "NOT_FOUND villageCodes"),
        ("villageCodes", json!([LIUHE, "411481109999"]), "NOT_FOUND villageCodes"),
        ("villageCodes", json!([LIUHE, OTHER_LIUHE]), "INVALID villageCodes"),
        ("villageCodes", json!(["刘河村"]), "BAD_USER_INPUT"),
        ("overlapUntil", late.into(), "INVALID overlapUntil"),
        ("overlapUntil", early.into(), "INVALID overlapUntil"),
        ("note", "长".repeat(501).into(), "TOO_LONG note"),
        ("toOfficerId", from.id().into(), "WRONG_STATE toOfficerId"),
        ("toOfficerId", app.chief(CHENJI).id().into(), "WRONG_STATE toOfficerId"),
        ("toOfficerId", "户".into(), "BAD_ID"),
        ("idempotencyKey", "".into(), "BLANK idempotencyKey"),
    ] {
        let input = with(good.clone(), field, value);
        let answer = app.county_admin().mutate("handOver", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let foreign = with(good, "toOfficerId", app.lead(OTHER_LIUHE).id());
    let answer = app.chief(CHENJI).mutate("handOver", foreign, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND toOfficerId");
}

async fn the_same_key_hands_over_once(app: TestApp) {
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let chief = app.chief(CHENJI);
    let send = || chief.mutate("handOver", packet("a", &from, &to, &[LIUHE, LIUHE]), "id");
    let (first, second) = tokio::join!(send(), send());
    assert_eq!(first.done(), second.done());
    assert_eq!(app.number("SELECT count(*) FROM handover").await, 1);
}

async fn strangers_do_not_find_a_hand_over(app: TestApp) {
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let input = packet("a", &from, &to, &[LIUHE]);
    let made = app.chief(CHENJI).mutate("handOver", input, "id").await.done();
    let count = "query($id: ID!) { handovers { totalCount } node(id: $id) { id } }";
    for (actor, found) in [(&from, 1), (&to, 1), (&app.chief(CHENJI), 1)] {
        let answer = actor.query(count, json!({ "id": made["id"] })).await;
        assert_eq!(answer.at("/handovers/totalCount"), found);
    }
    for stranger in [app.lead(CHENJI_VILLAGE), app.chief(MANGSHAN)] {
        let answer = stranger.query("{ handovers { totalCount } }", json!({})).await;
        assert_eq!(answer.at("/handovers/totalCount"), 0);
        let input = with(on(&made, 1), "item", "DISPUTES");
        let answer = stranger.mutate("confirmHandoverItem", input, "id").await;
        assert_eq!(answer.outcome(), "NOT_FOUND handoverId");
    }
    let answer = app.chief(MANGSHAN).mutate("cancelHandover", on(&made, 1), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND handoverId");
}

async fn a_households_transfer_goes_on_step_by_step(app: TestApp) {
    let household = app.household(LIUHE).await;
    let (from, to) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let wanted = "transfers(filter: { states: [PENDING] }) { totalCount edges { node { id \
                  household { id } } } }";
    let input = packet("a", &from, &to, &[LIUHE]);
    let made = app.chief(CHENJI).mutate("handOver", input, wanted).await.done();
    let transfer = made["transfers"]["edges"][0]["node"].clone();
    assert_eq!(transfer["household"]["id"], household["id"]);
    let step = |version: i32, state: &str| {
        json!({ "transferId": transfer["id"],
        "expectedVersion": version, "state": state })
    };
    for (version, state, expected) in [
        (1, "DONE", "WRONG_STATE state"),
        (2, "REFUSED", "VERSION_CONFLICT expectedVersion"),
        (1, "REFUSED", "ok"),
        (2, "ACCEPTED", "WRONG_STATE state"),
        (2, "DONE", "ok"),
    ] {
        let answer = to.mutate("recordTransfer", step(version, state), "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let answer = app.lead(WANGLOU).mutate("recordTransfer", step(3, "DONE"), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND transferId");
}

async fn a_packet_takes_as_many_statements_whatever_is_in_it(app: TestApp) {
    let mut counts = Vec::new();
    for (key, village) in [("a", LIUHE), ("b", WANGLOU)] {
        let from = app.lead(village);
        for _ in 0..if key == "a" { 1 } else { 5 } {
            assigned(&app, &from, village).await;
        }
        let to = app.officer_posted_to(&[]).await;
        let input = packet(key, &from, &to, &[village]);
        let admin = app.county_admin();
        let (count, answer) = app.statements(admin.mutate("handOver", input, "id")).await;
        answer.done();
        counts.push(count);
    }
    assert_eq!(counts[0], counts[1]);
}

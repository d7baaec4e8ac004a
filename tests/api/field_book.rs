//! A village on a device: all of it at first, and then what has changed.

use std::time::Duration;

use async_graphql::ID;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use huhutong::id::GlobalId;
use sea_orm::{ConnectionTrait, TransactionTrait};
use tower::ServiceExt;

use crate::on_both_databases;
use crate::support::county::{CHENJI, CHENJI_VILLAGE, LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{Actor, Backend, FieldBook, KEPT, TestApp, Value, json, uuid_of, village_id};

on_both_databases!(
    a_new_book_has_the_village_from_door_to_door,
    a_book_goes_on_whatever_is_asked_of_its_households,
    a_change_comes_once_with_its_latest_state,
    what_leaves_the_village_is_removed_and_says_why,
    a_contact_who_has_left_is_in_the_book_no_more,
    what_changes_between_two_pages_is_not_lost,
    a_village_that_is_added_comes_whole,
    a_merged_village_is_followed,
    an_event_in_flight_is_not_lost,
    a_book_stops_where_the_posting_does,
    bad_books_are_refused,
    a_restored_database_says_to_start_again,
    a_book_takes_as_many_statements_whatever_is_in_it,
    a_village_of_700_households_comes_in_two_small_answers,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn edit(app: &TestApp, household: &Value, version: i32, change: Value) {
    let mut input = json!({ "householdId": household["id"], "expectedVersion": version });
    for (field, value) in change.as_object().unwrap() {
        input[field] = value.clone();
    }
    app.county_admin().mutate("updateHousehold", input, "id").await.done();
}

async fn move_to(app: &TestApp, household: &Value, village: &str) {
    let input = json!({ "idempotencyKey": app.service().new_id(), "villageCode": village,
        "householdIds": [household["id"]], "groupNumber": 1 });
    app.county_admin().mutate("moveHouseholds", input, "id").await.done();
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn a_new_book_has_the_village_from_door_to_door(app: TestApp) {
    for label in ["a", "b", "c", "d", "e"] {
        app.labelled(LIUHE, label).await;
    }
    app.labelled(WANGLOU, "elsewhere").await;
    app.event_cursor().await;
    let mut book = FieldBook::of(&app.lead(LIUHE), &[LIUHE]);
    book.first = 2;
    assert_eq!(book.page().await, (2, true));
    assert_eq!(book.labels(), ["a", "b"]);
    assert_eq!(book.page().await, (2, true));
    assert_eq!(book.page().await, (1, false));
    assert_eq!(book.labels(), ["a", "b", "c", "d", "e"]);
    let household = book.households.values().next().unwrap();
    assert_eq!(household["address"], "村东头第三家");
    assert_eq!(book.sync(&app).await, 0);
}

async fn a_book_goes_on_whatever_is_asked_of_its_households(app: TestApp) {
    let mut ids = Vec::new();
    for label in ["a", "b", "c"] {
        ids.push(app.labelled(LIUHE, label).await["id"].clone());
    }
    app.event_cursor().await;
    let document = "query($villages: [ID!]!, $since: String) { fieldBook(villages: $villages, \
                    first: 1, since: $since) { upserts { id } cursor hasNextPage } }";
    let mut since = Value::Null;
    for (nth, id) in ids.iter().enumerate() {
        let variables = json!({ "villages": [village_id(LIUHE)], "since": since });
        let answer = app.lead(LIUHE).query(document, variables).await;
        assert_eq!(answer.at("/fieldBook/upserts"), &json!([{ "id": id }]));
        assert_eq!(answer.at("/fieldBook/hasNextPage"), nth < 2);
        since = answer.at("/fieldBook/cursor").clone();
    }
}

async fn a_change_comes_once_with_its_latest_state(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-甲").await, app.labelled(LIUHE, "1组-乙").await);
    let mut book = FieldBook::of(&app.lead(LIUHE), &[LIUHE]);
    book.sync(&app).await;
    edit(&app, &one, 1, json!({ "peopleCount": 2 })).await;
    app.contact_of(&other, "王建国").await;
    edit(&app, &one, 2, json!({ "door": 7 })).await;
    let visit =
        json!({ "idempotencyKey": "v", "householdId": one["id"], "outcome": "NOBODY_HOME" });
    app.lead(LIUHE).mutate("recordVisit", visit, "id").await.done();
    app.inquiry(&other).await;
    assert_eq!(book.sync(&app).await, 2);
    let one = &book.households[&text(&one["id"])];
    assert_eq!((&one["peopleCount"], &one["door"]), (&json!(2), &json!(7)));
    assert_eq!(one["lastVisit"]["outcome"], "NOBODY_HOME");
    let other = &book.households[&text(&other["id"])];
    assert_eq!(other["contacts"]["edges"][0]["node"]["name"], "王建国");
    assert_eq!(book.sync(&app).await, 0);
}

async fn what_leaves_the_village_is_removed_and_says_why(app: TestApp) {
    let moved = app.labelled(LIUHE, "1组-甲").await;
    let (survivor, merged) =
        (app.labelled(LIUHE, "1组-乙").await, app.labelled(LIUHE, "1组-丙").await);
    let admin = app.county_admin();
    let file = format!("村代码,组,户主\n{LIUHE},1,丁\n");
    let batch = admin.import(&app, file).await;
    let mut book = FieldBook::of(&app.lead(LIUHE), &[LIUHE]);
    book.sync(&app).await;
    assert_eq!(book.labels(), ["1组-丙", "1组-乙", "1组-甲", "丁"]);
    move_to(&app, &moved, WANGLOU).await;
    let merge = json!({ "idempotencyKey": "m", "survivorId": survivor["id"], "survivorVersion": 1,
        "mergedId": merged["id"], "mergedVersion": 1 });
    let made = admin.mutate("mergeHouseholds", merge, "record { id }").await.done();
    admin.mutate("rollBackImport", json!({ "batchId": batch["id"] }), "id").await.done();
    app.do_imports().await;
    app.event_cursor().await;
    let answer = book.ask("removals { reason survivor { id } }").await;
    let removals = answer.at("/fieldBook/removals").as_array().unwrap();
    let survivors: Vec<(&Value, &Value)> =
        removals.iter().map(|one| (&one["reason"], &one["survivor"]["id"])).collect();
    assert_eq!(
        survivors,
        [
            (&json!("MOVED"), &Value::Null),
            (&json!("MERGED"), &survivor["id"]),
            (&json!("WITHDRAWN"), &Value::Null)
        ]
    );
    book.sync(&app).await;
    assert_eq!(book.labels(), ["1组-乙"]);
    // What came back is there again.
    let undo = json!({ "mergeId": made["record"]["id"] });
    admin.mutate("undoMerge", undo, "id").await.done();
    move_to(&app, &moved, LIUHE).await;
    book.sync(&app).await;
    assert_eq!(book.labels(), ["1组-丙", "1组-乙", "1组-甲"]);
}

async fn a_contact_who_has_left_is_in_the_book_no_more(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let mut book = FieldBook::of(&app.lead(LIUHE), &[LIUHE]);
    book.sync(&app).await;
    assert!(format!("{:?}", book.households).contains("王建国"));
    let input = json!({ "idempotencyKey": "w", "contactId": contact["id"] });
    app.county_admin().mutate("withdrawConsent", input, "id").await.done();
    assert_eq!(book.sync(&app).await, 1);
    assert!(!format!("{:?}", book.households).contains("王建国"));
}

async fn what_changes_between_two_pages_is_not_lost(app: TestApp) {
    let mut made = Vec::new();
    for label in ["a", "b", "c", "d", "e", "f"] {
        made.push(app.labelled(LIUHE, label).await);
    }
    app.event_cursor().await;
    let mut book = FieldBook::of(&app.lead(LIUHE), &[LIUHE]);
    book.first = 2;
    assert_eq!(book.page().await, (2, true));
    // One that was told moves away, one that was not moves to where the book has been, one is new there.
    move_to(&app, &made[0], WANGLOU).await;
    edit(&app, &made[4], 1, json!({ "door": 0, "label": "early" })).await;
    let input = json!({ "idempotencyKey": "n", "villageCode": LIUHE, "groupNumber": 1, "door": 0,
        "label": "new", "peopleCount": 1 });
    app.county_admin().mutate("registerHousehold", input, "id").await.done();
    book.sync(&app).await;
    assert_eq!(book.labels(), ["b", "c", "d", "early", "f", "new"]);
}

async fn a_village_that_is_added_comes_whole(app: TestApp) {
    let officer = app.officer_posted_to(&[LIUHE, WANGLOU]).await;
    app.labelled(LIUHE, "l").await;
    let old = app.labelled(WANGLOU, "w").await;
    let mut book = FieldBook::of(&officer, &[LIUHE]);
    book.sync(&app).await;
    book.take(&[LIUHE, WANGLOU]);
    book.sync(&app).await;
    assert_eq!(book.labels(), ["l", "w"]);
    // One that was left out for a while is no longer known, and comes whole again.
    book.take(&[LIUHE]);
    book.households.remove(&text(&old["id"]));
    edit(&app, &old, 1, json!({ "label": "w2" })).await;
    assert_eq!(book.sync(&app).await, 0);
    book.take(&[WANGLOU, LIUHE]);
    book.sync(&app).await;
    assert_eq!(book.labels(), ["l", "w2"]);
}

async fn a_merged_village_is_followed(app: TestApp) {
    app.labelled(LIUHE, "l").await;
    app.labelled(WANGLOU, "w").await;
    let officer = app.lead(WANGLOU);
    let mut book = FieldBook::of(&officer, &[WANGLOU]);
    book.sync(&app).await;
    app.advance(DAY);
    let input = json!({ "idempotencyKey": "m", "villageCodes": [WANGLOU], "intoCode": LIUHE });
    app.county_admin().mutate("mergeVillages", input, "id").await.done();
    book.sync(&app).await;
    assert_eq!(book.labels(), ["l", "w"]);
    let mut fresh = FieldBook::of(&officer, &[LIUHE]);
    fresh.sync(&app).await;
    assert_eq!(book.households, fresh.households);
}

async fn an_event_in_flight_is_not_lost(app: TestApp) {
    if app.backend() == Backend::Sqlite {
        return;
    }
    let (one, other) = (app.labelled(LIUHE, "a").await, app.labelled(LIUHE, "b").await);
    let mut book = FieldBook::of(&app.lead(LIUHE), &[LIUHE]);
    book.sync(&app).await;
    let raw = app.raw().await;
    let open = raw.begin().await.unwrap();
    let id = uuid_of(&one);
    for sql in [
        format!("UPDATE household SET label = 'early' WHERE id = '{id}'"),
        format!(
            "INSERT INTO event (at, kind, village_code, household_id, subject_id, detail) \
             VALUES (now(), 'HOUSEHOLD_CHANGED', '{LIUHE}', '{id}', '{id}', 'null')"
        ),
    ] {
        open.execute_unprepared(&sql).await.unwrap();
    }
    edit(&app, &other, 1, json!({ "label": "late" })).await;
    assert_eq!(book.page().await, (0, false), "the later one waits");
    open.commit().await.unwrap();
    assert_eq!(book.sync(&app).await, 2);
    assert_eq!(book.labels(), ["early", "late"]);
}

async fn a_book_stops_where_the_posting_does(app: TestApp) {
    app.household(LIUHE).await;
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let mut book = FieldBook::of(&officer, &[LIUHE]);
    book.sync(&app).await;
    app.end_posting_of(&officer, LIUHE).await;
    assert_eq!(book.ask("cursor").await.code(), Some("NOT_FOUND"));
    let elsewhere = FieldBook::of(&app.chief(CHENJI), &[LIUHE, OTHER_LIUHE]);
    assert_eq!(elsewhere.ask("cursor").await.code(), Some("NOT_FOUND"));
    let missing = FieldBook::of(&app.county_admin(), &["411481109999"]);
    assert_eq!(missing.ask("cursor").await.code(), Some("NOT_FOUND"));
}

async fn bad_books_are_refused(app: TestApp) {
    let mut book = FieldBook::of(&app.lead(LIUHE), &[LIUHE]);
    book.sync(&app).await;
    let good = book.cursor.clone().unwrap();
    let mut forged = good.clone();
    forged.replace_range(0..1, if forged.starts_with('A') { "B" } else { "A" });
    let event = app.event_cursor().await;
    for bad in [String::new(), "户".to_owned(), "start".to_owned(), forged, event, "A".repeat(9999)]
    {
        book.cursor = Some(bad);
        assert_eq!(book.ask("cursor").await.code(), Some("BAD_CURSOR"));
    }
    let mut foreign = FieldBook::of(&app.county_admin(), &[LIUHE]);
    foreign.cursor = Some(good);
    assert_eq!(foreign.ask("cursor").await.code(), Some("BAD_CURSOR"));
    for first in [-1, 0, 501, i32::MAX] {
        foreign.cursor = None;
        foreign.first = first;
        let code = foreign.ask("cursor").await.code().map(str::to_owned);
        assert!(matches!(code.as_deref(), Some("BAD_USER_INPUT" | "QUERY_TOO_LARGE")), "{first}");
    }
    let many: Vec<String> = (0..51).map(|n| format!("411481109{n:03}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for villages in [&[][..], &many] {
        let book = FieldBook::of(&app.county_admin(), villages);
        assert_eq!(book.ask("cursor").await.code(), Some("BAD_USER_INPUT"));
    }
    let document = "query($id: ID!) { fieldBook(villages: [$id], first: 1) { cursor } }";
    for id in [app.lead(LIUHE).id(), "刘河".to_owned()] {
        let answer = app.lead(LIUHE).query(document, json!({ "id": id })).await;
        assert_eq!(answer.code(), Some("BAD_ID"));
    }
    let twice = FieldBook::of(&app.lead(LIUHE), &[LIUHE, LIUHE]);
    assert_eq!(twice.ask("hasNextPage").await.at("/fieldBook/hasNextPage"), false);
}

async fn a_restored_database_says_to_start_again(app: TestApp) {
    app.household(LIUHE).await;
    let mut book = FieldBook::of(&app.lead(LIUHE), &[LIUHE]);
    book.sync(&app).await;
    app.sql("DELETE FROM event").await;
    let answer = FieldBook::of(&app.lead(LIUHE), &[LIUHE]).ask("cursor").await;
    answer.data();
    let answer = book.ask("cursor").await;
    assert_eq!(answer.code(), Some("BAD_CURSOR"));
    assert!(answer.message().contains("从头"), "{}", answer.message());
}

async fn a_book_takes_as_many_statements_whatever_is_in_it(app: TestApp) {
    let officer = app.officer_posted_to(&[LIUHE, WANGLOU]).await;
    let mut counts = Vec::new();
    let mut book = FieldBook::of(&officer, &[LIUHE, WANGLOU]);
    for round in 0..2 {
        let mut fresh = FieldBook::of(&officer, &[LIUHE, WANGLOU]);
        for _ in 0..1 + round * 5 {
            let household = app.household(LIUHE).await;
            app.contact_of(&household, "王建国").await;
        }
        app.event_cursor().await;
        let (whole, _) = app.statements(fresh.page()).await;
        book.cursor = book.cursor.or(fresh.cursor);
        let moved = app.household(LIUHE).await;
        move_to(&app, &moved, CHENJI_VILLAGE).await;
        for _ in 0..1 + round * 5 {
            let household = app.household(WANGLOU).await;
            app.contact_of(&household, "王建国").await;
        }
        app.event_cursor().await;
        let (changes, (count, _)) = app.statements(book.page()).await;
        assert!(count > round * 5);
        counts.push((whole, changes));
    }
    assert_eq!(counts[0], counts[1]);
    // The villages, the end of the log, what happened, the households, their groups, contacts and visits, and that
    // numbers were told.
    assert!(counts[0].0 <= 8 && counts[0].1 <= 8, "{counts:?}");
}

/// As a phone sends it: the answer's bytes, still compressed.
async fn compressed(actor: &Actor, first: i32, since: &Value) -> Vec<u8> {
    let document = format!(
        "query($villages: [ID!]!, $since: String, $first: Int!) {{ \
         fieldBook(villages: $villages, since: $since, first: $first) {{ \
         upserts {{ {KEPT} }} removals {{ householdId reason }} cursor hasNextPage }} }}"
    );
    let variables = json!({ "villages": [village_id(LIUHE)], "since": since, "first": first });
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/graphql-response+json")
        .header(header::ACCEPT_ENCODING, "gzip");
    let body = json!({ "query": document, "variables": variables }).to_string();
    let request = actor.authorised(request).body(Body::from(body)).unwrap();
    let response = actor.router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

fn unpacked(bytes: &[u8]) -> Value {
    serde_json::from_reader(flate2::read::GzDecoder::new(bytes)).unwrap()
}

async fn a_village_of_700_households_comes_in_two_small_answers(app: TestApp) {
    let admin = app.county_admin();
    let mut file = String::from("村代码,组,门牌,户主,人数,地址\n");
    for n in 0..700 {
        let (group, name) = (n % 9 + 1, format!("{}{}", ["王", "李", "张", "刘"][n % 4], n));
        file += &format!("{LIUHE},{group},{n},刘河村{group}组-{name},{},村东路{n}号\n", n % 6 + 1);
    }
    admin.import(&app, file).await;
    let list = "query($after: String) { households(first: 100, after: $after) { pageInfo { endCursor \
                hasNextPage } edges { node { id } } } }";
    let mut after = Value::Null;
    loop {
        let answer = admin.query(list, json!({ "after": after })).await;
        for id in answer.nodes("/households", "id") {
            app.contact_of(&json!({ "id": id }), &format!("王{}", &id[20..])).await;
        }
        after = answer.at("/households/pageInfo/endCursor").clone();
        if answer.at("/households/pageInfo/hasNextPage") == false {
            break;
        }
    }
    app.event_cursor().await;
    let officer = app.lead(LIUHE);
    let one = compressed(&officer, 350, &Value::Null).await;
    let page = &unpacked(&one)["data"]["fieldBook"];
    assert_eq!(page["upserts"].as_array().map(Vec::len), Some(350));
    assert_eq!(page["hasNextPage"], true);
    let contact = &page["upserts"][349]["contacts"]["edges"][0]["node"];
    assert!(GlobalId::parse(&ID(text(&contact["id"]))).is_ok());
    let two = compressed(&officer, 350, &page["cursor"]).await;
    let page = &unpacked(&two)["data"]["fieldBook"];
    assert_eq!(page["upserts"].as_array().map(Vec::len), Some(350));
    assert_eq!(page["hasNextPage"], false);
    let size = one.len() + two.len();
    println!("a village of 700 households: {size} bytes");
    assert!(size <= 300 * 1024, "{size} bytes");
}

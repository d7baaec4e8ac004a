//! The numbers: kept from the event log, and equal to what a count of everything gives.

use huhutong::tally;

use crate::on_both_databases;
use crate::support::county::{CHENJI, COUNTY, DONGCHENG, LIUHE, VILLAGES, WANGLOU};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    numbers_follow_what_happens,
    no_household_leaves_the_denominator,
    numbers_equal_a_count_of_everything_and_a_rebuild,
    each_event_counts_once_with_two_instances_at_it,
    who_sees_no_household_cannot_read_one_from_numbers,
    an_officer_sees_the_numbers_of_the_own_township_only,
    an_area_without_households_has_no_percentage,
);

const NUMBERS: &str = "openInquiryCount coverage { numerator denominator percent peopleCount unvisited \
                       visited declined movedAway noSmartphone vacant reachable recentlyConfirmed remaining }";

/// The numbers of a division.
async fn numbers(actor: &Actor, kind: &str, code: &str) -> Value {
    let document = format!("query($code: DivisionCode!) {{ {kind}(code: $code) {{ {NUMBERS} }} }}");
    actor.query(&document, json!({ "code": code })).await.at(&format!("/{kind}")).clone()
}

/// Many changes of all kinds, the same for each seed.
pub async fn bustle(app: &TestApp, seed: u32) {
    let admin = app.county_admin();
    let statuses = ["VISITED", "DECLINED", "MOVED_AWAY", "NO_SMARTPHONE", "VACANT", "UNVISITED"];
    let mut random = seed;
    let mut next = |most: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize % most
    };
    for round in 0..24 {
        let household = app.household(VILLAGES[next(VILLAGES.len())]).await;
        let inquiry = app.inquiry(&household).await;
        let resolve = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1 });
        let reopen = json!({ "inquiryId": inquiry["id"], "expectedVersion": 2 });
        match next(4) {
            0 => {
                admin.mutate("resolveInquiry", resolve, "id").await.done();
            }
            1 => {
                admin.mutate("resolveInquiry", resolve, "id").await.done();
                admin.mutate("reopenInquiry", reopen, "id").await.done();
            }
            _ => {
                let reply = json!({ "idempotencyKey": format!("reply {seed} {round}"),
                                    "inquiryId": inquiry["id"], "text": "好的" });
                admin.mutate("replyToInquiry", reply, "id").await.done();
            }
        }
        if next(3) == 0 {
            app.contact_of(&household, "王建国").await;
        } else {
            let change = json!({ "householdId": household["id"], "expectedVersion": 1,
                "status": statuses[next(6)], "statusReason": "走访所知", "peopleCount": next(9) });
            admin.mutate("updateHousehold", change, "id").await.done();
        }
    }
}

async fn numbers_follow_what_happens(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.household(LIUHE).await;
    app.contact_of(&household, "王建国").await;
    app.inquiry(&household).await;
    app.count_events().await;
    let expected = json!({ "openInquiryCount": 1, "coverage": { "numerator": 1, "denominator": 2,
        "percent": 50.0, "peopleCount": 8, "unvisited": 1, "visited": 0, "declined": 0,
        "movedAway": 0, "noSmartphone": 0, "vacant": 0, "reachable": 1, "recentlyConfirmed": 1, "remaining": 1 } });
    for (kind, code) in [("village", LIUHE), ("township", CHENJI), ("county", COUNTY)] {
        assert_eq!(numbers(&app.county_admin(), kind, code).await, expected, "{kind}");
    }
}

async fn no_household_leaves_the_denominator(app: TestApp) {
    for (version, status) in
        ["VISITED", "DECLINED", "MOVED_AWAY", "NO_SMARTPHONE", "VACANT"].into_iter().enumerate()
    {
        let household = app.household(LIUHE).await;
        let change = json!({ "householdId": household["id"], "expectedVersion": 1, "status": status,
                    "statusReason": "走访所知" });
        app.county_admin().mutate("updateHousehold", change, "id").await.done();
        app.count_events().await;
        let numbers = numbers(&app.county_admin(), "village", LIUHE).await;
        assert_eq!(numbers["coverage"]["denominator"], version + 1, "{status}");
        assert_eq!(numbers["coverage"]["percent"], 0.0);
    }
}

/// What a count of everything gives for a village: unresolved, all, enrolled, declined households.
async fn counted(app: &TestApp, village: &str) -> [Value; 4] {
    let document = "query($code: DivisionCode!) { village(code: $code) { \
        open: inquiries(filter: { statuses: [OPEN, WAITING_FOR_OFFICER, WAITING_FOR_RESIDENT] }) { totalCount } \
        all: households { totalCount } \
        enrolled: households(filter: { statuses: [ENROLLED] }) { totalCount } \
        declined: households(filter: { statuses: [DECLINED] }) { totalCount } } }";
    let answer = app.county_admin().query(document, json!({ "code": village })).await;
    ["open", "all", "enrolled", "declined"]
        .map(|name| answer.at(&format!("/village/{name}/totalCount")).clone())
}

async fn numbers_equal_a_count_of_everything_and_a_rebuild(app: TestApp) {
    bustle(&app, 7).await;
    app.count_events().await;
    let mut kept = Vec::new();
    for village in VILLAGES {
        let tally = numbers(&app.county_admin(), "village", village).await;
        let coverage = &tally["coverage"];
        let told = [
            &tally["openInquiryCount"],
            &coverage["denominator"],
            &coverage["numerator"],
            &coverage["declined"],
        ];
        assert_eq!(told.map(Value::clone), counted(&app, village).await, "{village}");
        kept.push(tally);
    }
    tally::rebuild(&app.service().database, 90, app.now()).await.unwrap();
    app.count_events().await;
    for (village, before) in VILLAGES.into_iter().zip(kept) {
        assert_eq!(numbers(&app.county_admin(), "village", village).await, before, "{village}");
    }
}

async fn each_event_counts_once_with_two_instances_at_it(app: TestApp) {
    let other = app.another_instance().await;
    let project = async |app: &TestApp| {
        for _ in 0..40 {
            tally::project(&app.service().database, 90, app.now()).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(bustle(&app, 7), project(&app), project(&other));
    tokio::join!(app.count_events(), other.count_events());
    for village in [DONGCHENG, LIUHE, WANGLOU] {
        let tally = numbers(&app.county_admin(), "village", village).await;
        let expected = counted(&app, village).await;
        assert_eq!(tally["openInquiryCount"], expected[0], "{village}");
        assert_eq!(tally["coverage"]["denominator"], expected[1], "{village}");
    }
}

async fn who_sees_no_household_cannot_read_one_from_numbers(app: TestApp) {
    let (declined, other) = (app.household(LIUHE).await, app.household(LIUHE).await);
    for household in [&declined, &other, &app.household(WANGLOU).await] {
        app.inquiry(household).await;
    }
    app.advance(std::time::Duration::from_secs(24 * 3600));
    let visit =
        json!({ "idempotencyKey": "a", "householdId": declined["id"], "outcome": "DECLINED" });
    app.county_admin().mutate("recordVisit", visit, "id").await.done();
    app.count_events().await;
    let document = "query($code: DivisionCode!, $township: DivisionCode!) { \
        village(code: $code) { openInquiryCount coverage { ...numbers } } \
        township(code: $township) { openInquiryCount coverage { ...numbers } } \
        townships(first: 1, filter: { text: \"陈集\" }) { edges { node { openInquiryCount coverage { ...numbers } } } } \
        rolloutBoard { townships { enrolledPerWeek coverage { ...numbers } } } } \
        fragment numbers on Coverage { roundedTo denominator unvisited declined vacant peopleCount \
        change(since: \"2026-09-01\") { declined unvisited denominator } }";
    let asked = json!({ "code": LIUHE, "township": CHENJI });
    let seen = app.analyst().query(document, asked.clone()).await.data().clone();
    let coverage = &seen["village"]["coverage"];
    let told = json!({ "roundedTo": 5, "denominator": 10, "unvisited": 5, "declined": 5, "vacant": 0,
        "peopleCount": 10, "change": { "declined": 5, "unvisited": 0, "denominator": 5 } });
    assert_eq!(coverage, &told);
    // The township less its other villages tells nothing more.
    let township = &seen["township"];
    assert_eq!(
        (&township["coverage"]["declined"], &township["openInquiryCount"]),
        (&json!(5), &json!(5))
    );
    assert_eq!(&seen["townships"]["edges"][0]["node"], township);
    let boards = seen["rolloutBoard"]["townships"].as_array().unwrap();
    assert!(boards.iter().any(|board| board["coverage"] == township["coverage"]), "{boards:?}");
    for exact in [app.county_admin(), app.chief(CHENJI), app.auditor()] {
        let seen = exact.query(document, asked.clone()).await.data().clone();
        let coverage = &seen["village"]["coverage"];
        assert_eq!((&coverage["roundedTo"], &coverage["declined"]), (&Value::Null, &json!(1)));
        assert_eq!(seen["village"]["openInquiryCount"], 2);
    }
}

async fn an_officer_sees_the_numbers_of_the_own_township_only(app: TestApp) {
    app.household(LIUHE).await;
    app.household(DONGCHENG).await;
    app.count_events().await;
    let denominator = async |actor: &Actor, kind: &str, code: &str| {
        numbers(actor, kind, code).await["coverage"]["denominator"].clone()
    };
    for actor in [app.lead(WANGLOU), app.chief(CHENJI)] {
        assert_eq!(denominator(&actor, "village", LIUHE).await, 1);
        assert_eq!(denominator(&actor, "village", DONGCHENG).await, 0);
        assert_eq!(denominator(&actor, "county", COUNTY).await, 1);
    }
    assert_eq!(denominator(&app.county_admin(), "county", COUNTY).await, 2);
}

async fn an_area_without_households_has_no_percentage(app: TestApp) {
    let numbers = numbers(&app.analyst(), "village", LIUHE).await;
    assert_eq!(numbers["coverage"]["percent"], Value::Null);
    assert_eq!(numbers["coverage"]["denominator"], 0);
    assert_eq!(numbers["openInquiryCount"], 0);
}

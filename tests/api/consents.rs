//! What contacts agree to, how they are confirmed and succeeded, and how they leave.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::{TestApp, Value, json, moment, with};

on_both_databases!(
    the_texts_are_there_for_everybody,
    a_new_contact_joins_only_with_a_consent,
    a_consent_that_cannot_be_is_refused,
    a_backup_takes_over_and_the_former_primary_contact_stays_a_backup,
    a_contact_who_becomes_a_caretaker_leaves_the_household_visited,
    a_caretaker_makes_a_household_without_a_smartphone_reachable,
    a_contact_is_confirmed_once_a_day,
    withdrawing_erases_the_contact_and_keeps_the_household,
    a_resident_withdraws_the_own_consent_and_no_other,
    a_withdrawal_reaches_every_household_whatever_the_area,
    nobody_outside_the_area_withdraws,
    a_contact_who_speaks_for_nobody_is_erased_in_the_same_way,
    what_a_merge_kept_is_forgotten_with_the_contact,
    the_numbers_follow_who_comes_and_goes,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn seen(app: &TestApp, household: &Value, wanted: &str) -> Value {
    let document = format!("query($id: ID!) {{ household(id: $id) {{ {wanted} }} }}");
    let answer = app.county_admin().query(&document, json!({ "id": household["id"] })).await;
    answer.at("/household").clone()
}

async fn enrolled(app: &TestApp, household: &Value, name: &str, standing: &str) -> Value {
    app.advance(Duration::from_secs(1));
    let input = json!({ "idempotencyKey": app.service().new_id(), "householdId": household["id"],
        "name": name, "standing": standing, "consent": app.consent() });
    app.county_admin().mutate("enrolContact", input, "id version").await.done()
}

fn withdrawal(contact: &Value) -> Value {
    json!({ "idempotencyKey": "bye", "contactId": contact["id"] })
}

async fn the_texts_are_there_for_everybody(app: TestApp) {
    let document = "{ consentTexts { version validFrom chinese english } }";
    let answer = app.anonymous().query(document, json!({})).await;
    assert_eq!(answer.at("/consentTexts/0/version"), "2025-1");
    assert!(answer.at("/consentTexts/0/chinese").as_str().unwrap().contains("110"));
    assert!(answer.at("/consentTexts/0/english").as_str().unwrap().contains("110"));
}

async fn a_new_contact_joins_only_with_a_consent(app: TestApp) {
    let household = app.household(LIUHE).await;
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"], "name": "王建国",
        "standing": "PRIMARY" });
    let answer = app.lead(LIUHE).mutate("enrolContact", input.clone(), "id").await;
    assert_eq!(answer.outcome(), "BLANK consent");
    let wanted =
        "consent { textVersion language channel basis givenAt withdrawnAt officer { id } }";
    let input = with(input, "consent", app.consent());
    let contact = app.lead(LIUHE).mutate("enrolContact", input, wanted).await.done();
    assert_eq!(
        contact["consent"],
        json!({ "textVersion": "2025-1", "language": "CHINESE", "channel": "IN_PERSON", "basis": "SPOKEN",
                "givenAt": moment(app.now()), "withdrawnAt": null, "officer": { "id": app.lead(LIUHE).id() } })
    );
    let document = "{ households { edges { node { primaryContact { consent { basis } } } } } }";
    let answer = app.auditor().query(document, json!({})).await;
    let shown = answer.at("/households/edges/0/node/primaryContact/consent/basis");
    assert_eq!(shown, "SPOKEN");
}

async fn a_consent_that_cannot_be_is_refused(app: TestApp) {
    let household = app.household(LIUHE).await;
    for (field, value, expected) in [
        ("textVersion", json!("1999-1"), "NOT_FOUND consent.textVersion"),
        ("textVersion", json!(""), "NOT_FOUND consent.textVersion"),
        ("basis", json!("BEFORE_RECORDS"), "INVALID consent.basis"),
        ("givenAt", json!(app.now() + DAY), "INVALID consent.givenAt"),
        ("givenAt", json!("2024-12-31T00:00:00Z"), "INVALID consent.givenAt"),
    ] {
        let input = json!({ "idempotencyKey": "a", "householdId": household["id"], "name": "王建国",
            "standing": "PRIMARY", "consent": with(app.consent(), field, value) });
        let answer = app.county_admin().mutate("enrolContact", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    assert_eq!(app.number("SELECT count(*) FROM consent").await, 0);
}

const SPEAKING: &str =
    "status reachable version contacts { edges { node { name responsibilities { standing } } } }";

async fn standings(app: &TestApp, household: &Value) -> Vec<String> {
    let found = seen(app, household, SPEAKING).await;
    let edges = found["contacts"]["edges"].as_array().unwrap().clone();
    let mut told: Vec<String> = edges
        .iter()
        .map(|edge| {
            let (name, standing) =
                (&edge["node"]["name"], &edge["node"]["responsibilities"][0]["standing"]);
            format!("{} {}", name.as_str().unwrap(), standing.as_str().unwrap())
        })
        .collect();
    told.sort();
    told
}

async fn a_backup_takes_over_and_the_former_primary_contact_stays_a_backup(app: TestApp) {
    let household = app.household(LIUHE).await;
    enrolled(&app, &household, "王建国", "PRIMARY").await;
    let backup = enrolled(&app, &household, "李秀英", "BACKUP").await;
    let input = json!({ "householdId": household["id"], "contactId": backup["id"],
        "standing": "PRIMARY", "expectedVersion": 3 });
    let wanted = "version status primaryContact { name }";
    let officer = app.lead(LIUHE);
    let after = officer.mutate("changeContactStanding", input.clone(), wanted).await.done();
    assert_eq!(
        after,
        json!({ "version": 4, "status": "ENROLLED", "primaryContact": { "name": "李秀英" } })
    );
    assert_eq!(standings(&app, &household).await, ["李秀英 PRIMARY", "王建国 BACKUP"]);
    let again = officer.mutate("changeContactStanding", input, "id").await;
    assert_eq!(again.outcome(), "VERSION_CONFLICT expectedVersion");
    // Where nobody is asked first, the oldest is.
    let input = json!({ "householdId": household["id"], "contactId": backup["id"],
        "standing": "BACKUP", "expectedVersion": 4 });
    officer.mutate("changeContactStanding", input, "id").await.done();
    assert_eq!(standings(&app, &household).await, ["李秀英 BACKUP", "王建国 PRIMARY"]);
}

async fn a_contact_who_becomes_a_caretaker_leaves_the_household_visited(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = enrolled(&app, &household, "王建国", "PRIMARY").await;
    let input = |standing: &str, version: u8| {
        json!({ "householdId": household["id"], "contactId": contact["id"], "standing": standing,
                "expectedVersion": version })
    };
    let admin = app.county_admin();
    for (standing, version, status, reachable) in
        [("CARETAKER", 2, "VISITED", false), ("BACKUP", 3, "ENROLLED", true)]
    {
        let answer =
            admin.mutate("changeContactStanding", input(standing, version), "status reachable");
        assert_eq!(answer.await.done(), json!({ "status": status, "reachable": reachable }));
    }
    assert_eq!(standings(&app, &household).await, ["王建国 PRIMARY"]);
    let stranger = enrolled(&app, &app.household(LIUHE).await, "李秀英", "PRIMARY").await;
    let input = with(input("PRIMARY", 4), "contactId", stranger["id"].clone());
    let answer = admin.mutate("changeContactStanding", input, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND contactId");
}

async fn a_caretaker_makes_a_household_without_a_smartphone_reachable(app: TestApp) {
    let household = app.household(LIUHE).await;
    let caretaker = enrolled(&app, &household, "赵敏", "CARETAKER").await;
    assert_eq!(seen(&app, &household, "reachable").await["reachable"], false);
    let visit = json!({ "idempotencyKey": "a", "householdId": household["id"], "outcome": "NO_SMARTPHONE" });
    let wanted = "household { status reachable confirmedAt }";
    let visit = app.lead(LIUHE).mutate("recordVisit", visit, wanted).await.done();
    assert_eq!(
        visit["household"],
        json!({ "status": "NO_SMARTPHONE", "reachable": true, "confirmedAt": null })
    );
    app.lead(LIUHE).mutate("withdrawConsent", withdrawal(&caretaker), "id").await.done();
    let after = seen(&app, &household, "status reachable").await;
    assert_eq!(after, json!({ "status": "NO_SMARTPHONE", "reachable": false }));
}

async fn a_contact_is_confirmed_once_a_day(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = enrolled(&app, &household, "王建国", "PRIMARY").await;
    app.advance(DAY);
    let input = json!({ "householdId": household["id"], "contactId": contact["id"] });
    let officer = app.lead(LIUHE);
    let confirmed = moment(app.now());
    for _ in 0..2 {
        let after = officer.mutate("confirmContact", input.clone(), "confirmedAt version").await;
        assert_eq!(after.done(), json!({ "confirmedAt": confirmed, "version": 3 }));
        app.advance(Duration::from_secs(60));
    }
    let wanted = "primaryContact { responsibilities { confirmedAt } }";
    let shown = seen(&app, &household, wanted).await;
    assert_eq!(shown["primaryContact"]["responsibilities"][0]["confirmedAt"], json!(confirmed));
    let other = app.household(LIUHE).await;
    let input = with(input, "householdId", other["id"].clone());
    assert_eq!(
        officer.mutate("confirmContact", input, "id").await.outcome(),
        "NOT_FOUND contactId"
    );
    let input = json!({ "householdId": household["id"], "contactId": contact["id"] });
    let answer = app.lead(OTHER_LIUHE).mutate("confirmContact", input, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND householdId");
}

async fn withdrawing_erases_the_contact_and_keeps_the_household(app: TestApp) {
    let household = app.labelled(LIUHE, "刘河村1组-王建国").await;
    let contact = app.contact_of(&household, "王建国").await;
    let resident = app.resident(&contact);
    let inquiry =
        json!({ "idempotencyKey": "q", "householdId": household["id"], "text": "问一下" });
    resident.mutate("submitInquiry", inquiry, "id").await.done();
    app.advance(DAY);
    let wanted = "textVersion withdrawnAt";
    let consent = app.lead(LIUHE).mutate("withdrawConsent", withdrawal(&contact), wanted).await;
    assert_eq!(
        consent.done(),
        json!({ "textVersion": "2025-1", "withdrawnAt": moment(app.now()) })
    );
    let again = app.lead(LIUHE).mutate("withdrawConsent", withdrawal(&contact), wanted).await;
    assert_eq!(again.done()["withdrawnAt"], json!(moment(app.now())));
    let wanted = "label status reachable confirmedAt contacts { totalCount } \
        consents { edges { node { withdrawnAt } } } statusHistory { edges { node { to cause } } } \
        inquiries { edges { node { lastMessage { text direction contact { id } } } } }";
    assert_eq!(
        seen(&app, &household, wanted).await,
        json!({ "label": "刘河村1组-1号", "status": "VISITED", "reachable": false, "confirmedAt": null,
            "contacts": { "totalCount": 0 },
            "consents": { "edges": [{ "node": { "withdrawnAt": moment(app.now()) } }] },
            "statusHistory": { "edges": [{ "node": { "to": "VISITED", "cause": "CONTACT_LEFT" } },
                                         { "node": { "to": "ENROLLED", "cause": "ENROLMENT" } }] },
            "inquiries": { "edges": [{ "node": { "lastMessage": { "text": "问一下",
                "direction": "INBOUND", "contact": null } } }] } })
    );
    let search = "{ households(filter: { text: \"王建国\" }) { totalCount } all: households { totalCount } }";
    let answer = app.county_admin().query(search, json!({})).await;
    assert_eq!(
        answer.data(),
        &json!({ "households": { "totalCount": 0 }, "all": { "totalCount": 1 } })
    );
    assert_eq!(app.number("SELECT count(*) FROM contact").await, 0);
    let answer = resident.query("{ households { totalCount } viewer { role } }", json!({})).await;
    assert_ne!(answer.outcome(), "ok");
}

async fn a_resident_withdraws_the_own_consent_and_no_other(app: TestApp) {
    let household = app.household(LIUHE).await;
    let own = app.contact_of(&household, "王建国").await;
    let other = enrolled(&app, &household, "李秀英", "BACKUP").await;
    let resident = app.resident(&own);
    let answer = resident.mutate("withdrawConsent", withdrawal(&other), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND contactId");
    resident.mutate("withdrawConsent", withdrawal(&own), "withdrawnAt").await.done();
    let after = seen(&app, &household, "status reachable primaryContact { name }").await;
    assert_eq!(
        after,
        json!({ "status": "ENROLLED", "reachable": true, "primaryContact": { "name": "李秀英" } })
    );
}

async fn a_withdrawal_reaches_every_household_whatever_the_area(app: TestApp) {
    let (here, there) = (app.household(LIUHE).await, app.household(OTHER_LIUHE).await);
    let contact = app.contact_of(&here, "王建国").await;
    let input = json!({ "idempotencyKey": "b", "householdId": there["id"], "contactId": contact["id"],
        "standing": "PRIMARY" });
    app.county_admin().mutate("enrolContact", input, "id").await.done();
    let withdrawn =
        app.lead(OTHER_LIUHE).mutate("withdrawConsent", withdrawal(&contact), "id").await;
    withdrawn.done();
    for household in [here, there] {
        let after = seen(&app, &household, "status reachable contacts { totalCount }").await;
        let expected =
            json!({ "status": "VISITED", "reachable": false, "contacts": { "totalCount": 0 } });
        assert_eq!(after, expected);
    }
}

async fn nobody_outside_the_area_withdraws(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let answer = app.lead(OTHER_LIUHE).mutate("withdrawConsent", withdrawal(&contact), "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND contactId");
    let answer = app.auditor().mutate("withdrawConsent", withdrawal(&contact), "id").await;
    assert_eq!(answer.outcome(), "FORBIDDEN");
    assert_eq!(seen(&app, &household, "reachable").await["reachable"], true);
}

async fn a_contact_who_speaks_for_nobody_is_erased_in_the_same_way(app: TestApp) {
    let (one, other) = (app.labelled(LIUHE, "1组-王建国").await, app.household(LIUHE).await);
    let contact = app.contact_of(&one, "王建国").await;
    let input = json!({ "idempotencyKey": "b", "householdId": other["id"], "contactId": contact["id"],
        "standing": "CARETAKER" });
    app.county_admin().mutate("enrolContact", input, "id").await.done();
    let remove = |household: &Value, version: u8| json!({ "householdId": household["id"], "contactId": contact["id"], "expectedVersion": version });
    let admin = app.county_admin();
    let left = admin.mutate("removeContact", remove(&one, 2), "label status").await.done();
    assert_eq!(left, json!({ "label": "1组-王建国", "status": "VISITED" }));
    assert_eq!(app.number("SELECT count(*) FROM consent WHERE withdrawn_at IS NULL").await, 1);
    admin.mutate("removeContact", remove(&other, 2), "id").await.done();
    assert_eq!(app.number("SELECT count(*) FROM contact").await, 0);
    assert_eq!(app.number("SELECT count(*) FROM consent WHERE withdrawn_at IS NULL").await, 0);
}

async fn what_a_merge_kept_is_forgotten_with_the_contact(app: TestApp) {
    let (one, other) =
        (app.labelled(LIUHE, "1组-甲").await, app.labelled(WANGLOU, "1组-王建国").await);
    let contact = app.contact_of(&other, "王建国").await;
    let input = json!({ "idempotencyKey": "m", "survivorId": one["id"], "survivorVersion": 1,
        "mergedId": other["id"], "mergedVersion": 2 });
    let admin = app.county_admin();
    let wanted =
        "record { id } survivor { status reachable statusHistory { edges { node { to cause } } } }";
    let merged = admin.mutate("mergeHouseholds", input, wanted).await.done();
    assert_eq!(merged["survivor"]["status"], "ENROLLED");
    assert_eq!(merged["survivor"]["reachable"], true);
    admin.mutate("withdrawConsent", withdrawal(&contact), "id").await.done();
    let undo = json!({ "mergeId": merged["record"]["id"] });
    assert_eq!(admin.mutate("undoMerge", undo, "id").await.outcome(), "WRONG_STATE mergeId");
    assert_eq!(
        app.number("SELECT count(*) FROM household_merge WHERE snapshot IS NOT NULL").await,
        0
    );
}

async fn the_numbers_follow_who_comes_and_goes(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let document = "query($code: DivisionCode!) { village(code: $code) { coverage { numerator denominator \
                    reachable visited recentlyConfirmed } } }";
    let numbers = async || {
        app.count_events().await;
        let answer = app.county_admin().query(document, json!({ "code": LIUHE })).await;
        answer.at("/village/coverage").clone()
    };
    let expected = json!({ "numerator": 1, "denominator": 1, "reachable": 1, "visited": 0,
        "recentlyConfirmed": 1 });
    assert_eq!(numbers().await, expected);
    app.county_admin().mutate("withdrawConsent", withdrawal(&contact), "id").await.done();
    let expected = json!({ "numerator": 0, "denominator": 1, "reachable": 0, "visited": 1,
        "recentlyConfirmed": 0 });
    assert_eq!(numbers().await, expected);
}

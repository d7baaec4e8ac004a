//! Who sees which people: never the analyst, masked the auditor, the own household the resident;
//! and what lies elsewhere looks as if it did not exist.

use huhutong::id::{GlobalId, Kind};

use crate::on_both_databases;
use crate::support::county::{CHENJI, COUNTY, LIUHE, OTHER_LIUHE, lead};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    the_analyst_reaches_no_person_by_any_path,
    the_analyst_sees_numbers,
    the_auditor_sees_masked_people_and_no_message,
    an_officer_sees_people_in_full_in_the_own_village,
    a_resident_sees_the_own_household_and_no_other,
    a_resident_sees_the_officer_but_not_the_officers_account,
    what_lies_elsewhere_looks_as_if_it_did_not_exist,
    a_change_elsewhere_looks_like_a_change_of_nothing,
    a_contact_of_two_areas_shows_each_area_its_own,
);

struct World {
    household: Value,
    inquiry: Value,
    contact: Value,
    message: Value,
}

async fn world(app: &TestApp, village: &str) -> World {
    let household = app.labelled(village, "刘河村1组-王建国").await;
    let input = json!({ "idempotencyKey": app.service().new_id(), "householdId": household["id"],
                        "name": "王建国", "phone": "10012345678", "standing": "PRIMARY",
                        "consent": app.consent() });
    let contact = app.county_admin().mutate("enrolContact", input, "id").await.done();
    let inquiry = app.inquiry(&household).await;
    let document = "query($id: ID!) { inquiry(id: $id) { lastMessage { id } } }";
    let answer = app.county_admin().query(document, json!({ "id": inquiry["id"] })).await;
    let message = answer.at("/inquiry/lastMessage").clone();
    World { household, inquiry, contact, message }
}

async fn the_analyst_reaches_no_person_by_any_path(app: TestApp) {
    let World { household, inquiry, contact, message } = world(&app, LIUHE).await;
    let officer = GlobalId::new(Kind::Officer, lead(LIUHE)).to_string();
    let ids = json!([household["id"], inquiry["id"], contact["id"], message["id"], officer]);
    let mut paths = vec![
        "households { edges { node { label } } totalCount }".to_owned(),
        "inquiries { edges { node { subject } } totalCount }".to_owned(),
        "officers { edges { node { name } } totalCount }".to_owned(),
        format!("household(id: {}) {{ label }}", household["id"]),
        format!("inquiry(id: {}) {{ subject }}", inquiry["id"]),
        format!("officer(id: {}) {{ name }}", ids[4]),
    ];
    for id in ids.as_array().unwrap() {
        paths.push(format!("node(id: {id}) {{ id }}"));
    }
    for parent in [format!("village(code: \"{LIUHE}\")"), format!("township(code: \"{CHENJI}\")")] {
        for child in [
            "households { totalCount }",
            "households { edges { node { label } } }",
            "inquiries { totalCount }",
            "inquiries { edges { node { subject } } }",
        ] {
            paths.push(format!("{parent} {{ {child} }}"));
        }
    }
    paths.push(format!("village(code: \"{LIUHE}\") {{ postings {{ totalCount }} }}"));
    paths.push(format!("village(code: \"{LIUHE}\") {{ groups {{ edges {{ node {{ households {{ totalCount }} }} }} }} }}"));
    paths.push(format!(
        "township(code: \"{CHENJI}\") {{ station {{ officers {{ totalCount }} }} }}"
    ));
    for path in paths {
        let answer = app.analyst().query(&format!("{{ {path} }}"), json!({})).await;
        assert_eq!(answer.outcome(), "FORBIDDEN", "{path}: {}", answer.json);
        let told = answer.json["data"].to_string();
        assert!(
            !told.contains("王") && !told.contains("上户口") && !told.contains("totalCount\":1"),
            "{told}"
        );
    }
    let document =
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } viewer { officer { id } contact { id } } }";
    let answer = app.analyst().query(document, json!({ "ids": ids })).await;
    assert_eq!(
        answer.data(),
        &json!({ "nodes": [null, null, null, null, null],
                                       "viewer": { "officer": null, "contact": null } })
    );
}

async fn the_analyst_sees_numbers(app: TestApp) {
    world(&app, LIUHE).await;
    app.count_events().await;
    let document = "query($code: DivisionCode!) { county(code: $code) { openInquiryCount \
                    coverage { numerator denominator } townships { totalCount } } \
                    viewer { villages { totalCount } } }";
    let answer = app.analyst().query(document, json!({ "code": COUNTY })).await;
    assert_eq!(
        answer.data(),
        &json!({ "county": { "openInquiryCount": 5, "townships": { "totalCount": 3 },
                 "coverage": { "numerator": 5, "denominator": 5 } },
                 "viewer": { "villages": { "totalCount": 7 } } })
    );
}

const PERSON: &str = "query($id: ID!) { household(id: $id) { label address \
    primaryContact { name phone } contacts { edges { node { name phone responsibilities { household { label } } } } } } }";

async fn the_auditor_sees_masked_people_and_no_message(app: TestApp) {
    let World { household, inquiry, .. } = world(&app, LIUHE).await;
    let answer = app.auditor().query(PERSON, json!({ "id": household["id"] })).await;
    assert_eq!(
        answer.at("/household"),
        &json!({ "label": "刘河村1组-王**", "address": null,
            "primaryContact": { "name": "王**", "phone": "100******78" },
            "contacts": { "edges": [{ "node": { "name": "王**", "phone": "100******78",
                "responsibilities": [{ "household": { "label": "刘河村1组-王**" } }] } }] } })
    );
    for field in
        ["lastMessage { text }", "messages { edges { node { text } } }", "messages { totalCount }"]
    {
        let document = format!("query($id: ID!) {{ inquiry(id: $id) {{ status {field} }} }}");
        let answer = app.auditor().query(&document, json!({ "id": inquiry["id"] })).await;
        assert_eq!(answer.outcome(), "FORBIDDEN");
        assert_eq!(answer.json["data"]["inquiry"]["status"], "OPEN", "{}", answer.json);
    }
}

async fn an_officer_sees_people_in_full_in_the_own_village(app: TestApp) {
    let World { household, .. } = world(&app, LIUHE).await;
    for actor in [app.lead(LIUHE), app.chief(CHENJI), app.county_admin()] {
        let answer = actor.query(PERSON, json!({ "id": household["id"] })).await;
        assert_eq!(answer.at("/household/label"), "刘河村1组-王建国");
        assert_eq!(answer.at("/household/address"), "村东头第三家");
        assert_eq!(
            answer.at("/household/primaryContact"),
            &json!({ "name": "王建国", "phone": "10012345678" })
        );
    }
}

async fn a_resident_sees_the_own_household_and_no_other(app: TestApp) {
    let own = world(&app, LIUHE).await;
    let neighbours = world(&app, LIUHE).await;
    let resident = app.resident(&own.contact);
    let document = "{ households { totalCount edges { node { label address } } } inquiries { totalCount } \
                    viewer { contact { name phone } villages { edges { node { code households { totalCount } \
                    inquiries { totalCount } } } } } }";
    let answer = resident.query(document, json!({})).await;
    assert_eq!(
        answer.data(),
        &json!({ "households": { "totalCount": 1, "edges": [{ "node":
                    { "label": "刘河村1组-王建国", "address": "村东头第三家" } }] },
                 "inquiries": { "totalCount": 1 },
                 "viewer": { "contact": { "name": "王建国", "phone": "10012345678" },
                    "villages": { "edges": [{ "node": { "code": LIUHE, "households": { "totalCount": 1 },
                        "inquiries": { "totalCount": 1 } } }] } } })
    );
    let ids =
        [&neighbours.household, &neighbours.inquiry, &neighbours.contact, &neighbours.message]
            .map(|object| object["id"].clone());
    let nodes = resident
        .query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids }))
        .await;
    assert_eq!(nodes.at("/nodes"), &json!([null, null, null, null]));
}

async fn a_resident_sees_the_officer_but_not_the_officers_account(app: TestApp) {
    let own = world(&app, LIUHE).await;
    let document = "query($code: DivisionCode!) { village(code: $code) { postings { edges { node { \
                    officer { name username phone } } } } } }";
    let answer = app.resident(&own.contact).query(document, json!({ "code": LIUHE })).await;
    assert_eq!(
        answer.at("/village/postings/edges/0/node/officer"),
        &json!({ "name": format!("张lead-{LIUHE}"), "username": null, "phone": null })
    );
    let elsewhere =
        app.resident(&own.contact).query(document, json!({ "code": OTHER_LIUHE })).await;
    assert_eq!(elsewhere.at("/village/postings/edges"), &json!([]));
}

fn strangers(app: &TestApp) -> [Actor; 2] {
    [app.lead(LIUHE), app.chief(CHENJI)]
}

async fn what_lies_elsewhere_looks_as_if_it_did_not_exist(app: TestApp) {
    let other = world(&app, OTHER_LIUHE).await;
    let missing = |kind| GlobalId::new(kind, app.service().new_id()).to_string();
    let found = |object: &Value| object["id"].as_str().unwrap().to_owned();
    for (id, nothing) in [
        (found(&other.household), missing(Kind::Household)),
        (found(&other.inquiry), missing(Kind::Inquiry)),
        (found(&other.contact), missing(Kind::Contact)),
        (found(&other.message), missing(Kind::Message)),
    ] {
        for actor in strangers(&app) {
            for document in [
                "query($id: ID!) { node(id: $id) { id } }",
                "query($id: ID!) { nodes(ids: [$id]) { id } }",
                "query($id: ID!) { household(id: $id) { label } }",
                "query($id: ID!) { inquiry(id: $id) { subject } }",
            ] {
                let real = actor.query(document, json!({ "id": id })).await;
                let none = actor.query(document, json!({ "id": nothing })).await;
                assert_eq!((real.status, real.json), (none.status, none.json), "{document}");
            }
        }
    }
}

async fn a_change_elsewhere_looks_like_a_change_of_nothing(app: TestApp) {
    let other = world(&app, OTHER_LIUHE).await;
    let missing = |kind| Value::from(GlobalId::new(kind, app.service().new_id()).to_string());
    let one = json!({ "expectedVersion": 1 });
    let text = json!({ "idempotencyKey": "k", "text": "好" });
    let (inquiry, household) = (&other.inquiry["id"], &other.household["id"]);
    let cases = [
        ("resolveInquiry", "inquiryId", inquiry, Kind::Inquiry, one.clone()),
        ("reopenInquiry", "inquiryId", inquiry, Kind::Inquiry, one.clone()),
        ("assignInquiry", "inquiryId", inquiry, Kind::Inquiry, one.clone()),
        ("replyToInquiry", "inquiryId", inquiry, Kind::Inquiry, text.clone()),
        ("addInternalNote", "inquiryId", inquiry, Kind::Inquiry, text.clone()),
        ("submitInquiry", "householdId", household, Kind::Household, text),
        ("updateHousehold", "householdId", household, Kind::Household, one.clone()),
        ("updateContact", "contactId", &other.contact["id"], Kind::Contact, one),
    ];
    for (mutation, field, id, kind, input) in cases {
        for actor in strangers(&app) {
            let real = actor.mutate(mutation, with(input.clone(), field, id.clone()), "id").await;
            let none =
                actor.mutate(mutation, with(input.clone(), field, missing(kind)), "id").await;
            assert_eq!(real.outcome(), format!("NOT_FOUND {field}"), "{mutation}");
            assert_eq!(real.json, none.json, "{mutation}");
        }
    }
}

async fn a_contact_of_two_areas_shows_each_area_its_own(app: TestApp) {
    let (here, there) = (world(&app, LIUHE).await, app.household(OTHER_LIUHE).await);
    let input = json!({ "idempotencyKey": "b", "householdId": there["id"],
                        "contactId": here.contact["id"], "standing": "CARETAKER" });
    app.county_admin().mutate("enrolContact", input, "id").await.done();
    let document = "query($id: ID!) { node(id: $id) { ... on Contact { responsibilities { household { id } } } } }";
    for (actor, expected) in [(app.lead(LIUHE), &here.household), (app.lead(OTHER_LIUHE), &there)] {
        let answer = actor.query(document, json!({ "id": here.contact["id"] })).await;
        let own = json!([{ "household": { "id": expected["id"] } }]);
        assert_eq!(answer.at("/node/responsibilities"), &own);
    }
}

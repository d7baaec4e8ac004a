//! Staff accounts and postings.

use huhutong::id::{GlobalId, Kind};

use crate::on_both_databases;
use crate::support::county::{
    CHENJI, CHENJI_VILLAGE, LIUHE, MANGSHAN, OTHER_LIUHE, WANGLOU, lead, station_id,
};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    an_account_is_made_and_can_sign_in,
    an_account_says_which_field_is_wrong,
    making_an_account_twice_with_one_key_makes_one,
    a_key_is_refused_for_another_account,
    a_chief_makes_officers_of_the_own_station_only,
    an_update_of_an_old_version_is_refused,
    a_new_role_takes_effect_at_once,
    an_officer_cannot_be_deactivated_from_a_village_with_households,
    a_deactivated_officer_is_refused_and_keeps_the_past,
    officers_are_found_by_name_role_station_and_state,
);

fn account(key: &str, username: &str) -> Value {
    json!({ "idempotencyKey": key, "username": username, "name": "周立新", "role": "OFFICER",
            "stationId": station_id(CHENJI), "password": "Correct-Horse-2" })
}

fn lead_id(village: &str) -> String {
    GlobalId::new(Kind::Officer, lead(village)).to_string()
}

async fn villages(actor: &Actor) -> Vec<String> {
    let document = "{ viewer { villages { edges { node { code } } } } }";
    actor.query(document, json!({})).await.nodes("/viewer/villages", "code")
}

async fn an_account_is_made_and_can_sign_in(app: TestApp) {
    let input = with(account("a", "Zhou.Lixin"), "phone", "0370-5112110");
    let wanted = "username name phone role version deactivatedAt station { township { code } }";
    let officer = app.county_admin().mutate("createOfficer", input, wanted).await.done();
    assert_eq!(
        officer,
        json!({ "username": "zhou.lixin", "name": "周立新", "phone": "03705112110",
                "role": "OFFICER", "version": 1, "deactivatedAt": null,
                "station": { "township": { "code": CHENJI } } })
    );
    let input = json!({ "username": "zhou.lixin", "password": "Correct-Horse-2" });
    app.anonymous().mutate("signIn", input, "accessToken").await.done();
}

async fn an_account_says_which_field_is_wrong(app: TestApp) {
    let cases: [(&str, Value, &str); 10] = [
        ("username", "ab".into(), "INVALID username"),
        ("username", "周立新".into(), "INVALID username"),
        ("username", "ADMIN".into(), "TAKEN username"),
        ("name", "".into(), "BLANK name"),
        ("name", "长".repeat(41).into(), "TOO_LONG name"),
        ("phone", "110".into(), "INVALID phone"),
        ("password", "short".into(), "WEAK_PASSWORD password"),
        ("password", "alllowercase".into(), "WEAK_PASSWORD password"),
        ("stationId", Value::Null, "INVALID stationId"),
        ("role", "ANALYST".into(), "INVALID stationId"),
    ];
    for (field, value, expected) in cases {
        let input = with(account("a", "zhou"), field, value);
        let answer = app.county_admin().mutate("createOfficer", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
}

async fn making_an_account_twice_with_one_key_makes_one(app: TestApp) {
    let admin = app.county_admin();
    let send = || admin.mutate("createOfficer", account("a", "zhou"), "id");
    let (first, second) = tokio::join!(send(), send());
    assert_eq!(first.done(), second.done());
    assert_eq!(app.number("SELECT count(*) FROM officer WHERE username = 'zhou'").await, 1);
}

async fn a_key_is_refused_for_another_account(app: TestApp) {
    let admin = app.county_admin();
    admin.mutate("createOfficer", account("a", "zhou"), "id").await.done();
    let answer = admin.mutate("createOfficer", account("a", "zhou2"), "id").await;
    assert_eq!(answer.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
}

async fn a_chief_makes_officers_of_the_own_station_only(app: TestApp) {
    let chief = app.chief(CHENJI);
    chief.mutate("createOfficer", account("a", "zhou"), "id").await.done();
    let foreign = with(account("b", "zhou2"), "stationId", station_id(MANGSHAN));
    let answer = chief.mutate("createOfficer", foreign, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND stationId");
    let higher = with(account("c", "zhou3"), "role", "STATION_CHIEF");
    assert_eq!(chief.mutate("createOfficer", higher, "id").await.outcome(), "FORBIDDEN");
}

async fn an_update_of_an_old_version_is_refused(app: TestApp) {
    let input = |name| json!({ "officerId": lead_id(LIUHE), "expectedVersion": 1, "name": name });
    let admin = app.county_admin();
    let officer = admin.mutate("updateOfficer", input("周"), "name version").await.done();
    assert_eq!(officer, json!({ "name": "周", "version": 2 }));
    let answer = admin.mutate("updateOfficer", input("吴"), "id").await;
    assert_eq!(answer.outcome(), "VERSION_CONFLICT expectedVersion");
}

async fn a_new_role_takes_effect_at_once(app: TestApp) {
    let officer = app.lead(LIUHE);
    assert_eq!(villages(&officer).await, [LIUHE]);
    let input = json!({ "officerId": officer.id(), "expectedVersion": 1, "role": "STATION_CHIEF" });
    app.county_admin().mutate("updateOfficer", input, "id").await.done();
    // The old token still says OFFICER.
    assert_eq!(villages(&officer).await, [""; 0]);
}

async fn an_officer_cannot_be_deactivated_from_a_village_with_households(app: TestApp) {
    app.household(LIUHE).await;
    let input = json!({ "officerId": lead_id(LIUHE), "expectedVersion": 1 });
    let answer = app.county_admin().mutate("deactivateOfficer", input, "id").await;
    assert_eq!(answer.outcome(), "WITHOUT_OFFICER");
}

async fn a_deactivated_officer_is_refused_and_keeps_the_past(app: TestApp) {
    let officer = app.officer_posted_to(&[LIUHE]).await;
    assert_eq!(villages(&officer).await, [LIUHE]);
    let input = json!({ "officerId": officer.id(), "expectedVersion": 1 });
    let wanted = "deactivatedAt postings { edges { node { endsAt village { code } } } }";
    let after = app.county_admin().mutate("deactivateOfficer", input, wanted).await.done();
    assert_ne!(after["deactivatedAt"], Value::Null);
    let posting = &after["postings"]["edges"][0]["node"];
    assert_eq!(posting["village"]["code"], LIUHE);
    assert_ne!(posting["endsAt"], Value::Null);
    let answer = officer.query("{ viewer { role } }", json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.outcome().as_str()), (401, "UNAUTHENTICATED"));
    let posting = json!({ "idempotencyKey": "z", "officerId": officer.id(), "duty": "LEAD",
                          "villageCode": LIUHE });
    let posted = app.county_admin().mutate("postOfficer", posting, "id").await;
    assert_eq!(posted.outcome(), "WRONG_STATE officerId");
}

async fn officers_are_found_by_name_role_station_and_state(app: TestApp) {
    let admin = app.county_admin();
    let document = "query($filter: OfficerFilter) { officers(filter: $filter) { \
                    edges { node { username } } } }";
    let found = async |filter: Value| {
        admin.query(document, json!({ "filter": filter })).await.nodes("/officers", "username")
    };
    let chief = format!("chief-{CHENJI}");
    let leads: Vec<String> =
        [CHENJI_VILLAGE, LIUHE, WANGLOU].iter().map(|village| format!("lead-{village}")).collect();
    assert_eq!(found(json!({ "text": "chief-411481109" })).await, [chief.as_str()]);
    assert_eq!(found(json!({ "roles": ["ANALYST"] })).await, ["analyst"]);
    assert_eq!(found(json!({ "townshipCode": CHENJI, "roles": ["OFFICER"] })).await, leads);
    assert_eq!(found(json!({ "active": false })).await, [""; 0]);
    let document =
        "{ officers(orderBy: CREATED_AT_DESC, first: 1) { edges { node { username } } } }";
    let answer = app.chief(MANGSHAN).query(document, json!({})).await;
    assert_eq!(answer.nodes("/officers", "username"), [format!("lead-{OTHER_LIUHE}")]);
}

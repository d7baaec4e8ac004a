//! Signing in and out.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, PASSWORD, station_id};
use crate::support::{Answer, TestApp, Value, json};

on_both_databases!(
    who_signs_in_is_known_by_the_token,
    a_user_name_is_the_same_in_capitals,
    a_wrong_password_and_a_wrong_name_look_the_same,
    a_session_goes_on_with_new_tokens,
    a_refresh_token_used_twice_ends_the_session,
    a_refresh_token_sent_twice_at_once_ends_the_session,
    a_made_up_refresh_token_is_refused,
    a_refresh_token_is_good_for_two_weeks,
    an_old_session_is_forgotten_and_a_new_one_is_not,
    an_access_token_is_good_for_a_quarter_of_an_hour,
    a_signed_out_token_is_refused,
    a_token_signed_out_elsewhere_reads_nothing,
    signing_out_everywhere_ends_all_sessions,
    a_deactivated_officer_cannot_sign_in_or_go_on,
    a_changed_password_is_the_only_one_that_works,
    changing_a_password_signs_out_the_other_devices,
    a_weak_new_password_is_refused,
    who_sends_no_token_is_nobody,
    who_sends_a_bad_header_is_refused,
);

const VIEWER: &str = "{ viewer { role officer { username } contact { name } } }";
const PAIR: &str = "accessToken refreshToken accessTokenExpiresAt refreshTokenExpiresAt";

async fn sign_in(app: &TestApp, password: &str) -> Answer {
    let input = json!({ "username": "admin", "password": password });
    app.anonymous().mutate("signIn", input, PAIR).await
}

async fn refresh(app: &TestApp, session: &Value) -> Answer {
    let input = json!({ "refreshToken": session["refreshToken"] });
    app.anonymous().mutate("refreshSession", input, PAIR).await
}

fn token(session: &Value) -> &str {
    session["accessToken"].as_str().unwrap()
}

async fn viewer(app: &TestApp, session: &Value) -> Answer {
    app.bearer(token(session)).query(VIEWER, json!({})).await
}

fn assert_refused(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.outcome().as_str()), (401, "UNAUTHENTICATED"));
}

async fn who_signs_in_is_known_by_the_token(app: TestApp) {
    let session = sign_in(&app, PASSWORD).await.done();
    let answer = viewer(&app, &session).await;
    assert_eq!(
        answer.at("/viewer"),
        &json!({ "role": "COUNTY_ADMIN", "officer": { "username": "admin" }, "contact": null })
    );
}

async fn a_user_name_is_the_same_in_capitals(app: TestApp) {
    let input = json!({ "username": "Admin", "password": PASSWORD });
    app.anonymous().mutate("signIn", input, PAIR).await.done();
}

async fn a_wrong_password_and_a_wrong_name_look_the_same(app: TestApp) {
    let wrong = sign_in(&app, "Wrong-Horse-1").await;
    let input = json!({ "username": "nobody", "password": PASSWORD });
    let unknown = app.anonymous().mutate("signIn", input, PAIR).await;
    let input = json!({ "username": "auditor", "password": "" });
    let without = app.anonymous().mutate("signIn", input, PAIR).await;
    assert_eq!(wrong.outcome(), "WRONG_CREDENTIALS");
    assert_eq!(wrong.json, unknown.json);
    assert_eq!(wrong.json, without.json);
}

async fn a_session_goes_on_with_new_tokens(app: TestApp) {
    let first = sign_in(&app, PASSWORD).await.done();
    app.advance(Duration::from_secs(3600));
    let second = refresh(&app, &first).await.done();
    assert_ne!(first["refreshToken"], second["refreshToken"]);
    viewer(&app, &second).await.data();
    refresh(&app, &second).await.done();
}

async fn a_refresh_token_used_twice_ends_the_session(app: TestApp) {
    let first = sign_in(&app, PASSWORD).await.done();
    let second = refresh(&app, &first).await.done();
    assert_eq!(refresh(&app, &first).await.outcome(), "SESSION_ENDED refreshToken");
    assert_eq!(refresh(&app, &second).await.outcome(), "SESSION_ENDED refreshToken");
    assert_refused(&viewer(&app, &second).await);
}

async fn a_refresh_token_sent_twice_at_once_ends_the_session(app: TestApp) {
    let session = sign_in(&app, PASSWORD).await.done();
    let (one, other) = tokio::join!(refresh(&app, &session), refresh(&app, &session));
    let won = [one, other].into_iter().find(|answer| answer.outcome() == "ok").unwrap().done();
    assert_eq!(refresh(&app, &won).await.outcome(), "SESSION_ENDED refreshToken");
}

async fn a_made_up_refresh_token_is_refused(app: TestApp) {
    for text in ["", "x", "AAAA", &"A".repeat(43)] {
        let answer = refresh(&app, &json!({ "refreshToken": text })).await;
        assert_eq!(answer.outcome(), "SESSION_ENDED refreshToken", "{text}");
    }
}

async fn a_refresh_token_is_good_for_two_weeks(app: TestApp) {
    let session = sign_in(&app, PASSWORD).await.done();
    app.advance(Duration::from_secs(14 * 86_400 - 1));
    let session = refresh(&app, &session).await.done();
    app.advance(Duration::from_secs(14 * 86_400));
    assert_eq!(refresh(&app, &session).await.outcome(), "SESSION_ENDED refreshToken");
}

async fn an_access_token_is_good_for_a_quarter_of_an_hour(app: TestApp) {
    let session = sign_in(&app, PASSWORD).await.done();
    app.advance(Duration::from_secs(15 * 60 - 1));
    viewer(&app, &session).await.data();
    app.advance(Duration::from_secs(1));
    assert_refused(&viewer(&app, &session).await);
}

async fn a_signed_out_token_is_refused(app: TestApp) {
    let session = sign_in(&app, PASSWORD).await.done();
    let caller = app.bearer(token(&session));
    assert_eq!(caller.mutate("signOut", json!({}), "").await.done(), true);
    assert_refused(&viewer(&app, &session).await);
    assert_eq!(refresh(&app, &session).await.outcome(), "SESSION_ENDED refreshToken");
}

async fn a_token_signed_out_elsewhere_reads_nothing(app: TestApp) {
    app.household(LIUHE).await;
    let session = sign_in(&app, PASSWORD).await.done();
    let caller = app.bearer(token(&session));
    let document = "{ households { totalCount } }";
    assert_eq!(caller.query(document, json!({})).await.at("/households/totalCount"), 1);
    let elsewhere = caller.clone().at(&app.another_instance().await);
    elsewhere.mutate("signOut", json!({}), "").await.done();
    // This instance has not heard of it, but the statement sees that the session has ended.
    assert_eq!(caller.query(document, json!({})).await.at("/households/totalCount"), 0);
}

async fn signing_out_everywhere_ends_all_sessions(app: TestApp) {
    let (phone, desk) =
        (sign_in(&app, PASSWORD).await.done(), sign_in(&app, PASSWORD).await.done());
    let caller = app.bearer(token(&phone));
    caller.mutate("signOut", json!({ "everywhere": true }), "").await.done();
    assert_refused(&viewer(&app, &phone).await);
    assert_refused(&viewer(&app, &desk).await);
    assert_eq!(refresh(&app, &desk).await.outcome(), "SESSION_ENDED refreshToken");
}

async fn a_deactivated_officer_cannot_sign_in_or_go_on(app: TestApp) {
    let input = json!({ "idempotencyKey": "a", "username": "zhou", "name": "周", "role": "OFFICER",
                        "stationId": station_id(CHENJI), "password": PASSWORD });
    let admin = app.county_admin();
    let officer = admin.mutate("createOfficer", input, "id version").await.done();
    let input = json!({ "username": "zhou", "password": PASSWORD });
    let session = app.anonymous().mutate("signIn", input.clone(), PAIR).await.done();
    let leave = json!({ "officerId": officer["id"], "expectedVersion": officer["version"] });
    admin.mutate("deactivateOfficer", leave, "id").await.done();
    let again = app.anonymous().mutate("signIn", input, PAIR).await;
    assert_eq!(again.outcome(), "WRONG_CREDENTIALS");
    assert_eq!(refresh(&app, &session).await.outcome(), "SESSION_ENDED refreshToken");
    assert_refused(&viewer(&app, &session).await);
}

async fn a_changed_password_is_the_only_one_that_works(app: TestApp) {
    let session = sign_in(&app, PASSWORD).await.done();
    let change =
        |current: &str| json!({ "currentPassword": current, "newPassword": "New-Horse-99" });
    let caller = app.bearer(token(&session));
    let wrong = caller.mutate("changePassword", change("Wrong-Horse-1"), "id").await;
    assert_eq!(wrong.outcome(), "WRONG_CREDENTIALS currentPassword");
    caller.mutate("changePassword", change(PASSWORD), "id").await.done();
    assert_eq!(sign_in(&app, PASSWORD).await.outcome(), "WRONG_CREDENTIALS");
    sign_in(&app, "New-Horse-99").await.done();
}

async fn changing_a_password_signs_out_the_other_devices(app: TestApp) {
    let (phone, desk) =
        (sign_in(&app, PASSWORD).await.done(), sign_in(&app, PASSWORD).await.done());
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "New-Horse-99" });
    app.bearer(token(&phone)).mutate("changePassword", change, "id").await.done();
    viewer(&app, &phone).await.data();
    assert_refused(&viewer(&app, &desk).await);
}

async fn a_weak_new_password_is_refused(app: TestApp) {
    let session = sign_in(&app, PASSWORD).await.done();
    let long = format!("Aa1{}", "x".repeat(1_000));
    for weak in ["", "Aa1", "onlylowercaseletters", "lower4567890", &long] {
        let change = json!({ "currentPassword": PASSWORD, "newPassword": weak });
        let answer = app.bearer(token(&session)).mutate("changePassword", change, "id").await;
        assert_eq!(answer.outcome(), "WEAK_PASSWORD newPassword", "{weak}");
    }
}

async fn who_sends_no_token_is_nobody(app: TestApp) {
    let answer = app.anonymous().query(VIEWER, json!({})).await;
    assert_eq!(answer.at("/viewer"), &Value::Null);
    let answer = app.anonymous().query("{ counties { totalCount } }", json!({})).await;
    assert_eq!(answer.outcome(), "UNAUTHENTICATED");
}

async fn who_sends_a_bad_header_is_refused(app: TestApp) {
    for text in ["", "x", "a.b.c", &"A".repeat(10_000)] {
        assert_refused(&app.bearer(text).query(VIEWER, json!({})).await);
    }
}

async fn an_old_session_is_forgotten_and_a_new_one_is_not(app: TestApp) {
    let count = async |table: &str| app.number(&format!("SELECT count(*) FROM {table}")).await;
    let old = sign_in(&app, PASSWORD).await.done();
    refresh(&app, &old).await.done();
    app.advance(Duration::from_secs(14 * 24 * 3600 + 1));
    let new = sign_in(&app, PASSWORD).await.done();
    huhutong::worker::sweep(app.service()).await.unwrap();
    assert_eq!((count("session").await, count("refresh_token").await), (1, 1));
    refresh(&app, &new).await.done();
}

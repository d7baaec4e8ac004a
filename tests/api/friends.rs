//! Residents whom officers have as friends in WeCom.

use std::time::Duration;

use huhutong::demo::wechat::{Delivering, Fault};

use crate::on_both_databases;
use crate::support::county::{LIUHE, MANGSHAN, WANGLOU};
use crate::support::friends::Wecom;
use crate::support::{Backend, TestApp, Value, json};

on_both_databases!(
    a_friend_is_known_by_the_contacts_identity,
    a_friendship_goes_through_its_states,
    events_that_come_three_times_or_backwards_give_the_same_roster,
    an_event_of_a_corp_without_a_channel_of_contacts_is_passed_over,
    an_account_in_wecom_is_one_officers,
    friends_of_an_officer_who_is_known_later_are_that_officers,
    a_household_has_one_qr_code_and_comes_in_by_it,
    a_qr_code_needs_an_officer_and_a_channel,
    a_qr_code_is_made_later_when_the_far_side_is_away,
);

async fn a_friend_is_known_by_the_contacts_identity(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.household(LIUHE, "王建国", "wmKnown").await;
    wecom.far.world().befriend("LiuHe01", "wmKnown", "");
    wecom.far.world().befriend("LiuHe01", "wmStranger", "");
    wecom.go_on().await;
    assert_eq!(wecom.roster().await, ["liuhe01 - FRIEND", "liuhe01 王建国 FRIEND"]);
    let is_in_plain = match app.backend() {
        Backend::Sqlite => "instr(external_id, CAST('wmKnown' AS blob)) > 0",
        Backend::Postgres => "position('wmKnown'::bytea IN external_id) > 0",
    };
    let plain = format!("SELECT count(*) FROM friend WHERE {is_in_plain}");
    assert_eq!(app.number(&plain).await, 0);
}

async fn a_friendship_goes_through_its_states(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    let second = Duration::from_secs(1);
    let seen = async || wecom.roster().await.join(", ");
    wecom.far.world().half_befriend("LiuHe01", "wm1");
    wecom.go_on().await;
    assert_eq!(seen().await, "liuhe01 - HALF");
    app.advance(second);
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.go_on().await;
    assert_eq!(seen().await, "liuhe01 - FRIEND");
    app.advance(second);
    wecom.far.world().resident_deletes("LiuHe01", "wm1");
    wecom.go_on().await;
    assert_eq!(seen().await, "liuhe01 - DELETED_BY_RESIDENT");
    app.advance(second);
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.go_on().await;
    assert_eq!(seen().await, "liuhe01 - FRIEND");
    app.advance(second);
    wecom.far.world().member_deletes("LiuHe01", "wm1");
    wecom.go_on().await;
    assert_eq!(seen().await, "liuhe01 - DELETED_BY_OFFICER");
    let told = "SELECT count(*) FROM event WHERE kind = 'FRIEND_CHANGED'";
    assert_eq!(app.number(told).await, 5);
}

async fn events_that_come_three_times_or_backwards_give_the_same_roster(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    for (delivering, external) in [
        (Delivering::Well, "wmWell"),
        (Delivering::Thrice, "wmThrice"),
        (Delivering::Backwards, "wmBackwards"),
    ] {
        wecom.far.world().delivering = delivering;
        wecom.far.world().half_befriend("LiuHe01", external);
        wecom.far.world().befriend("LiuHe01", external, "");
        app.advance(Duration::from_secs(1));
        wecom.far.world().member_deletes("LiuHe01", external);
        app.advance(Duration::from_secs(1));
        wecom.far.world().befriend("LiuHe01", external, "");
        app.advance(Duration::from_secs(1));
        wecom.far.world().resident_deletes("LiuHe01", external);
        wecom.go_on().await;
    }
    assert_eq!(wecom.roster().await, ["liuhe01 - DELETED_BY_RESIDENT"; 3]);
    assert_eq!(app.number("SELECT count(*) FROM friend").await, 3);
}

async fn an_event_of_a_corp_without_a_channel_of_contacts_is_passed_over(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    let input = json!({ "channelId": wecom.channel["id"], "expectedVersion": 1 });
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.deliver().await;
    app.county_admin().mutate("disableChannel", input, "id").await.done();
    wecom.work().await;
    assert_eq!(app.number("SELECT count(*) FROM friend").await, 0);
    let open = "SELECT count(*) FROM channel_delivery WHERE done_at IS NULL";
    assert_eq!(app.number(open).await, 0);
}

async fn an_account_in_wecom_is_one_officers(app: TestApp) {
    let admin = app.county_admin();
    let set = async |village: &str, version: i32, id: Value| {
        let input = json!({ "officerId": app.lead(village).id(), "expectedVersion": version,
                            "wecomUserId": id });
        admin.mutate("updateOfficer", input, "wecomUserId version").await
    };
    let made = set(LIUHE, 1, json!(" LiuHe.01 ")).await.done();
    assert_eq!(made, json!({ "wecomUserId": "liuhe.01", "version": 2 }));
    assert_eq!(set(WANGLOU, 1, json!("LIUHE.01")).await.outcome(), "TAKEN wecomUserId");
    for bad in ["", "刘河", "a b", "😀", "a/b"] {
        let outcome = set(WANGLOU, 1, json!(bad)).await.outcome();
        let expected = if bad.is_empty() { "BLANK" } else { "INVALID" };
        assert_eq!(outcome, format!("{expected} wecomUserId"), "{bad}");
    }
    assert_eq!(set(WANGLOU, 1, json!("a".repeat(65))).await.outcome(), "TOO_LONG wecomUserId");
    set(LIUHE, 2, Value::Null).await.done();
    set(WANGLOU, 1, json!("LiuHe.01")).await.done();
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let document = "query($id: ID!) { officer(id: $id) { name wecomUserId } }";
    let answer = resident.query(document, json!({ "id": app.lead(WANGLOU).id() })).await;
    assert_eq!(answer.at("/officer/wecomUserId"), &Value::Null);
}

async fn friends_of_an_officer_who_is_known_later_are_that_officers(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.go_on().await;
    assert_eq!(wecom.roster().await, ["- - FRIEND"]);
    wecom.member(LIUHE, "LIUHE01").await;
    assert_eq!(wecom.roster().await, ["liuhe01 - FRIEND"]);
    // And a contact whose identity is written down later is the friend.
    wecom.household(LIUHE, "王建国", "wm1").await;
    wecom.work().await;
    assert_eq!(wecom.roster().await, ["liuhe01 王建国 FRIEND"]);
    assert_eq!(wecom.remark("liuhe01", "wm1"), "刘河村1组-王建国");
}

const LINK: &str = "qrCodeUrl state";

fn linked(app: &TestApp, household: &Value) -> Value {
    json!({ "idempotencyKey": app.service().new_id(), "householdId": household["id"] })
}

async fn a_household_has_one_qr_code_and_comes_in_by_it(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    let officer = wecom.member(LIUHE, "LiuHe01").await;
    let household = app.labelled(LIUHE, "1组-李秀英").await;
    let made = officer.mutate("createFriendLink", linked(&app, &household), LINK).await.done();
    let again =
        app.county_admin().mutate("createFriendLink", linked(&app, &household), LINK).await.done();
    assert_eq!(made, again);
    let state = made["state"].as_str().unwrap();
    assert!((20..=30).contains(&state.len()) && state.is_ascii(), "{state}");
    assert_eq!(wecom.far.world().ways().len(), 1);
    let document = "query($id: ID!) { household(id: $id) { friendLink { qrCodeUrl state } } }";
    let shown = officer.query(document, json!({ "id": household["id"] })).await;
    assert_eq!(shown.at("/household/friendLink"), &made);
    wecom.far.world().scan(made["qrCodeUrl"].as_str().unwrap(), "wmNew");
    wecom.go_on().await;
    assert_eq!(wecom.roster().await, ["liuhe01 1组-李秀英 FRIEND"]);
    assert_eq!(wecom.remark("LiuHe01", "wmNew"), "1组-李秀英");
    assert_eq!(wecom.far.world().tags_of("LiuHe01", "wmNew"), ["陈集镇刘河村 204"]);
}

async fn a_qr_code_needs_an_officer_and_a_channel(app: TestApp) {
    let household = app.household(LIUHE).await;
    let admin = app.county_admin();
    let refused =
        async || admin.mutate("createFriendLink", linked(&app, &household), LINK).await.outcome();
    assert_eq!(refused().await, "WRONG_STATE householdId");
    let wecom = Wecom::start(&app).await;
    assert_eq!(refused().await, "WRONG_STATE householdId");
    wecom.member(LIUHE, "LiuHe01").await;
    let elsewhere = app.chief(MANGSHAN);
    let stranger = elsewhere.mutate("createFriendLink", linked(&app, &household), LINK).await;
    assert_eq!(stranger.outcome(), "NOT_FOUND householdId");
    assert_eq!(app.number("SELECT count(*) FROM friend_link").await, 0);
    assert_eq!(refused().await, "ok");
}

async fn a_qr_code_is_made_later_when_the_far_side_is_away(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    let officer = wecom.member(LIUHE, "LiuHe01").await;
    let household = app.household(LIUHE).await;
    wecom.far.world().misbehave("externalcontact/add_contact_way", Fault::Refuse(45009), 1);
    let made = officer.mutate("createFriendLink", linked(&app, &household), LINK).await.done();
    assert_eq!(made["qrCodeUrl"], Value::Null);
    app.advance(Duration::from_secs(61));
    wecom.work().await;
    let again = officer.mutate("createFriendLink", linked(&app, &household), LINK).await.done();
    assert_eq!(again["state"], made["state"]);
    assert!(again["qrCodeUrl"].is_string());
    assert_eq!(wecom.far.world().ways().len(), 1);
}

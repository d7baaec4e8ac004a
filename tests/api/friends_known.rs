//! What is known of officers' friends in WeCom, who sees them, and how they are greeted.

use std::time::Duration;

use huhutong::demo::wechat::Delivering;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, OTHER_LIUHE, WANGLOU};
use crate::support::friends::Wecom;
use crate::support::{TestApp, Value, json};

on_both_databases!(
    who_a_friend_is_can_be_said_by_hand,
    a_new_friend_is_greeted_once_with_110,
    who_leaves_is_a_friend_of_whom_nothing_is_known,
    friends_go_along_when_households_are_merged,
    friends_lie_in_the_area_of_their_household,
    a_list_of_friends_takes_as_many_statements_whatever_is_in_it,
);

async fn who_a_friend_is_can_be_said_by_hand(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    let officer = wecom.member(LIUHE, "LiuHe01").await;
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let other = app.contact_of(&app.household(LIUHE).await, "李四").await;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.go_on().await;
    let document = "{ friends(filter: { known: false }) { edges { node { id version } } } }";
    let answer = officer.query(document, json!({})).await;
    let friend = answer.at("/friends/edges/0/node").clone();
    let input = |contact: &Value, version: i32| {
        json!({ "friendId": friend["id"], "expectedVersion": version,
                "householdId": household["id"], "contactId": contact["id"] })
    };
    let version = i32::try_from(friend["version"].as_i64().unwrap()).unwrap();
    let wanted = "state contact { name } household { label }";
    let outcome = |input| async { officer.mutate("matchFriend", input, wanted).await.outcome() };
    assert_eq!(outcome(input(&other, version)).await, "NOT_FOUND contactId");
    assert_eq!(outcome(input(&contact, 99)).await, "VERSION_CONFLICT expectedVersion");
    let stranger = app.lead(WANGLOU).mutate("matchFriend", input(&contact, version), wanted).await;
    assert_eq!(stranger.outcome(), "NOT_FOUND friendId");
    let done = officer.mutate("matchFriend", input(&contact, version), wanted).await.done();
    assert_eq!(
        done,
        json!({ "state": "FRIEND", "contact": { "name": "王建国" },
                "household": { "label": "1组-李秀英" } })
    );
    wecom.work().await;
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "刘河村1组-王建国");
}

async fn a_new_friend_is_greeted_once_with_110(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.far.world().delivering = Delivering::Thrice;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.go_on().await;
    let greeted = wecom.far.world().greeted("wm1");
    assert_eq!(greeted.len(), 1);
    assert!(greeted[0].contains("110"));
    // Too late is not at all.
    wecom.far.world().befriend("LiuHe01", "wm2", "");
    wecom.deliver().await;
    app.advance(Duration::from_secs(30));
    wecom.work().await;
    assert_eq!(wecom.far.world().greeted("wm2"), Vec::<String>::new());
    assert_eq!(wecom.calls("send_welcome_msg"), 1);
}

async fn who_leaves_is_a_friend_of_whom_nothing_is_known(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.member(WANGLOU, "WangLou01").await;
    wecom.member(OTHER_LIUHE, "Other01").await;
    let household = wecom.household(LIUHE, "王建国", "wm1").await;
    for user in ["LiuHe01", "WangLou01", "Other01"] {
        wecom.far.world().befriend(user, "wm1", "");
    }
    wecom.go_on().await;
    app.advance(Duration::from_secs(1));
    wecom.far.world().member_deletes("WangLou01", "wm1");
    wecom.far.world().resident_deletes("Other01", "wm1");
    wecom.go_on().await;
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "刘河村1组-王建国");
    let input = json!({ "idempotencyKey": "bye", "contactId": household["contact"]["id"] });
    app.county_admin().mutate("withdrawConsent", input, "id").await.done();
    wecom.work().await;
    assert!(!wecom.remark("LiuHe01", "wm1").contains("王建国"));
    let named = "SELECT count(*) FROM friend WHERE contact_id IS NOT NULL \
                 OR (state = 'DELETED_BY_OFFICER' AND length(external_id) > 0)";
    assert_eq!(app.number(named).await, 0);
    // Nor does a night's comparison, or a new friendship, find out who it is.
    app.advance(Duration::from_secs(86_400));
    wecom.work().await;
    assert_eq!(wecom.differences().await, [""; 0]);
    wecom.far.world().befriend("WangLou01", "wm1", "");
    wecom.go_on().await;
    assert_eq!(app.number(named).await, 0);
}

async fn friends_go_along_when_households_are_merged(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    let one = wecom.household(LIUHE, "王建国", "wm1").await;
    let other = wecom.household(LIUHE, "李四", "wm2").await;
    for external in ["wm1", "wm2"] {
        wecom.far.world().befriend("LiuHe01", external, "");
    }
    wecom.go_on().await;
    let input = json!({
        "idempotencyKey": "merge", "survivorId": one["id"], "survivorVersion": 2,
        "mergedId": other["id"], "mergedVersion": 2,
    });
    app.lead(LIUHE).mutate("mergeHouseholds", input, "survivor { id }").await.done();
    wecom.work().await;
    let document = "query($id: ID!) { household(id: $id) { friends { edges { node { contact { name } } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "id": one["id"] })).await;
    assert_eq!(answer.at("/household/friends/edges").as_array().unwrap().len(), 2);
    assert_eq!(wecom.remark("LiuHe01", "wm2"), "刘河村1组-李四");
}

async fn friends_lie_in_the_area_of_their_household(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.member(OTHER_LIUHE, "Other01").await;
    wecom.household(LIUHE, "王建国", "wm1").await;
    wecom.household(OTHER_LIUHE, "李四", "wm2").await;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.far.world().befriend("Other01", "wm2", "");
    wecom.go_on().await;
    let document = "{ friends { totalCount edges { node { contact { name } } } } }";
    for (caller, expected) in [
        (app.lead(LIUHE), vec!["王建国"]),
        (app.lead(WANGLOU), vec![]),
        (app.chief(CHENJI), vec!["王建国"]),
        (app.chief(MANGSHAN), vec!["李四"]),
        (app.auditor(), vec!["李**", "王**"]),
    ] {
        let answer = caller.query(document, json!({})).await;
        let edges = answer.at("/friends/edges").as_array().unwrap();
        let mut names: Vec<&str> =
            edges.iter().filter_map(|edge| edge["node"]["contact"]["name"].as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected);
    }
    assert_eq!(app.analyst().query(document, json!({})).await.code(), Some("FORBIDDEN"));
}

async fn a_list_of_friends_takes_as_many_statements_whatever_is_in_it(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    for number in 0..6 {
        let external = format!("wm{number}");
        wecom.household(LIUHE, "王建国", &external).await;
        wecom.far.world().befriend("LiuHe01", &external, "");
    }
    wecom.go_on().await;
    let document = "query($first: Int!) { friends(first: $first) { edges { node { state \
        officer { name } contact { name } writings { state } \
        household { label friendLink { state } friends(first: 2) { edges { node { state } } } } } } } }";
    let admin = app.county_admin();
    let (few, answer) = app.statements(admin.query(document, json!({ "first": 1 }))).await;
    answer.data();
    let (many, answer) = app.statements(admin.query(document, json!({ "first": 6 }))).await;
    assert_eq!(answer.at("/friends/edges").as_array().unwrap().len(), 6);
    assert_eq!(few, many);
}

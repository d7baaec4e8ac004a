//! What is written to WeCom about friends.

use std::time::Duration;

use huhutong::demo::wechat::Fault;

use crate::on_both_databases;
use crate::support::county::{LIUHE, OTHER_LIUHE, WANGLOU};
use crate::support::friends::Wecom;
use crate::support::{TestApp, Value, json};

on_both_databases!(
    a_friend_is_remarked_with_group_and_name_and_tagged_with_the_village,
    who_is_a_friend_again_is_remarked_and_tagged_again,
    the_remark_follows_the_contacts_name_the_group_and_the_village,
    what_stands_there_already_is_not_written_again,
    what_the_far_side_fails_to_take_is_written_later,
    what_the_far_side_refuses_for_good_is_not_tried_again,
    a_tag_is_made_once_whatever_breaks_off,
    a_tag_that_was_deleted_in_the_console_is_made_again,
    two_villages_of_one_name_have_two_tags,
    no_more_is_written_in_a_minute_than_may_be,
    two_instances_write_once,
    a_qr_code_leads_to_who_takes_over,
);

async fn befriended(app: &TestApp) -> (Wecom, Value) {
    let wecom = Wecom::start(app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    let household = wecom.household(LIUHE, "王建国", "wm1").await;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    (wecom, household)
}

async fn a_friend_is_remarked_with_group_and_name_and_tagged_with_the_village(app: TestApp) {
    let (wecom, _) = befriended(&app).await;
    wecom.go_on().await;
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "刘河村1组-王建国");
    assert_eq!(wecom.far.world().tags_of("LiuHe01", "wm1"), ["陈集镇刘河村 204"]);
}

async fn who_is_a_friend_again_is_remarked_and_tagged_again(app: TestApp) {
    let (wecom, _) = befriended(&app).await;
    wecom.go_on().await;
    app.advance(Duration::from_secs(60));
    wecom.far.world().member_deletes("LiuHe01", "wm1");
    wecom.go_on().await;
    app.advance(Duration::from_secs(60));
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "");
    wecom.go_on().await;
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "刘河村1组-王建国");
    assert_eq!(wecom.far.world().tags_of("LiuHe01", "wm1"), ["陈集镇刘河村 204"]);
}

async fn the_remark_follows_the_contacts_name_the_group_and_the_village(app: TestApp) {
    let (wecom, household) = befriended(&app).await;
    wecom.go_on().await;
    let admin = app.county_admin();
    let contact = &household["contact"];
    let input = json!({ "contactId": contact["id"], "expectedVersion": contact["version"], "name": "王建军" });
    admin.mutate("updateContact", input, "id").await.done();
    wecom.work().await;
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "刘河村1组-王建军");
    let input = json!({ "householdId": household["id"], "expectedVersion": 2, "groupNumber": 7 });
    admin.mutate("updateHousehold", input, "id").await.done();
    wecom.work().await;
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "刘河村7组-王建军");
    let input = json!({ "idempotencyKey": "m", "householdIds": [household["id"]],
                        "villageCode": WANGLOU, "groupNumber": 2 });
    admin.mutate("moveHouseholds", input, "id").await.done();
    wecom.work().await;
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "王楼村2组-王建军");
    assert_eq!(wecom.far.world().tags_of("LiuHe01", "wm1"), ["陈集镇王楼村 205"]);
    let input = json!({ "idempotencyKey": "r", "code": WANGLOU, "name": "新王楼村" });
    admin.mutate("renameDivision", input, "id").await.done();
    wecom.work().await;
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "新王楼村2组-王建军");
    assert_eq!(wecom.far.world().tags_of("LiuHe01", "wm1"), ["陈集镇新王楼村 205"]);
}

async fn what_stands_there_already_is_not_written_again(app: TestApp) {
    let (wecom, household) = befriended(&app).await;
    wecom.go_on().await;
    let before = (wecom.calls("remark"), wecom.calls("mark_tag"));
    let input = json!({ "householdId": household["id"], "expectedVersion": 2, "peopleCount": 9 });
    app.county_admin().mutate("updateHousehold", input, "id").await.done();
    wecom.work().await;
    assert_eq!((wecom.calls("remark"), wecom.calls("mark_tag")), before);
    assert_eq!(before, (1, 1));
}

async fn what_the_far_side_fails_to_take_is_written_later(app: TestApp) {
    for fault in [
        Fault::Refuse(-1),
        Fault::Refuse(45009),
        Fault::Refuse(45033),
        Fault::Refuse(42001),
        Fault::Close,
        Fault::Gateway,
        Fault::LoseAnswer,
        Fault::Refuse(60020),
    ] {
        let wecom = Wecom::start(&app).await;
        wecom.member(LIUHE, "LiuHe01").await;
        let external = format!("wm{fault:?}");
        wecom.household(LIUHE, "王建国", &external).await;
        for call in ["remark", "mark_tag", "add_corp_tag"] {
            wecom.far.world().misbehave(&format!("externalcontact/{call}"), fault, 2);
        }
        wecom.far.world().befriend("LiuHe01", &external, "");
        wecom.go_on().await;
        for _ in 0..8 {
            app.advance(Duration::from_secs(601));
            wecom.work().await;
        }
        assert_eq!(wecom.remark("LiuHe01", &external), "刘河村1组-王建国", "{fault:?}");
        let tags = wecom.far.world().tags_of("LiuHe01", &external);
        assert_eq!(tags, ["陈集镇刘河村 204"], "{fault:?}");
        let channel = json!({ "channelId": wecom.channel["id"], "expectedVersion": 1 });
        app.county_admin().mutate("disableChannel", channel, "id").await.done();
    }
}

async fn what_the_far_side_refuses_for_good_is_not_tried_again(app: TestApp) {
    let (wecom, _) = befriended(&app).await;
    wecom.far.world().misbehave("externalcontact/remark", Fault::Refuse(84061), 9);
    wecom.far.world().contacts.most_tags = 0;
    wecom.go_on().await;
    for _ in 0..3 {
        app.advance(Duration::from_secs(601));
        wecom.work().await;
    }
    assert_eq!((wecom.calls("remark"), wecom.calls("add_corp_tag")), (1, 1));
    let document = "{ friends { edges { node { writings { kind state apiError } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({})).await;
    assert_eq!(
        answer.at("/friends/edges/0/node/writings"),
        &json!([
            { "kind": "REMARK", "state": "FAILED", "apiError": 84061 },
            { "kind": "TAG", "state": "FAILED", "apiError": 40126 },
            { "kind": "WELCOME", "state": "DONE", "apiError": null },
        ])
    );
}

async fn a_tag_is_made_once_whatever_breaks_off(app: TestApp) {
    let (wecom, _) = befriended(&app).await;
    wecom.far.world().misbehave("externalcontact/add_corp_tag", Fault::LoseAnswer, 1);
    wecom.go_on().await;
    app.advance(Duration::from_secs(5));
    wecom.work().await;
    assert_eq!(wecom.far.world().tags_of("LiuHe01", "wm1"), ["陈集镇刘河村 204"]);
    assert_eq!(wecom.calls("get_corp_tag_list"), 1);
}

async fn a_tag_that_was_deleted_in_the_console_is_made_again(app: TestApp) {
    let (wecom, _) = befriended(&app).await;
    wecom.go_on().await;
    wecom.far.world().delete_tag("陈集镇刘河村 204");
    wecom.household(LIUHE, "李四", "wm2").await;
    wecom.far.world().befriend("LiuHe01", "wm2", "");
    wecom.go_on().await;
    app.advance(Duration::from_secs(5));
    wecom.work().await;
    assert_eq!(wecom.far.world().tags_of("LiuHe01", "wm2"), ["陈集镇刘河村 204"]);
}

async fn two_villages_of_one_name_have_two_tags(app: TestApp) {
    let (wecom, _) = befriended(&app).await;
    wecom.member(OTHER_LIUHE, "Other01").await;
    wecom.household(OTHER_LIUHE, "李四", "wm2").await;
    wecom.far.world().befriend("Other01", "wm2", "");
    wecom.go_on().await;
    let tags = [("LiuHe01", "wm1"), ("Other01", "wm2")]
        .map(|(user, external)| wecom.far.world().tags_of(user, external));
    assert_eq!(tags, [["陈集镇刘河村 204"], ["芒山镇刘河村 204"]]);
}

async fn no_more_is_written_in_a_minute_than_may_be(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    let input = json!({ "channelId": wecom.channel["id"], "expectedVersion": 1, "perMinute": 4 });
    app.county_admin().mutate("updateChannel", input, "id").await.done();
    for number in 0..4 {
        let external = format!("wm{number}");
        wecom.household(LIUHE, "王建国", &external).await;
        wecom.far.world().befriend("LiuHe01", &external, "");
    }
    wecom.go_on().await;
    let written =
        || wecom.calls("remark") + wecom.calls("mark_tag") + wecom.calls("send_welcome_msg");
    assert_eq!(written(), 4);
    for _ in 0..4 {
        app.advance(Duration::from_secs(61));
        wecom.work().await;
    }
    assert_eq!((wecom.calls("remark"), wecom.calls("mark_tag")), (4, 4));
}

async fn two_instances_write_once(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    let other = app.another_instance().await;
    for number in 0..6 {
        let external = format!("wm{number}");
        wecom.household(LIUHE, "王建国", &external).await;
        wecom.far.world().befriend("LiuHe01", &external, "");
    }
    wecom.deliver().await;
    let work = huhutong::friend::work;
    let (one, two) = tokio::join!(work(app.service()), work(other.service()));
    one.unwrap();
    two.unwrap();
    wecom.work().await;
    assert_eq!((wecom.calls("remark"), wecom.calls("mark_tag")), (6, 6));
    assert_eq!(wecom.calls("send_welcome_msg"), 6);
}

async fn a_qr_code_leads_to_who_takes_over(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    let from = wecom.member(LIUHE, "LiuHe01").await;
    let household = app.household(LIUHE).await;
    let input = json!({ "idempotencyKey": "q", "householdId": household["id"] });
    let made = from.mutate("createFriendLink", input, "qrCodeUrl state").await.done();
    let to = app.officer_posted_to(&[]).await;
    wecom.joins(&to, "Taker").await;
    let input = json!({ "idempotencyKey": "h", "fromOfficerId": from.id(), "toOfficerId": to.id(),
                        "villageCodes": [LIUHE] });
    app.county_admin().mutate("handOver", input, "id").await.done();
    wecom.work().await;
    let ways = wecom.far.world().ways();
    assert_eq!(ways.len(), 1);
    assert_eq!(
        (ways[0].user.as_str(), ways[0].state.as_str()),
        ("taker", made["state"].as_str().unwrap())
    );
}

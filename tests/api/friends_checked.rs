//! Officers' friends are compared with WeChat's list every night.

use std::time::Duration;

use huhutong::demo::wechat::{Delivering, Fault};

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, WANGLOU};
use crate::support::friends::Wecom;
use crate::support::{TestApp, json};

on_both_databases!(
    what_nobody_told_of_is_found_at_night_and_shown,
    an_officers_own_remark_stays_and_is_shown,
    a_resident_who_deleted_the_officer_is_no_difference,
    a_member_whom_the_far_side_does_not_know_is_shown,
    a_list_that_cannot_be_had_is_looked_at_again,
    each_list_is_compared_once_a_night,
    differences_are_for_chiefs_of_the_township_and_the_county,
);

const DAY: Duration = Duration::from_secs(86_400);

async fn what_nobody_told_of_is_found_at_night_and_shown(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.household(LIUHE, "王建国", "wm1").await;
    wecom.far.world().contacts.page_size = 2;
    for external in ["wmGone", "wm2", "wm3"] {
        wecom.far.world().befriend("LiuHe01", external, "");
    }
    wecom.go_on().await;
    app.advance(Duration::from_secs(60));
    wecom.far.world().delivering = Delivering::Not;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.far.world().member_deletes("LiuHe01", "wmGone");
    wecom.go_on().await;
    assert_eq!(wecom.roster().await, ["liuhe01 - FRIEND"; 3]);
    assert_eq!(wecom.differences().await, Vec::<String>::new());
    app.advance(DAY);
    wecom.work().await;
    let roster =
        ["liuhe01 - FRIEND", "liuhe01 - FRIEND", "liuhe01 - GONE", "liuhe01 王建国 FRIEND"];
    assert_eq!(wecom.roster().await, roster);
    assert_eq!(wecom.differences().await, ["MISSING_HERE open", "MISSING_THERE open"]);
    assert_eq!(wecom.remark("LiuHe01", "wm1"), "刘河村1组-王建国");
    app.advance(DAY);
    wecom.work().await;
    assert_eq!(wecom.differences().await, ["MISSING_HERE settled", "MISSING_THERE settled"]);
}

async fn an_officers_own_remark_stays_and_is_shown(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.household(LIUHE, "王建国", "wm1").await;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.go_on().await;
    wecom.far.world().member_remarks("LiuHe01", "wm1", "老王");
    wecom.go_on().await;
    for _ in 0..2 {
        app.advance(DAY);
        wecom.work().await;
        assert_eq!(wecom.remark("LiuHe01", "wm1"), "老王");
        assert_eq!(wecom.differences().await, ["OTHER_REMARK open"]);
    }
    wecom.far.world().member_remarks("LiuHe01", "wm1", "刘河村1组-王建国");
    wecom.go_on().await;
    app.advance(DAY);
    wecom.work().await;
    assert_eq!(wecom.differences().await, ["OTHER_REMARK settled"]);
}

async fn a_resident_who_deleted_the_officer_is_no_difference(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    wecom.go_on().await;
    app.advance(Duration::from_secs(60));
    wecom.far.world().resident_deletes("LiuHe01", "wm1");
    wecom.go_on().await;
    app.advance(DAY);
    wecom.work().await;
    assert_eq!(wecom.roster().await, ["liuhe01 - DELETED_BY_RESIDENT"]);
    assert_eq!(wecom.differences().await, Vec::<String>::new());
}

async fn a_member_whom_the_far_side_does_not_know_is_shown(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.far.world().resign("LiuHe01");
    app.advance(DAY);
    wecom.work().await;
    assert_eq!(wecom.differences().await, ["UNKNOWN_OFFICER open"]);
    wecom.far.world().join("LiuHe01");
    app.advance(DAY);
    wecom.work().await;
    assert_eq!(wecom.differences().await, ["UNKNOWN_OFFICER settled"]);
}

async fn a_list_that_cannot_be_had_is_looked_at_again(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.far.world().delivering = Delivering::Not;
    wecom.far.world().befriend("LiuHe01", "wm1", "");
    let call = "externalcontact/batch/get_by_user";
    for fault in [Fault::Refuse(-1), Fault::Gateway, Fault::Close] {
        wecom.far.world().misbehave(call, fault, 1);
    }
    app.advance(DAY);
    for _ in 0..3 {
        wecom.work().await;
        assert_eq!(wecom.roster().await, Vec::<String>::new());
        app.advance(Duration::from_secs(601));
    }
    wecom.work().await;
    assert_eq!(wecom.roster().await, ["liuhe01 - FRIEND"]);
}

async fn each_list_is_compared_once_a_night(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.member(WANGLOU, "WangLou01").await;
    let other = app.another_instance().await;
    app.advance(DAY);
    let work = huhutong::friend::compare;
    let (one, two) = tokio::join!(work(app.service()), work(other.service()));
    one.unwrap();
    two.unwrap();
    wecom.work().await;
    assert_eq!(wecom.calls("batch/get_by_user"), 2);
}

async fn differences_are_for_chiefs_of_the_township_and_the_county(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    wecom.far.world().resign("LiuHe01");
    app.advance(DAY);
    wecom.work().await;
    let document = "{ friendDifferences(filter: { open: true, kinds: [UNKNOWN_OFFICER] }) { \
                    edges { node { officer { wecomUserId } } } } }";
    for (caller, expected) in
        [(app.chief(CHENJI), 1), (app.chief(MANGSHAN), 0), (app.county_admin(), 1)]
    {
        let answer = caller.query(document, json!({})).await;
        assert_eq!(answer.at("/friendDifferences/edges").as_array().unwrap().len(), expected);
    }
    let officer = app.lead(LIUHE).query(document, json!({})).await;
    assert_eq!(officer.code(), Some("FORBIDDEN"));
}

//! Officers are away, and others stand in for them.

use std::time::Duration;

use chrono::TimeDelta;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, MANGSHAN, OTHER_LIUHE, WANGLOU, lead};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    the_cover_sees_and_handles_the_villages_during_the_leave,
    who_covers_a_cover_covers_both,
    a_village_that_comes_during_a_leave_is_covered_as_well,
    nobody_stands_in_for_who_stands_in_for_them,
    leaves_of_one_officer_do_not_overlap,
    a_cancelled_leave_ends_the_cover,
    the_cover_of_an_absent_officer_cannot_leave,
    a_leave_says_which_field_is_wrong,
    a_posting_planned_to_end_leaves_no_gap,
    cover_is_not_posted_by_hand,
);

fn leave(app: &TestApp, key: &str, who: &Actor, cover: &Actor, days: (i64, i64)) -> Value {
    let day = |number| (app.now() + TimeDelta::days(number)).to_rfc3339();
    json!({ "idempotencyKey": key, "officerId": who.id(), "coverOfficerId": cover.id(),
            "startsAt": day(days.0), "endsAt": day(days.1) })
}

async fn villages(actor: &Actor) -> Vec<String> {
    let document = "{ viewer { villages { edges { node { code } } } } }";
    actor.query(document, json!({})).await.nodes("/viewer/villages", "code")
}

fn pass_days(app: &TestApp, days: u64) {
    app.advance(Duration::from_secs(days * 86_400));
}

async fn the_cover_sees_and_handles_the_villages_during_the_leave(app: TestApp) {
    let inquiry = app.inquiry(&app.household(LIUHE).await).await;
    let (away, cover) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let wanted = "startsAt endsAt version officer { id } coverOfficer { id }";
    let input = leave(&app, "a", &away, &cover, (1, 3));
    let planned = app.chief(CHENJI).mutate("planLeave", input, wanted).await.done();
    assert_eq!(planned["coverOfficer"]["id"], cover.id());
    assert_eq!(villages(&cover).await, [""; 0]);
    pass_days(&app, 1);
    assert_eq!(villages(&cover).await, [LIUHE]);
    let reply = json!({ "idempotencyKey": "r", "inquiryId": inquiry["id"], "text": "我来处理。" });
    cover.mutate("replyToInquiry", reply, "id").await.done();
    pass_days(&app, 2);
    assert_eq!(villages(&cover).await, [""; 0]);
    let document = "query($id: ID!) { officer(id: $id) { leaves { totalCount } } }";
    for (actor, seen) in [(&away, 1), (&cover, 1), (&app.chief(CHENJI), 1)] {
        let answer = actor.query(document, json!({ "id": away.id() })).await;
        assert_eq!(answer.at("/officer/leaves/totalCount"), seen);
    }
}

async fn who_covers_a_cover_covers_both(app: TestApp) {
    app.household(LIUHE).await;
    let (a, b) = (app.lead(LIUHE), app.lead(WANGLOU));
    let c = app.officer_posted_to(&[]).await;
    let chief = app.chief(CHENJI);
    for (key, who, cover, days) in [("a", &a, &b, (0, 10)), ("b", &b, &c, (2, 4))] {
        chief.mutate("planLeave", leave(&app, key, who, cover, days), "id").await.done();
    }
    pass_days(&app, 2);
    assert_eq!(villages(&c).await, [LIUHE, WANGLOU]);
    pass_days(&app, 2);
    assert_eq!(villages(&c).await, [""; 0]);
    // The other way round: the cover's leave is there before.
    let day = leave(&app, "c", &b, &c, (20, 22));
    chief.mutate("planLeave", day, "id").await.done();
    chief.mutate("planLeave", leave(&app, "d", &a, &b, (19, 23)), "id").await.done();
    pass_days(&app, 20);
    assert_eq!(villages(&c).await, [LIUHE, WANGLOU]);
}

async fn a_village_that_comes_during_a_leave_is_covered_as_well(app: TestApp) {
    let (away, cover) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let admin = app.county_admin();
    admin.mutate("planLeave", leave(&app, "a", &away, &cover, (0, 5)), "id").await.done();
    let post = json!({ "idempotencyKey": "p", "officerId": away.id(), "villageCode": WANGLOU,
                       "duty": "AUXILIARY" });
    let posted = admin.mutate("postOfficer", post, "id").await.done();
    assert_eq!(villages(&cover).await, [LIUHE, WANGLOU]);
    let end = json!({ "postingId": posted["id"], "expectedVersion": 1 });
    admin.mutate("endPosting", end, "id").await.done();
    assert_eq!(villages(&cover).await, [LIUHE]);
}

async fn nobody_stands_in_for_who_stands_in_for_them(app: TestApp) {
    let (a, b) = (app.lead(LIUHE), app.lead(WANGLOU));
    let c = app.officer_posted_to(&[]).await;
    let chief = app.chief(CHENJI);
    for (key, who, cover) in [("a", &a, &b), ("b", &b, &c)] {
        chief.mutate("planLeave", leave(&app, key, who, cover, (1, 5)), "id").await.done();
    }
    let circle = chief.mutate("planLeave", leave(&app, "c", &c, &a, (4, 9)), "id").await;
    assert_eq!(circle.outcome(), "WRONG_STATE coverOfficerId");
    chief.mutate("planLeave", leave(&app, "d", &c, &a, (5, 9)), "id").await.done();
}

async fn leaves_of_one_officer_do_not_overlap(app: TestApp) {
    let (away, cover) = (app.lead(LIUHE), app.lead(WANGLOU));
    let chief = app.chief(CHENJI);
    chief.mutate("planLeave", leave(&app, "a", &away, &cover, (1, 5)), "id").await.done();
    let over = chief.mutate("planLeave", leave(&app, "b", &away, &cover, (4, 6)), "id").await;
    assert_eq!(over.outcome(), "WRONG_STATE startsAt");
    chief.mutate("planLeave", leave(&app, "c", &away, &cover, (5, 6)), "id").await.done();
}

async fn a_cancelled_leave_ends_the_cover(app: TestApp) {
    app.household(LIUHE).await;
    let (away, cover) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let chief = app.chief(CHENJI);
    let input = leave(&app, "a", &away, &cover, (0, 5));
    let planned = chief.mutate("planLeave", input, "id").await.done();
    assert_eq!(villages(&cover).await, [LIUHE]);
    let cancel = |version: i32| json!({ "leaveId": planned["id"], "expectedVersion": version });
    let stranger = app.chief(MANGSHAN).mutate("cancelLeave", cancel(1), "id").await;
    assert_eq!(stranger.outcome(), "NOT_FOUND leaveId");
    let done = chief.mutate("cancelLeave", cancel(1), "version cancelledAt").await.done();
    assert_eq!(done, json!({ "version": 2, "cancelledAt": "2026-09-01T08:00:00+00:00" }));
    assert_eq!(villages(&cover).await, [""; 0]);
    let again = chief.mutate("cancelLeave", cancel(2), "id").await;
    assert_eq!(again.outcome(), "WRONG_STATE leaveId");
}

async fn the_cover_of_an_absent_officer_cannot_leave(app: TestApp) {
    app.household(LIUHE).await;
    let (away, cover) = (app.lead(LIUHE), app.officer_posted_to(&[]).await);
    let admin = app.county_admin();
    admin.mutate("planLeave", leave(&app, "a", &away, &cover, (1, 3)), "id").await.done();
    let gone = json!({ "officerId": cover.id(), "expectedVersion": 1 });
    let answer = admin.mutate("deactivateOfficer", gone, "id").await;
    assert_eq!(answer.outcome(), "WITHOUT_OFFICER");
}

async fn a_leave_says_which_field_is_wrong(app: TestApp) {
    let (away, cover) = (app.lead(LIUHE), app.lead(WANGLOU));
    let good = leave(&app, "a", &away, &cover, (1, 3));
    let day = |number| Value::from((app.now() + TimeDelta::days(number)).to_rfc3339());
    for (field, value, expected) in [
        ("endsAt", day(1), "INVALID endsAt"),
        ("endsAt", day(-1), "INVALID endsAt"),
        ("endsAt", day(400), "INVALID endsAt"),
        ("startsAt", "+10000-01-01T00:00:00Z".into(), "BAD_USER_INPUT"),
        ("coverOfficerId", away.id().into(), "WRONG_STATE coverOfficerId"),
        ("coverOfficerId", app.chief(CHENJI).id().into(), "WRONG_STATE coverOfficerId"),
        ("coverOfficerId", app.lead(OTHER_LIUHE).id().into(), "WRONG_STATE coverOfficerId"),
        ("officerId", app.county_admin().id().into(), "WRONG_STATE officerId"),
        ("officerId", "😀".into(), "BAD_ID"),
    ] {
        let input = with(good.clone(), field, value);
        let answer = app.county_admin().mutate("planLeave", input, "id").await;
        assert_eq!(answer.outcome(), expected);
    }
    let foreign = with(good, "coverOfficerId", app.lead(OTHER_LIUHE).id());
    let answer = app.chief(CHENJI).mutate("planLeave", foreign, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND coverOfficerId");
}

async fn a_posting_planned_to_end_leaves_no_gap(app: TestApp) {
    use huhutong::id::{GlobalId, Kind};
    app.household(LIUHE).await;
    let (admin, next) = (app.county_admin(), app.officer_posted_to(&[]).await);
    let day = |number| (app.now() + TimeDelta::days(number)).to_rfc3339();
    let post = json!({ "idempotencyKey": "p", "officerId": next.id(), "villageCode": LIUHE,
                       "duty": "LEAD", "startsAt": day(5) });
    admin.mutate("postOfficer", post, "id").await.done();
    let posting = crate::support::county::posting_of_lead(LIUHE);
    let id = GlobalId::new(Kind::Posting, posting).to_string();
    let end = |number| json!({ "postingId": id, "expectedVersion": 1, "endsAt": day(number) });
    let early = admin.mutate("endPosting", end(4), "id").await;
    assert_eq!(early.outcome(), "WITHOUT_OFFICER");
    admin.mutate("endPosting", end(5), "id").await.done();
    // The village is looked after all the time, by one after the other: households may be registered.
    app.household(LIUHE).await;
    let id = GlobalId::new(Kind::Officer, lead(LIUHE)).to_string();
    let gone = json!({ "officerId": id, "expectedVersion": 1 });
    let answer = admin.mutate("deactivateOfficer", gone, "id").await;
    assert_eq!(answer.outcome(), "WITHOUT_OFFICER");
}

async fn cover_is_not_posted_by_hand(app: TestApp) {
    let officer = app.lead(WANGLOU);
    let post = json!({ "idempotencyKey": "p", "officerId": officer.id(), "villageCode": LIUHE,
                       "duty": "COVER" });
    let answer = app.county_admin().mutate("postOfficer", post, "id").await;
    assert_eq!(answer.outcome(), "INVALID duty");
}

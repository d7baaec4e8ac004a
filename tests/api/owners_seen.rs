//! Where owners are seen: in the inbox of whoever works in their place, in lists, by residents, and in what is told of.

use std::time::Duration;

use huhutong::desk;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, WANGLOU};
use crate::support::owners::{
    DAY, OWNER, assert_owner, change, claim, ids, leave, morning, past, pressing, read, tab, was,
    wrote,
};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    mine_is_what_was_taken_on_and_what_is_owned,
    who_stands_in_sees_the_work_of_who_is_away,
    who_leads_sees_the_work_of_who_has_gone,
    a_hand_over_makes_the_receiver_the_owner,
    an_owner_is_filtered_by,
    residents_see_who_answers_and_not_who_did_before,
    everything_that_is_told_of_names_the_owner,
    owners_take_one_statement_for_any_number,
    many_given_at_once_have_the_same_owner,
);

async fn mine_is_what_was_taken_on_and_what_is_owned(app: TestApp) {
    let household = morning(&app).await;
    let (lead, helper) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let owned = app.inquiry(&household).await;
    app.advance(Duration::from_secs(1));
    let taken = app.inquiry(&household).await;
    app.advance(Duration::from_secs(1));
    let done = app.inquiry(&household).await;
    claim(&helper, &taken).await;
    change(&lead, "resolveInquiry", &done).await;
    assert_eq!(tab(&lead, "MINE").await, ids(&[&owned]));
    assert_eq!(tab(&helper, "MINE").await, ids(&[&taken]));
    assert_eq!(tab(&app.chief(CHENJI), "MINE").await, ids(&[]));
    // What somebody took on is that officer's own, also while another answers for it.
    leave(&app, &helper, &lead, 24).await;
    wrote(&app.resident_of(&household).await, &taken, "在吗").await;
    assert_eq!(tab(&lead, "MINE").await, ids(&[&owned, &taken]));
    assert_eq!(tab(&helper, "MINE").await, ids(&[&taken]));
}

async fn who_stands_in_sees_the_work_of_who_is_away(app: TestApp) {
    let household = morning(&app).await;
    let (lead, cover) = (app.lead(LIUHE), app.lead(WANGLOU));
    let inquiry = app.inquiry(&household).await;
    assert_eq!(tab(&cover, "MINE").await, ids(&[]));
    leave(&app, &lead, &cover, 24).await;
    assert_eq!(tab(&cover, "MINE").await, ids(&[&inquiry]));
    assert_owner(&app, &inquiry, &lead, "LEAD_POSTING").await;
    app.advance(Duration::from_secs(DAY));
    assert_eq!(tab(&cover, "MINE").await, ids(&[]));
    assert_eq!(tab(&lead, "MINE").await, ids(&[&inquiry]));
}

async fn who_leads_sees_the_work_of_who_has_gone(app: TestApp) {
    let household = morning(&app).await;
    let (lead, gone) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let (left, mine) = (app.inquiry(&household).await, app.inquiry(&household).await);
    claim(&gone, &left).await;
    claim(&lead, &mine).await;
    assert_eq!(tab(&lead, "MINE").await, ids(&[&mine]));
    app.end_posting_of(&gone, LIUHE).await;
    assert_eq!(tab(&lead, "MINE").await.len(), 2);
    assert_eq!(tab(&app.lead(WANGLOU), "MINE").await, ids(&[]));
    assert_eq!(tab(&app.officer_posted_to(&[LIUHE]).await, "MINE").await, ids(&[]));
}

async fn a_hand_over_makes_the_receiver_the_owner(app: TestApp) {
    let household = morning(&app).await;
    let (from, to, chief) = (app.lead(LIUHE), app.officer_posted_to(&[]).await, app.chief(CHENJI));
    let inquiry = app.inquiry(&household).await;
    claim(&from, &inquiry).await;
    let input = json!({ "idempotencyKey": "a", "fromOfficerId": from.id(), "toOfficerId": to.id(),
                        "villageCodes": [LIUHE] });
    let made = chief.mutate("handOver", input, "id version").await.done();
    assert_owner(&app, &inquiry, &to, "HANDED_OVER").await;
    let owner = read(&chief, &inquiry, OWNER).await["owner"].clone();
    assert_eq!(owner["by"]["id"], chief.id());
    assert_eq!(past(&chief, &inquiry).await[0], was(&from, "CLAIMED"));
    let undo = json!({ "handoverId": made["id"], "expectedVersion": made["version"] });
    chief.mutate("cancelHandover", undo, "id").await.done();
    assert_owner(&app, &inquiry, &from, "HANDED_OVER").await;
    assert_eq!(past(&chief, &inquiry).await[0], was(&to, "HANDED_OVER"));
}

async fn an_owner_is_filtered_by(app: TestApp) {
    let household = morning(&app).await;
    let (lead, helper) = (app.lead(LIUHE), app.officer_posted_to(&[LIUHE]).await);
    let (one, two) = (app.inquiry(&household).await, app.inquiry(&household).await);
    claim(&helper, &two).await;
    let document =
        "query($id: ID) { inquiries(filter: { ownerId: $id }) { edges { node { id } } } }";
    for (owner, expected) in [(&lead, &one), (&helper, &two)] {
        let answer = app.chief(CHENJI).query(document, json!({ "id": owner.id() })).await;
        assert_eq!(answer.nodes("/inquiries", "id"), ids(&[expected]));
    }
    let wrong = app.chief(CHENJI).query(document, json!({ "id": household["id"] })).await;
    assert!(wrong.code().is_some());
}

async fn residents_see_who_answers_and_not_who_did_before(app: TestApp) {
    let household = morning(&app).await;
    let inquiry = app.inquiry(&household).await;
    claim(&app.lead(LIUHE), &inquiry).await;
    assert_eq!(past(&app.lead(LIUHE), &inquiry).await.len(), 1);
    let resident = app.resident_of(&household).await;
    assert!(past(&resident, &inquiry).await.is_empty());
    let owner = read(&resident, &inquiry, "owner { officer { id } reason }").await;
    assert_eq!(owner["owner"]["officer"]["id"], app.lead(LIUHE).id());
}

async fn everything_that_is_told_of_names_the_owner(app: TestApp) {
    let household = morning(&app).await;
    let helper = app.officer_posted_to(&[LIUHE]).await;
    let inquiry = pressing(&app, &household).await;
    claim(&helper, &inquiry).await;
    app.advance(Duration::from_secs(601));
    desk::fire(app.service()).await.unwrap();
    let owner = match app.backend() {
        crate::support::Backend::Postgres => "detail ->> 'owner'",
        crate::support::Backend::Sqlite => "json_extract(detail, '$.owner')",
    };
    let told = format!("SELECT count(DISTINCT {owner}) FROM event WHERE kind LIKE 'INQUIRY_%'");
    assert_eq!(app.number(&told).await, 3);
}

async fn owners_take_one_statement_for_any_number(app: TestApp) {
    let household = morning(&app).await;
    let helper = app.officer_posted_to(&[LIUHE]).await;
    let document = "{ inquiries { edges { node { owner { reason officer { id } } \
                    pastOwners { reason until officer { id } } } } } }";
    let mut counted = Vec::new();
    for _ in 0..2 {
        for _ in 0..3 {
            claim(&helper, &app.inquiry(&household).await).await;
        }
        let (count, answer) = app.statements(helper.query(document, json!({}))).await;
        assert_eq!(answer.at("/inquiries/edges/0/node/pastOwners").as_array().unwrap().len(), 1);
        counted.push(count);
    }
    // The list, those before, and the officers.
    assert!(counted[0] <= 4 && counted[0] == counted[1], "{counted:?}");
}

async fn many_given_at_once_have_the_same_owner(app: TestApp) {
    let household = morning(&app).await;
    let helper = app.officer_posted_to(&[LIUHE]).await;
    let (one, two) = (app.inquiry(&household).await, app.inquiry(&household).await);
    let item =
        |of: &Value, version: i32| json!({ "inquiryId": of["id"], "expectedVersion": version });
    let input = json!({ "items": [item(&one, 1), item(&two, 7)],
                        "change": { "assign": { "assigneeId": helper.id() } } });
    app.chief(CHENJI).mutate("changeInquiries", input, "inquiryId").await.done();
    assert_owner(&app, &one, &helper, "ASSIGNED").await;
    assert_owner(&app, &two, &app.lead(LIUHE), "LEAD_POSTING").await;
    assert_eq!(past(&helper, &one).await, [was(&app.lead(LIUHE), "LEAD_POSTING")]);
    assert!(past(&helper, &two).await.is_empty());
}

//! The contacts who speak for households.

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::{TestApp, Value, json};

on_both_databases!(
    enrolling_a_contact_makes_the_household_enrolled,
    a_new_primary_contact_makes_the_former_one_a_backup,
    when_the_primary_contact_goes_the_backup_follows,
    when_the_last_contact_goes_the_household_is_visited,
    a_caretaker_leaves_the_status_as_it_is,
    one_contact_cares_for_several_households,
    a_wechat_identity_belongs_to_one_contact,
    a_phone_number_can_be_deleted,
    removing_a_stranger_is_refused,
);

async fn contacts(app: &TestApp, household: &Value) -> Value {
    let document = "query($id: ID!) { household(id: $id) { status version \
        primaryContact { name } contacts { totalCount edges { node { name } } } } }";
    let answer = app.county_admin().query(document, json!({ "id": household["id"] })).await;
    answer.at("/household").clone()
}

async fn enrolling_a_contact_makes_the_household_enrolled(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.contact_of(&household, "王建国").await;
    let after = contacts(&app, &household).await;
    assert_eq!(after["status"], "ENROLLED");
    assert_eq!(after["version"], 2);
    assert_eq!(after["primaryContact"]["name"], "王建国");
}

async fn a_new_primary_contact_makes_the_former_one_a_backup(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.contact_of(&household, "王建国").await;
    app.contact_of(&household, "李秀英").await;
    let after = contacts(&app, &household).await;
    assert_eq!(after["primaryContact"]["name"], "李秀英");
    assert_eq!(after["contacts"]["totalCount"], 2);
}

async fn when_the_primary_contact_goes_the_backup_follows(app: TestApp) {
    let household = app.household(LIUHE).await;
    app.contact_of(&household, "王建国").await;
    let primary = app.contact_of(&household, "李秀英").await;
    let input = json!({ "householdId": household["id"], "contactId": primary["id"],
                        "expectedVersion": 3 });
    let wanted = "status primaryContact { name } contacts { totalCount }";
    let after = app.county_admin().mutate("removeContact", input, wanted).await.done();
    assert_eq!(
        after,
        json!({ "status": "ENROLLED", "primaryContact": { "name": "王建国" },
                "contacts": { "totalCount": 1 } })
    );
}

async fn when_the_last_contact_goes_the_household_is_visited(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let input = json!({ "householdId": household["id"], "contactId": contact["id"],
                        "expectedVersion": 2 });
    let after = app.county_admin().mutate("removeContact", input, "status").await.done();
    assert_eq!(after["status"], "VISITED");
    assert_eq!(app.number("SELECT count(*) FROM contact").await, 0);
}

async fn a_caretaker_leaves_the_status_as_it_is(app: TestApp) {
    let household = app.household(LIUHE).await;
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"],
                        "name": "赵敏", "standing": "CARETAKER", "consent": app.consent() });
    app.county_admin().mutate("enrolContact", input, "id").await.done();
    let after = contacts(&app, &household).await;
    assert_eq!(after["status"], "UNVISITED");
    assert_eq!(after["primaryContact"], Value::Null);
}

async fn one_contact_cares_for_several_households(app: TestApp) {
    let (own, neighbours) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let contact = app.contact_of(&own, "王建国").await;
    app.advance(std::time::Duration::from_secs(1));
    let input = json!({ "idempotencyKey": "b", "householdId": neighbours["id"],
                        "contactId": contact["id"], "standing": "CARETAKER" });
    let wanted = "id responsibilities { standing household { id } }";
    let contact = app.county_admin().mutate("enrolContact", input, wanted).await.done();
    assert_eq!(
        contact["responsibilities"],
        json!([{ "standing": "PRIMARY", "household": { "id": own["id"] } },
               { "standing": "CARETAKER", "household": { "id": neighbours["id"] } }])
    );
}

async fn a_wechat_identity_belongs_to_one_contact(app: TestApp) {
    let household = app.household(LIUHE).await;
    let enrol = |key: &str| {
        json!({ "idempotencyKey": key, "householdId": household["id"], "name": "王建国",
                "wechatId": "wx-4711", "standing": "BACKUP", "consent": app.consent() })
    };
    let admin = app.county_admin();
    let contact = admin.mutate("enrolContact", enrol("a"), "hasWechat").await.done();
    assert_eq!(contact["hasWechat"], true);
    let answer = admin.mutate("enrolContact", enrol("b"), "id").await;
    assert_eq!(answer.outcome(), "TAKEN wechatId");
}

async fn a_phone_number_can_be_deleted(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let input = json!({ "contactId": contact["id"], "expectedVersion": 1, "phone": null });
    let after = app.county_admin().mutate("updateContact", input, "name phone version").await;
    assert_eq!(after.done(), json!({ "name": "王建国", "phone": null, "version": 2 }));
}

async fn removing_a_stranger_is_refused(app: TestApp) {
    let (own, other) = (app.household(LIUHE).await, app.household(LIUHE).await);
    let contact = app.contact_of(&other, "王建国").await;
    let input = json!({ "householdId": own["id"], "contactId": contact["id"],
                        "expectedVersion": 1 });
    let answer = app.county_admin().mutate("removeContact", input, "id").await;
    assert_eq!(answer.outcome(), "NOT_FOUND contactId");
}

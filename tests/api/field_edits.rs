//! Edits that were made offline meet what others did meanwhile: they are merged value by value, or go back
//! to their author with both values.

use super::field_work::{HOUR, change, edit, enrolment, item, outcomes, seen, sync};
use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::{TestApp, Value, json};

on_both_databases!(
    an_edit_is_merged_value_by_value,
    a_value_that_both_have_changed_goes_back_with_both,
    the_same_change_on_both_sides_is_no_conflict,
    an_edit_before_its_base_waits_for_it,
    a_contact_is_edited_before_its_id_is_known,
    a_contact_in_conflict_goes_back_with_both,
);

async fn an_edit_is_merged_value_by_value(app: TestApp) {
    let household = app.household(LIUHE).await;
    let base = json!({ "door": household["door"], "address": "村东头第三家", "groupNumber": 1 });
    let mine = json!({ "door": 8, "address": null, "groupNumber": 2 });
    let offline = item(&app, "h", edit(&household, 1, base, mine));
    change(&app, &household, 1, json!({ "peopleCount": 7, "label": "1组-别人" })).await;
    let results = sync(&app.lead(LIUHE), &[offline]).await;
    assert_eq!(outcomes(&results), ["MERGED"]);
    let now = seen(&app, &household, "label door address peopleCount group { number }").await;
    assert_eq!(
        now,
        json!({ "label": "1组-别人", "door": 8, "address": null, "peopleCount": 7,
                "group": { "number": 2 } })
    );
}

async fn a_value_that_both_have_changed_goes_back_with_both(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let base = json!({ "peopleCount": 4, "door": household["door"], "status": "UNVISITED",
        "address": "村东头第三家" });
    let mine = json!({ "peopleCount": 5, "door": 8, "status": "DECLINED", "address": "村西 🏠" });
    let mut work = edit(&household, 1, base, mine);
    work["householdEdit"]["statusReason"] = json!("不愿意");
    let offline = item(&app, "h", work);
    let theirs = json!({ "peopleCount": 6, "address": "村南", "status": "VISITED" });
    change(&app, &household, 1, theirs).await;
    let before = seen(&app, &household, "version door status peopleCount address").await;
    let results = sync(&officer, std::slice::from_ref(&offline)).await;
    assert_eq!(outcomes(&results), ["CONFLICT"]);
    let conflict = |value: &str, base: &str, mine: &str, theirs: &str| json!({ "value": value, "base": base, "mine": mine, "theirs": theirs });
    assert_eq!(
        results[0]["conflicts"],
        json!([
            conflict("ADDRESS", "村东头第三家", "村西 🏠", "村南"),
            conflict("PEOPLE_COUNT", "4", "5", "6"),
            conflict("STATUS", "UNVISITED", "DECLINED", "VISITED"),
        ])
    );
    assert_eq!(results[0]["household"]["version"], 2);
    let now = seen(&app, &household, "version door status peopleCount address").await;
    assert_eq!(now, before, "nothing of it was done");
    // The answer was lost: it is the same again. Then the author decides.
    assert_eq!(outcomes(&sync(&officer, &[offline]).await), ["CONFLICT"]);
    let decided = edit(&household, 2, json!({ "peopleCount": 6 }), json!({ "peopleCount": 5 }));
    assert_eq!(outcomes(&sync(&officer, &[item(&app, "i", decided)]).await), ["APPLIED"]);
}

async fn the_same_change_on_both_sides_is_no_conflict(app: TestApp) {
    let household = app.household(LIUHE).await;
    let base = json!({ "peopleCount": 4, "status": "UNVISITED" });
    let mut work = edit(&household, 1, base, json!({ "peopleCount": 6, "status": "VACANT" }));
    work["householdEdit"]["statusReason"] = json!("空房");
    let theirs = json!({ "peopleCount": 6, "status": "VACANT", "statusReason": "没人住" });
    change(&app, &household, 1, theirs).await;
    let results = sync(&app.lead(LIUHE), &[item(&app, "h", work)]).await;
    assert_eq!(outcomes(&results), ["MERGED"]);
    assert_eq!(seen(&app, &household, "version").await["version"], 2);
}

async fn an_edit_before_its_base_waits_for_it(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let first = item(&app, "1", edit(&household, 1, json!({ "door": 1 }), json!({ "door": 2 })));
    app.advance(HOUR);
    let second = item(&app, "2", edit(&household, 2, json!({ "door": 2 }), json!({ "door": 3 })));
    let early = sync(&officer, std::slice::from_ref(&second)).await;
    assert_eq!(outcomes(&early), ["CONFLICT"]);
    let both = sync(&officer, &[second, first]).await;
    assert_eq!(outcomes(&both), ["APPLIED", "APPLIED"]);
    assert_eq!(seen(&app, &household, "door").await["door"], 3);
    let unseen = edit(&household, 3, json!({}), json!({ "door": 3 }));
    let results = sync(&officer, &[item(&app, "3", unseen)]).await;
    assert_eq!(outcomes(&results), ["REFUSED BLANK work.householdEdit.base.door"]);
}

async fn a_contact_is_edited_before_its_id_is_known(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let joined = item(&app, "join", enrolment(&app, &household, "王建国"));
    app.advance(HOUR);
    let work = json!({ "contactEdit": { "enrolledBy": "join", "baseVersion": 1,
        "base": { "phone": null }, "mine": { "phone": "100 1234 5678" } } });
    let phoned = item(&app, "phone", work);
    let early = sync(&officer, std::slice::from_ref(&phoned)).await;
    assert_eq!(outcomes(&early), ["REFUSED NOT_FOUND work.contactEdit.enrolledBy"]);
    let both = sync(&officer, &[phoned, joined]).await;
    assert_eq!(outcomes(&both), ["APPLIED", "APPLIED"]);
    assert_eq!(
        both[0]["contact"],
        json!({ "name": "王建国", "phone": "10012345678", "version": 2 })
    );
    let neither = json!({ "contactEdit": { "baseVersion": 1, "base": {}, "mine": {} } });
    let results = sync(&officer, &[item(&app, "x", neither)]).await;
    assert_eq!(outcomes(&results), ["REFUSED INVALID work.contactEdit.contactId"]);
}

async fn a_contact_in_conflict_goes_back_with_both(app: TestApp) {
    let household = app.household(LIUHE).await;
    let contact = app.contact_of(&household, "王建国").await;
    let edit = |key: &str, base: Value, mine: Value| {
        let work = json!({ "contactEdit": { "contactId": contact["id"], "baseVersion": 1, "base": base,
            "mine": mine } });
        item(&app, key, work)
    };
    let name = edit("n", json!({ "name": "王建国" }), json!({ "name": "王建囯" }));
    let phone = edit("p", json!({ "phone": contact["phone"] }), json!({ "phone": "10099999999" }));
    let input = json!({ "contactId": contact["id"], "expectedVersion": 1, "phone": "10088888888" });
    app.county_admin().mutate("updateContact", input, "id").await.done();
    let results = sync(&app.lead(LIUHE), &[name, phone]).await;
    assert_eq!(outcomes(&results), ["MERGED", "CONFLICT"]);
    assert_eq!(
        results[1]["conflicts"],
        json!([{ "value": "PHONE", "base": contact["phone"], "mine": "10099999999",
                 "theirs": "10088888888" }])
    );
    let input = json!({ "idempotencyKey": "w", "contactId": contact["id"] });
    app.county_admin().mutate("withdrawConsent", input, "id").await.done();
    let late = edit("l", json!({ "name": "王建囯" }), json!({ "name": "王" }));
    let results = sync(&app.lead(LIUHE), &[late]).await;
    assert_eq!(outcomes(&results), ["REFUSED NOT_FOUND work.contactEdit.contactId"]);
}

//! How guides are written, reviewed, published and read.

use std::time::Duration;

use huhutong::guide;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::guides::{WANTED, content};
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    a_guide_goes_from_draft_over_review_into_force,
    its_author_cannot_publish_it,
    who_wrote_last_is_the_author,
    a_reviewer_sends_it_back_with_a_note,
    what_is_not_published_is_seen_by_those_who_write,
    a_new_version_takes_the_old_ones_place_on_its_day,
    two_versions_are_never_in_force,
    a_version_that_is_retired_ends_today,
    a_version_that_is_retired_before_it_begins_leaves_the_one_before,
    one_draft_is_written_at_a_time,
    a_guide_is_begun_once,
    a_version_that_somebody_changed_is_not_published_unseen,
    shipping_again_changes_nothing,
    guides_are_filtered,
    a_guide_is_named_by_id_or_by_slug,
    many_guides_take_as_many_statements_as_few,
    what_happens_to_a_guide_is_told,
);

const DAY: Duration = Duration::from_secs(86_400);

fn named(version: &Value) -> Value {
    json!({ "guideVersionId": version["id"], "expectedVersion": version["version"] })
}

async fn a_guide_goes_from_draft_over_review_into_force(app: TestApp) {
    let draft = app.drafted("dog").await;
    let chief = app.chief(CHENJI);
    assert_eq!(draft["author"]["id"], chief.id());
    assert_eq!((&draft["status"], &draft["number"]), (&json!("DRAFT"), &json!(1)));
    let version = app.handed_in(&draft).await;
    assert_eq!(version["status"], "IN_REVIEW");
    let admin = app.county_admin();
    let version = admin.mutate("publishGuide", named(&version), WANTED).await.done();
    assert_eq!(version["status"], "PUBLISHED");
    assert_eq!(version["validFrom"], "2026-09-01");
    assert_eq!(version["validUntil"], Value::Null);
    assert_eq!(version["reviewer"]["id"], admin.id());
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let seen = app
        .guide(
            &officer,
            "dog",
            "current { number content { title sources { article } } author { id } }",
        )
        .await;
    assert_eq!(
        seen["current"],
        json!({ "number": 1, "author": null,
                "content": { "title": "犬只登记", "sources": [{ "article": "第三条" }] } })
    );
}

async fn its_author_cannot_publish_it(app: TestApp) {
    let version = app.handed_in(&app.drafted("dog").await).await;
    for mutation in ["publishGuide", "returnGuide"] {
        let mut input = named(&version);
        if mutation == "returnGuide" {
            input["note"] = "再改".into();
        }
        let answer = app.chief(CHENJI).mutate(mutation, input, "id").await;
        assert_eq!(answer.outcome(), "WRONG_STATE guideVersionId", "{mutation}");
    }
}

async fn who_wrote_last_is_the_author(app: TestApp) {
    let draft = app.drafted("dog").await;
    let input = with(named(&draft), "content", content());
    let admin = app.county_admin();
    let changed = admin.mutate("updateGuideDraft", input, WANTED).await.done();
    assert_eq!(changed["author"]["id"], admin.id());
    let version = app.handed_in(&changed).await;
    let own = admin.mutate("publishGuide", named(&version), "id").await;
    assert_eq!(own.outcome(), "WRONG_STATE guideVersionId");
    app.chief(CHENJI).mutate("publishGuide", named(&version), "id").await.done();
}

async fn a_reviewer_sends_it_back_with_a_note(app: TestApp) {
    let version = app.handed_in(&app.drafted("dog").await).await;
    let admin = app.county_admin();
    let blank = admin.mutate("returnGuide", with(named(&version), "note", " "), "id").await;
    assert_eq!(blank.outcome(), "BLANK note");
    let returned = with(named(&version), "note", "收费标准请核对");
    let returned = admin.mutate("returnGuide", returned, WANTED).await.done();
    assert_eq!(
        (&returned["status"], &returned["reviewNote"]),
        (&json!("DRAFT"), &json!("收费标准请核对"))
    );
    let again = app.handed_in(&returned).await;
    assert_eq!(again["reviewNote"], Value::Null);
}

async fn what_is_not_published_is_seen_by_those_who_write(app: TestApp) {
    let fresh = app.drafted("dog").await;
    let published = app.guide_in_force("cat").await;
    let next = app.revised(&published["guide"]).await;
    let resident = app.resident_of(&app.household(LIUHE).await).await;
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let open = "{ guideVersions(filter: { statuses: [DRAFT, IN_REVIEW] }) { totalCount } }";
    for actor in [&resident, &officer, &app.analyst()] {
        assert_eq!(actor.query(open, json!({})).await.at("/guideVersions/totalCount"), 0);
        let one = actor.query("{ guide(slug: \"dog\") { id } }", json!({})).await;
        assert_eq!(one.outcome(), "NOT_FOUND");
        let ids =
            json!({ "ids": [fresh["id"], next["id"], fresh["guide"]["id"], published["id"]] });
        let nodes = actor.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids).await;
        assert_eq!(nodes.at("/nodes"), &json!([null, null, null, { "id": published["id"] }]));
        let list = app
            .guide(
                actor,
                "cat",
                "versions { totalCount edges { node { reviewNote author { id } } } }",
            )
            .await;
        assert_eq!(list["versions"]["totalCount"], 1);
        let found =
            actor.query("{ guides(filter: { text: \"犬只\" }) { totalCount } }", json!({})).await;
        assert_eq!(found.at("/guides/totalCount"), 1);
    }
    for actor in [app.chief(CHENJI), app.county_admin(), app.auditor()] {
        assert_eq!(actor.query(open, json!({})).await.at("/guideVersions/totalCount"), 2);
    }
}

/// The numbers of the versions in force on some days; 0 when none is.
async fn in_force(app: &TestApp, slug: &str, days: &[&str]) -> Vec<i64> {
    let fields = days.iter().enumerate();
    let fields: String = fields
        .map(|(nth, day)| format!("d{nth}: current(asOf: \"{day}\") {{ number }} "))
        .collect();
    let seen = app.guide(&app.county_admin(), slug, &fields).await;
    (0..days.len()).map(|nth| seen[format!("d{nth}")]["number"].as_i64().unwrap_or(0)).collect()
}

async fn a_new_version_takes_the_old_ones_place_on_its_day(app: TestApp) {
    let first = app.guide_in_force("dog").await;
    app.advance(Duration::from_secs(1));
    let second = app.published(&app.revised(&first["guide"]).await, "2026-09-10".into()).await;
    assert_eq!(second["number"], 2);
    let days = ["2026-08-31", "2026-09-01", "2026-09-09", "2026-09-10", "2030-01-01"];
    assert_eq!(in_force(&app, "dog", &days).await, [0, 1, 1, 2, 2]);
    app.advance(DAY * 9);
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let seen = app
        .guide(
            &officer,
            "dog",
            "current { number } versions(orderBy: CREATED_AT_ASC) \
        { edges { node { number status validUntil supersededBy { number } content { title } } } }",
        )
        .await;
    assert_eq!(seen["current"]["number"], 2);
    assert_eq!(
        seen["versions"]["edges"][0]["node"],
        json!({ "number": 1, "status": "PUBLISHED", "validUntil": "2026-09-10",
                "supersededBy": { "number": 2 }, "content": { "title": "犬只登记" } })
    );
}

async fn two_versions_are_never_in_force(app: TestApp) {
    let first = app.guide_in_force("dog").await;
    let guide = &first["guide"];
    app.published(&app.revised(guide).await, "2026-09-10".into()).await;
    let third = app.handed_in(&app.revised(guide).await).await;
    let admin = app.county_admin();
    for (day, until, expected) in [
        ("2026-08-31", Value::Null, "INVALID validFrom"),
        ("2026-09-05", Value::Null, "WRONG_STATE validFrom"),
        ("2026-09-10", "2026-09-10".into(), "INVALID validUntil"),
        ("2026-09-10", "0001-01-01".into(), "INVALID validUntil"),
        ("2026-09-10", "2026-09-20".into(), "ok"),
    ] {
        let input = with(with(named(&third), "validFrom", day), "validUntil", until);
        assert_eq!(admin.mutate("publishGuide", input, "id").await.outcome(), expected, "{day}");
    }
    let days = ["2026-09-01", "2026-09-09", "2026-09-10", "2026-09-19", "2026-09-20"];
    assert_eq!(in_force(&app, "dog", &days).await, [1, 1, 3, 3, 0]);
    let fourth = app.published(&app.revised(guide).await, "2026-09-15".into()).await;
    assert_eq!(fourth["number"], 4);
    assert_eq!(in_force(&app, "dog", &days).await, [1, 1, 3, 4, 4]);
    let overlapping = "SELECT count(*) FROM guide_version a, guide_version b WHERE a.guide_id = b.guide_id \
        AND a.number < b.number AND a.published_at IS NOT NULL AND b.published_at IS NOT NULL \
        AND a.valid_from < coalesce(b.valid_until, '9999-01-01') \
        AND b.valid_from < coalesce(a.valid_until, '9999-01-01')";
    assert_eq!(app.number(overlapping).await, 0);
}

async fn a_version_that_is_retired_ends_today(app: TestApp) {
    let version = app.guide_in_force("dog").await;
    app.advance(DAY * 2);
    let retired = app.chief(CHENJI).mutate("retireGuide", named(&version), WANTED).await.done();
    assert_eq!(
        (&retired["status"], &retired["validUntil"]),
        (&json!("RETIRED"), &json!("2026-09-03"))
    );
    assert_eq!(in_force(&app, "dog", &["2026-09-02", "2026-09-03"]).await, [1, 0]);
    let seen = app
        .guide(
            &app.lead(LIUHE),
            "dog",
            "current { id } checklist { __typename } versions { totalCount }",
        )
        .await;
    assert_eq!(
        seen,
        json!({ "current": null, "checklist": null, "versions": { "totalCount": 1 } })
    );
    let again = app.chief(CHENJI).mutate("retireGuide", named(&retired), "id").await;
    assert_eq!(again.outcome(), "WRONG_STATE guideVersionId");
}

async fn a_version_that_is_retired_before_it_begins_leaves_the_one_before(app: TestApp) {
    let first = app.guide_in_force("dog").await;
    let second = app.published(&app.revised(&first["guide"]).await, "2026-09-10".into()).await;
    app.county_admin().mutate("retireGuide", named(&second), "id").await.done();
    assert_eq!(in_force(&app, "dog", &["2026-09-09", "2026-09-10", "2027-01-01"]).await, [1, 1, 1]);
    let third = app.published(&app.revised(&first["guide"]).await, "2026-09-05".into()).await;
    assert_eq!(third["number"], 3);
    assert_eq!(in_force(&app, "dog", &["2026-09-04", "2026-09-05", "2026-09-10"]).await, [1, 3, 3]);
}

async fn one_draft_is_written_at_a_time(app: TestApp) {
    let first = app.guide_in_force("dog").await;
    let input = |key: &str| json!({ "idempotencyKey": key, "guideId": first["guide"]["id"], "content": content() });
    let (chief, admin) = (app.chief(CHENJI), app.county_admin());
    let (one, other) = tokio::join!(
        chief.mutate("reviseGuide", input("a"), "number"),
        admin.mutate("reviseGuide", input("b"), "number"),
    );
    let mut outcomes = [one.outcome(), other.outcome()];
    outcomes.sort();
    assert_eq!(outcomes, ["WRONG_STATE guideId", "ok"]);
}

async fn a_guide_is_begun_once(app: TestApp) {
    let input =
        json!({ "idempotencyKey": "a", "slug": "dog", "category": "OTHER", "content": content() });
    let chief = app.chief(CHENJI);
    let first = chief.mutate("createGuide", input.clone(), "id").await.done();
    assert_eq!(chief.mutate("createGuide", input.clone(), "id").await.done(), first);
    let reused =
        chief.mutate("createGuide", with(input.clone(), "category", "DISPUTE"), "id").await;
    assert_eq!(reused.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
    for (slug, expected) in [
        ("dog", "TAKEN slug"),
        ("passport", "TAKEN slug"),
        ("", "INVALID slug"),
        ("狗", "INVALID slug"),
        ("Dog", "INVALID slug"),
        (&"d".repeat(41), "INVALID slug"),
        ("dog' OR 1=1", "INVALID slug"),
    ] {
        let input = with(with(input.clone(), "idempotencyKey", "b"), "slug", slug);
        assert_eq!(chief.mutate("createGuide", input, "id").await.outcome(), expected, "{slug}");
    }
}

async fn a_version_that_somebody_changed_is_not_published_unseen(app: TestApp) {
    let version = app.handed_in(&app.drafted("dog").await).await;
    let stale = with(named(&version), "expectedVersion", 1);
    let answer = app.county_admin().mutate("publishGuide", stale, "id").await;
    assert_eq!(answer.outcome(), "VERSION_CONFLICT expectedVersion");
    let (a, b) = (app.county_admin(), app.chief(crate::support::county::YANJI));
    let (a, b) = tokio::join!(
        a.mutate("publishGuide", named(&version), "id"),
        b.mutate("returnGuide", with(named(&version), "note", "不行"), "id"),
    );
    let mut outcomes = [a.outcome(), b.outcome()];
    outcomes.sort();
    assert_eq!(outcomes, ["VERSION_CONFLICT expectedVersion", "ok"]);
}

async fn shipping_again_changes_nothing(app: TestApp) {
    let count = "SELECT count(*) FROM guide_version WHERE status = 'PUBLISHED'";
    assert_eq!(app.number(count).await, 16);
    let passport =
        app.guide(&app.county_admin(), "passport", "current { id version author { id } }").await;
    assert_eq!(passport["current"]["author"], Value::Null);
    app.county_admin().mutate("retireGuide", named(&passport["current"]), "id").await.done();
    let added = guide::ship(&app.service().database, app.now()).await.unwrap();
    assert_eq!((added, app.number(count).await), (0, 15));
    app.sql("DELETE FROM guide_term").await;
    app.sql("DELETE FROM guide_version").await;
    app.sql("DELETE FROM guide").await;
    assert_eq!(guide::ship(&app.service().database, app.now()).await.unwrap(), 16);
}

async fn guides_are_filtered(app: TestApp) {
    app.drafted("dog").await;
    let count = async |actor: &Actor, filter: &str| {
        let document =
            format!("{{ guides(filter: {filter}) {{ totalCount edges {{ node {{ slug }} }} }} }}");
        actor.query(&document, json!({})).await.nodes("/guides", "slug")
    };
    let (admin, lead) = (app.county_admin(), app.lead(LIUHE));
    let cards = ["id-card-first", "id-card-lost", "id-card-renewal"];
    assert_eq!(count(&lead, "{ categories: [ID_CARD] }").await, cards);
    assert_eq!(count(&lead, "{ categories: [] }").await, [""; 0]);
    assert_eq!(
        count(&lead, "{ categories: [ID_CARD], text: \"临时 身份证\" }").await,
        ["id-card-lost"]
    );
    assert_eq!(count(&lead, "{ text: \"96110\" }").await, ["anti-fraud"]);
    assert_eq!(count(&lead, "{ text: \"%%\" }").await, [""; 0]);
    assert_eq!(count(&lead, "{ inForceOn: \"2026-08-31\" }").await.len(), 0);
    assert_eq!(count(&lead, "{ inForceOn: \"2026-09-01\" }").await.len(), 16);
    assert_eq!(count(&lead, "{}").await.len(), 16);
    assert_eq!(count(&admin, "{}").await.len(), 17);
}

async fn a_guide_is_named_by_id_or_by_slug(app: TestApp) {
    let lead = app.lead(LIUHE);
    let id = app.guide(&lead, "passport", "id").await["id"].clone();
    let document = "query($id: ID, $slug: String) { guide(id: $id, slug: $slug) { slug } }";
    for (id, slug, expected) in [
        (id.clone(), Value::Null, "ok"),
        (Value::Null, "passport".into(), "ok"),
        (id, "passport".into(), "BAD_USER_INPUT"),
        (Value::Null, Value::Null, "BAD_USER_INPUT"),
        (Value::Null, "护照🛂".into(), "NOT_FOUND"),
        (Value::Null, "".into(), "NOT_FOUND"),
        ("🛂".into(), Value::Null, "BAD_ID"),
    ] {
        let answer = lead.query(document, json!({ "id": id, "slug": slug })).await;
        assert_eq!(answer.outcome(), expected);
    }
}

async fn many_guides_take_as_many_statements_as_few(app: TestApp) {
    let lead = app.lead(LIUHE);
    let document = "query($n: Int) { guides(first: $n) { edges { node { slug current { content { title } } \
        checklist { __typename } versions(first: 5) { edges { node { number } } } } } } }";
    let (few, answer) = app.statements(lead.query(document, json!({ "n": 1 }))).await;
    answer.data();
    let (many, answer) = app.statements(lead.query(document, json!({ "n": 16 }))).await;
    assert_eq!(answer.nodes("/guides", "slug").len(), 16);
    // The guides, their versions in force for each of two fields, and their versions.
    assert_eq!((few, many), (4, 4));
    let search = "{ searchGuides(text: \"小孩上户口\") { slug current { content { title } } } }";
    let (count, answer) = app.statements(lead.query(search, json!({}))).await;
    answer.data();
    assert_eq!(count, 2);
}

async fn what_happens_to_a_guide_is_told(app: TestApp) {
    let before = app.number("SELECT count(*) FROM event WHERE kind = 'GUIDE_CHANGED'").await;
    assert_eq!(before, 16);
    app.guide_in_force("dog").await;
    assert_eq!(
        app.number("SELECT count(*) FROM event WHERE kind = 'GUIDE_CHANGED'").await,
        before + 3
    );
}

//! Whatever happens in whatever order: a device that took what was new now and then has what one has that
//! comes for the first time, and nothing that was handed in is lost or done twice.

use std::time::Duration;

use super::field_work::{edit, enrolment, item, outcomes, sync, visit};
use crate::on_both_databases;
use crate::support::county::{CHENJI_VILLAGE, LIUHE, WANGLOU};
use crate::support::{Actor, FieldBook, TestApp, Value, json};

on_both_databases!(a_book_that_was_kept_up_to_date_equals_a_new_one);

const VILLAGES: [&str; 3] = [LIUHE, WANGLOU, CHENJI_VILLAGE];

/// Numbers that look random and are the same each time.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % most
    }
}

/// Every household that there is.
async fn households(admin: &Actor) -> Vec<Value> {
    let document = "{ households(first: 100) { edges { node { id version door label status \
        village { code } merges { edges { node { id } } } \
        contacts { edges { node { id } } } } } } }";
    let answer = admin.query(document, json!({})).await;
    let edges = answer.at("/households/edges").as_array().unwrap();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// Somebody in the office changes something; not everything is possible.
async fn happen(app: &TestApp, dice: &mut Dice, key: String) {
    let admin = app.county_admin();
    let all = households(&admin).await;
    let one = &all[dice.roll(all.len())];
    let other = &all[dice.roll(all.len())];
    let village = VILLAGES[dice.roll(3)];
    let contact = &one["contacts"]["edges"][0]["node"]["id"];
    let (name, input) = match dice.roll(9) {
        0 | 1 => (
            "registerHousehold",
            json!({ "idempotencyKey": key, "villageCode": village,
            "groupNumber": 1 + dice.roll(2), "door": dice.roll(9), "label": key, "peopleCount": 3 }),
        ),
        2 => (
            "updateHousehold",
            json!({ "householdId": one["id"], "expectedVersion": one["version"],
            "door": dice.roll(9), "peopleCount": dice.roll(6) }),
        ),
        3 | 4 => (
            "moveHouseholds",
            json!({ "idempotencyKey": key, "villageCode": village,
            "householdIds": [one["id"]], "groupNumber": 1 }),
        ),
        5 => (
            "mergeHouseholds",
            json!({ "idempotencyKey": key, "survivorId": one["id"],
            "survivorVersion": one["version"], "mergedId": other["id"],
            "mergedVersion": other["version"], "take": { "place": "MERGED" } }),
        ),
        6 => ("undoMerge", json!({ "mergeId": one["merges"]["edges"][0]["node"]["id"] })),
        7 => ("withdrawConsent", json!({ "idempotencyKey": key, "contactId": contact })),
        _ => (
            "enrolContact",
            json!({ "idempotencyKey": key, "householdId": one["id"],
            "name": "李秀英", "standing": "BACKUP", "consent": app.consent() }),
        ),
    };
    let wanted = if name == "mergeHouseholds" { "survivor { id }" } else { "id" };
    if !input.as_object().unwrap().values().any(Value::is_null) {
        admin.mutate(name, input, wanted).await;
    }
}

/// Something that an officer does with what stands in the book.
fn work(app: &TestApp, dice: &mut Dice, book: &FieldBook, key: &str) -> Option<Value> {
    let place = dice.roll(book.households.len().max(1));
    let one = book.households.values().nth(place)?;
    let version = i32::try_from(one["version"].as_i64()?).ok()?;
    Some(item(
        app,
        key,
        match dice.roll(3) {
            0 => visit(one, ["MET", "NOBODY_HOME", "VACANT"][dice.roll(3)]),
            1 => enrolment(app, one, "王建国"),
            _ => {
                let base = json!({ "door": one["door"], "peopleCount": one["peopleCount"] });
                let mine = json!({ "door": dice.roll(9), "peopleCount": dice.roll(6) });
                edit(one, version, base, mine)
            }
        },
    ))
}

async fn a_book_that_was_kept_up_to_date_equals_a_new_one(app: TestApp) {
    for village in VILLAGES {
        app.household(village).await;
    }
    let officer = app.officer_posted_to(&[LIUHE, WANGLOU]).await;
    let mut book = FieldBook::of(&officer, &[LIUHE, WANGLOU]);
    book.first = 2;
    let mut dice = Dice(7);
    let mut queue: Vec<Value> = Vec::new();
    let mut landed = Vec::new();
    for round in 0..120 {
        app.advance(Duration::from_secs(60));
        match dice.roll(6) {
            // One part only: the connection breaks.
            0 => {
                book.page().await;
            }
            1 => {
                book.sync(&app).await;
            }
            2 if !queue.is_empty() => {
                let results = sync(&officer, &queue).await;
                let done = outcomes(&results);
                for (item, outcome) in queue.iter().zip(&done) {
                    if ["APPLIED", "MERGED", "ALREADY_APPLIED"].contains(&outcome.as_str()) {
                        landed.push(item.clone());
                    }
                }
                // The answer is lost now and then, and everything is sent again.
                if dice.roll(3) > 0 {
                    queue.clear();
                }
            }
            3 => queue.extend(work(&app, &mut dice, &book, &format!("work {round}"))),
            _ => happen(&app, &mut dice, format!("round {round}")).await,
        }
        if round % 20 == 19 {
            book.sync(&app).await;
            let mut fresh = FieldBook::of(&officer, &[LIUHE, WANGLOU]);
            fresh.sync(&app).await;
            assert_eq!(book.households, fresh.households, "after {round}");
        }
    }
    let visits = landed.iter().filter(|item| !item["work"]["visit"].is_null());
    let mut visits: Vec<&Value> = visits.map(|item| &item["idempotencyKey"]).collect();
    visits.sort_by_key(|key| key.to_string());
    visits.dedup();
    assert!(landed.len() > 5, "{landed:?}");
    let kept = app.number("SELECT count(*) FROM visit").await;
    assert_eq!(usize::try_from(kept), Ok(visits.len()));
    let again: Vec<Value> = landed.iter().take(100).cloned().collect();
    for outcome in outcomes(&sync(&officer, &again).await) {
        assert_eq!(outcome, "ALREADY_APPLIED");
    }
}

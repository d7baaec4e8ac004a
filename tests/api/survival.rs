//! What is acknowledged is there, whatever happens to the program or the database.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::{Actor, Lonely, Program, TestApp, Value, json};

on_both_databases!(nothing_that_was_acknowledged_is_lost_when_the_program_is_killed);

/// Changes that are acknowledged before the program is killed.
const ENOUGH: usize = 40;

fn input(key: &str, household: &Value) -> Value {
    json!({ "idempotencyKey": key, "householdId": household["id"], "text": "问一下" })
}

/// Opens one inquiry after the other until the program is gone; notes each key and id that is
/// acknowledged.
async fn write_until_killed(
    writer: usize,
    address: String,
    actor: Actor,
    household: Value,
    acknowledged: Arc<Mutex<Vec<(String, Value)>>>,
) {
    let client = reqwest::Client::new();
    let query = "mutation($input: SubmitInquiryInput!) { submitInquiry(input: $input) { inquiry { id } \
                 userErrors { code } } }";
    for number in 0.. {
        let key = format!("{writer}-{number}");
        let body = json!({ "query": query, "variables": { "input": input(&key, &household) } });
        let sent = client
            .post(format!("http://{address}/graphql"))
            .bearer_auth(actor.token().unwrap())
            .json(&body)
            .send()
            .await;
        let Ok(response) = sent else { return };
        let Ok(answer) = response.json::<Value>().await else { return };
        let id = answer["data"]["submitInquiry"]["inquiry"]["id"].clone();
        assert!(id.is_string(), "{answer}");
        acknowledged.lock().unwrap().push((key, id));
    }
}

async fn nothing_that_was_acknowledged_is_lost_when_the_program_is_killed(app: TestApp) {
    let household = app.household(LIUHE).await;
    let admin = app.county_admin();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let mut program = Program::serve(&app.url());
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            tokio::spawn(write_until_killed(
                writer,
                program.address.clone(),
                admin.clone(),
                household.clone(),
                acknowledged.clone(),
            ))
        })
        .collect();
    while acknowledged.lock().unwrap().len() < ENOUGH {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    program.kill();
    for writer in writers {
        writer.await.unwrap();
    }
    let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
    let document = "query($id: ID!) { inquiry(id: $id) { lastMessage { text } } }";
    for (key, id) in &acknowledged {
        let answer = admin.query(document, json!({ "id": id })).await;
        assert_eq!(answer.at("/inquiry/lastMessage/text"), "问一下", "{key}");
        let again = admin.mutate("submitInquiry", input(key, &household), "id").await.done();
        assert_eq!(&again["id"], id, "{key}");
    }
    for half_done in [
        "SELECT count(*) FROM inquiry i WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.inquiry_id = i.id)",
        "SELECT count(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM inquiry i WHERE m.inquiry_id = i.id)",
        "SELECT count(*) FROM inquiry i WHERE 2 <> (SELECT count(*) FROM event e WHERE e.subject_id = i.id)",
        "SELECT count(*) FROM inquiry i WHERE NOT EXISTS \
         (SELECT 1 FROM idempotency k WHERE k.result_id = i.id)",
        "SELECT (SELECT count(*) FROM idempotency) - (SELECT count(*) FROM inquiry) - 1",
    ] {
        assert_eq!(app.number(half_done).await, 0, "{half_done}");
    }
}

/// Asks again until `expected` is the answer's status.
async fn until(actor: &Actor, expected: u16) -> Value {
    loop {
        let answer = actor.query("{ villages { totalCount } }", json!({})).await;
        if answer.status.as_u16() == expected {
            return answer.json;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_database_that_goes_away_and_comes_back_is_used_again() {
    Lonely::run(async |server: Lonely, app: TestApp| {
        let admin = app.county_admin();
        let household = app.household(LIUHE).await;
        app.work_in_background().await;
        let cursor = app.event_cursor().await;
        let document = "subscription($after: String) { inquiryChanged(after: $after) { inquiry { subject } } }";
        let mut events = admin.subscribe(document, json!({ "after": cursor })).await;
        app.inquiry(&household).await;
        assert_eq!(events.next().await["inquiry"]["subject"], "新生儿上户口需要哪些材料？");

        server.stop();
        let away = until(&admin, 503).await;
        assert_eq!(away["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        assert_eq!(away["data"]["villages"], Value::Null);
        assert!(app.app().ready().await.is_err());
        let refused = admin.mutate("submitInquiry", input("away", &household), "id").await;
        assert_eq!(refused.outcome(), "UNAVAILABLE");

        server.start_again();
        until(&admin, 200).await;
        assert!(app.app().ready().await.is_ok());
        let made =
            admin.mutate("submitInquiry", input("away", &household), "id subject").await.done();
        assert_eq!(made["subject"], "问一下");
        let mut resumed = admin.subscribe(document, json!({ "after": cursor })).await;
        let mut heard = Vec::new();
        for _ in 0..2 {
            heard.push(resumed.next().await["inquiry"]["subject"].clone());
        }
        assert_eq!(heard, ["新生儿上户口需要哪些材料？", "问一下"]);
    });
}

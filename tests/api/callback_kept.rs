//! What was delivered, until it is worked off.

use std::time::Duration;

use huhutong::channel;

use crate::on_both_databases;
use crate::support::{Backend, TestApp};

on_both_databases!(
    a_delivery_lies_sealed_and_is_worked_off_by_one,
    deliveries_are_forgotten_when_none_can_come_again,
);

async fn a_delivery_lies_sealed_and_is_worked_off_by_one(app: TestApp) {
    let gate = app.gate().await;
    let says = "<xml><Content>邻居又吵架了</Content></xml>";
    let heard = app.service().delivered.notified();
    app.deliver(&gate, &app.callback(&gate.seal, says)).await;
    heard.await;
    let lies_open = match app.backend() {
        Backend::Postgres => "position(convert_to('邻居', 'UTF8') in body) > 0",
        Backend::Sqlite => "instr(body, CAST('邻居' AS BLOB)) > 0",
    };
    let open = format!("SELECT count(*) FROM channel_delivery WHERE {lies_open}");
    assert_eq!(app.number(&open).await, 0);
    let other = app.another_instance().await;
    let (one, two) = tokio::join!(
        channel::take(app.service(), channel::Topic::CustomerService, 10),
        channel::take(other.service(), channel::Topic::CustomerService, 10)
    );
    let taken: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    let seen: Vec<_> = taken.iter().map(|one| (one.body.as_str(), one.tries)).collect();
    assert_eq!(seen, [(says, 0)]);
    assert!(
        channel::take(app.service(), channel::Topic::CustomerService, 10).await.unwrap().is_empty()
    );
    // Who took it broke off.
    app.advance(channel::LEASE.to_std().unwrap());
    let again = channel::take(other.service(), channel::Topic::CustomerService, 10).await.unwrap();
    assert_eq!(again.iter().map(|one| one.tries).collect::<Vec<_>>(), [1]);
    let tx = app.service().keep().await.unwrap();
    channel::done(&tx, &[again[0].id], app.now()).await.unwrap();
    tx.commit().await.unwrap();
    app.advance(channel::LEASE.to_std().unwrap());
    assert!(
        channel::take(app.service(), channel::Topic::CustomerService, 10).await.unwrap().is_empty()
    );
    let kept = "SELECT count(*) FROM channel_delivery WHERE length(body) > 0";
    assert_eq!(app.number(kept).await, 0);
    // It is known still.
    app.deliver(&gate, &app.callback(&gate.seal, says)).await;
    assert_eq!(app.deliveries().await, 1);
    other.service().database.close().await;
}

async fn deliveries_are_forgotten_when_none_can_come_again(app: TestApp) {
    let gate = app.gate().await;
    app.deliver(&gate, &app.callback(&gate.seal, "<xml/>")).await;
    app.advance(Duration::from_secs(29 * 86400));
    app.deliver(&gate, &app.callback(&gate.seal, "<xml><a/></xml>")).await;
    channel::sweep(app.service()).await.unwrap();
    assert_eq!(app.deliveries().await, 2);
    app.advance(Duration::from_secs(2 * 86400));
    channel::sweep(app.service()).await.unwrap();
    assert_eq!(app.deliveries().await, 1);
}

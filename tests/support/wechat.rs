//! The far side of a WeChat channel, in the test's process.

use huhutong::clock::Clock;
use huhutong::demo::wechat::Double;
use huhutong::wecom::Account;
use tokio::net::TcpListener;

/// A double that answers at an address of its own.
pub async fn far_side(clock: Clock) -> (Double, Account) {
    let double = Double::new(clock);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let serving = double.clone();
    tokio::spawn(async move { serving.serve(listener).await });
    let account = {
        let world = double.world();
        Account { base_url, corp_id: world.corp_id.clone(), secret: world.secret.clone() }
    };
    (double, account)
}

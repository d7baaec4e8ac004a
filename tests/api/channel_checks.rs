//! What a check of a channel says.

use std::time::Duration;

use huhutong::clock::Clock;
use huhutong::demo::wechat::{Double, Fault};

use crate::on_both_databases;
use crate::support::channels::{Gate, keys, other_seal, seal};
use crate::support::wechat::far_side;
use crate::support::{Actor, TestApp, Value, json, with};

on_both_databases!(
    a_check_says_what_is_missing_here,
    a_check_knows_that_channels_of_a_corporation_share_a_callback,
    a_check_says_what_the_far_side_refuses,
);

fn named(channel: &Value) -> Value {
    json!({ "channelId": channel["id"], "expectedVersion": channel["version"] })
}

async fn checked(actor: &Actor, channel: &Value) -> Value {
    let input = json!({ "channelId": channel["id"] });
    actor
        .mutate("checkChannel", input, "works findings { code severity works apiError }")
        .await
        .done()
}

fn codes(check: &Value) -> Vec<&str> {
    check["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

async fn a_check_says_what_is_missing_here(app: TestApp) {
    let admin = app.county_admin();
    let bare =
        json!({ "idempotencyKey": "a", "kind": "WECHAT_KF", "name": "a", "corpId": "wwBare" });
    let bare = app.channel_of(bare).await;
    let check = checked(&admin, &bare).await;
    assert_eq!(check["works"], false);
    assert_eq!(
        codes(&check),
        ["ACCOUNT_MISSING", "SECRET_MISSING", "PUBLIC_ADDRESS_MISSING", "CALLBACK_KEYS_MISSING"]
    );
    assert_eq!(
        check["findings"][2],
        json!({ "code": "PUBLIC_ADDRESS_MISSING", "severity": "WARNING",
                                             "works": true, "apiError": null })
    );
    // An Official Account signs in in another way.
    let (far, account) = far_side(Clock::manual(app.now())).await;
    far.world().official.app_id = "wx0123456789abcdef".to_owned();
    far.world().official.secret = "s".to_owned();
    let input = json!({ "idempotencyKey": "oa", "kind": "OFFICIAL_ACCOUNT", "name": "b", "secret": "s",
                        "corpId": "wx0123456789abcdef", "apiBaseUrl": account.base_url,
                        "callbackKeys": keys(&seal("")) });
    let channel = app.channel_of(input).await;
    let path = channel["callbackUrl"].as_str().unwrap().to_owned();
    let gate = Gate { channel, path, seal: seal("wx0123456789abcdef") };
    let check = checked(&admin, &gate.channel).await;
    assert_eq!(codes(&check), ["PUBLIC_ADDRESS_MISSING", "CALLBACK_NEVER_VERIFIED"]);
    app.sql("UPDATE channel SET verified_at = created_at").await;
    let check = checked(&admin, &gate.channel).await;
    assert_eq!((codes(&check), &check["works"]), (vec!["PUBLIC_ADDRESS_MISSING"], &json!(true)));
    app.advance(Duration::from_secs(8 * 86400));
    let check = checked(&admin, &gate.channel).await;
    assert_eq!((codes(&check).len(), &check["works"]), (2, &json!(true)));
    assert_eq!(codes(&check)[1], "CALLBACK_SILENT");
    app.deliver(&gate, &app.callback(&gate.seal, "<xml/>")).await;
    assert_eq!(codes(&checked(&admin, &gate.channel).await), ["PUBLIC_ADDRESS_MISSING"]);
    let input = with(named(&gate.channel), "callbackKeys", keys(&other_seal("")));
    let rotated = admin.mutate("rotateChannelKeys", input, "id version").await.done();
    admin.mutate("disableChannel", named(&rotated), "id").await.done();
    let check = checked(&admin, &gate.channel).await;
    assert!(codes(&check).contains(&"OLD_KEYS_STILL_GOOD") && codes(&check).contains(&"DISABLED"));
}

async fn a_check_knows_that_channels_of_a_corporation_share_a_callback(app: TestApp) {
    let gate = app.gate().await;
    app.sql("UPDATE channel SET verified_at = created_at").await;
    app.deliver(&gate, &app.callback(&gate.seal, "<xml/>")).await;
    let mut second = app.channel_input();
    for field in ["callbackKeys", "secret"] {
        second.as_object_mut().unwrap().remove(field);
    }
    let second = app.channel_of(second).await;
    let check = checked(&app.county_admin(), &second).await;
    assert_eq!(codes(&check), ["SECRET_MISSING", "PUBLIC_ADDRESS_MISSING"]);
}

/// A channel of a far side that answers.
async fn with_far_side(app: &TestApp) -> (Double, Value) {
    let (far, account) = far_side(Clock::manual(app.now())).await;
    let open_kfid = far.world().open_kfid.clone();
    let input = json!({ "idempotencyKey": "far", "kind": "WECHAT_KF", "name": "a", "corpId": account.corp_id,
                        "secret": account.secret, "openKfid": open_kfid, "apiBaseUrl": account.base_url,
                        "callbackKeys": keys(&seal("")) });
    let channel = app.channel_of(input).await;
    app.sql("UPDATE channel SET verified_at = created_at").await;
    (far, channel)
}

async fn a_check_says_what_the_far_side_refuses(app: TestApp) {
    let (far, channel) = with_far_side(&app).await;
    let admin = app.county_admin();
    let document = "query($id: ID!) { channel(id: $id) { apiError apiCheckedAt } }";
    for (path, fault, code, number) in [
        ("gettoken", Fault::Refuse(40001), "BAD_SECRET", Some(40001)),
        ("gettoken", Fault::Refuse(40013), "BAD_CORP_ID", Some(40013)),
        ("gettoken", Fault::Refuse(60020), "ADDRESS_NOT_TRUSTED", Some(60020)),
        ("kf/account/list", Fault::Refuse(48002), "NOT_PERMITTED", Some(48002)),
        ("kf/account/list", Fault::Refuse(95017), "API_SWITCHED_OFF", Some(95017)),
        ("kf/account/list", Fault::Refuse(45009), "API_REFUSED", Some(45009)),
        ("kf/account/list", Fault::Gateway, "API_UNREACHABLE", None),
        ("kf/account/list", Fault::Close, "API_UNREACHABLE", None),
    ] {
        far.world().misbehave(path, fault, 1);
        let check = checked(&admin, &channel).await;
        assert_eq!(
            check["findings"][1],
            json!({ "code": code, "severity": "ERROR", "works": false, "apiError": number })
        );
        let seen = admin.query(document, json!({ "id": channel["id"] })).await;
        // Who was not reached has said nothing.
        assert_eq!(seen.at("/channel/apiError"), &json!(number.or(Some(45009))), "{code}");
    }
    let check = checked(&admin, &channel).await;
    assert_eq!((codes(&check), &check["works"]), (vec!["PUBLIC_ADDRESS_MISSING"], &json!(true)));
    let seen = admin.query(document, json!({ "id": channel["id"] })).await;
    assert!(seen.at("/channel/apiError").is_null() && seen.at("/channel/apiCheckedAt").is_string());
    let other = with(named(&channel), "openKfid", "wkNobody");
    admin.mutate("updateChannel", other, "id").await.done();
    assert_eq!(checked(&admin, &channel).await["findings"][1]["code"], "ACCOUNT_NOT_FOUND");
    let message = async |actor: Actor| {
        let input = json!({ "channelId": channel["id"] });
        actor.mutate("checkChannel", input, "findings { message }").await.done()["findings"][1]["message"].clone()
    };
    assert!(message(app.county_admin()).await.as_str().unwrap().contains("请核对open_kfid"));
    assert!(
        message(app.county_admin().in_english())
            .await
            .as_str()
            .unwrap()
            .contains("Compare open_kfid")
    );
}

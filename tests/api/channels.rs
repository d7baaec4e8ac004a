//! Channels: how they are kept.

use crate::on_both_databases;
use crate::support::channels::{CORP, keys, seal};
use crate::support::county::{CHENJI, LIUHE, MANGSHAN};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    a_channel_is_made_once_and_shown_without_its_secrets,
    a_callbacks_address_begins_where_the_service_is_reached,
    chiefs_see_the_channels_of_their_township_and_of_the_county,
    a_channel_says_which_field_is_wrong,
    a_channel_is_changed_by_who_saw_its_last_version,
    a_secret_goes_to_no_new_address_unless_it_is_given_again,
    an_account_belongs_to_one_channel,
    a_channel_by_hand_has_no_account,
);

const SHOWN: &str = "id kind name corpId openKfid apiBaseUrl windowMessages windowHours perMinute enabled version \
    verifiedAt apiError apiCheckedAt hasSecret hasCallbackKeys hasOldCallbackKeys callbackUrl township { code }";

async fn a_channel_is_made_once_and_shown_without_its_secrets(app: TestApp) {
    let mut input = app.channel_input();
    input.as_object_mut().unwrap().remove("apiBaseUrl");
    let admin = app.county_admin();
    let made = admin.mutate("createChannel", input.clone(), SHOWN).await.done();
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        made,
        json!({ "id": id, "kind": "WECHAT_KF", "name": "陈集微信客服", "corpId": CORP,
                "openKfid": input["openKfid"], "apiBaseUrl": "https://qyapi.weixin.qq.com",
                "windowMessages": 5, "windowHours": 48, "perMinute": 1000, "enabled": true, "version": 1,
                "verifiedAt": null, "apiError": null, "apiCheckedAt": null, "hasSecret": true,
                "hasCallbackKeys": true, "hasOldCallbackKeys": false,
                "callbackUrl": format!("/wechat/callback/{id}"), "township": null })
    );
    let again = admin.mutate("createChannel", input.clone(), SHOWN).await.done();
    assert_eq!(again, made);
    let other = admin.mutate("createChannel", with(input, "secret", "another"), "id").await;
    assert_eq!(other.outcome(), "IDEMPOTENCY_KEY_REUSED idempotencyKey");
    let document = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on Channel {{ {SHOWN} }} }} channel(id: $id) {{ {SHOWN} }} \
         channels(filter: {{ kind: WECHAT_KF, enabled: true }}) {{ edges {{ node {{ {SHOWN} }} }} }} }}"
    );
    let seen = admin.query(&document, json!({ "id": id })).await;
    for pointer in ["/node", "/channel", "/channels/edges/0/node"] {
        assert_eq!(seen.at(pointer), &made, "{pointer}");
    }
}

async fn a_callbacks_address_begins_where_the_service_is_reached(app: TestApp) {
    for address in ["https://huhutong.example", "https://huhutong.example/"] {
        let there = app.reached_at(address).await;
        // Without a secret nobody is asked.
        let mut input = there.channel_input();
        input.as_object_mut().unwrap().remove("secret");
        let channel = there.channel_of(input).await;
        let id = channel["id"].as_str().unwrap();
        let expected = format!("https://huhutong.example/wechat/callback/{id}");
        assert_eq!(channel["callbackUrl"], expected);
        let input = json!({ "channelId": id });
        let check = there.county_admin().mutate("checkChannel", input, "findings { code }").await;
        assert!(!check.json.to_string().contains("PUBLIC_ADDRESS_MISSING"));
        there.service().database.close().await;
    }
}

async fn chiefs_see_the_channels_of_their_township_and_of_the_county(app: TestApp) {
    for (name, township) in [("a", Value::Null), ("b", CHENJI.into()), ("c", MANGSHAN.into())] {
        let input = with(app.channel_input(), "name", name);
        app.channel_of(with(input, "townshipCode", township)).await;
    }
    for (actor, expected) in [
        (app.chief(CHENJI), vec!["a", "b"]),
        (app.chief(MANGSHAN), vec!["a", "c"]),
        (app.auditor(), vec!["a", "b", "c"]),
    ] {
        let answer = actor.query("{ channels { edges { node { name } } } }", json!({})).await;
        assert_eq!(answer.nodes("/channels", "name"), expected);
        let refused = actor.mutate("createChannel", app.channel_input(), "id").await;
        assert_eq!(refused.outcome(), "FORBIDDEN");
    }
    let refused = app.lead(LIUHE).query("{ channels { totalCount } }", json!({})).await;
    assert_eq!(refused.outcome(), "FORBIDDEN");
}

async fn a_channel_says_which_field_is_wrong(app: TestApp) {
    let long = |count: usize| Value::from("a".repeat(count));
    let pair = |token: &str, key: &str| json!({ "token": token, "aesKey": key });
    let key = seal(CORP).encoding_aes_key;
    for (field, value, expected) in [
        ("name", " ".into(), "BLANK name"),
        ("name", "长".repeat(41).into(), "TOO_LONG name"),
        ("name", "👮".into(), "ok"),
        ("corpId", Value::Null, "BLANK corpId"),
        ("corpId", "ww 1".into(), "INVALID corpId"),
        ("corpId", long(65), "TOO_LONG corpId"),
        ("openKfid", "客服".into(), "INVALID openKfid"),
        ("secret", "".into(), "BLANK secret"),
        ("secret", "with space".into(), "INVALID secret"),
        ("secret", "密码".into(), "INVALID secret"),
        ("secret", long(129), "TOO_LONG secret"),
        ("callbackKeys", pair("", &key), "INVALID callbackKeys"),
        ("callbackKeys", pair("🔑", &key), "INVALID callbackKeys"),
        ("callbackKeys", pair("a", &key[1..]), "INVALID callbackKeys"),
        ("callbackKeys", pair("a", &"密".repeat(43)), "INVALID callbackKeys"),
        ("apiBaseUrl", "http://qyapi.weixin.qq.com".into(), "INVALID apiBaseUrl"),
        ("apiBaseUrl", "https://user:word@proxy.example".into(), "INVALID apiBaseUrl"),
        ("apiBaseUrl", "https://proxy.example/?a=1".into(), "INVALID apiBaseUrl"),
        ("apiBaseUrl", "file:///etc/passwd".into(), "INVALID apiBaseUrl"),
        ("apiBaseUrl", "https://proxy.example/wecom/".into(), "ok"),
        ("windowMessages", 0.into(), "INVALID windowMessages"),
        ("windowHours", (-1).into(), "INVALID windowHours"),
        ("windowHours", 721.into(), "INVALID windowHours"),
        ("perMinute", 10_001.into(), "INVALID perMinute"),
        ("townshipCode", LIUHE.into(), "INVALID townshipCode"),
        ("townshipCode", "411481999".into(), "NOT_FOUND townshipCode"),
    ] {
        let input = with(app.channel_input(), field, value);
        let answer = app.county_admin().mutate("createChannel", input, "id").await;
        assert_eq!(answer.outcome(), expected, "{field}");
    }
    let contacts = with(app.channel_input(), "kind", "WECOM_CONTACTS");
    let answer = app.county_admin().mutate("createChannel", contacts, "id").await;
    assert_eq!(answer.outcome(), "INVALID openKfid");
}

fn named(channel: &Value) -> Value {
    json!({ "channelId": channel["id"], "expectedVersion": channel["version"] })
}

async fn a_channel_is_changed_by_who_saw_its_last_version(app: TestApp) {
    let gate = app.gate().await;
    let admin = app.county_admin();
    let mut input = with(named(&gate.channel), "name", "新名");
    for (field, value) in [
        ("townshipCode", Value::from(CHENJI)),
        ("windowMessages", 3.into()),
        ("perMinute", 60.into()),
    ] {
        input[field] = value;
    }
    let wanted = "id name windowMessages windowHours perMinute version hasSecret township { code }";
    let changed = admin.mutate("updateChannel", input.clone(), wanted).await.done();
    assert_eq!(
        changed,
        json!({ "id": gate.channel["id"], "name": "新名", "windowMessages": 3, "windowHours": 48, "perMinute": 60,
                "version": 2, "hasSecret": true, "township": { "code": CHENJI } })
    );
    let stale = admin.mutate("updateChannel", input, "id").await;
    assert_eq!(stale.outcome(), "VERSION_CONFLICT expectedVersion");
    let cleared = with(named(&changed), "townshipCode", Value::Null);
    let cleared = admin.mutate("updateChannel", cleared, "township { code } name").await.done();
    assert_eq!(cleared, json!({ "township": null, "name": "新名" }));
    // The door still opens: nothing that is secret was lost.
    assert_eq!(app.deliver(&gate, &app.callback(&gate.seal, "<xml/>")).await, "200 success");
    for mutation in ["updateChannel", "disableChannel", "enableChannel", "retireOldChannelKeys"] {
        let input = json!({ "channelId": "bgAAAAAAAAAAAAAAAAAAAAA", "expectedVersion": 1 });
        assert_eq!(admin.mutate(mutation, input, "id").await.outcome(), "NOT_FOUND channelId");
    }
}

async fn a_secret_goes_to_no_new_address_unless_it_is_given_again(app: TestApp) {
    let gate = app.gate().await;
    let admin = app.county_admin();
    let input = with(named(&gate.channel), "apiBaseUrl", "https://elsewhere.example");
    let refused = admin.mutate("updateChannel", input.clone(), "id").await;
    assert_eq!(refused.outcome(), "BLANK secret");
    let same = with(named(&gate.channel), "apiBaseUrl", "http://127.0.0.1:9/");
    let same = admin.mutate("updateChannel", same, "version").await.done();
    let input =
        with(with(input, "secret", "given-again"), "expectedVersion", same["version"].clone());
    let moved = admin.mutate("updateChannel", input, "apiBaseUrl").await.done();
    assert_eq!(moved["apiBaseUrl"], "https://elsewhere.example");
}

async fn an_account_belongs_to_one_channel(app: TestApp) {
    let (one, two) = (app.channel_input(), app.channel_input());
    app.channel_of(one.clone()).await;
    let second = app.channel_of(two.clone()).await;
    let admin = app.county_admin();
    let same = with(two, "idempotencyKey", "same");
    let same = with(same, "openKfid", one["openKfid"].clone());
    assert_eq!(admin.mutate("createChannel", same.clone(), "id").await.outcome(), "TAKEN openKfid");
    let elsewhere = with(same, "corpId", "wwAnotherCorp");
    assert_eq!(admin.mutate("createChannel", elsewhere, "id").await.outcome(), "ok");
    let changed = with(named(&second), "openKfid", one["openKfid"].clone());
    assert_eq!(admin.mutate("updateChannel", changed, "id").await.outcome(), "TAKEN openKfid");
}

async fn a_channel_by_hand_has_no_account(app: TestApp) {
    let admin = app.county_admin();
    let input = json!({ "idempotencyKey": "a", "kind": "BY_HAND", "name": "电话和上门" });
    let made = admin
        .mutate("createChannel", input.clone(), "id version callbackUrl hasSecret")
        .await
        .done();
    assert_eq!((&made["callbackUrl"], &made["hasSecret"]), (&Value::Null, &json!(false)));
    for (field, value) in [
        ("corpId", Value::from(CORP)),
        ("openKfid", "wk1".into()),
        ("secret", "s".into()),
        ("apiBaseUrl", "https://a.example".into()),
        ("callbackKeys", keys(&seal(CORP))),
    ] {
        let given = with(with(input.clone(), field, value.clone()), "idempotencyKey", "b");
        let answer = admin.mutate("createChannel", given, "id").await;
        assert_eq!(answer.outcome(), format!("INVALID {field}"));
        let mutation = if field == "callbackKeys" { "rotateChannelKeys" } else { "updateChannel" };
        let answer = admin.mutate(mutation, with(named(&made), field, value), "id").await;
        assert_eq!(answer.outcome(), format!("INVALID {field}"));
    }
    let check = admin
        .mutate("checkChannel", json!({ "channelId": made["id"] }), "works findings { code }")
        .await;
    assert_eq!(check.done(), json!({ "works": true, "findings": [] }));
}

//! The door at which WeChat's side delivers.

use std::time::Duration;

use futures_util::future::join_all;
use huhutong::channel::{self, envelope::Keys};
use huhutong::demo::wechat::Callback;

use crate::on_both_databases;
use crate::support::channels::{CORP, Gate, keys, other_seal, seal};
use crate::support::{TestApp, Value, json, with};

on_both_databases!(
    the_address_is_verified_with_its_plaintext,
    what_others_sealed_is_taken_in,
    a_delivery_is_stored_once_however_often_it_comes,
    whatever_is_wrong_gets_one_answer,
    what_was_signed_long_ago_is_refused,
    old_and_new_keys_hold_together_until_the_old_are_retired,
    a_disabled_channel_takes_nothing_in,
    an_official_account_signs_the_check_and_seals_the_rest,
    a_delivery_takes_two_statements,
    knocks_are_counted_without_saying_whose,
);

const SUCCESS: &str = "200 success";
const REFUSED: &str = "403 refused";

fn vectors() -> Value {
    serde_json::from_str(include_str!("../data/wechat.json")).unwrap()
}

async fn the_address_is_verified_with_its_plaintext(app: TestApp) {
    let gate = app.gate().await;
    let now = app.now().timestamp();
    for echo in ["1616140317555161061", "中文 \"<&>\"", ""] {
        let check = gate.seal.verification(echo, now, "263014780").unwrap();
        assert_eq!(app.verify(&gate, &check).await, format!("200 {echo}"));
        // Base64's plus, not escaped.
        let plain = Callback { query: check.query.replace("%2B", "+"), ..check.clone() };
        assert_eq!(app.verify(&gate, &plain).await, format!("200 {echo}"));
        let forged = Callback { query: check.query.replace("263014780", "263014781"), ..check };
        assert_eq!(app.verify(&gate, &forged).await, REFUSED);
    }
    let document = "query($id: ID!) { channel(id: $id) { verifiedAt version } }";
    let seen = app.county_admin().query(document, json!({ "id": gate.channel["id"] })).await;
    assert!(seen.at("/channel/verifiedAt").is_string());
    assert_eq!(seen.at("/channel/version"), 1);
    assert_eq!(app.deliveries().await, 0);
}

async fn what_others_sealed_is_taken_in(app: TestApp) {
    let gate = app.gate().await;
    app.advance(Duration::from_secs(1_790_000_100 - app.now().timestamp().unsigned_abs()));
    let vectors = vectors();
    let vector = &vectors["vectors"][1];
    assert_eq!(vector["name"], "work_kf_event");
    let [query, body] =
        ["query_string", "post_body"].map(|name| vector[name].as_str().unwrap().to_owned());
    assert_eq!(app.deliver(&gate, &Callback { query, body }).await, SUCCESS);
    let taken = channel::take(app.service(), channel::Topic::CustomerService, 10).await.unwrap();
    let bodies: Vec<_> = taken.iter().map(|delivery| delivery.body.as_str()).collect();
    assert_eq!(bodies, [vector["plaintext"].as_str().unwrap()]);
}

async fn a_delivery_is_stored_once_however_often_it_comes(app: TestApp) {
    let gate = app.gate().await;
    let other = app.another_instance().await;
    // Sealed anew each time, as the far side does it when it tries again.
    let callbacks: Vec<_> =
        (0..6).map(|_| app.callback(&gate.seal, "<xml><MsgId>1</MsgId></xml>")).collect();
    let instances = [&app, &other].into_iter().cycle();
    let answers =
        join_all(callbacks.iter().zip(instances).map(|(callback, at)| at.deliver(&gate, callback)));
    assert_eq!(answers.await, [SUCCESS; 6]);
    assert_eq!(app.deliver(&gate, &callbacks[0]).await, SUCCESS);
    assert_eq!(app.deliveries().await, 1);
    assert_eq!(
        app.deliver(&gate, &app.callback(&gate.seal, "<xml><MsgId>2</MsgId></xml>")).await,
        SUCCESS
    );
    assert_eq!(app.deliveries().await, 2);
    // Another channel's deliveries are its own.
    let another = app.gate().await;
    assert_eq!(
        app.deliver(&another, &app.callback(&another.seal, "<xml><MsgId>2</MsgId></xml>")).await,
        SUCCESS
    );
    assert_eq!(app.deliveries().await, 3);
    other.service().database.close().await;
}

async fn whatever_is_wrong_gets_one_answer(app: TestApp) {
    let gate = app.gate().await;
    let good = app.callback(&gate.seal, "<xml><MsgId>1</MsgId></xml>");
    let body = |body: &str| Callback { body: body.to_owned(), ..good.clone() };
    let query = |query: String| Callback { query, ..good.clone() };
    let entities = format!("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{}", good.body);
    let twice = good.body.replace("<xml>", "<xml><Encrypt>a</Encrypt>");
    let no_signature = good.query.replace("msg_signature", "signature");
    let huge = format!("<xml><Encrypt>{}</Encrypt></xml>", "A".repeat(1 << 20));
    let mut wrong = vec![
        body(""),
        body("success"),
        body("<xml>"),
        body("<xml><Encrypt></Encrypt></xml>"),
        body("<xml><Encrypt>!</Encrypt></xml>"),
        body("\u{0}👮"),
        body(&entities),
        body(&twice),
        body(&huge),
        body(&good.body.replace("<Encrypt><![CDATA[", "<Encrypt><![CDATA[AAAA")),
        query(String::new()),
        query(no_signature),
        query(good.query.replace("nonce=0012345", "nonce=12345")),
        query(format!("{}&nonce=1", good.query)),
        query(format!("{}%FF", good.query)),
        app.callback(&other_seal(CORP), "<xml/>"),
        app.callback(&seal("wwSomebodyElse"), "<xml/>"),
    ];
    // Signed with the right token, and still nonsense.
    let signing = Keys::new(&gate.seal.token, &gate.seal.encoding_aes_key).unwrap();
    let now = app.now().timestamp().to_string();
    for sealed in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA==", &"A".repeat(128), "not base64"] {
        let signature = signing.sign(&now, "1", sealed);
        let query = format!("msg_signature={signature}&timestamp={now}&nonce=1");
        wrong.push(Callback { query, body: format!("<xml><Encrypt>{sealed}</Encrypt></xml>") });
    }
    for (place, callback) in wrong.iter().enumerate() {
        assert_eq!(app.deliver(&gate, callback).await, REFUSED, "{place}");
        assert_eq!(app.verify(&gate, callback).await, REFUSED, "{place}");
    }
    let household = app.household(crate::support::county::LIUHE).await;
    for id in ["", "x", "%FF", "bgAAAAAAAAAAAAAAAAAAAAA", household["id"].as_str().unwrap()] {
        let path = format!("/wechat/callback/{id}");
        let nowhere = Gate { path, ..gate.clone() };
        if !id.is_empty() {
            assert_eq!(app.deliver(&nowhere, &good).await, REFUSED, "{id}");
        }
    }
    assert_eq!(app.deliveries().await, 0);
    assert_eq!(app.deliver(&gate, &good).await, SUCCESS);
}

async fn what_was_signed_long_ago_is_refused(app: TestApp) {
    let gate = app.gate().await;
    let now = app.now().timestamp();
    for (signed_at, expected) in [
        (now - 15 * 60, SUCCESS),
        (now - 15 * 60 - 1, REFUSED),
        (now + 15 * 60, SUCCESS),
        (now + 15 * 60 + 1, REFUSED),
        (0, REFUSED),
        (-now, REFUSED),
        (i64::MIN, REFUSED),
        (i64::MAX, REFUSED),
    ] {
        let callback = gate.seal.callback("<xml/>", signed_at, "1").unwrap();
        assert_eq!(app.deliver(&gate, &callback).await, expected, "{signed_at}");
    }
    let check = gate.seal.verification("1", now - 3600, "1").unwrap();
    assert_eq!(app.verify(&gate, &check).await, REFUSED);
}

async fn old_and_new_keys_hold_together_until_the_old_are_retired(app: TestApp) {
    let gate = app.gate().await;
    let new = other_seal(CORP);
    let both = async |old: &str, new_one: &str, says: &str| {
        let callbacks = [app.callback(&gate.seal, says), app.callback(&new, &format!("{says} "))];
        assert_eq!(app.deliver(&gate, &callbacks[0]).await, old);
        assert_eq!(app.deliver(&gate, &callbacks[1]).await, new_one);
    };
    both(SUCCESS, REFUSED, "1").await;
    let named =
        |version: i32| json!({ "channelId": gate.channel["id"], "expectedVersion": version });
    let admin = app.county_admin();
    let wanted = "version hasCallbackKeys hasOldCallbackKeys verifiedAt";
    let input = with(named(1), "callbackKeys", keys(&new));
    let rotated = admin.mutate("rotateChannelKeys", input, wanted).await.done();
    assert_eq!(
        rotated,
        json!({ "version": 2, "hasCallbackKeys": true, "hasOldCallbackKeys": true, "verifiedAt": null })
    );
    both(SUCCESS, SUCCESS, "2").await;
    // Whoever checks with the old keys has not heard of the new ones yet.
    let (now, document) =
        (app.now().timestamp(), "query($id: ID!) { channel(id: $id) { verifiedAt } }");
    let id = json!({ "id": gate.channel["id"] });
    let check = gate.seal.verification("old", now, "1").unwrap();
    assert_eq!(app.verify(&gate, &check).await, "200 old");
    assert!(admin.query(document, id.clone()).await.at("/channel/verifiedAt").is_null());
    assert_eq!(app.verify(&gate, &new.verification("new", now, "1").unwrap()).await, "200 new");
    assert!(admin.query(document, id).await.at("/channel/verifiedAt").is_string());
    let again = with(named(2), "callbackKeys", keys(&gate.seal));
    assert_eq!(
        admin.mutate("rotateChannelKeys", again, "id").await.outcome(),
        "WRONG_STATE channelId"
    );
    let retired = admin.mutate("retireOldChannelKeys", named(2), wanted).await.done();
    assert_eq!(retired["hasOldCallbackKeys"], false);
    both(REFUSED, SUCCESS, "3").await;
    let again = admin.mutate("retireOldChannelKeys", named(3), "id").await;
    assert_eq!(again.outcome(), "WRONG_STATE channelId");
}

async fn a_disabled_channel_takes_nothing_in(app: TestApp) {
    let gate = app.gate().await;
    let input = json!({ "channelId": gate.channel["id"], "expectedVersion": 1 });
    let disabled =
        app.county_admin().mutate("disableChannel", input, "enabled version").await.done();
    assert_eq!(disabled, json!({ "enabled": false, "version": 2 }));
    let callback = app.callback(&gate.seal, "<xml/>");
    assert_eq!(app.deliver(&gate, &callback).await, REFUSED);
    let input = json!({ "channelId": gate.channel["id"], "expectedVersion": 2 });
    app.county_admin().mutate("enableChannel", input, "id").await.done();
    assert_eq!(app.deliver(&gate, &callback).await, SUCCESS);
}

async fn an_official_account_signs_the_check_and_seals_the_rest(app: TestApp) {
    let input = json!({ "idempotencyKey": "oa", "kind": "OFFICIAL_ACCOUNT", "name": "永城公安",
                        "corpId": "wx0123456789abcdef", "callbackKeys": keys(&seal("")) });
    let channel = app.channel_of(input).await;
    let path = channel["callbackUrl"].as_str().unwrap().to_owned();
    let gate = Gate { channel, path, seal: seal("wx0123456789abcdef") };
    app.advance(Duration::from_secs(1_790_000_100 - app.now().timestamp().unsigned_abs()));
    let vectors = vectors();
    let signed = &vectors["mp_plain_signature"][0];
    let plain = format!(
        "signature={}&timestamp=1790000100&nonce=1372623149",
        signed["signature"].as_str().unwrap()
    );
    let check =
        Callback { query: format!("{plain}&echostr=5838479218127813673"), body: String::new() };
    assert_eq!(app.verify(&gate, &check).await, "200 5838479218127813673");
    let forged = Callback { query: check.query.replace("signature=7", "signature=8"), ..check };
    assert_eq!(app.verify(&gate, &forged).await, REFUSED);
    // The signature of a message without an envelope says nothing of the message.
    let body = "<xml><MsgId>1</MsgId><Content>hello</Content></xml>".to_owned();
    assert_eq!(app.deliver(&gate, &Callback { query: plain, body }).await, REFUSED);
    let sealed = app.callback(&gate.seal, "<xml><MsgId>1</MsgId></xml>");
    let sealed =
        Callback { query: format!("encrypt_type=aes&signature=x&{}", sealed.query), ..sealed };
    assert_eq!(app.deliver(&gate, &sealed).await, SUCCESS);
}

async fn a_delivery_takes_two_statements(app: TestApp) {
    let gate = app.gate().await;
    for callback in [app.callback(&gate.seal, "<xml/>"), app.callback(&gate.seal, "<xml/>")] {
        let (statements, answer) = app.statements(app.deliver(&gate, &callback)).await;
        assert_eq!((answer.as_str(), statements), (SUCCESS, 2));
    }
}

async fn knocks_are_counted_without_saying_whose(app: TestApp) {
    let gate = app.gate().await;
    let callback = app.callback(&gate.seal, "<xml/>");
    app.deliver(&gate, &callback).await;
    app.deliver(&gate, &callback).await;
    app.deliver(&gate, &Callback { body: String::new(), ..callback }).await;
    let (_, body) = app.knock("GET", "/metrics", "").await;
    let text = String::from_utf8_lossy(&body).into_owned();
    for result in ["stored", "known", "malformed"] {
        let line = format!("channel_callbacks_total{{what=\"delivery\",result=\"{result}\"}}");
        assert!(text.contains(&line), "{result}");
    }
    assert!(!text.contains(gate.channel["id"].as_str().unwrap()));
}

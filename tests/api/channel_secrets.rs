//! The secrets of channels never come out: not in an answer, not in an event, not in the log.

use std::io;
use std::sync::{Arc, Mutex};

use huhutong::clock::Clock;
use huhutong::demo::wechat::Fault;

use crate::on_both_databases;
use crate::support::channels::{CORP, Gate, keys, other_seal, seal};
use crate::support::wechat::far_side;
use crate::support::{Backend, TestApp, Value, json, with};

on_both_databases!(no_secret_ever_comes_out);

const SHOWN: &str = "id kind name corpId openKfid apiBaseUrl windowMessages windowHours perMinute enabled version \
    verifiedAt apiError apiCheckedAt hasSecret hasCallbackKeys hasOldCallbackKeys callbackUrl township { code }";

fn named(channel: &Value) -> Value {
    json!({ "channelId": channel["id"], "expectedVersion": channel["version"] })
}

/// What was logged while it was listened to.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn no_secret_ever_comes_out(app: TestApp) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let listening = tracing::subscriber::set_default(subscriber);
    let (first, second) = (seal(CORP), other_seal(CORP));
    let (far, account) = far_side(Clock::manual(app.now())).await;
    let secret = "SecretNobodySees";
    let mut input = with(app.channel_input(), "secret", secret);
    input["apiBaseUrl"] = account.base_url.into();
    let admin = app.county_admin();
    let mut told = Vec::new();
    let made = admin.mutate("createChannel", input.clone(), SHOWN).await;
    told.push(made.json.clone());
    let channel = made.done();
    for (name, input) in [
        ("createChannel", with(input, "secret", format!("{secret} ?"))),
        ("updateChannel", with(named(&channel), "secret", format!("{secret}\n?"))),
        ("updateChannel", with(named(&channel), "secret", json!([secret]))),
        ("updateChannel", with(named(&channel), "secret", json!({ "is": secret }))),
        (
            "rotateChannelKeys",
            with(named(&channel), "callbackKeys", json!({ "token": secret, "aesKey": secret })),
        ),
        ("rotateChannelKeys", with(named(&channel), "callbackKeys", keys(&second))),
    ] {
        told.push(admin.mutate(name, input, SHOWN).await.json);
    }
    for fault in [Fault::Refuse(40001), Fault::Close] {
        far.world().misbehave("gettoken", fault, 1);
        let input = json!({ "channelId": channel["id"] });
        told.push(admin.mutate("checkChannel", input, "findings { code message }").await.json);
    }
    let gate = Gate {
        path: channel["callbackUrl"].as_str().unwrap().to_owned(),
        channel: channel.clone(),
        seal: first.clone(),
    };
    app.deliver(&gate, &app.callback(&first, "<xml/>")).await;
    app.deliver(&gate, &app.callback(&seal("wwSomebodyElse"), "<xml/>")).await;
    drop(listening);
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(logged.contains("POST"), "nothing was listened to");
    let told = Value::from(told).to_string();
    let secrets =
        [secret, &first.token, &first.encoding_aes_key, &second.token, &second.encoding_aes_key];
    for (place, secret) in secrets.into_iter().enumerate() {
        assert!(!logged.contains(secret), "{place} is in the log");
        assert!(!told.contains(secret), "{place} was told");
        let (in_events, in_channels) = match app.backend() {
            Backend::Postgres => (
                format!("detail::text LIKE '%{secret}%'"),
                format!(
                    "channel::text LIKE '%{secret}%' OR position(convert_to('{secret}', 'UTF8') in \
                         coalesce(secret, '') || coalesce(callback_token, '') || coalesce(callback_key, '') \
                         || coalesce(old_callback_token, '') || coalesce(old_callback_key, '')) > 0"
                ),
            ),
            Backend::Sqlite => (
                format!("detail LIKE '%{secret}%'"),
                [
                    "name",
                    "secret",
                    "callback_token",
                    "callback_key",
                    "old_callback_token",
                    "old_callback_key",
                ]
                .map(|column| {
                    format!("instr(coalesce({column}, ''), CAST('{secret}' AS BLOB)) > 0")
                })
                .join(" OR "),
            ),
        };
        for (table, found) in [("event", in_events), ("channel", in_channels)] {
            let found = format!("SELECT count(*) FROM {table} WHERE {found}");
            assert_eq!(app.number(&found).await, 0, "{place} lies in {table}");
        }
    }
}

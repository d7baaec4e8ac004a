//! Whatever breaks off, and wherever: what a resident writes becomes one inquiry, and its answer reaches the phone once.

use std::time::Duration;

use huhutong::clock::Clock;
use huhutong::demo::wechat::Fault;
use huhutong::messenger;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::wechat::Wechat;
use crate::support::{Program, TestApp, ask, done_within, until};

on_both_databases!(
    a_conversation_that_breaks_off_at_any_step_is_had_once,
    a_conversation_through_a_program_that_is_killed_is_had_once,
);

/// More steps than a conversation has.
const STEPS: usize = 2000;
const REPLY: &str = "mutation($input: ReplyToInquiryInput!) { replyToInquiry(input: $input) { \
                     message { id } userErrors { code } } }";

async fn a_conversation_that_breaks_off_at_any_step_is_had_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    for steps in 0..STEPS {
        let name = format!("wm{steps}");
        let household = wechat.household(LIUHE, &name).await;
        wechat.far.world().write(&name, "问");
        let work = async || drop(messenger::work(app.service()).await);
        let answer = async || {
            app.advance(Duration::from_secs(1));
            let inquiry = wechat.inquiry_of(&household).await;
            let input = json!({ "idempotencyKey": name, "inquiryId": inquiry["id"], "text": "答" });
            drop(app.county_admin().query(REPLY, json!({ "input": input })).await);
        };
        wechat.deliver().await;
        let conversation = async {
            work().await;
            answer().await;
            work().await;
            work().await;
        };
        let done = done_within(steps, conversation).await;
        // Until then it is in the hand of who broke off.
        app.advance(Duration::from_secs(121));
        wechat.work().await;
        answer().await;
        wechat.work().await;
        // The test goes on into the night, when it is also told so.
        let automatic = |text: &String| text.contains("现在是下班时间");
        let mut said = wechat.said(&household).await;
        assert_eq!(said.len(), 1, "{steps} steps");
        let told = said[0].extract_if(.., |text| automatic(text)).count();
        assert!(told <= 1 && said[0] == ["IN: 问", "OUT: 答"], "{steps} steps: {said:?}");
        let mut received = wechat.received(&name);
        assert_eq!(received.extract_if(.., |text| automatic(text)).count(), told, "{steps} steps");
        assert_eq!(received, ["答"], "{steps} steps");
        if done {
            return;
        }
    }
    panic!("a conversation has more than {STEPS} steps");
}

/// When a program is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    CallbackTaken,
    Fetching,
    Heard,
    ReplyAcknowledged,
    AskingForTheSession,
    Sending,
    Sent,
}

impl Moment {
    const ALL: [Self; 7] = [
        Self::CallbackTaken,
        Self::Fetching,
        Self::Heard,
        Self::ReplyAcknowledged,
        Self::AskingForTheSession,
        Self::Sending,
        Self::Sent,
    ];

    /// What goes wrong at the far side, so that the moment lasts.
    fn fault(self) -> Option<(&'static str, Fault)> {
        match self {
            Self::Fetching => Some(("kf/sync_msg", Fault::Hang)),
            Self::AskingForTheSession => Some(("kf/service_state/get", Fault::Hang)),
            Self::Sending => Some(("kf/send_msg", Fault::Hang)),
            // It arrived, and the program never learns of it.
            Self::Sent => Some(("kf/send_msg", Fault::LoseAnswer)),
            _ => None,
        }
    }
}

async fn a_conversation_through_a_program_that_is_killed_is_had_once(app: TestApp) {
    let wechat = Wechat::start_by(&app, Clock::System).await;
    let admin = app.county_admin();
    for moment in Moment::ALL {
        let name = format!("wm{moment:?}");
        let household = wechat.household(LIUHE, &name).await;
        let heard = async || !wechat.said(&household).await.is_empty();
        let reply = async |program: &Program| {
            let inquiry = wechat.inquiry_of(&household).await;
            let input = json!({ "idempotencyKey": name, "inquiryId": inquiry["id"], "text": "答" });
            let url = format!("http://{}/graphql", program.address);
            let made: Value =
                ask(&url, admin.token().unwrap(), REPLY, json!({ "input": input })).await;
            assert!(made["replyToInquiry"]["message"]["id"].is_string(), "{made}");
        };
        if let Some((path, fault)) = moment.fault() {
            wechat.far.world().misbehave(path, fault, 1);
        }
        let before = moment.fault().map(|(path, _)| (path, wechat.calls(path)));
        let reached = async || before.is_some_and(|(path, calls)| wechat.calls(path) > calls);

        let mut program = Program::serve(&app.url());
        wechat.far.world().write(&name, "问");
        wechat.deliver_to(&program.address).await;
        match moment {
            Moment::CallbackTaken => {}
            Moment::Fetching => until(reached).await,
            Moment::Heard => until(heard).await,
            _ => {
                until(heard).await;
                reply(&program).await;
                if moment != Moment::ReplyAcknowledged {
                    until(reached).await;
                }
            }
        }
        program.kill();

        wechat.far.world().behave();
        // As if the minutes had gone by for which things are in the hand of who took them.
        for free in [
            "UPDATE channel SET locked_until = NULL, swept_at = NULL",
            "UPDATE channel_delivery SET taken_until = NULL",
            "UPDATE message_delivery SET taken_until = NULL",
        ] {
            app.sql(free).await;
        }
        let mut program = Program::serve(&app.url());
        until(heard).await;
        reply(&program).await;
        until(async || wechat.received(&name).contains(&"答".to_owned())).await;
        // What is still in line would be sent now.
        let queued = "SELECT count(*) FROM message_delivery WHERE state = 'QUEUED'";
        until(async || app.number(queued).await == 0).await;
        program.stop();
        let own = |texts: Vec<String>| -> Vec<String> {
            texts.into_iter().filter(|text| !text.contains("现在是下班时间")).collect()
        };
        let said = wechat.said(&household).await;
        assert_eq!(said.len(), 1, "{moment:?}");
        assert_eq!(own(said.concat()), ["IN: 问", "OUT: 答"], "{moment:?}");
        assert_eq!(own(wechat.received(&name)), ["答"], "{moment:?}");
    }
}

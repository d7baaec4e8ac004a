//! The client of WeCom's API, against the double of the far side.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use huhutong::clock::Clock;
use huhutong::demo::wechat::{Double, Fault};
use huhutong::wecom::{
    Account, Class, Failure, Issuer, Notice, Patience, Reason, SessionState, Sync, Wecom, Words,
};

use crate::support::wechat::far_side;

/// Both sides, one clock, and a client that waits but shortly.
struct Sides {
    far: Double,
    account: Account,
    near: Wecom,
    clock: Clock,
    kf: String,
}

impl Sides {
    async fn send(&self, msgid: &str, text: &str) -> Result<(), Failure> {
        self.near.say(&self.account, (&self.kf, "wm1"), msgid, Words::Text(text)).await
    }

    fn calls(&self, path: &str) -> u32 {
        self.far.world().calls.get(path).copied().unwrap_or(0)
    }
}

fn between<T: Future<Output = ()>>(test: impl FnOnce(Sides) -> T) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let start: DateTime<Utc> = "2026-09-01T08:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let (far, account) = far_side(clock.clone()).await;
        let patience =
            Patience { connect: Duration::from_secs(5), answer: Duration::from_millis(200) };
        let near = Wecom::new(clock.clone(), patience).unwrap();
        let kf = far.world().open_kfid.clone();
        test(Sides { far, account, near, clock, kf }).await;
    });
}

#[test]
fn many_calls_at_once_fetch_one_token() {
    between(async |sides| {
        sides.far.world().write("wm1", "在吗");
        let asked = (0..20).map(|_| sides.near.session(&sides.account, &sides.kf, "wm1"));
        for state in join_all(asked).await {
            assert_eq!(state, Ok(SessionState::New));
        }
        assert_eq!(sides.calls("gettoken"), 1);
    });
}

#[test]
fn a_token_that_died_early_is_fetched_once_more_and_the_call_repeated_once() {
    between(async |sides| {
        sides.far.world().write("wm1", "在吗");
        sides.near.sign_in(&sides.account).await.unwrap();
        sides.far.world().end_tokens();
        let asked = (0..5).map(|_| sides.near.session(&sides.account, &sides.kf, "wm1"));
        for state in join_all(asked).await {
            assert_eq!(state, Ok(SessionState::New));
        }
        assert_eq!(sides.calls("gettoken"), 2);
        sides.far.world().misbehave("kf/service_state/get", Fault::Refuse(42001), 9);
        let refused = sides.near.session(&sides.account, &sides.kf, "wm1").await;
        assert_eq!(refused, Err(Failure::Refused(42001)));
        assert_eq!(sides.calls("gettoken"), 3);
    });
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    between(async |sides| {
        sides.near.sign_in(&sides.account).await.unwrap();
        sides.clock.advance(Duration::from_secs(6800));
        sides.near.sign_in(&sides.account).await.unwrap();
        assert_eq!(sides.calls("gettoken"), 1);
        sides.clock.advance(Duration::from_secs(200));
        sides.near.sign_in(&sides.account).await.unwrap();
        assert_eq!(sides.calls("gettoken"), 2);
    });
}

#[test]
fn what_cannot_be_mended_by_trying_again_says_why() {
    between(async |sides| {
        let wrong = Account { secret: "another".to_owned(), ..sides.account.clone() };
        let refused = sides.near.sign_in(&wrong).await.unwrap_err();
        assert_eq!(refused.class(), Class::Permanent(Reason::BadSecret));
        let wrong = Account { corp_id: "another".to_owned(), ..sides.account.clone() };
        let refused = sides.near.sign_in(&wrong).await.unwrap_err();
        assert_eq!(refused.class(), Class::Permanent(Reason::BadCorp));
        assert_eq!(sides.near.has_account(&sides.account, &sides.kf).await, Ok(true));
        assert_eq!(sides.near.has_account(&sides.account, "wkAnother").await, Ok(false));
        let shown = format!("{:?} {refused:?} {refused}", sides.account);
        assert!(!shown.contains(&sides.account.secret), "{shown}");
    });
}

#[test]
fn a_far_side_that_is_slow_gone_or_not_itself_is_tried_again_later() {
    between(async |sides| {
        sides.far.world().write("wm1", "在吗");
        for (fault, failure) in [
            (Fault::Hang, Failure::TimedOut),
            (Fault::Close, Failure::Away),
            (Fault::Gateway, Failure::Unreadable),
            (Fault::Refuse(-1), Failure::Refused(-1)),
            (Fault::Refuse(45009), Failure::Refused(45009)),
        ] {
            sides.far.world().misbehave("kf/send_msg", fault, 1);
            assert_eq!(sides.send("a1", "您好").await, Err(failure), "{fault:?}");
            assert!(matches!(failure.class(), Class::Retry { .. }), "{fault:?}");
        }
        let nowhere =
            Account { base_url: "http://127.0.0.1:1".to_owned(), ..sides.account.clone() };
        assert_eq!(sides.near.sign_in(&nowhere).await, Err(Failure::Away));
    });
}

#[test]
fn what_was_sent_before_its_answer_was_lost_is_not_sent_twice() {
    between(async |sides| {
        sides.far.world().write("wm1", "在吗");
        sides.far.world().misbehave("kf/send_msg", Fault::LoseAnswer, 1);
        assert_eq!(sides.send("a1", "您好").await, Err(Failure::Away));
        assert_eq!(sides.send("a1", "您好").await, Ok(()));
        assert_eq!(sides.far.world().received("wm1"), ["您好"]);
    });
}

#[test]
fn five_messages_follow_one_of_the_residents_within_two_days() {
    between(async |sides| {
        let class = |result: Result<(), Failure>| result.unwrap_err().class();
        sides.far.world().enter("wm1", "411481109204-01");
        assert_eq!(class(sides.send("a0", "您好").await), Class::WindowClosed);
        sides.far.world().write("wm1", "在吗");
        for number in 1..=5 {
            sides.send(&format!("a{number}"), "您好").await.unwrap();
        }
        assert_eq!(class(sides.send("a6", "您好").await), Class::OverLimit);
        sides.far.world().write("wm1", "谢谢");
        sides.send("a7", "不客气").await.unwrap();
        sides.clock.advance(Duration::from_secs(48 * 3600));
        assert_eq!(class(sides.send("a8", "您好").await), Class::WindowClosed);
        sides.far.world().write("wm1", "还在吗");
        sides.far.world().set_state("wm1", 3);
        assert_eq!(class(sides.send("a9", "您好").await), Class::SessionState);
    });
}

#[test]
fn a_page_goes_on_where_the_last_one_ended() {
    between(async |sides| {
        sides.far.world().page_size = 2;
        for number in 1..=5 {
            sides.far.world().write("wm1", &format!("第{number}条"));
        }
        let (mut cursor, mut texts) = (None, Vec::new());
        loop {
            let (open_kfid, limit) = (&*sides.kf, 1000);
            let asked = Sync { open_kfid, cursor: cursor.as_deref(), token: None, limit };
            let page = sides.near.sync(&sides.account, &asked).await.unwrap();
            let items = page.msg_list.iter().map(|item| item["text"]["content"].clone());
            texts.extend(items);
            cursor = Some(page.next_cursor);
            if page.has_more == 0 {
                break;
            }
        }
        assert_eq!(texts, ["第1条", "第2条", "第3条", "第4条", "第5条"]);
    });
}

#[test]
fn a_file_comes_as_it_was_sent_until_it_is_gone() {
    between(async |sides| {
        sides.far.world().send_file("wm1", "image", "image/png", vec![1, 2, 3]);
        let media_id = "MEDIA000001";
        let media = sides.near.media(&sides.account, media_id).await.unwrap();
        assert_eq!(
            (media.content_type.as_deref(), &*media.bytes),
            (Some("image/png"), &[1, 2, 3][..])
        );
        let gone = sides.near.media(&sides.account, "MEDIA9").await.err().unwrap();
        assert_eq!(gone.class(), Class::Permanent(Reason::BadMedia));
    });
}

#[test]
fn an_official_account_signs_in_with_stable_tokens_and_sends_notices() {
    between(async |sides| {
        let account = {
            let mut world = sides.far.world();
            world.follow("oWang", "");
            world.official.notices_left = 1;
            Account {
                corp_id: world.official.app_id.clone(),
                secret: world.official.secret.clone(),
                issuer: Issuer::OfficialAccount,
                ..sides.account.clone()
            }
        };
        let notice = Notice {
            template_id: "T1",
            url: None,
            values: &[("thing1", "预约提醒"), ("time2", "2026-09-02 09:00")],
            name: "n1",
        };
        sides.near.notify(&account, "oWang", &notice).await.unwrap();
        assert_eq!(sides.far.world().notices("oWang"), ["T1"]);
        let over = sides.near.notify(&account, "oWang", &notice).await.unwrap_err();
        assert!(matches!(over.class(), Class::Retry { .. }));
        let stranger = sides.near.notify(&account, "oWho", &notice).await.unwrap_err();
        assert_eq!(stranger.class(), Class::Permanent(Reason::UnknownCustomer));
        assert_eq!((sides.calls("stable_token"), sides.calls("gettoken")), (1, 0));
        let wrong = Account { secret: "another".to_owned(), ..account };
        let refused = sides.near.sign_in(&wrong).await.unwrap_err();
        assert_eq!(refused.class(), Class::Permanent(Reason::BadSecret));
    });
}

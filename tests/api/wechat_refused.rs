//! What becomes of an answer that the far side of WeChat does not take.

use std::time::Duration;

use huhutong::demo::wechat::Fault;

use crate::on_both_databases;
use crate::support::TestApp;
use crate::support::county::LIUHE;
use crate::support::wechat::Wechat;

on_both_databases!(
    what_can_never_arrive_is_not_tried_again,
    what_fails_for_the_moment_is_sent_once_later,
    a_far_side_that_never_answers_is_asked_again,
    an_access_token_that_has_ended_is_renewed_at_once,
    a_chat_that_a_colleague_has_is_left_to_them,
    a_chat_that_waits_in_the_pool_is_taken,
    a_session_that_went_elsewhere_meanwhile_is_looked_at_again,
);

async fn what_can_never_arrive_is_not_tried_again(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    for (number, expected) in [
        (95002, "EXPIRED WINDOW_CLOSED"),
        (95024, "EXPIRED WINDOW_CLOSED"),
        (84061, "FAILED REFUSED"),
        (40003, "FAILED REFUSED"),
        (40058, "FAILED OTHER"),
        (95001, "EXPIRED LIMIT_REACHED"),
    ] {
        wechat.far.world().misbehave("kf/send_msg", Fault::Refuse(number), 1);
        let message = wechat.reply(&inquiry, "在的").await;
        wechat.work().await;
        assert_eq!(wechat.state(&message).await, expected, "{number}");
        app.advance(Duration::from_secs(700));
        wechat.work().await;
        assert_eq!(wechat.received("wm1"), [""; 0], "{number}");
    }
    assert_eq!(wechat.calls("kf/send_msg"), 6);
    // The far side knows better how many there were.
    assert_eq!(wechat.left(&inquiry).await, "0 of 5");
}

async fn what_fails_for_the_moment_is_sent_once_later(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    for fault in [
        Fault::Refuse(-1),
        Fault::Refuse(45009),
        Fault::Refuse(60020),
        Fault::Refuse(95017),
        Fault::Close,
        Fault::Gateway,
        Fault::LoseAnswer,
    ] {
        app.advance(Duration::from_secs(1));
        wechat.far.world().write("wm1", "在吗");
        wechat.go_on().await;
        let inquiry = wechat.inquiry_of(&household).await;
        wechat.far.world().misbehave("kf/send_msg", fault, 2);
        let text = format!("{fault:?}");
        let message = wechat.reply(&inquiry, &text).await;
        for _ in 0..2 {
            wechat.work().await;
            assert_eq!(wechat.state(&message).await, "QUEUED", "{fault:?}");
            app.advance(Duration::from_secs(61));
        }
        wechat.work().await;
        assert_eq!(wechat.state(&message).await, "SENT", "{fault:?}");
        let received = wechat.received("wm1");
        assert_eq!(received.iter().filter(|one| **one == text).count(), 1, "{received:?}");
        assert_eq!(wechat.left(&inquiry).await, "4 of 5", "{fault:?}");
    }
}

async fn a_far_side_that_never_answers_is_asked_again(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    let wechat = wechat.at(&app.impatient().await);
    wechat.far.world().misbehave("kf/send_msg", Fault::Hang, 1);
    let message = wechat.reply(&inquiry, "在的").await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "QUEUED");
    app.advance(Duration::from_secs(3));
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "SENT");
    assert_eq!(wechat.received("wm1"), ["在的"]);
}

async fn an_access_token_that_has_ended_is_renewed_at_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    for number in [42001, 40014] {
        wechat.far.world().misbehave("kf/send_msg", Fault::Refuse(number), 1);
        let message = wechat.reply(&inquiry, &number.to_string()).await;
        wechat.work().await;
        assert_eq!(wechat.state(&message).await, "SENT");
    }
    wechat.far.world().end_tokens();
    wechat.reply(&inquiry, "三").await;
    wechat.work().await;
    assert_eq!(wechat.received("wm1"), ["42001", "40014", "三"]);
}

async fn a_chat_that_a_colleague_has_is_left_to_them(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    for state in [3, 4] {
        wechat.far.world().set_state("wm1", state);
        let message = wechat.reply(&inquiry, "在的").await;
        wechat.work().await;
        assert_eq!(wechat.state(&message).await, "FAILED SESSION_ELSEWHERE", "{state}");
    }
    assert_eq!(wechat.received("wm1"), [""; 0]);
}

async fn a_chat_that_waits_in_the_pool_is_taken(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    wechat.far.world().set_state("wm1", 2);
    let message = wechat.reply(&inquiry, "在的").await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "SENT");
}

async fn a_session_that_went_elsewhere_meanwhile_is_looked_at_again(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let inquiry = wechat.asked(LIUHE, "wm1", "在吗").await;
    wechat.reply(&inquiry, "一").await;
    wechat.work().await;
    assert_eq!(wechat.calls("kf/service_state/get"), 1);
    // It is known to be ours, so it is not asked for again.
    wechat.reply(&inquiry, "二").await;
    wechat.work().await;
    assert_eq!(wechat.calls("kf/service_state/get"), 1);
    wechat.far.world().misbehave("kf/send_msg", Fault::Refuse(95018), 1);
    let message = wechat.reply(&inquiry, "三").await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "SENT");
    wechat.far.world().misbehave("kf/send_msg", Fault::Refuse(95018), 2);
    let message = wechat.reply(&inquiry, "四").await;
    wechat.work().await;
    assert_eq!(wechat.state(&message).await, "FAILED SESSION_ELSEWHERE");
    assert_eq!(wechat.received("wm1"), ["一", "二", "三"]);
}

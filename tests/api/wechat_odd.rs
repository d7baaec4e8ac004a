//! What residents write in WeChat is heard once and in order, whatever the far side or this one does.

use std::time::Duration;

use huhutong::demo::wechat::{Delivering, Fault};
use huhutong::messenger;

use crate::on_both_databases;
use crate::support::TestApp;
use crate::support::county::LIUHE;
use crate::support::wechat::Wechat;

on_both_databases!(
    what_is_delivered_three_times_and_backwards_is_said_once_and_in_order,
    what_no_callback_told_of_is_found_by_looking,
    two_instances_fetch_each_message_once,
    a_far_side_that_fails_loses_nothing,
    an_old_callback_token_does_not_matter,
    a_long_silence_is_read_page_by_page,
    whatever_breaks_off_is_done_once,
);

async fn what_is_delivered_three_times_and_backwards_is_said_once_and_in_order(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    for how in [Delivering::Thrice, Delivering::Backwards] {
        wechat.far.world().delivering = how;
        for number in 1..=3 {
            wechat.far.world().write("wm1", &format!("{how:?} {number}"));
        }
        wechat.go_on().await;
    }
    let said = wechat.said(&household).await;
    let expected =
        ["Thrice 1", "Thrice 2", "Thrice 3", "Backwards 1", "Backwards 2", "Backwards 3"]
            .map(|text| format!("IN: {text}"));
    assert_eq!(said, [expected]);
}

async fn what_no_callback_told_of_is_found_by_looking(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.work().await;
    wechat.far.world().delivering = Delivering::Not;
    wechat.far.world().write("wm1", "有人吗");
    wechat.go_on().await;
    assert_eq!(wechat.said(&household).await.len(), 0);
    app.advance(Duration::from_secs(61));
    wechat.go_on().await;
    assert_eq!(wechat.said(&household).await, [["IN: 有人吗"]]);
}

async fn two_instances_fetch_each_message_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    let other = app.another_instance().await;
    let mut expected = Vec::new();
    wechat.far.world().page_size = 2;
    for number in 1..=7 {
        wechat.far.world().write("wm1", &format!("第{number}条"));
        expected.push(format!("IN: 第{number}条"));
    }
    wechat.deliver().await;
    let (one, two) = tokio::join!(messenger::work(app.service()), messenger::work(other.service()));
    one.unwrap();
    two.unwrap();
    wechat.work().await;
    assert_eq!(wechat.said(&household).await, [expected]);
}

async fn a_far_side_that_fails_loses_nothing(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    let mut expected = Vec::new();
    for fault in [
        Fault::Refuse(-1),
        Fault::Refuse(45009),
        Fault::Close,
        Fault::Gateway,
        Fault::Refuse(42001),
    ] {
        wechat.far.world().misbehave("kf/sync_msg", fault, 2);
        wechat.far.world().write("wm1", &format!("{fault:?}"));
        expected.push(format!("IN: {fault:?}"));
        wechat.go_on().await;
        let before = wechat.said(&household).await.concat().len();
        assert_eq!(before, expected.len() - 1, "{fault:?}");
        for _ in 0..3 {
            app.advance(Duration::from_secs(16));
            wechat.work().await;
        }
        assert_eq!(wechat.said(&household).await.concat(), expected, "{fault:?}");
    }
}

async fn an_old_callback_token_does_not_matter(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().write("wm1", "在吗");
    wechat.deliver().await;
    app.advance(Duration::from_secs(900));
    wechat.work().await;
    assert_eq!(wechat.said(&household).await, [["IN: 在吗"]]);
}

async fn a_long_silence_is_read_page_by_page(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    wechat.far.world().delivering = Delivering::Not;
    wechat.far.world().page_size = 3;
    for number in 1..=10 {
        wechat.far.world().write("wm1", &number.to_string());
    }
    app.advance(Duration::from_secs(61));
    wechat.work().await;
    let expected: Vec<String> = (1..=10).map(|number| format!("IN: {number}")).collect();
    assert_eq!(wechat.said(&household).await, [expected]);
}

/// The work is dropped after any number of steps, and begun anew by another instance.
async fn whatever_breaks_off_is_done_once(app: TestApp) {
    let wechat = Wechat::start(&app).await;
    let household = wechat.household(LIUHE, "wm1").await;
    let mut expected = Vec::new();
    for steps in 0..40 {
        wechat.far.world().write("wm1", &steps.to_string());
        expected.push(format!("IN: {steps}"));
        wechat.deliver().await;
        let mut work = Box::pin(messenger::work(app.service()));
        for _ in 0..steps * 3 {
            let polled = futures_util::poll!(&mut work);
            if polled.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(work);
        app.advance(Duration::from_secs(121));
        wechat.work().await;
        assert_eq!(wechat.said(&household).await.concat(), expected, "after {steps} steps");
    }
}

//! Whatever breaks off, and wherever: a friend is known once, called and tagged as the register says, and goes along once.

use std::time::Duration;

use tokio::time::timeout;

use super::friends_handed_over::{DAY, Sides};
use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::friends::Wecom;
use crate::support::{TestApp, done_within, until};

on_both_databases!(
    a_friend_whose_writing_breaks_off_at_any_step_is_known_and_called_once,
    a_hand_over_that_breaks_off_at_any_step_takes_a_friend_along_once,
);

/// More steps than either has.
const STEPS: usize = 2000;
/// For longer than this nothing is in the hand of who broke off.
const LET_GO: Duration = Duration::from_secs(601);
/// How long is waited for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

async fn a_friend_whose_writing_breaks_off_at_any_step_is_known_and_called_once(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    wecom.member(LIUHE, "LiuHe01").await;
    for steps in 0..STEPS {
        let external = format!("wm{steps}");
        wecom.household(LIUHE, "王建国", &external).await;
        wecom.work().await;
        let before = wecom.calls("remark");
        wecom.far.world().befriend("LiuHe01", &external, "");
        wecom.deliver().await;
        let done = done_within(steps, wecom.work()).await;
        app.advance(LET_GO);
        // PostgreSQL may need a moment to notice that nobody is there any more, and until then others pass it over.
        let written = until(async || {
            wecom.work().await;
            wecom.remark("LiuHe01", &external) == "刘河村1组-王建国"
        });
        assert!(timeout(PATIENCE, written).await.is_ok(), "{steps} steps");
        let tags = wecom.far.world().tags_of("LiuHe01", &external);
        assert_eq!(tags, ["陈集镇刘河村 204"], "{steps} steps");
        // What broke off while it was on its way is said again, and nothing a third time.
        assert!(wecom.calls("remark") <= before + 2, "{steps} steps");
        let friends = i64::try_from(steps).unwrap() + 1;
        assert_eq!(app.number("SELECT count(*) FROM friend").await, friends, "{steps} steps");
        if done {
            assert!(wecom.calls("add_corp_tag") <= 2);
            return;
        }
    }
    panic!("a friend takes more than {STEPS} steps");
}

async fn a_hand_over_that_breaks_off_at_any_step_takes_a_friend_along_once(app: TestApp) {
    let sides = Sides::new(&app).await;
    let wecom = &sides.wecom;
    for steps in 0..STEPS {
        let external = format!("wm{steps}");
        // The village goes to and fro.
        let ((giver, from), (taker, to)) = match steps % 2 {
            0 => (("Giver", &sides.from), ("Taker", &sides.to)),
            _ => (("Taker", &sides.to), ("Giver", &sides.from)),
        };
        wecom.household(LIUHE, "王建国", &external).await;
        wecom.far.world().befriend(giver, &external, "");
        wecom.go_on().await;
        let before = wecom.calls("transfer_customer");
        let handover = sides.begin(&external, from, to).await;
        let going = async {
            wecom.work().await;
            sides.after(DAY).await;
        };
        let done = done_within(steps, going).await;
        // Days go by below, and after seven of them a transfer is given up.
        assert!(timeout(PATIENCE, app.undone()).await.is_ok(), "{steps} steps");
        sides.after(LET_GO).await;
        let gone = until(async || {
            sides.after(DAY).await;
            sides.count(&handover).await == [1, 0, 0, 0, 0, 0]
                && wecom.remark(taker, &external) == "刘河村1组-王建国"
        });
        assert!(timeout(PATIENCE, gone).await.is_ok(), "{steps} steps");
        assert!(wecom.calls("transfer_customer") <= before + 2, "{steps} steps");
        // Who has gone along stays behind the next time.
        wecom.far.world().member_deletes(taker, &external);
        wecom.go_on().await;
        if done {
            return;
        }
    }
    panic!("a hand-over takes more than {STEPS} steps");
}

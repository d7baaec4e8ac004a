//! Friends who go along with a hand-over.

use std::time::Duration;

use huhutong::demo::wechat::Fault;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, WANGLOU};
use crate::support::friends::Wecom;
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    friends_go_along_after_a_day_and_the_households_with_them,
    who_refuses_is_shown,
    a_taker_without_a_place_is_shown,
    a_hundred_are_handed_over_at_once,
    the_third_time_in_90_days_is_a_state,
    a_lost_answer_hands_over_once,
    what_the_far_side_says_of_single_friends_is_kept_apart,
    a_far_side_that_fails_is_asked_again,
    a_cancelled_hand_over_takes_nobody_along_who_was_not_asked_for,
    friends_of_who_has_left_are_handed_over_too,
    a_taker_who_is_not_known_in_wecom_is_waited_for,
);

pub const DAY: Duration = Duration::from_secs(86_400 + 60);

/// An officer who hands over, and who takes over.
pub struct Sides {
    pub wecom: Wecom,
    pub from: Actor,
    pub to: Actor,
}

impl Sides {
    pub async fn new(app: &TestApp) -> Self {
        let wecom = Wecom::start(app).await;
        let from = wecom.member(LIUHE, "Giver").await;
        let to = app.officer_posted_to(&[]).await;
        wecom.joins(&to, "Taker").await;
        Self { wecom, from, to }
    }

    /// A household whose contact is the giver's friend.
    async fn friend(&self, name: &str, external: &str) -> Value {
        let household = self.wecom.household(LIUHE, name, external).await;
        self.wecom.far.world().befriend("Giver", external, "");
        household
    }

    async fn hand_over(&self, key: &str) -> Value {
        self.between(key, &self.from, &self.to).await
    }

    async fn between(&self, key: &str, from: &Actor, to: &Actor) -> Value {
        let made = self.begin(key, from, to).await;
        self.wecom.work().await;
        made
    }

    /// Begins a hand-over, of which nobody at the far side knows yet.
    pub async fn begin(&self, key: &str, from: &Actor, to: &Actor) -> Value {
        let confirmed = "UPDATE handover SET status = 'CONFIRMED' WHERE status = 'OPEN'";
        self.wecom.app.sql(confirmed).await;
        let input = json!({ "idempotencyKey": key, "fromOfficerId": from.id(), "toOfficerId": to.id(),
                            "villageCodes": [LIUHE] });
        self.wecom.app.county_admin().mutate("handOver", input, "id version").await.done()
    }

    /// How many of a hand-over's friends are how far: moved, waiting, refused, full, too often, failed.
    pub async fn count(&self, handover: &Value) -> [i64; 6] {
        let document = "query($id: ID!) { node(id: $id) { ... on Handover { friends { \
                        moved waiting refused full tooOften failed } } } }";
        let chief = self.wecom.app.chief(CHENJI);
        let answer = chief.query(document, json!({ "id": handover["id"] })).await;
        let friends = answer.at("/node/friends");
        ["moved", "waiting", "refused", "full", "tooOften", "failed"]
            .map(|name| friends[name].as_i64().unwrap())
    }

    pub async fn after(&self, time: Duration) {
        self.wecom.app.advance(time);
        self.wecom.go_on().await;
    }
}

async fn friends_go_along_after_a_day_and_the_households_with_them(app: TestApp) {
    let sides = Sides::new(&app).await;
    sides.friend("王建国", "wm1").await;
    sides.friend("李四", "wm2").await;
    sides.wecom.far.world().befriend("Giver", "wmStranger", "");
    sides.wecom.go_on().await;
    // Whom the giver has in another village stays.
    sides.wecom.household(WANGLOU, "钱七", "wmElsewhere").await;
    sides.wecom.far.world().befriend("Giver", "wmElsewhere", "");
    sides.wecom.go_on().await;
    let handover = sides.hand_over("a").await;
    assert_eq!(sides.count(&handover).await, [0, 3, 0, 0, 0, 0]);
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [3, 0, 0, 0, 0, 0]);
    assert_eq!(
        sides.wecom.roster().await,
        [
            "giver - TRANSFERRED",
            "giver 李四 TRANSFERRED",
            "giver 王建国 TRANSFERRED",
            "giver 钱七 FRIEND",
            "taker - FRIEND",
            "taker 李四 FRIEND",
            "taker 王建国 FRIEND",
        ]
    );
    assert_eq!(sides.wecom.remark("Taker", "wm1"), "刘河村1组-王建国");
    let document =
        "query($id: ID!) { node(id: $id) { ... on Handover { transferCounts { state count } } } }";
    let answer = app.chief(CHENJI).query(document, json!({ "id": handover["id"] })).await;
    assert_eq!(answer.at("/node/transferCounts/1"), &json!({ "state": "ACCEPTED", "count": 2 }));
    assert_eq!(sides.wecom.calls("transfer_customer"), 1);
}

async fn who_refuses_is_shown(app: TestApp) {
    let sides = Sides::new(&app).await;
    sides.friend("王建国", "wm1").await;
    sides.friend("李四", "wm2").await;
    sides.wecom.go_on().await;
    let handover = sides.hand_over("a").await;
    sides.wecom.far.world().refuse_move("Taker", "wm2");
    sides.after(Duration::from_secs(60)).await;
    assert_eq!(sides.count(&handover).await, [0, 1, 1, 0, 0, 0]);
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [1, 0, 1, 0, 0, 0]);
    let document = "query($id: ID!) { node(id: $id) { ... on Handover { \
        friendTransfers(filter: { states: [REFUSED] }) { totalCount edges { node { state askedAt \
        friend { contact { name } } } } } transferCounts { state count } } } }";
    let answer = app.chief(CHENJI).query(document, json!({ "id": handover["id"] })).await;
    let refused = answer.at("/node/friendTransfers");
    assert_eq!(refused["totalCount"], 1);
    assert_eq!(refused["edges"][0]["node"]["friend"]["contact"]["name"], "李四");
    let counts = answer.at("/node/transferCounts");
    assert_eq!(counts[1], json!({ "state": "ACCEPTED", "count": 1 }));
    assert_eq!(counts[2], json!({ "state": "REFUSED", "count": 1 }));
}

async fn a_taker_without_a_place_is_shown(app: TestApp) {
    let sides = Sides::new(&app).await;
    for number in 0..3 {
        sides.friend("王建国", &format!("wm{number}")).await;
    }
    sides.wecom.go_on().await;
    sides.wecom.far.world().contacts.places = 2;
    let handover = sides.hand_over("a").await;
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [2, 0, 0, 1, 0, 0]);
}

async fn a_hundred_are_handed_over_at_once(app: TestApp) {
    let sides = Sides::new(&app).await;
    for number in 0..101 {
        sides.wecom.far.world().befriend("Giver", &format!("wm{number}"), "");
    }
    sides.wecom.go_on().await;
    sides.wecom.far.world().contacts.page_size = 40;
    let handover = sides.hand_over("a").await;
    assert_eq!(sides.wecom.calls("transfer_customer"), 2);
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [101, 0, 0, 0, 0, 0]);
}

async fn the_third_time_in_90_days_is_a_state(app: TestApp) {
    let sides = Sides::new(&app).await;
    sides.friend("王建国", "wm1").await;
    sides.wecom.go_on().await;
    let (from, to) = (&sides.from, &sides.to);
    sides.between("a", from, to).await;
    sides.after(DAY * 8).await;
    sides.between("b", to, from).await;
    sides.after(DAY * 8).await;
    let third = sides.between("c", from, to).await;
    sides.after(DAY).await;
    assert_eq!(sides.count(&third).await, [0, 0, 0, 0, 1, 0]);
    assert_eq!(sides.wecom.calls("transfer_customer"), 2);
    sides.after(DAY * 91).await;
    let fourth = sides.between("d", to, from).await;
    assert_eq!(sides.count(&fourth).await, [0, 0, 0, 0, 0, 0]);
    let fifth = sides.between("e", from, to).await;
    // What became of the first time is not taken for what becomes of this one.
    sides.after(DAY / 2).await;
    assert_eq!(sides.count(&fifth).await, [0, 1, 0, 0, 0, 0]);
    sides.after(DAY).await;
    assert_eq!(sides.count(&fifth).await, [1, 0, 0, 0, 0, 0]);
}

async fn a_lost_answer_hands_over_once(app: TestApp) {
    let sides = Sides::new(&app).await;
    sides.friend("王建国", "wm1").await;
    sides.wecom.go_on().await;
    let call = "externalcontact/transfer_customer";
    sides.wecom.far.world().misbehave(call, Fault::LoseAnswer, 1);
    let handover = sides.hand_over("a").await;
    sides.after(Duration::from_secs(60)).await;
    assert_eq!(sides.count(&handover).await, [0, 1, 0, 0, 0, 0]);
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [1, 0, 0, 0, 0, 0]);
}

async fn what_the_far_side_says_of_single_friends_is_kept_apart(app: TestApp) {
    let sides = Sides::new(&app).await;
    sides.friend("王建国", "wm1").await;
    sides.friend("李四", "wmGone").await;
    sides.wecom.go_on().await;
    sides.wecom.far.world().delivering = huhutong::demo::wechat::Delivering::Not;
    sides.wecom.far.world().member_deletes("Giver", "wmGone");
    let handover = sides.hand_over("a").await;
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [1, 0, 0, 0, 0, 1]);
    let states = "SELECT CAST(api_error AS bigint) FROM friend_transfer WHERE state = 'NO_FRIEND'";
    assert_eq!(app.number(states).await, 40131);
}

async fn a_far_side_that_fails_is_asked_again(app: TestApp) {
    let sides = Sides::new(&app).await;
    sides.friend("王建国", "wm1").await;
    sides.wecom.go_on().await;
    for fault in [Fault::Refuse(-1), Fault::Refuse(45009), Fault::Gateway, Fault::Close] {
        for call in ["transfer_customer", "transfer_result"] {
            sides.wecom.far.world().misbehave(&format!("externalcontact/{call}"), fault, 1);
        }
    }
    let handover = sides.hand_over("a").await;
    for _ in 0..8 {
        sides.after(Duration::from_secs(601)).await;
    }
    assert_eq!(sides.count(&handover).await, [0, 1, 0, 0, 0, 0]);
    for _ in 0..8 {
        sides.after(DAY / 4).await;
    }
    assert_eq!(sides.count(&handover).await, [1, 0, 0, 0, 0, 0]);
}

async fn a_cancelled_hand_over_takes_nobody_along_who_was_not_asked_for(app: TestApp) {
    let sides = Sides::new(&app).await;
    sides.friend("王建国", "wm1").await;
    sides.wecom.go_on().await;
    let call = "externalcontact/transfer_customer";
    sides.wecom.far.world().misbehave(call, Fault::Refuse(45009), 1);
    let handover = sides.hand_over("a").await;
    let input = json!({ "handoverId": handover["id"], "expectedVersion": 1 });
    app.county_admin().mutate("cancelHandover", input, "id").await.done();
    sides.wecom.work().await;
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [0, 0, 0, 0, 0, 0]);
    assert_eq!(sides.wecom.roster().await, ["giver 王建国 FRIEND"]);
    assert_eq!(sides.wecom.calls("transfer_customer"), 1);
}

async fn friends_of_who_has_left_are_handed_over_too(app: TestApp) {
    let sides = Sides::new(&app).await;
    sides.friend("王建国", "wm1").await;
    sides.wecom.go_on().await;
    let call = "externalcontact/transfer_customer";
    sides.wecom.far.world().misbehave(call, Fault::Refuse(45009), 1);
    let handover = sides.hand_over("a").await;
    let document = "query($id: ID!) { officer(id: $id) { version } }";
    let admin = app.county_admin();
    let answer = admin.query(document, json!({ "id": sides.from.id() })).await;
    let input =
        json!({ "officerId": sides.from.id(), "expectedVersion": answer.at("/officer/version") });
    admin.mutate("deactivateOfficer", input, "id").await.done();
    sides.wecom.far.world().resign("Giver");
    sides.after(Duration::from_secs(61)).await;
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [1, 0, 0, 0, 0, 0]);
    assert_eq!(sides.wecom.calls("resigned/transfer_customer"), 1);
    assert_eq!(sides.wecom.roster().await, ["giver 王建国 TRANSFERRED", "taker 王建国 FRIEND"]);
}

async fn a_taker_who_is_not_known_in_wecom_is_waited_for(app: TestApp) {
    let wecom = Wecom::start(&app).await;
    let from = wecom.member(LIUHE, "Giver").await;
    let to = app.officer_posted_to(&[]).await;
    let sides = Sides { wecom, from, to };
    sides.friend("王建国", "wm1").await;
    sides.wecom.go_on().await;
    let handover = sides.hand_over("a").await;
    assert_eq!(sides.count(&handover).await, [0, 1, 0, 0, 0, 0]);
    assert_eq!(sides.wecom.calls("transfer_customer"), 0);
    sides.wecom.joins(&sides.to, "Taker").await;
    sides.after(Duration::from_secs(601)).await;
    sides.after(DAY).await;
    assert_eq!(sides.count(&handover).await, [1, 0, 0, 0, 0, 0]);
}

//! What people may do, and doing it through the public API.

use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;

use crate::support::{Actor, TestApp, Value, json};

/// Everything happens at whole hours of these.
pub const HOURS: i64 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Pass,
    Post,
    EndPosting,
    HandOver,
    CancelHandover,
    Leave,
    CancelLeave,
    Deactivate,
    Register,
    Import,
    RollBack,
    Visit,
    Enrol,
    RemoveContact,
    Withdraw,
    ChangeStatus,
    Inquire,
    Resolve,
    Merge,
    UndoMerge,
    MoveHouseholds,
    MergeVillages,
    MoveVillage,
    SplitVillage,
}

/// Something to be done. The numbers choose among what there is.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub what: What,
    numbers: [usize; 3],
}

pub fn step() -> impl Strategy<Value = Step> {
    let what = prop_oneof![
        6 => Just(What::Pass),
        4 => Just(What::Post),
        5 => Just(What::EndPosting),
        6 => Just(What::HandOver),
        4 => Just(What::CancelHandover),
        7 => Just(What::Leave),
        4 => Just(What::CancelLeave),
        3 => Just(What::Deactivate),
        8 => Just(What::Register),
        5 => Just(What::Import),
        3 => Just(What::RollBack),
        5 => Just(What::Visit),
        8 => Just(What::Enrol),
        3 => Just(What::RemoveContact),
        3 => Just(What::Withdraw),
        3 => Just(What::ChangeStatus),
        5 => Just(What::Inquire),
        4 => Just(What::Resolve),
        4 => Just(What::Merge),
        6 => Just(What::UndoMerge),
        3 => Just(What::MoveHouseholds),
        3 => Just(What::MergeVillages),
        2 => Just(What::MoveVillage),
        3 => Just(What::SplitVillage),
    ];
    let number = 0..1000_usize;
    (what, [number.clone(), number.clone(), number])
        .prop_map(|(what, numbers)| Step { what, numbers })
}

/// What came of a step: how it went, and how many households there are more.
pub struct Done {
    pub outcome: String,
    pub more: i64,
}

pub const STAFF: &str = "{ officers(filter: { roles: [OFFICER] }, first: 20) { edges { node { id version \
    postings(first: 40) { edges { node { id version village { code } officer { id } } } } \
    leaves(first: 40) { edges { node { id version } } } } } } \
    handovers(first: 40) { edges { node { id version } } } }";
pub const HOUSEHOLDS: &str = "{ households(first: 100) { edges { node { id version township { code } \
    contacts(first: 5) { edges { node { id version } } } \
    inquiries(first: 5) { edges { node { id version } } } \
    merges(first: 5) { edges { node { id undoneAt } } } } } } }";
pub const PLACES: &str = "{ villages(first: 100) { edges { node { code } } } \
    importBatches(first: 20) { edges { node { id createdCount } } } }";

/// The nodes of a connection, or of those of many parents.
pub fn nodes(data: &Value, path: &[&str]) -> Vec<Value> {
    let mut found = vec![data.clone()];
    for name in path {
        let edges =
            found.iter().flat_map(|one| one[name]["edges"].as_array().into_iter().flatten());
        found = edges.map(|edge| edge["node"].clone()).collect();
    }
    found
}

/// Chooses among what there is by a step's numbers.
pub struct Chooser<'a> {
    pub app: &'a TestApp,
    pub admin: Actor,
    pub numbers: [usize; 3],
}

impl Chooser<'_> {
    /// One of what there is; null when there is nothing, which the service refuses.
    pub async fn one(&self, number: usize, document: &str, path: &[&str]) -> Value {
        let mut all = nodes(self.admin.query(document, json!({})).await.data(), path);
        // An undone merge is not undone again.
        all.retain(|one| one["undoneAt"].is_null());
        let chosen = self.numbers[number].checked_rem(all.len()).map(|place| all[place].clone());
        chosen.unwrap_or_default()
    }

    pub async fn village(&self, number: usize) -> Value {
        self.one(number, PLACES, &["villages"]).await["code"].clone()
    }

    pub async fn household(&self, number: usize) -> Value {
        self.one(number, HOUSEHOLDS, &["households"]).await
    }

    pub async fn officer(&self, number: usize) -> Value {
        self.one(number, STAFF, &["officers"]).await
    }

    pub fn later(&self, number: usize, most: usize) -> String {
        let steps = i64::try_from(self.numbers[number] % most).unwrap();
        (self.app.now() + TimeDelta::hours(HOURS * steps)).to_rfc3339()
    }

    pub fn word<'a>(&self, number: usize, words: &[&'a str]) -> &'a str {
        words[self.numbers[number] % words.len()]
    }

    /// A file with rows that are new, known, alike and wrong.
    async fn import(&self) -> Done {
        let (village, other) = (self.village(0).await, self.village(1).await);
        let (village, other) =
            (village.as_str().expect("a village"), other.as_str().expect("a village"));
        let name = self.word(2, &["王建国", "王建囯", "李秀英"]);
        let file = format!(
            "村代码,组,户主标签,人数,电话\n{village},1,1组-{name},3,10000000001\n\
            {village},1,1组-王建军,2,\n{other},2,{name},5,10000000002\n{other},x,{name},5,\n"
        );
        let dry_run = self.numbers[2].is_multiple_of(5);
        let batch = self.admin.start_import(file, dry_run).await;
        self.app.do_imports().await;
        let batch = self.admin.batch(&batch).await;
        assert_eq!((&batch["state"], &batch["rowCount"]), (&json!("DONE"), &json!(4)));
        let created = batch["createdCount"].as_i64().unwrap();
        Done { outcome: "ok".to_owned(), more: if dry_run { 0 } else { created } }
    }

    async fn roll_back(&self) -> Done {
        let newest = Self { numbers: [0; 3], app: self.app, admin: self.admin.clone() };
        let batch = newest.one(0, PLACES, &["importBatches"]).await;
        let answer =
            self.admin.mutate("rollBackImport", json!({ "batchId": batch["id"] }), "id").await;
        self.app.do_imports().await;
        let gone = if answer.outcome() == "ok" {
            let after = self.admin.batch(&batch).await;
            assert_eq!(after["state"], "ROLLED_BACK");
            batch["createdCount"].as_i64().unwrap()
        } else {
            0
        };
        Done { outcome: answer.outcome(), more: -gone }
    }
}

/// What takes an idempotency key.
const CREATING: [&str; 13] = [
    "postOfficer",
    "handOver",
    "planLeave",
    "registerHousehold",
    "recordVisit",
    "enrolContact",
    "withdrawConsent",
    "submitInquiry",
    "mergeHouseholds",
    "moveHouseholds",
    "mergeVillages",
    "moveVillage",
    "splitVillage",
];

pub async fn take(app: &TestApp, step: Step) -> Done {
    let chooser = Chooser { app, admin: app.county_admin(), numbers: step.numbers };
    match step.what {
        What::Pass => {
            let hours = HOURS.unsigned_abs() * (step.numbers[0] as u64 % 5 + 1);
            app.advance(Duration::from_secs(hours * 3600));
            return Done { outcome: "ok".to_owned(), more: 0 };
        }
        What::Import => return chooser.import().await,
        What::RollBack => return chooser.roll_back().await,
        _ => {}
    }
    let (name, mut input) = chooser.mutation(step.what).await;
    if CREATING.contains(&name) {
        input["idempotencyKey"] = json!(app.service().new_id());
    }
    let outcome = chooser.admin.mutate(name, input, "__typename").await.outcome();
    let more = match (step.what, outcome.as_str()) {
        (What::Register, "ok") => 1,
        (What::Merge, "ok") => -1,
        (What::UndoMerge, "ok") => 1,
        _ => 0,
    };
    Done { outcome, more }
}

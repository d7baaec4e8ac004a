//! An app that works where there is no network.

use std::collections::BTreeMap;

use huhutong::id::{GlobalId, Kind};
use serde_json::{Value, json};

use super::actor::Actor;
use super::answer::Answer;
use super::app::TestApp;

/// What an app keeps of a household.
pub const KEPT: &str = "id version label door status peopleCount nextVisitOn reachable address \
    group { number } lastVisit { at outcome } \
    contacts(first: 5) { edges { node { id name phone hasWechat version } } }";

/// The global id of a village.
pub fn village_id(code: &str) -> String {
    GlobalId::new(Kind::Village, code).to_string()
}

/// The field book on a device.
pub struct FieldBook {
    actor: Actor,
    villages: Vec<String>,
    /// What it has, by the households' ids.
    pub households: BTreeMap<String, Value>,
    /// Where it stands.
    pub cursor: Option<String>,
    /// How many households it takes at once.
    pub first: i32,
    /// What it was told to delete last, and why.
    pub removed: Vec<(String, String)>,
}

impl FieldBook {
    pub fn of(actor: &Actor, villages: &[&str]) -> Self {
        Self {
            actor: actor.clone(),
            villages: villages.iter().map(|code| village_id(code)).collect(),
            households: BTreeMap::new(),
            cursor: None,
            first: 100,
            removed: Vec::new(),
        }
    }

    /// Takes along other villages from now on.
    pub fn take(&mut self, villages: &[&str]) {
        self.villages = villages.iter().map(|code| village_id(code)).collect();
    }

    /// What the service answers next.
    pub async fn ask(&self, wanted: &str) -> Answer {
        let document = format!(
            "query($villages: [ID!]!, $since: String, $first: Int!) {{ \
             fieldBook(villages: $villages, since: $since, first: $first) {{ {wanted} }} }}"
        );
        let variables =
            json!({ "villages": self.villages, "since": self.cursor, "first": self.first });
        self.actor.query(&document, variables).await
    }

    /// Takes one part of what is new: how many households came, and whether there is more.
    pub async fn page(&mut self) -> (usize, bool) {
        let wanted = format!(
            "upserts {{ {KEPT} }} removals {{ householdId reason survivor {{ id }} }} cursor hasNextPage"
        );
        let answer = self.ask(&wanted).await;
        let book = answer.at("/fieldBook");
        let upserts = book["upserts"].as_array().expect("a field book");
        for household in upserts {
            let id = household["id"].as_str().unwrap().to_owned();
            self.households.insert(id, household.clone());
        }
        self.removed = Vec::new();
        for removal in book["removals"].as_array().unwrap() {
            let text = |name: &str| removal[name].as_str().unwrap().to_owned();
            self.households.remove(&text("householdId"));
            self.removed.push((text("householdId"), text("reason")));
        }
        self.cursor = Some(book["cursor"].as_str().unwrap().to_owned());
        (upserts.len(), book["hasNextPage"] == true)
    }

    /// Takes all that is new, once it can be read: how many households came.
    pub async fn sync(&mut self, app: &TestApp) -> usize {
        app.event_cursor().await;
        let (mut count, mut more) = self.page().await;
        while more {
            let (next, goes_on) = self.page().await;
            (count, more) = (count + next, goes_on);
        }
        count
    }

    /// The labels that it has.
    pub fn labels(&self) -> Vec<&str> {
        let mut labels: Vec<&str> =
            self.households.values().map(|one| one["label"].as_str().unwrap()).collect();
        labels.sort_unstable();
        labels
    }
}

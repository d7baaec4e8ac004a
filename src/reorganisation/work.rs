//! A change of the division tree in progress: one transaction in which everything moves along. A preview
//! is the same work, undone at its end.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use entity::reorganisation::Kind;
use entity::{posting, village_group};
use serde_json::json;
use uuid::Uuid;

use super::graphql::{ReorganisedDivision, Summary};
use super::rules::{MAX_GROUP, Plan, has_ended};
use super::{Reorganisation, store};
use crate::access::Act;
use crate::db::{Key, Tx};
use crate::division::{Village, lock_living};
use crate::error::{self, Error, Result, UserErrorCode};
use crate::event::{self, Draft};
use crate::household::{Household, changed};
use crate::id::{self, GlobalId};
use crate::inquiry;
use crate::officer::require_officer;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::Date;

/// A change in progress.
pub struct Work<'a> {
    /// Its transaction.
    pub tx: Tx,
    /// The first day on which it is so.
    pub day: NaiveDate,
    request: &'a Request,
    now: DateTime<Utc>,
    id: Uuid,
    kind: Kind,
    dry_run: bool,
    summary: Summary,
    before: BTreeMap<String, i64>,
    names: HashMap<String, String>,
}

impl<'a> Work<'a> {
    /// Begins, or gives what was made before under the same key.
    pub async fn begin(
        plan: Plan<'a>,
        act: Act,
        kind: Kind,
    ) -> Result<std::result::Result<Self, Reorganisation>> {
        let Plan { request, once, effective_on: day, dry_run } = plan;
        let now = request.service().clock.now();
        let id = request.new_id();
        let tx = request.begin(act).await?;
        if !dry_run && let Some(first) = once.claim(&tx, id, now).await? {
            let first: Option<Reorganisation> = record::one(&tx, &first.into(), ()).await?;
            return Ok(Err(expected(first, "idempotencyKey")?));
        }
        let work = Self {
            tx,
            day,
            request,
            now,
            id,
            kind,
            dry_run,
            summary: Summary::default(),
            before: BTreeMap::new(),
            names: HashMap::new(),
        };
        work.check_day(None)?;
        Ok(Ok(work))
    }

    /// Checks that the day lies after a division's last change, and not in the future.
    pub fn check_day(&self, last_change: Option<Date>) -> Result<()> {
        let late_enough = last_change.is_none_or(|last| self.day > last.0);
        if late_enough && self.day <= self.request.service().clock.today() {
            return Ok(());
        }
        Err(Error::user(
            UserErrorCode::Invalid,
            "effectiveOn",
            "生效日期应晚于上一次变更，且不晚于今天。",
            "The day must lie after the division's last change, and not in the future.",
        ))
    }

    /// Locks living villages, in the order of their codes so that two changes do not wait for each other,
    /// and gives them in the order in which they were named.
    pub async fn lock(&mut self, codes: &[String], field: &str) -> Result<Vec<Village>> {
        let mut sorted = codes.to_vec();
        sorted.sort();
        let mut locked: HashMap<String, Village> = HashMap::new();
        for code in sorted {
            let village = expected(lock_living(&self.tx, &code, true).await?, field)?;
            if village.code.0 != code {
                return Err(has_ended(field));
            }
            self.check_day(village.valid_from)?;
            self.names.insert(code.clone(), village.name.clone());
            locked.insert(code, village);
        }
        codes.iter().map(|code| locked.remove(code).ok_or_else(Error::not_found)).collect()
    }

    /// Founds a village.
    pub async fn found(&mut self, code: String, township: &str, name: String) -> Result<Village> {
        if !code.starts_with(township) {
            return Err(Error::user(
                UserErrorCode::Invalid,
                "newCode",
                "村代码的前9位应为所属乡镇的代码。",
                "A village's code begins with its township's code.",
            ));
        }
        store::found(&self.tx, &code, township, &name, self.day).await?;
        self.names.insert(code.clone(), name);
        let village = record::one(&self.tx, &Key::Code(code), Default::default()).await?;
        expected(village, "newCode")
    }

    /// Counts the households of these villages and of their townships before anything moves.
    pub async fn count(&mut self, villages: &[String]) -> Result<()> {
        self.before = store::count(&self.tx, villages).await?;
        Ok(())
    }

    /// Groups are followed by new ones in `target`, numbered from `offset` on.
    pub async fn follow(
        &mut self,
        groups: Vec<village_group::Model>,
        target: &Village,
        offset: i32,
    ) -> Result<()> {
        if groups.iter().any(|group| group.number + offset > MAX_GROUP) {
            return Err(Error::user(
                UserErrorCode::Invalid,
                "",
                "合并后组号将超过99。",
                "The groups would be numbered beyond 99.",
            ));
        }
        self.summary.groups += i64::try_from(groups.len()).unwrap_or(i64::MAX);
        store::follow(&self.tx, groups, target, offset, self.day).await
    }

    /// Ends a village, whose place another one takes.
    pub async fn end(&mut self, village: &Village, target: &Village) -> Result<()> {
        store::end(&self.tx, &village.code.0, &target.code.0, self.day).await
    }

    /// Moves the households of groups that were followed, and their open inquiries.
    pub async fn move_along(&mut self, villages: &[String]) -> Result<()> {
        let moved = store::followed(&self.tx).await?;
        self.tell(moved);
        store::move_followed(&self.tx, self.now).await?;
        self.follow_inquiries(villages).await
    }

    /// Moves single households to a group of `target`, and their open inquiries.
    pub async fn move_some(&mut self, ids: &[Key], target: &Village, group: &str) -> Result<()> {
        let households = store::households(&self.tx, ids).await?;
        if households.len() != ids.len() {
            return Err(Error::user(
                UserErrorCode::NotFound,
                "householdIds",
                "有住户没有找到。",
                "Some of the households were not found.",
            ));
        }
        let place = (target.code.0.clone(), target.township_code.clone());
        let moved = households.into_iter().map(|before| {
            let after = Household {
                village_code: place.0.clone(),
                township_code: place.1.clone(),
                group_code: group.to_owned(),
                ..before.clone()
            };
            (before, after)
        });
        self.tell(moved.collect());
        store::move_some(&self.tx, ids, target, group, self.now).await?;
        let villages: Vec<String> = self.names.keys().cloned().collect();
        self.follow_inquiries(&villages).await
    }

    fn tell(&mut self, moved: Vec<(Household, Household)>) {
        for (before, after) in moved {
            self.summary.households += 1;
            self.summary.people += i64::from(before.people_count);
            self.tx.record(changed(&before, &after, self.now));
        }
    }

    async fn follow_inquiries(&mut self, villages: &[String]) -> Result<()> {
        let moved = inquiry::follow_households(&mut self.tx, villages, self.now).await?;
        self.summary.open_inquiries += moved;
        Ok(())
    }

    /// Posts the officers of a village to `target` as well, or, when the village ends, instead.
    pub async fn take_postings(
        &mut self,
        village: &Village,
        target: &Village,
        instead: bool,
    ) -> Result<()> {
        let postings = store::postings(&self.tx, &village.code.0, self.now).await?;
        let there = store::postings(&self.tx, &target.code.0, self.now).await?;
        let led = there.iter().any(|posting| posting.duty == posting::Duty::Lead);
        let mut added = Vec::new();
        for old in &postings {
            self.tell_posting(old);
            self.summary.postings += 1;
            // Who looks after the other village already, without an end, needs no second posting.
            if there.iter().any(|one| one.officer_id == old.officer_id && one.ends_at.is_none()) {
                continue;
            }
            let new = posting::Model {
                id: self.request.new_id(),
                village_code: target.code.0.clone(),
                township_code: target.township_code.clone(),
                duty: if led && old.duty == posting::Duty::Lead {
                    posting::Duty::Auxiliary
                } else {
                    old.duty
                },
                starts_at: old.starts_at.max(self.now),
                version: 1,
                ..old.clone()
            };
            self.tell_posting(&new);
            added.push(new);
        }
        store::add_postings(&self.tx, added).await?;
        if instead {
            store::end_postings(&self.tx, &postings, self.now).await?;
        }
        Ok(())
    }

    fn tell_posting(&mut self, posting: &posting::Model) {
        self.tx.record(Draft {
            kind: event::Kind::PostingChanged,
            at: self.now,
            place: Some((posting.village_code.clone(), posting.township_code.clone())),
            household_id: None,
            subject_id: posting.id,
            detail: json!({ "officer": posting.officer_id }),
        });
    }

    /// Checks that every household has an officer, writes down what was made, and makes it last; or undoes
    /// it, when it was a preview.
    pub async fn finish(mut self, divisions: &[String]) -> Result<Reorganisation> {
        let after = store::count(&self.tx, divisions).await?;
        for code in divisions.iter().filter(|code| after.get(*code).is_some_and(|n| *n > 0)) {
            self.require_officer(code).await?;
        }
        self.summary.numbers = differences(&self.before, &after);
        let made = Reorganisation {
            id: GlobalId::new(id::Kind::Reorganisation, self.id),
            kind: self.kind.into(),
            effective_on: Date(self.day),
            made_at: self.now,
            dry_run: self.dry_run,
            summary: self.summary,
            officer_id: self.request.actor().is_signed_in().then(|| self.request.actor().id),
        };
        if !self.dry_run {
            store::insert(&self.tx, &made).await?;
            self.tx.record(Draft {
                kind: event::Kind::DivisionChanged,
                at: self.now,
                place: None,
                household_id: None,
                subject_id: self.id,
                detail: json!({ "divisions": divisions }),
            });
            self.tx.commit().await?;
        }
        Ok(made)
    }

    async fn require_officer(&self, code: &str) -> Result<()> {
        let checked = require_officer(&self.tx, code, self.now).await;
        let Err(Error { kind: error::Kind::User(UserErrorCode::WithoutOfficer, _), .. }) = checked
        else {
            return checked;
        };
        let name = self.names.get(code).map_or(code, String::as_str);
        Err(Error::user(
            UserErrorCode::WithoutOfficer,
            "",
            format!("{name}（{code}）将没有包村民警，请先安排。"),
            format!("Nobody would look after {name} ({code}). Post an officer there first."),
        ))
    }
}

fn differences(
    before: &BTreeMap<String, i64>,
    after: &BTreeMap<String, i64>,
) -> Vec<ReorganisedDivision> {
    let of = |counts: &BTreeMap<String, i64>, code| counts.get(code).copied().unwrap_or(0);
    let mut codes: Vec<&String> = before.keys().chain(after.keys()).collect();
    codes.sort();
    codes.dedup();
    codes
        .into_iter()
        .map(|code| ReorganisedDivision {
            code: code.clone(),
            households_before: of(before, code),
            households_after: of(after, code),
        })
        .filter(|one| one.households_before != one.households_after)
        .collect()
}

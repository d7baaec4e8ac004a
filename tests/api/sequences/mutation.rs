//! The mutation that a step is, with its input.

use chrono::TimeDelta;

use super::step::{Chooser, HOURS, HOUSEHOLDS, STAFF, What, nodes};
use crate::support::county::{CHENJI, MANGSHAN};
use crate::support::{Value, json};

impl Chooser<'_> {
    /// The mutation that a step is, and its input.
    pub async fn mutation(&self, what: What) -> (&'static str, Value) {
        match what {
            What::Pass | What::Import | What::RollBack => {
                unreachable!("{what:?} is no mutation alone")
            }
            What::Post
            | What::EndPosting
            | What::HandOver
            | What::CancelHandover
            | What::Leave
            | What::CancelLeave
            | What::Deactivate => self.staff(what).await,
            What::MoveHouseholds | What::MergeVillages | What::MoveVillage | What::SplitVillage => {
                self.division(what).await
            }
            _ => self.home(what).await,
        }
    }

    async fn staff(&self, what: What) -> (&'static str, Value) {
        match what {
            What::Post => (
                "postOfficer",
                json!({ "officerId": self.officer(0).await["id"],
                "villageCode": self.village(1).await, "duty": "AUXILIARY", "startsAt": self.later(2, 12) }),
            ),
            What::EndPosting => {
                let one = self.one(0, STAFF, &["officers", "postings"]).await;
                (
                    "endPosting",
                    json!({ "postingId": one["id"], "expectedVersion": one["version"],
                                       "endsAt": self.later(1, 12) }),
                )
            }
            What::HandOver => {
                let one = self.one(0, STAFF, &["officers", "postings"]).await;
                (
                    "handOver",
                    json!({ "fromOfficerId": one["officer"]["id"], "toOfficerId": self.officer(1).await["id"],
                    "villageCodes": [one["village"]["code"]], "overlapUntil": self.later(2, 16) }),
                )
            }
            What::CancelHandover => {
                let one = self.one(0, STAFF, &["handovers"]).await;
                (
                    "cancelHandover",
                    json!({ "handoverId": one["id"], "expectedVersion": one["version"] }),
                )
            }
            What::Leave => {
                let ends_at = self.app.now() + TimeDelta::hours(HOURS * 16);
                (
                    "planLeave",
                    json!({ "officerId": self.officer(0).await["id"],
                    "coverOfficerId": self.officer(1).await["id"], "startsAt": self.later(2, 12),
                    "endsAt": ends_at.to_rfc3339() }),
                )
            }
            What::CancelLeave => {
                let one = self.one(0, STAFF, &["officers", "leaves"]).await;
                ("cancelLeave", json!({ "leaveId": one["id"], "expectedVersion": one["version"] }))
            }
            _ => {
                let one = self.officer(0).await;
                (
                    "deactivateOfficer",
                    json!({ "officerId": one["id"], "expectedVersion": one["version"] }),
                )
            }
        }
    }

    async fn home(&self, what: What) -> (&'static str, Value) {
        let home = self.household(0).await;
        let (id, version) = (&home["id"], &home["version"]);
        match what {
            What::Register => (
                "registerHousehold",
                json!({ "villageCode": self.village(0).await,
                "groupNumber": self.numbers[1] % 3 + 1, "label": self.word(2, &["1组-王建国", "李秀英", "😀"]),
                "peopleCount": self.numbers[2] % 7 }),
            ),
            What::Visit => {
                let outcomes = [
                    "MET",
                    "NOBODY_HOME",
                    "CONTACT_CONFIRMED",
                    "DECLINED",
                    "MOVED_AWAY",
                    "NO_SMARTPHONE",
                    "VACANT",
                ];
                let at =
                    self.app.now() - TimeDelta::hours(i64::try_from(self.numbers[2] % 30).unwrap());
                (
                    "recordVisit",
                    json!({ "householdId": id, "outcome": self.word(1, &outcomes),
                                        "note": "走访所知", "visitedAt": at.to_rfc3339() }),
                )
            }
            What::Enrol => (
                "enrolContact",
                json!({ "householdId": id, "name": self.word(1, &["王建国", "李秀英"]),
                "phone": format!("100{:08}", self.numbers[2] % 5), "consent": self.app.consent(),
                "standing": self.word(1, &["PRIMARY", "BACKUP", "CARETAKER"]) }),
            ),
            What::RemoveContact => {
                let enrolled = HOUSEHOLDS
                    .replace("first: 100", "first: 100, filter: { statuses: [ENROLLED] }");
                let home = self.one(0, &enrolled, &["households"]).await;
                let contact = nodes(&home, &["contacts"]).pop().unwrap_or_default();
                let input = json!({ "householdId": home["id"], "contactId": contact["id"],
                                    "expectedVersion": home["version"] });
                ("removeContact", input)
            }
            What::Withdraw => {
                let contact = self.one(0, HOUSEHOLDS, &["households", "contacts"]).await;
                ("withdrawConsent", json!({ "contactId": contact["id"] }))
            }
            What::ChangeStatus => {
                let statuses =
                    ["UNVISITED", "VISITED", "DECLINED", "MOVED_AWAY", "NO_SMARTPHONE", "VACANT"];
                (
                    "updateHousehold",
                    json!({ "householdId": id, "expectedVersion": version,
                    "status": self.word(1, &statuses), "statusReason": "走访所知",
                    "peopleCount": self.numbers[2] % 9 }),
                )
            }
            What::Inquire => (
                "submitInquiry",
                json!({ "householdId": id, "category": "BIRTH_REGISTRATION",
                                                       "text": "新生儿上户口需要哪些材料？" }),
            ),
            What::Resolve => {
                let inquiry = self.one(0, HOUSEHOLDS, &["households", "inquiries"]).await;
                (
                    "resolveInquiry",
                    json!({ "inquiryId": inquiry["id"], "expectedVersion": inquiry["version"] }),
                )
            }
            What::Merge => {
                let neighbours = format!(
                    "{{ households(first: 100, filter: {{ townshipCode: {} }}) {{ edges {{ node {{ id version }} }} }} }}",
                    home["township"]["code"]
                );
                let other = self.one(1, &neighbours, &["households"]).await;
                let side = self.word(2, &["SURVIVOR", "MERGED"]);
                (
                    "mergeHouseholds",
                    json!({ "survivorId": id, "survivorVersion": version,
                    "mergedId": other["id"], "mergedVersion": other["version"],
                    "take": { "peopleCount": side, "status": side, "place": side } }),
                )
            }
            _ => {
                let merge = self.one(0, HOUSEHOLDS, &["households", "merges"]).await;
                ("undoMerge", json!({ "mergeId": merge["id"] }))
            }
        }
    }

    async fn division(&self, what: What) -> (&'static str, Value) {
        let (village, other) = (self.village(0).await, self.village(1).await);
        let number = 400 + self.app.number("SELECT count(*) FROM village").await;
        match what {
            What::MoveHouseholds => (
                "moveHouseholds",
                json!({ "householdIds": [self.household(0).await["id"]],
                "villageCode": other, "groupNumber": self.numbers[2] % 3 + 1 }),
            ),
            What::MergeVillages => {
                ("mergeVillages", json!({ "villageCodes": [village], "intoCode": other }))
            }
            What::MoveVillage => {
                let township = self.word(1, &[MANGSHAN, CHENJI]);
                (
                    "moveVillage",
                    json!({ "villageCode": village, "townshipCode": township,
                                        "newCode": format!("{township}{number}") }),
                )
            }
            _ => {
                let township = village.as_str().expect("a village")[..9].to_owned();
                (
                    "splitVillage",
                    json!({ "villageCode": village, "newCode": format!("{township}{number}"),
                                         "name": "新村", "groupNumbers": [self.numbers[1] % 2 + 1] }),
                )
            }
        }
    }
}

//! Who and what there is in the county: callers of every role, households, contacts, inquiries.

use chrono::TimeDelta;
use entity::officer;
use huhutong::actor::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::{Actor, uuid_of};
use super::app::TestApp;
use super::county;

/// Tokens of tests outlive every test, unless a test is about that.
const LIFE: TimeDelta = TimeDelta::days(3650);

impl TestApp {
    fn signed_in(&self, role: Role, id: Uuid) -> Actor {
        let (token, _) = self.service().tokens.issue(role, id, None, LIFE).unwrap();
        Actor::new(self.clone(), id, Some(token))
    }

    pub fn anonymous(&self) -> Actor {
        Actor::new(self.clone(), Uuid::nil(), None)
    }

    /// Somebody with this access token.
    pub fn bearer(&self, token: &str) -> Actor {
        Actor::new(self.clone(), Uuid::nil(), Some(token.to_owned()))
    }

    pub fn county_admin(&self) -> Actor {
        self.signed_in(Role::CountyAdmin, county::ADMIN)
    }

    pub fn analyst(&self) -> Actor {
        self.signed_in(Role::Analyst, county::ANALYST)
    }

    pub fn auditor(&self) -> Actor {
        self.signed_in(Role::Auditor, county::AUDITOR)
    }

    pub fn chief(&self, township: &str) -> Actor {
        self.signed_in(Role::StationChief, county::chief(township))
    }

    /// The officer who looks after a village from the beginning.
    pub fn lead(&self, village: &str) -> Actor {
        self.signed_in(Role::Officer, county::lead(village))
    }

    /// A new officer, posted to these villages since yesterday.
    pub async fn officer_posted_to(&self, villages: &[&str]) -> Actor {
        let (id, since) = (self.service().new_id(), self.now() - TimeDelta::days(1));
        let township = villages.first().map_or(county::CHENJI, |one| county::township_of(one));
        let name = format!("officer-{}", &id.simple().to_string()[20..]);
        let station = Some(county::station(township));
        let raw = self.raw().await;
        let row = county::staff(id, &name, officer::Role::Officer, station, since);
        county::add(&raw, row).await;
        for village in villages {
            let posting = county::posted(self.service().new_id(), id, village, since);
            county::add(&raw, posting).await;
        }
        raw.close().await.unwrap();
        self.signed_in(Role::Officer, id)
    }

    /// Ends an officer's posting to a village now.
    pub async fn end_posting_of(&self, officer: &Actor, village: &str) {
        let document = "query($id: ID!) { officer(id: $id) { postings { edges { node { id version \
                        village { code } } } } } }";
        let admin = self.county_admin();
        let answer = admin.query(document, json!({ "id": officer.id() })).await;
        let postings = answer.at("/officer/postings/edges").as_array().unwrap();
        let posting = postings.iter().find(|edge| edge["node"]["village"]["code"] == village);
        let posting = &posting.expect("a posting")["node"];
        let input = json!({ "postingId": posting["id"], "expectedVersion": posting["version"] });
        admin.mutate("endPosting", input, "id").await.done();
    }

    /// A new primary contact of a household.
    pub async fn resident_of(&self, household: &Value) -> Actor {
        let contact = self.contact_of(household, "王建国").await;
        self.signed_in(Role::Resident, uuid_of(&contact))
    }

    /// A contact, signed in.
    pub fn resident(&self, contact: &Value) -> Actor {
        self.signed_in(Role::Resident, uuid_of(contact))
    }

    /// A new primary contact of a household: id, name, version.
    pub async fn contact_of(&self, household: &Value, name: &str) -> Value {
        let number = self.service().new_id().as_u128() % 100_000_000;
        let input = json!({
            "idempotencyKey": self.service().new_id(), "householdId": household["id"],
            "name": name, "phone": format!("100{number:08}"), "standing": "PRIMARY",
            "consent": self.consent(),
        });
        self.county_admin().mutate("enrolContact", input, "id name phone version").await.done()
    }

    /// A consent that was given just now.
    pub fn consent(&self) -> Value {
        json!({ "textVersion": "2025-1", "language": "CHINESE", "channel": "IN_PERSON", "basis": "SPOKEN",
                "givenAt": self.now() })
    }

    /// A new household in a village: id, label, version.
    pub async fn household(&self, village: &str) -> Value {
        self.labelled(village, "1组-李秀英").await
    }

    /// A new household with this label.
    pub async fn labelled(&self, village: &str, label: &str) -> Value {
        let input = json!({
            "idempotencyKey": self.service().new_id(), "villageCode": village,
            "groupNumber": 1, "label": label, "peopleCount": 4, "address": "村东头第三家",
        });
        let wanted = "id label version status door";
        self.county_admin().mutate("registerHousehold", input, wanted).await.done()
    }

    /// A new inquiry of a household: id, subject, status, version.
    pub async fn inquiry(&self, household: &Value) -> Value {
        let input = json!({
            "idempotencyKey": self.service().new_id(), "householdId": household["id"],
            "category": "BIRTH_REGISTRATION", "text": "新生儿上户口需要哪些材料？",
        });
        let wanted = "id subject status version openedAt";
        self.county_admin().mutate("submitInquiry", input, wanted).await.done()
    }

    /// The alert of a new inquiry of a household in which an officer wrote down an emergency: id, state.
    pub async fn alert(&self, household: &Value) -> Value {
        let input = json!({
            "idempotencyKey": self.service().new_id(), "householdId": household["id"],
            "text": "村口有人持刀，快来",
        });
        let admin = self.county_admin();
        let inquiry = admin.mutate("submitInquiry", input, "urgent { id state }").await.done();
        inquiry["urgent"].clone()
    }

    /// A referral of an inquiry to the justice office: id, followUpOn, version.
    pub async fn referral(&self, inquiry: &Value) -> Value {
        self.referral_by(&self.county_admin(), inquiry).await
    }

    /// The same, by this officer.
    pub async fn referral_by(&self, officer: &Actor, inquiry: &Value) -> Value {
        let input = json!({ "idempotencyKey": self.service().new_id(),
            "inquiryId": inquiry["id"], "referredTo": "JUSTICE_OFFICE", "note": "请协助调解" });
        let wanted = "id followUpOn version";
        officer.mutate("referInquiry", input, wanted).await.done()
    }

    /// A request of a resident that the household's number of people be corrected: id, receipt, state.
    pub async fn correction(&self, resident: &Actor, household: &Value) -> Value {
        let input = json!({
            "idempotencyKey": self.service().new_id(), "householdId": household["id"],
            "value": "PEOPLE_COUNT", "wrong": "4", "right": "5",
        });
        resident.mutate("requestCorrection", input, "id receipt state").await.done()
    }
}

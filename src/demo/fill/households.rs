//! The households of the pilot town. A village's register comes first, and in the following days the
//! officers go from door to door and enrol contacts.

use chrono::{DateTime, TimeDelta, Utc};
use entity::household::Status;
use entity::household_contact::Standing;
use entity::{consent, contact, household, household_contact, household_status_change, visit};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use uuid::Uuid;

use super::visits::Round;
use super::{Asking, Leads, SEED, id_at, local};
use crate::clock;
use crate::crypt::CryptError;
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::content::divisions::{CHENJI, County, short_name};
use crate::demo::content::households::{MadeUpContact, MadeUpHousehold, MadeUpStatus, chenji};
use crate::demo::content::inquiries::Asker;
use crate::demo::store;
use crate::division::group_code;
use crate::error::Error;
use crate::event::{Draft, Kind};
use crate::household::{ADDRESS, PHONE, WECHAT, search_text};
use crate::tally::Counted;

/// How long ago the first village was registered.
const FIRST_VILLAGE: i64 = 330;
/// Days that a village takes. All of them end before the first inquiry.
const DAYS_A_VILLAGE: i64 = 4;
/// Minutes from midnight: the register is entered at eight, and doors are knocked at from half past.
const EIGHT: i64 = 8 * 60;
/// Minutes of going from door to door, a day.
const WALKING: i64 = 9 * 60;
/// In so many villages consents were not written down yet.
const UNWRITTEN: i64 = 3;
/// One enrolled household in so many asks something.
const ONE_ASKS_IN: usize = 8;

/// Those who ask, once for the content and once for the rows.
#[derive(Default)]
pub struct Town {
    pub(super) askers: Vec<Asker>,
    pub(super) asking: Vec<Asking>,
    /// What happened since, among the inquiries.
    pub(super) lately: Vec<Draft>,
    enrolled: usize,
}

/// The rows and events of one village.
#[derive(Default)]
pub(super) struct Rows {
    households: Vec<household::Model>,
    contacts: Vec<contact::Model>,
    pub(super) links: Vec<household_contact::Model>,
    pub(super) consents: Vec<consent::Model>,
    pub(super) visits: Vec<visit::Model>,
    pub(super) changes: Vec<household_status_change::Model>,
    registered: Vec<Draft>,
    pub(super) visited: Vec<Draft>,
    pub(super) lately: Vec<Draft>,
}

/// Adds the households of so many villages. Answers with those who ask.
pub async fn fill(
    tx: &Tx,
    county: &County,
    leads: &Leads,
    now: DateTime<Utc>,
    villages: usize,
    progress: &ProgressBar,
) -> Result<Town, DemoError> {
    let mut town = Town::default();
    let mut made = chenji(county, SEED).peekable();
    let of_town = county.township(CHENJI).into_iter().flat_map(|township| &township.villages);
    for (nth, village) in (0..).zip(of_town.take(villages)) {
        let mut houses = Vec::new();
        while let Some(next) = made.next_if(|next| next.village_code == village.code) {
            houses.push(next);
        }
        let began = TimeDelta::days(FIRST_VILLAGE - nth * DAYS_A_VILLAGE);
        let mut rows = Rows::default();
        let total = houses.len();
        for (place, house) in houses.into_iter().enumerate() {
            let registered = local(now, began, EIGHT) + TimeDelta::seconds(place as i64);
            let minute = (place as i64 * WALKING * DAYS_A_VILLAGE) / total.max(1) as i64;
            let day = began - TimeDelta::days(minute / WALKING);
            let visited = local(now, day, EIGHT + 30 + minute % WALKING);
            let officer_id = leads.get(&village.code).copied();
            let written_down = officer_id.filter(|_| nth >= UNWRITTEN);
            let round = officer_id.map(|officer_id| Round { officer_id, now, nth: place });
            let household_id =
                rows.register(tx, &house, (registered, visited), round, written_down)?;
            town.note(&house, household_id, &rows, short_name(&village.name));
        }
        town.lately.append(&mut rows.lately);
        rows.write(tx).await?;
        progress.inc(1);
    }
    Ok(town)
}

impl Rows {
    fn register(
        &mut self,
        tx: &Tx,
        house: &MadeUpHousehold,
        (registered, visited): (DateTime<Utc>, DateTime<Utc>),
        round: Option<Round>,
        written_down: Option<Uuid>,
    ) -> Result<Uuid, DemoError> {
        let id = id_at(registered);
        let place = Some((house.village_code.clone(), township_of(house)));
        let happened = |kind, at, subject_id, detail| Draft {
            kind,
            at,
            place: place.clone(),
            household_id: Some(id),
            subject_id,
            detail,
        };
        let mut row = unvisited(tx, house, id, registered)?;
        let before = counted(&row);
        self.registered.push(happened(Kind::HouseholdRegistered, registered, id, json!(before)));
        row.status = status_of(house.status);
        if row.status != Status::Unvisited {
            (row.version, row.updated_at) = (2, visited);
            row.reachable = !house.contacts.is_empty();
            row.confirmed_at = (row.status == Status::Enrolled).then_some(visited);
            let detail = json!({ "before": before, "after": counted(&row) });
            self.visited.push(happened(Kind::HouseholdChanged, visited, id, detail));
        }
        for (nth, contact) in (0..).zip(&house.contacts) {
            let standing = standing(house.status, nth);
            let contact_id = self.enrol(tx, contact, (id, standing), written_down, visited)?;
            self.visited.push(happened(Kind::ContactChanged, visited, contact_id, Value::Null));
        }
        if let Some(round) = round {
            self.first_visit(tx, &row, round, visited)?;
            self.second_visit(tx, &mut row, round)?;
        }
        self.households.push(row);
        Ok(id)
    }

    fn enrol(
        &mut self,
        tx: &Tx,
        made: &MadeUpContact,
        (household_id, standing): (Uuid, Standing),
        written_down: Option<Uuid>,
        at: DateTime<Utc>,
    ) -> Result<Uuid, DemoError> {
        let id = id_at(at);
        let consent_id = self.consent(id, household_id, written_down, at);
        let wechat_id = format!("demo-{}", id.simple());
        let keyring = tx.keyring();
        self.contacts.push(contact::Model {
            id,
            name: made.name.clone(),
            phone: Some(sealed(keyring.seal(PHONE, made.phone.as_bytes()))?),
            phone_hash: Some(keyring.hash(PHONE, made.phone.as_bytes())),
            wechat_id: Some(sealed(keyring.seal(WECHAT, wechat_id.as_bytes()))?),
            wechat_hash: Some(keyring.hash(WECHAT, wechat_id.as_bytes())),
            consent_id: Some(consent_id),
            version: 1,
            created_at: at,
            updated_at: at,
        });
        self.links.push(household_contact::Model {
            household_id,
            contact_id: id,
            standing,
            since: at,
            confirmed_at: (standing != Standing::Caretaker).then_some(at),
        });
        Ok(id)
    }

    async fn write(self, tx: &Tx) -> Result<(), DemoError> {
        store::add(tx, self.households).await?;
        store::add(tx, self.consents).await?;
        store::add(tx, self.contacts).await?;
        store::add(tx, self.links).await?;
        store::add(tx, self.visits).await?;
        store::add(tx, self.changes).await?;
        store::record(tx, self.registered).await?;
        store::record(tx, self.visited).await?;
        Ok(())
    }
}

impl Town {
    /// Keeps every eighth enrolled household as one that asks.
    fn note(&mut self, house: &MadeUpHousehold, household_id: Uuid, rows: &Rows, village: &str) {
        let primary = rows.links.iter().rev().take(house.contacts.len()).next_back();
        let (Some(link), Some(contact)) = (primary, house.contacts.first()) else { return };
        if house.status != MadeUpStatus::Enrolled {
            return;
        }
        self.enrolled += 1;
        if !self.enrolled.is_multiple_of(ONE_ASKS_IN) {
            return;
        }
        self.askers.push(Asker {
            household_index: self.asking.len(),
            label: house.label.clone(),
            village: village.to_owned(),
            contact: contact.name.clone(),
        });
        self.asking.push(Asking {
            household_id,
            contact_id: link.contact_id,
            village_code: house.village_code.clone(),
        });
    }
}

fn township_of(house: &MadeUpHousehold) -> String {
    house.village_code.chars().take(9).collect()
}

/// A household that is registered and where nobody has been yet.
fn unvisited(
    tx: &Tx,
    house: &MadeUpHousehold,
    id: Uuid,
    registered: DateTime<Utc>,
) -> Result<household::Model, DemoError> {
    let names = house.contacts.iter().map(|contact| contact.name.as_str());
    Ok(household::Model {
        id,
        village_code: house.village_code.clone(),
        township_code: township_of(house),
        group_code: group_code(&house.village_code, house.group_number.into()),
        door: house.door.into(),
        label: house.label.clone(),
        reference: None,
        address: Some(sealed(tx.keyring().seal(ADDRESS, house.address.as_bytes()))?),
        people_count: house.people_count.into(),
        status: Status::Unvisited,
        reachable: false,
        confirmed_at: None,
        next_visit_on: None,
        search_text: search_text(&house.label, names),
        version: 1,
        created_at: registered,
        updated_at: registered,
    })
}

/// A sealed value.
pub(super) fn sealed(value: Result<Vec<u8>, CryptError>) -> Result<Vec<u8>, Error> {
    value.map_err(Error::internal)
}

/// What a household counts as.
pub(super) fn counted(row: &household::Model) -> Counted {
    Counted {
        village: None,
        township: None,
        status: store::name_of(row.status),
        people: row.people_count.into(),
        reachable: row.reachable,
        confirmed_on: row.confirmed_at.map(clock::day),
    }
}

/// The first contact speaks for an enrolled household; who cares for another one does not.
fn standing(status: MadeUpStatus, nth: usize) -> Standing {
    match nth {
        _ if status != MadeUpStatus::Enrolled => Standing::Caretaker,
        0 => Standing::Primary,
        _ => Standing::Backup,
    }
}

fn status_of(status: MadeUpStatus) -> Status {
    match status {
        MadeUpStatus::Unvisited => Status::Unvisited,
        MadeUpStatus::Visited => Status::Visited,
        MadeUpStatus::Enrolled => Status::Enrolled,
        MadeUpStatus::Declined => Status::Declined,
        MadeUpStatus::MovedAway => Status::MovedAway,
        MadeUpStatus::NoSmartphone => Status::NoSmartphone,
        MadeUpStatus::Vacant => Status::Vacant,
    }
}

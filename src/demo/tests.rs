//! A small demo county in a file of its own.

use std::path::PathBuf;
use std::sync::Arc;

use entity::{
    consent, contact, event, household, household_status_change, inquiry, inquiry_ownership, leave,
    message, officer, posting, shift, station, village, village_tally, visit,
};
use indicatif::ProgressBar;
use uuid::Uuid;

use super::fill::{self, Extent};
use super::folder::Folder;
use super::store::{self, State};
use super::{DemoError, content};
use crate::clock::Clock;
use crate::config::Counting;
use crate::crypt::Keyring;
use crate::db::Database;
use crate::household::ADDRESS;
use crate::tally;

/// A folder that is gone with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("huhutong-demo-{}", Uuid::new_v4().simple()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    async fn database(&self) -> Database {
        let keyring = Keyring::parse(&Keyring::generate("k").unwrap()).unwrap();
        let url = format!("sqlite://{}", self.0.join("a.db").display());
        Database::connect(&url, 2, Arc::new(keyring)).await.unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const SMALL: Extent = Extent { villages: 2, inquiries: 80 };

async fn filled(scratch: &Scratch) -> Database {
    let now = Clock::System.now();
    let database = scratch.database().await;
    store::begin_marker(&database, now).await.unwrap();
    database.migrate().await.unwrap();
    let tx = store::begin(&database, now).await.unwrap();
    fill::fill(&tx, now, SMALL, &ProgressBar::hidden()).await.unwrap();
    store::mark_filled(&tx, now).await.unwrap();
    tx.commit().await.unwrap();
    fill::count(&database, Counting::default(), now).await.unwrap();
    database
}

#[tokio::test]
async fn the_whole_county_is_there_and_the_numbers_from_the_log_are_those_of_the_rows() {
    let scratch = Scratch::new();
    let database = filled(&scratch).await;
    let now = Clock::System.now();
    let tx = store::begin(&database, now).await.unwrap();
    assert_eq!(store::all::<village::Entity>(&tx).await.len(), 770);
    let households = store::all::<household::Entity>(&tx).await;
    let inquiries = store::all::<inquiry::Entity>(&tx).await;
    assert_eq!(inquiries.len(), 80);
    let tallies = store::all::<village_tally::Entity>(&tx).await;
    assert_eq!(tallies.iter().filter(|tally| tally.people > 0).count(), 2);
    for tally in tallies {
        let of_village = |code: &String| *code == tally.village_code;
        let here: Vec<_> =
            households.iter().filter(|house| of_village(&house.village_code)).collect();
        let people: i32 = here.iter().map(|house| house.people_count).sum();
        let enrolled = here.iter().filter(|house| house.status == household::Status::Enrolled);
        let open = inquiries
            .iter()
            .filter(|one| of_village(&one.village_code) && one.status != inquiry::Status::Resolved);
        assert_eq!(tally.people, i64::from(people));
        assert_eq!(tally.enrolled as usize, enrolled.count());
        let reachable = here.iter().filter(|house| house.reachable).count();
        assert_eq!(tally.reachable as usize, reachable);
        assert_eq!(tally.open_inquiries as usize, open.count());
    }
    drop(tx);
    assert_eq!(tally::project(&database, 90, now).await, Ok(0));
}

#[tokio::test]
async fn nothing_is_later_than_now_and_the_log_is_in_the_order_of_time() {
    let scratch = Scratch::new();
    let database = filled(&scratch).await;
    let now = Clock::System.now();
    let tx = store::begin(&database, now).await.unwrap();
    let times: Vec<_> =
        store::all::<event::Entity>(&tx).await.iter().map(|event| event.at).collect();
    assert!(times.is_sorted() && times.last() <= Some(&now));
    for one in store::all::<inquiry::Entity>(&tx).await {
        assert!(one.opened_at <= one.updated_at && one.updated_at <= now);
        assert_eq!(one.resolved_at.is_some(), one.status == inquiry::Status::Resolved);
        assert!(one.last_message_id.is_some());
    }
    for house in store::all::<household::Entity>(&tx).await {
        let address = tx.keyring().open_text(ADDRESS, &house.address.unwrap()).unwrap();
        assert!(address.starts_with("陈集镇"));
        assert!(house.created_at <= house.updated_at && house.updated_at <= now);
    }
}

#[tokio::test]
async fn a_household_is_what_was_found_at_its_door() {
    let scratch = Scratch::new();
    let database = filled(&scratch).await;
    let now = Clock::System.now();
    let tx = store::begin(&database, now).await.unwrap();
    let visits = store::all::<visit::Entity>(&tx).await;
    let changes = store::all::<household_status_change::Entity>(&tx).await;
    for house in store::all::<household::Entity>(&tx).await {
        let visited: Vec<_> = visits.iter().filter(|one| one.household_id == house.id).collect();
        assert_eq!(visited.is_empty(), house.status == household::Status::Unvisited);
        let last = visited.iter().max_by_key(|one| one.visited_at);
        assert_eq!(house.next_visit_on, last.and_then(|one| one.next_visit_on));
        let became = changes.iter().find(|one| one.household_id == house.id);
        let status = became.map_or(household::Status::Unvisited, |one| one.to_status);
        assert_eq!(status, house.status);
    }
    let consents = store::all::<consent::Entity>(&tx).await;
    for contact in store::all::<contact::Entity>(&tx).await {
        let consent = consents.iter().find(|one| Some(one.id) == contact.consent_id);
        assert_eq!(consent.map(|one| one.contact_id), Some(contact.id));
    }
}

#[tokio::test]
async fn an_inquiry_stands_where_its_conversation_left_it() {
    let scratch = Scratch::new();
    let database = filled(&scratch).await;
    let tx = store::begin(&database, Clock::System.now()).await.unwrap();
    let messages = store::all::<message::Entity>(&tx).await;
    for one in store::all::<inquiry::Entity>(&tx).await {
        let last = messages.iter().find(|message| Some(message.id) == one.last_message_id);
        let direction = last.unwrap().direction;
        match one.status {
            inquiry::Status::WaitingForResident => {
                assert_eq!(direction, message::Direction::Outbound);
            }
            inquiry::Status::Open | inquiry::Status::WaitingForOfficer => {
                assert_eq!(direction, message::Direction::Inbound, "{}", one.subject);
            }
            inquiry::Status::Resolved => {}
        }
    }
}

#[tokio::test]
async fn who_is_above_answers_for_what_was_left_lying() {
    let scratch = Scratch::new();
    let database = filled(&scratch).await;
    let tx = store::begin(&database, Clock::System.now()).await.unwrap();
    let officers = store::all::<officer::Entity>(&tx).await;
    let past = store::all::<inquiry_ownership::Entity>(&tx).await;
    let all = store::all::<inquiry::Entity>(&tx).await;
    let escalated = all.iter().filter(|one| one.escalation != inquiry::Escalation::Desk);
    assert_ne!(escalated.clone().count(), 0);
    for one in escalated {
        let owner = officers.iter().find(|officer| Some(officer.id) == one.owner_id).unwrap();
        let above = match one.escalation {
            inquiry::Escalation::County => officer::Role::CountyAdmin,
            _ => officer::Role::StationChief,
        };
        assert_eq!(
            (owner.role, one.owner_reason),
            (above, Some(inquiry_ownership::Reason::Escalated))
        );
        assert!(past.iter().any(|before| before.inquiry_id == one.id));
    }
}

#[tokio::test]
async fn one_of_each_role_is_introduced() {
    let scratch = Scratch::new();
    let database = filled(&scratch).await;
    let cast = store::cast(&database, Clock::System.now()).await.unwrap();
    assert_eq!(cast.staff.len(), 5);
    assert!(cast.resident.is_some() && cast.village.is_some());
}

#[tokio::test]
async fn a_database_is_recognised_by_what_is_in_it() {
    let scratch = Scratch::new();
    let now = Clock::System.now();
    let database = scratch.database().await;
    assert_eq!(store::state(&database, now).await.unwrap(), State::Empty);
    store::begin_marker(&database, now).await.unwrap();
    assert_eq!(store::state(&database, now).await.unwrap(), State::Begun);
    let tx = store::begin(&database, now).await.unwrap();
    store::mark_filled(&tx, now).await.unwrap();
    drop(tx);
    assert_eq!(store::state(&database, now).await.unwrap(), State::Begun, "it was not committed");
    let other = Scratch::new();
    let database = other.database().await;
    database.migrate().await.unwrap();
    assert_eq!(store::state(&database, now).await.unwrap(), State::NotOurs);
}

#[test]
fn a_folder_belongs_to_one_demo_at_a_time() {
    let scratch = Scratch::new();
    let folder = Folder::open(&scratch.0.join("100%?")).unwrap();
    assert!(matches!(Folder::open(&scratch.0.join("100%?")), Err(DemoError::InUse(_))));
    assert_eq!(folder.keys().unwrap(), None);
    folder.write_keys("k:abc").unwrap();
    assert_eq!(folder.keys().unwrap().as_deref(), Some("k:abc"));
    let file = store::file_of(&folder.database_url()).unwrap();
    assert_eq!(file, scratch.0.join("100%?").join("huhutong.db"));
}

#[test]
fn the_pilot_town_is_of_the_size_that_is_promised() {
    let county = content::divisions::county();
    let households = content::households::chenji(&county, 411_481_109).count();
    assert!((19_000..=21_000).contains(&households), "{households}");
}

#[tokio::test]
async fn somebody_is_on_duty_at_every_station_by_day_and_by_night_and_who_is_away_is_covered() {
    let scratch = Scratch::new();
    let database = filled(&scratch).await;
    let tx = store::begin(&database, Clock::System.now()).await.unwrap();
    let today = crate::clock::day(Clock::System.now());
    let shifts = store::all::<shift::Entity>(&tx).await;
    for station in store::all::<station::Entity>(&tx).await {
        for day in today.iter_days().take(14) {
            let begin = |minute: i32| {
                let own = shifts.iter().filter(|one| one.station_id == station.id);
                let turns =
                    own.filter(move |one| one.village_code.is_none() && one.start_minute == minute);
                turns.filter(move |one| {
                    let every = i64::from(one.every_days.unwrap());
                    (day - one.valid_from).num_days() % every == 0
                })
            };
            let (by_day, by_night): (Vec<_>, Vec<_>) =
                (begin(510).collect(), begin(1050).collect());
            assert_eq!((by_day.len(), by_night.len()), (1, 1));
            assert_ne!(by_day[0].officer_id, by_night[0].officer_id);
        }
    }
    let leave = store::all::<leave::Entity>(&tx).await.pop().unwrap();
    let covers = store::all::<posting::Entity>(&tx).await;
    let covers: Vec<_> = covers.iter().filter(|one| one.leave_id == Some(leave.id)).collect();
    assert!(!covers.is_empty() && covers.iter().all(|one| one.officer_id == leave.cover_id));
}

//! The officers and their postings.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{officer, posting};
use serde_json::json;
use uuid::Uuid;

use super::{BEGAN, Leads, SEED, id_at};
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::content::divisions::County;
use crate::demo::content::officers::{MadeUpOfficer, MadeUpRole, officers};
use crate::demo::store;
use crate::error::Error;
use crate::event::{Draft, Kind};
use crate::officer::PHONE;

/// The officers of a station.
pub struct Team {
    /// Which station.
    pub station_id: Uuid,
    /// Of which township.
    pub township_code: String,
    /// Without the chief.
    pub officers: Vec<Member>,
}

/// An officer of a station.
pub struct Member {
    /// Who.
    pub id: Uuid,
    /// The villages where the officer leads.
    pub leads: Vec<String>,
    /// The postings to these and other villages.
    pub postings: Vec<posting::Model>,
}

impl Team {
    /// Whether some of them lead nowhere, and keep the station's desk.
    pub fn keeps_a_desk(&self) -> bool {
        self.officers.iter().any(|one| one.leads.is_empty())
    }

    /// Who is on duty at the station in turn: those who lead nowhere, or else all.
    pub fn desk(&self) -> Vec<&Member> {
        let all = self.officers.iter();
        all.filter(|one| !self.keeps_a_desk() || one.leads.is_empty()).collect()
    }
}

/// Adds the staff. Answers with the officer who leads in each village, and the officers of each station.
pub async fn fill(
    tx: &Tx,
    county: &County,
    stations: &HashMap<String, Uuid>,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(Leads, Vec<Team>), DemoError> {
    let (mut rows, mut postings, mut events) = (Vec::new(), Vec::new(), Vec::new());
    let mut teams: Vec<Team> = Vec::new();
    let mut leads = Leads::new();
    let mut at = now - BEGAN + TimeDelta::hours(1);
    for made in officers(county, SEED) {
        at += TimeDelta::minutes(1);
        let row = officer(tx, &made, stations, password_hash, at)?;
        events.push(happened(Kind::OfficerChanged, row.id, None, serde_json::Value::Null, at));
        let mut member = Member { id: row.id, leads: Vec::new(), postings: Vec::new() };
        for (village_code, is_lead) in made.posts {
            at += TimeDelta::seconds(1);
            let duty = if is_lead { posting::Duty::Lead } else { posting::Duty::Auxiliary };
            if is_lead {
                leads.insert(village_code.clone(), row.id);
                member.leads.push(village_code.clone());
            }
            let posted = posting::Model {
                id: id_at(at),
                officer_id: row.id,
                township_code: village_code.chars().take(9).collect(),
                village_code,
                duty,
                starts_at: at,
                ends_at: None,
                version: 1,
                leave_id: None,
                source_id: None,
            };
            let place = Some((posted.village_code.clone(), posted.township_code.clone()));
            let detail = json!({ "officer": row.id });
            events.push(happened(Kind::PostingChanged, posted.id, place, detail, at));
            member.postings.push(posted.clone());
            postings.push(posted);
        }
        if let (MadeUpRole::Officer, Some(station_id)) = (made.role, row.station_id) {
            match teams.last_mut().filter(|team| team.station_id == station_id) {
                Some(team) => team.officers.push(member),
                None => teams.push(Team {
                    station_id,
                    township_code: made.township_code.unwrap_or_default(),
                    officers: vec![member],
                }),
            }
        }
        rows.push(row);
    }
    store::add(tx, rows).await?;
    store::add(tx, postings).await?;
    store::record(tx, events).await?;
    Ok((leads, teams))
}

fn officer(
    tx: &Tx,
    made: &MadeUpOfficer,
    stations: &HashMap<String, Uuid>,
    password_hash: &str,
    at: DateTime<Utc>,
) -> Result<officer::Model, DemoError> {
    let seal = |phone: &String| tx.keyring().seal(PHONE, phone.as_bytes());
    let station = made.township_code.as_ref().and_then(|code| stations.get(code));
    Ok(officer::Model {
        id: id_at(at),
        username: made.username.clone(),
        name: made.name.clone(),
        phone: made.phone.as_ref().map(seal).transpose().map_err(Error::internal)?,
        role: match made.role {
            MadeUpRole::Officer => officer::Role::Officer,
            MadeUpRole::StationChief => officer::Role::StationChief,
            MadeUpRole::CountyAdmin => officer::Role::CountyAdmin,
            MadeUpRole::Analyst => officer::Role::Analyst,
            MadeUpRole::Auditor => officer::Role::Auditor,
        },
        station_id: station.copied(),
        password_hash: Some(password_hash.to_owned()),
        wecom_user_id: None,
        version: 1,
        created_at: at,
        updated_at: at,
        deactivated_at: None,
    })
}

fn happened(
    kind: Kind,
    subject_id: Uuid,
    place: Option<(String, String)>,
    detail: serde_json::Value,
    at: DateTime<Utc>,
) -> Draft {
    Draft { kind, at, place, household_id: None, subject_id, detail }
}

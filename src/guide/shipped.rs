//! The guides that come with the program: the national rules, for a county to begin with. A guide that is
//! there already is never touched, so what a county has made of it stays.

use chrono::{DateTime, Utc};
use entity::guide_version::Status;

use super::{check, rules, store};
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::category::InquiryCategory;
use crate::clock;
use crate::db::{Database, id_at};
use crate::error::{Error, Result};

macro_rules! shipped {
    ($($slug:literal $category:ident)*) => {
        &[$(($slug, InquiryCategory::$category, include_str!(concat!("shipped/", $slug, ".json")))),*]
    };
}

/// The guides, by slug, with what they belong to and what they say.
const SHIPPED: &[(&str, InquiryCategory, &str)] = shipped! {
    "newborn-registration" BirthRegistration
    "household-move" HouseholdMove
    "household-split" HouseholdSplit
    "household-booklet" Other
    "household-cancellation" HouseholdCancellation
    "name-change" NameChange
    "id-card-first" IdCard
    "id-card-renewal" IdCard
    "id-card-lost" IdCard
    "residence-permit" ResidencePermit
    "passport" EntryExit
    "no-criminal-record" NoCriminalRecord
    "vehicle-and-licence" Traffic
    "anti-fraud" FraudAdvice
    "report-loss" HelpRequest
    "dispute-mediation" Dispute
};

/// Where a guide stands among those that come with the program; behind them when it is none.
pub fn place(slug: &str) -> usize {
    SHIPPED.iter().position(|(known, ..)| *known == slug).unwrap_or(SHIPPED.len())
}

/// Adds the guides that are missing, as published versions that hold from today on. Answers with how many.
pub async fn ship(database: &Database, now: DateTime<Utc>) -> Result<usize> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let mut tx = database.begin(&grant).await?;
    let mut added = 0;
    for (slug, category, text) in SHIPPED {
        let guide_id = id_at(now);
        if !store::insert_guide(&tx, guide_id, slug, (*category).into(), now).await? {
            continue;
        }
        let content = check::checked(serde_json::from_str(text).map_err(Error::internal)?)?;
        let keys = (id_at(now), guide_id, 1);
        store::insert_published(&tx, keys, &content, clock::day(now), now).await?;
        store::index(&tx, keys.0, &content).await?;
        tx.record(rules::happened(keys, None, Status::Published, now));
        added += 1;
    }
    tx.commit().await?;
    Ok(added)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_guide_is_what_a_guide_has_to_be() {
        for (slug, _, text) in SHIPPED {
            let content =
                serde_json::from_str(text).unwrap_or_else(|error| panic!("{slug}: {error}"));
            check::checked(content).unwrap_or_else(|error| panic!("{slug}: {error:?}"));
        }
    }
}

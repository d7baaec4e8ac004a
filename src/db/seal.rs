//! The condition under which staff see a sealed inquiry (密件) and what hangs on it. It joins the condition of the area
//! and, like that, is looked up by the statement that reads the rows.

use crate::access::Scope;
use crate::actor::Role;

/// The caller stands in this table beside the inquiry.
macro_rules! listed {
    ($table:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM ",
            $table,
            " AS listed \
             WHERE listed.inquiry_id = inquiry.id AND listed.officer_id = {caller})"
        )
    };
}

/// What an inquiry must meet, when a sealed one that does not concern the caller must meet this besides.
macro_rules! sealed_and {
    ($may:expr) => {
        concat!("(NOT inquiry.sealed OR (NOT ", listed!("inquiry_exclusion"), " AND (", $may, ")))")
    };
}

const NAMED: &str = sealed_and!(listed!("inquiry_reader"));
const CHIEF: &str = sealed_and!("1 = 1");
const COUNTY: &str = sealed_and!(concat!(
    listed!("inquiry_reader"),
    " OR inquiry.escalation = 'COUNTY' OR NOT EXISTS (\
     SELECT 1 FROM officer AS chief INNER JOIN station ON station.id = chief.station_id \
     WHERE station.township_code = inquiry.township_code AND chief.role = 'STATION_CHIEF' \
     AND chief.deactivated_at IS NULL AND NOT EXISTS (\
     SELECT 1 FROM inquiry_exclusion AS concerned \
     WHERE concerned.inquiry_id = inquiry.id AND concerned.officer_id = chief.id))"
));

/// What an inquiry must meet besides, so that staff see it: a sealed one has named the caller, or is the caller's by
/// rank, and does not concern the caller. By rank it is the chief's of the township; the county office's when
/// no chief is there whom it does not concern, or when it was escalated so far.
pub fn condition(scope: &Scope) -> Option<&'static str> {
    let role = scope.actor().role;
    role.of_staff()?;
    Some(match role {
        Role::StationChief => CHIEF,
        Role::CountyAdmin => COUNTY,
        _ => NAMED,
    })
}

#[cfg(test)]
mod tests {
    use entity::{inquiry::Escalation, officer};
    use sea_orm::ActiveEnum;

    use super::*;

    #[test]
    fn the_condition_names_the_caller_as_templates_do() {
        assert!(NAMED.contains(super::super::template::CALLER));
    }

    #[test]
    fn the_words_of_the_condition_are_those_that_are_stored() {
        for word in [Escalation::County.to_value(), officer::Role::StationChief.to_value()] {
            assert!(COUNTY.contains(&format!("= '{word}'")), "{word}");
        }
    }
}

//! What a caller sees of the numbers. From a small number next to its neighbours a single household could be
//! read, so whoever sees no household sees no exact number of them either.

use std::ops::Deref;

use super::Tally;
use crate::access::{self, Act, Reach};
use crate::actor::Role;

/// What numbers are rounded to.
const STEP: i64 = 5;

/// Numbers as a caller may see them.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    tally: Tally,
    /// What every number is a multiple of; nothing when they are exact.
    pub rounded_to: Option<i64>,
}

impl Deref for Seen {
    type Target = Tally;

    fn deref(&self) -> &Tally {
        &self.tally
    }
}

impl Tally {
    /// The numbers as somebody of this role sees them.
    pub fn seen_by(mut self, role: Role) -> Seen {
        if access::reach(role, Act::ReadHousehold) != Reach::Nothing {
            // Next to an exact number and one's own list, a sealed inquiry would be what is missing in the list.
            self.open_inquiries -= self.sealed_inquiries;
            return Seen { tally: self, rounded_to: None };
        }
        for count in self.counts_mut() {
            *count = rounded(*count);
        }
        Seen { tally: self, rounded_to: Some(STEP) }
    }
}

/// The nearest multiple. What is there never becomes nothing: 1 to 7 are all 5.
fn rounded(count: i64) -> i64 {
    let nearest = (count + STEP / 2) / STEP * STEP;
    if count > 0 { nearest.max(STEP) } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_number_is_told_from_nothing_and_from_no_other_small_one() {
        assert_eq!([0, 1, 4, 5, 7, 8, 12, 13].map(rounded), [0, 5, 5, 5, 5, 10, 10, 15]);
    }

    #[test]
    fn an_exact_number_is_without_what_is_sealed_and_a_rounded_one_hides_it() {
        let seen = |role| {
            let tally = Tally { open_inquiries: 3, sealed_inquiries: 1, ..Tally::default() };
            tally.seen_by(role).open_inquiries
        };
        assert_eq!((seen(Role::Officer), seen(Role::CountyAdmin)), (2, 2));
        assert_eq!(seen(Role::Analyst), 5);
    }

    #[test]
    fn only_who_sees_households_sees_exact_numbers() {
        for role in Role::ALL {
            let exact = Tally { enrolled: 3, ..Tally::default() }.seen_by(role);
            let sees = access::reach(role, Act::ReadHousehold) != Reach::Nothing;
            assert_eq!(exact.enrolled == 3 && exact.rounded_to.is_none(), sees, "{role:?}");
        }
    }
}

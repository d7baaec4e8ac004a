//! Referrals (转办、移交调解): an inquiry that somebody else is asked to settle, a day on which to ask how it went,
//! and what came of it. Where the inquiry itself stands is not changed by it.

pub mod graphql;
mod rules;
mod store;

pub use graphql::{Referral, ReferralFilter, ReferralMutation, ReferralOrder, ReferralQuery};
pub use store::forget;

//! What residents are owed by the Personal Information Protection Law (个人信息保护法): to be told what is kept
//! about them and why, and to have it corrected. Leaving, which erases it, is in `leaving`.

pub mod graphql;
mod kept;
pub mod mutation;
mod rules;
mod store;

pub use graphql::{
    CorrectableValue, CorrectionRequest, CorrectionRequestFilter, CorrectionState, PrivacyQuery,
};
pub use kept::KeptItem;
pub use mutation::PrivacyMutation;
pub use store::forget_contact;

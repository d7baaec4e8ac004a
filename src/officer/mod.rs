//! Officers (民警、辅警) and their postings (包村). A staff account has a role; an officer's area is the
//! villages of the current postings, a chief's is the township of the station. Households do not
//! appear here, except that a village where some live never loses its last officer.

mod attendance;
mod cover;
pub mod graphql;
pub mod input;
pub mod leave;
mod rules;
mod store;

pub use attendance::{check, lock, require_officer};
pub use cover::{add, end, stand_in, stand_ins, tell};
pub use graphql::{
    Officer, OfficerFilter, OfficerMutation, OfficerOrder, OfficerQuery, Posting, PostingDuty,
    PostingFilter, StaffRole,
};
pub use leave::{Leave, LeaveMutation};
pub use rules::{NewOfficer, create, end_sessions, sign_out, station_of};
pub use store::open_sessions;
pub use store::{OFFICER_COLUMNS, PHONE, postings, postings_not_ended};

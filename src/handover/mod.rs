//! Hand-overs (交接): villages go from one officer to another. Both look after them for a while; what is
//! open goes along at once; both sides confirm a checklist; and each household is told apart until its
//! contact has come along to the new officer's WeChat account. Nothing here sends anything.

mod checks;
pub mod graphql;
pub mod input;
pub mod mutation;
mod rules;
mod state;
mod store;
pub mod transfers;

pub use graphql::{Handover, HandoverFilter, HandoverQuery};
pub use mutation::HandoverMutation;
pub use store::parts::{Checks, TransferCounts, Villages};
pub use transfers::{HandoverTransfer, HandoverTransferCount, HandoverTransferFilter, answered};

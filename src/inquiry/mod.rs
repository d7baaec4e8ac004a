//! Inquiries (咨询、线索、求助) and their messages: one matter of one household, and everything that is said
//! about it. Where it stands follows from who wrote last; that is decided in `state`, and nowhere else.

pub mod graphql;
pub mod input;
mod moving;
pub mod mutation;
mod outdated;
mod rules;
mod state;
mod store;
pub mod subscription;

pub use graphql::{
    Inquiry, InquiryFilter, InquiryOrder, InquiryQuery, InquiryStatus, Message, MessageDirection,
    MessageOrder, WaitingOn,
};
pub use moving::follow_households;
pub use mutation::InquiryMutation;
pub use state::{Move, next};
pub use store::{InquiryWith, forget_contact};
pub use subscription::InquirySubscription;

//! Inquiries (咨询、线索、求助) and their messages: one matter of one household, and everything that is said
//! about it. Where it stands follows from who wrote last; that is decided in `state`, and nowhere else.

mod adding;
mod change;
mod emergency;
pub mod graphql;
mod handling;
mod heard;
pub mod input;
mod moving;
pub mod mutation;
mod outdated;
mod owner;
mod ownership;
mod rules;
mod sealing;
mod state;
mod store;
pub mod subscription;

pub use change::{Change, Changed};
pub use graphql::{
    DraftLock, EscalationLevel, Inquiry, InquiryFilter, InquiryOrder, InquiryQuery, InquiryStatus,
    Message, MessageDirection, MessageOrder, MessageVia, WaitingOn,
};
pub use handling::{Wish, of_version};
pub use heard::{Answer, Heard, Told, hear, message_changed, recall, tell_there};
pub use moving::follow_households;
pub use mutation::InquiryMutation;
pub use owner::Owning;
pub use ownership::{InquiryOwnership, OwnershipReason};
pub use rules::{happened, locked, moved, noted, owner_id, tell, to_change, told};
pub use sealing::{Around, handled};
pub use state::{Move, next, waiting_on};
pub use store::seal;
pub use store::{
    Area, InquiryWith, PastOwners, add_roster, area_of, forget_contact, let_go, lock_all, update,
    update_all, with_roster,
};
pub use subscription::InquirySubscription;

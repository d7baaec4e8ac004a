//! How what travels is stored.

mod account;
mod claim;
mod customer;
mod delivery;
pub mod log;
mod media;
mod names;
mod outbox;
mod people;
mod shown;

pub use account::{Held, due, hold, named, release, save};
pub use claim::{Loaded, claim, load};
pub use customer::{
    Known, forget, known, next, note_asked, note_chosen, note_closed, note_entry, note_told_closed,
    note_written,
};
pub use delivery::{
    NewDelivery, busy, end, not_arrived, note_full, note_part, note_session, postpone, queue,
    queued,
};
pub use log::{
    Kept, first_new, forget_old, keep, message_of, note_answered, note_failure, release_chosen,
    release_held, settle, take_back, waiting,
};
pub use media::{Wanted, settle_media, waits, want, want_later, wanting, writer};
pub use names::{NICKNAME, name_later, nameless, note_name, with_nameless};
pub use outbox::{Reachable, reachable, spoken};
pub use people::{Answering, answering};
pub use shown::{OfInquiry, OfMessage};

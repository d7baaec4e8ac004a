//! Channels (渠道账号): the accounts through which households are reached, and the door at which their far side delivers.
//! What is delivered is stored here and worked off elsewhere. This slice knows nothing of households or inquiries.

mod advice;
pub mod capability;
pub mod check;
pub mod door;
pub mod envelope;
pub mod graphql;
pub mod input;
pub mod mutation;
mod reply;
mod rules;
mod said;
mod store;
pub mod xml;

pub use entity::channel_delivery::Topic;
pub use graphql::{Channel, ChannelKind, ChannelQuery};
pub use mutation::ChannelMutation;
pub use store::delivery::{Delivery, LEASE, done, put_back, sweep, take};
pub use store::{account, alone, note_api, used, with_any};

#[cfg(test)]
mod tests;

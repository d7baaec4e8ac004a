//! Who writes in WeChat and is not known yet (待核实的来信人): officers of the place find out who that is. Then what was
//! written so far is heard, in order.

pub mod graphql;
mod rules;
mod store;

pub use graphql::{HeldMessage, SenderMutation, SenderQuery, WechatSender};
pub use store::{HeldOf, ProposedFor};

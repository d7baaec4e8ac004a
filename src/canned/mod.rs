//! Canned replies (快捷回复): texts that a station, or the whole county, answers with again and again. They have
//! variables that are filled for an inquiry, and keep what they said before. A list of papers belongs in a
//! guide instead, where somebody else reviews it.

pub mod graphql;
pub mod input;
pub mod mutation;
mod rules;
mod store;
mod template;

pub use graphql::{CannedReply, CannedReplyQuery, CannedReplyVersion};
pub use mutation::CannedReplyMutation;

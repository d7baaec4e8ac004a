//! Attachments (附件): pictures, documents and voice that come with a message. A file comes in by a one-time
//! address, is judged by its content, and loses what a picture tells besides itself; it then lies sealed in the
//! store of files and is served, for some minutes, to who may read its message.

mod clean;
pub mod graphql;
mod kind;
mod refusal;
mod rules;
mod store;

pub use graphql::{Attachment, AttachmentMutation};
pub use refusal::too_long;
pub use rules::{Download, attach, bring, hand_on, keep, named, offered, open, read, sweep, tie};
pub use store::{Expected, OfMessage, drop_loose, forget, forget_inquiries, kept, of_messages};

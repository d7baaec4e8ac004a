//! Service guides (办事指南、一次性告知): the same correct list of papers for everybody, in versions that one
//! person writes and another publishes. A published version never changes, so that what a household was told
//! can be looked up, and told anew when it has changed. This slice knows nothing of who was told what.

mod check;
pub mod content;
pub mod graphql;
pub mod input;
mod message;
pub mod mutation;
mod publishing;
mod rules;
mod shipped;
mod state;
mod store;
mod tree;

pub use graphql::{
    Guide, GuideFilter, GuideQuery, GuideStatus, GuideVersion, GuideVersionFilter,
    GuideVersionOrder,
};
pub use mutation::GuideMutation;
pub use rules::citable;
pub use shipped::ship;
pub use store::{Current, current, most_asked, version};
pub use tree::{GuideAnswer, GuideNext, follow};

use crate::error::Result;
use content::GuideChecklist;

impl Current {
    /// A checklist of it as a message.
    pub fn as_message(&self, list: &GuideChecklist) -> String {
        message::of(&self.content, list)
    }
}

impl GuideVersion {
    /// Where these answers lead.
    pub fn next(&self, answers: &[GuideAnswer]) -> Result<GuideNext> {
        tree::walk(&self.content, answers)
    }

    /// The checklist to which these answers lead, as a message; nothing while a question is left.
    pub fn as_message(&self, answers: &[GuideAnswer]) -> Result<Option<String>> {
        Ok(match self.next(answers)? {
            GuideNext::Checklist(list) => Some(message::of(&self.content, &list)),
            GuideNext::Question(_) => None,
        })
    }
}

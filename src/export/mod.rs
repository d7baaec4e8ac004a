//! Data taken out (导出): a file of what the caller may see, for a purpose that is written down first.
//! The rows come through the same lists as everywhere, so a file shows no more than a page does.

mod contents;
pub mod graphql;
mod rules;
mod sheet;
mod store;
mod visits;
mod words;

pub use graphql::{Export, ExportContent, ExportFormat, ExportMutation, ExportOrder, ExportQuery};
pub use rules::{Download, open};

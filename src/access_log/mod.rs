//! Who looked at what is kept (查看记录). Rows come from where things are read (`db/sighting.rs`) and are never changed;
//! this slice shows them: to a household, which is promised them, and to the auditor.

pub mod graphql;
mod store;

pub use graphql::{AccessEntry, AccessLogQuery};

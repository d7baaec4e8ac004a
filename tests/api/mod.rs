//! A file a subject.

mod ladder;
mod schema;

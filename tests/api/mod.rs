//! A file a subject.

mod contacts;
mod households;
mod inbox;
mod inquiries;
mod ladder;
mod officers;
mod once;
mod postings;
mod schema;
mod search;
mod session;
mod tokens;

//! A file a subject.

mod contacts;
mod households;
mod inbox;
mod input;
mod inquiries;
mod ladder;
mod officers;
mod once;
mod paging;
mod postings;
mod privacy;
mod schema;
mod search;
mod session;
mod tokens;

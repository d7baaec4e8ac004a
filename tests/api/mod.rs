//! A file a subject.

mod access;
mod contacts;
mod partial;
mod people;
mod events;
mod households;
mod imports;
mod imports_bad;
mod imports_undone;
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
mod selections;
mod session;
mod statements;
mod tallies;
mod tokens;

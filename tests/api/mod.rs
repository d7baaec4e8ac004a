//! A file a subject.

mod access;
mod contacts;
mod coverage;
mod partial;
mod people;
mod events;
mod households;
mod inbox;
mod input;
mod inquiries;
mod ladder;
mod officers;
mod once;
mod paging;
mod postings;
mod rollout;
mod privacy;
mod schema;
mod search;
mod selections;
mod session;
mod statements;
mod tallies;
mod tokens;

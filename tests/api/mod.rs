//! A file a subject.

mod access;
mod contacts;
mod divisions;
mod partial;
mod people;
mod events;
mod doubles;
mod exports;
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
mod reorganisations;
mod schema;
mod search;
mod selections;
mod session;
mod statements;
mod tallies;
mod tokens;

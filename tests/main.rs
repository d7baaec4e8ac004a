//! The service as its clients see it: every test goes through the HTTP router or a subscription, and
//! runs on SQLite and on PostgreSQL, each time in a database of its own.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod api;
mod support;

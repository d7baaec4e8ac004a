//! Signing in and out. A session is one sign-in on one device; its refresh tokens work once each, and
//! the second use of one ends the session, because somebody must have stolen it.

pub mod graphql;
mod rules;
mod store;

pub use store::forget_old;

pub use graphql::{SessionMutation, SessionQuery, Viewer};

//! What apps that were away are told, out of the tables and the log.

mod book;
mod departure;

pub use book::{Touched, from_door_to_door, households, living, registered, touched};
pub use departure::{Departure, departures, formerly_posted};

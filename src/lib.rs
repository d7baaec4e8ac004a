//! x
pub mod clock;
pub mod error;

//! x
pub mod access;
pub mod actor;
pub mod batch;
pub mod clock;
pub mod crypt;
pub mod db;
pub mod error;
pub mod event;
pub mod id;
pub mod page;
pub mod record;
pub mod request;
pub mod service;

//! What makes a test read in five lines: an application with a small county in a database of its
//! own, and callers of every role.

mod actor;
mod answer;
mod app;
pub mod appointments;
mod breaking;
pub mod channels;
mod attachments;
pub mod county;
mod database;
mod events;
pub mod guides;
mod field;
pub mod friends;
mod lonely;
pub mod official;
pub mod owners;
mod imports;
mod people;
pub mod plan;
mod postgres;
mod program;
pub mod roster;
mod serving;
pub mod wechat;

pub use actor::{Actor, uuid_of};
pub use answer::Answer;
pub use app::TestApp;
pub use attachments::{docx, gif, jpeg, png, webp};
pub use breaking::done_within;
pub use database::{Backend, Folder, Place, run};
pub use events::Events;
pub use field::{FieldBook, KEPT, village_id};
pub use lonely::Lonely;
pub use program::{Program, ask, until};
pub use serde_json::{Value, json};

/// An input with another value in a field.
pub fn with(mut input: Value, field: &str, value: impl Into<Value>) -> Value {
    input[field] = value.into();
    input
}

/// A moment as the service writes it.
pub fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339()
}

/// Declares the tests of a file: each runs on both databases, as `sqlite::name` and `postgres::name`.
/// A function that is not listed is dead code, which the compiler reports.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[test]
                fn $name() {
                    $crate::support::run($crate::support::Backend::Sqlite, super::$name);
                }
            )*
        }
        mod postgres {
            $(
                #[test]
                fn $name() {
                    $crate::support::run($crate::support::Backend::Postgres, super::$name);
                }
            )*
        }
    };
}

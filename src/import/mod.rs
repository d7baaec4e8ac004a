//! Imports (导入): households from the lists that villages keep. A file is uploaded, looked through, and
//! done row by row in the background; each row has its fate, good rows land when others fail, and a batch
//! that nobody has touched can be taken back. Contacts in a file are not kept: a contact joins by own
//! consent, which no list can give.

mod chunk;
mod decide;
mod doubles;
mod entry;
mod fate;
mod graphql;
mod layout;
pub mod mutation;
mod names;
mod places;
mod report;
mod rules;
mod sheet;
mod store;
mod undo;
mod upload;
mod work;

use chrono::TimeDelta;

pub use chunk::ROWS;
pub use doubles::{Other, Suggestion};
pub use fate::{ImportCode, ImportFate};
pub use graphql::{
    Counts, ImportBatch, ImportDuplicate, ImportFailure, ImportMapping, ImportQuery, ImportRow,
    ImportRowFilter, ImportState,
};
pub use layout::ImportField;
pub use mutation::ImportMutation;
pub use report::report;
pub use rules::{Order, find, start};
pub use sheet::{FileFault, MAX_BYTES, read};
pub use store::{forget_name, id_of};
pub use upload::{Uploaded, keep, refused, too_large};
pub use work::{sweep, work};

/// How long the original rows are kept, and until when a batch can be taken back.
pub const KEPT: TimeDelta = TimeDelta::days(30);
/// How long a file is kept that nobody imports.
const UNUSED: TimeDelta = TimeDelta::days(1);

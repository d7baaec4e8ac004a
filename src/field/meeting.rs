//! Where an edit meets what others did meanwhile.

use entity::household::Status;

use super::mutation::{FieldWorkConflict, FieldWorkOutcome, FieldWorkValue};
use crate::error::{Error, Result, UserErrorCode};
use crate::household::status_name;

/// A value as a conflict shows it.
pub trait Shown: PartialEq {
    /// The value; nothing when there is none.
    fn shown(&self) -> Option<String>;
}

impl Shown for i32 {
    fn shown(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Shown for String {
    fn shown(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Shown for Option<String> {
    fn shown(&self) -> Option<String> {
        self.clone()
    }
}

impl Shown for Status {
    fn shown(&self) -> Option<String> {
        Some(status_name(*self))
    }
}

/// An edit and the object as it is now.
pub struct Meeting {
    alone: bool,
    changes: bool,
    conflicts: Vec<FieldWorkConflict>,
}

impl Meeting {
    /// The edit is `alone` when nobody has changed the object since its author saw it.
    pub fn new(alone: bool) -> Self {
        Self { alone, changes: false, conflicts: Vec::new() }
    }

    /// What is to become of one value. Nothing is left of `mine` that is so already.
    pub fn meet<T: Shown>(
        &mut self,
        value: FieldWorkValue,
        base: Option<T>,
        mine: &mut Option<T>,
        theirs: &T,
    ) -> Result<()> {
        let Some(wanted) = mine else { return Ok(()) };
        let base = base.ok_or_else(|| unseen(value))?;
        if wanted == theirs {
            *mine = None;
        } else if self.alone || base == *theirs {
            self.changes = true;
        } else {
            let (base, mine, theirs) = (base.shown(), wanted.shown(), theirs.shown());
            self.conflicts.push(FieldWorkConflict { value, base, mine, theirs });
        }
        Ok(())
    }

    /// Whether there is anything to be written.
    pub fn changes(&self) -> bool {
        self.changes
    }

    /// How the edit may be done, or what is in its way.
    pub fn end(self) -> Result<FieldWorkOutcome, Vec<FieldWorkConflict>> {
        match (self.conflicts.is_empty(), self.alone) {
            (false, _) => Err(self.conflicts),
            (true, true) => Ok(FieldWorkOutcome::Applied),
            (true, false) => Ok(FieldWorkOutcome::Merged),
        }
    }
}

fn unseen(value: FieldWorkValue) -> Error {
    Error::user(
        UserErrorCode::Blank,
        &format!("base.{}", value.field()),
        "须填写修改前看到的值。",
        "Say what was seen before the edit.",
    )
}

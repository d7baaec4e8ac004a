//! The text of a statement. What every request has otherwise stands in it by name; so the text is the same for every caller,
//! moment and object, and can be kept instead of being made again.

use std::any::{Any, TypeId};
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::sync::Cache;
use sea_orm::{DbBackend, Statement, Value, Values};

use super::keys::Key;
use crate::access::{Reach, Scope};
use crate::actor::Role;
use crate::error::Result;

/// The caller's id.
pub const CALLER: &str = "{caller}";
/// The caller's session.
pub const SESSION: &str = "{session}";
/// The moment at which the caller asks.
pub const NOW: &str = "{now}";
/// The key of the object that is asked for.
pub const KEY: &str = "{key}";

/// How many texts are kept; those that come often stay.
const KEPT: u64 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Caller,
    Session,
    Now,
    Key,
}

const NAMES: [(&str, Name); 4] =
    [(CALLER, Name::Caller), (SESSION, Name::Session), (NOW, Name::Now), (KEY, Name::Key)];

/// A text in which names have become numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    sql: String,
    /// The values of its own, which come first.
    values: Vec<Value>,
    /// Whose values follow.
    names: Vec<Name>,
    backend: DbBackend,
}

impl Text {
    /// The text of a statement.
    pub(super) fn of(statement: Statement) -> Self {
        let Statement { sql: named, values, db_backend: backend } = statement;
        let values = values.map(|Values(values)| values).unwrap_or_default();
        let (mut sql, mut names) = (String::with_capacity(named.len()), Vec::new());
        let mut rest = named.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            sql.push_str(before);
            let braced = &rest[before.len()..];
            let known =
                NAMES.iter().find_map(|(word, name)| Some((*name, braced.strip_prefix(word)?)));
            rest = match known {
                Some((name, after)) => {
                    let place = names.iter().position(|one| *one == name).unwrap_or_else(|| {
                        names.push(name);
                        names.len() - 1
                    });
                    // Writing to a text does not fail.
                    let _ = write!(sql, "${}", values.len() + place + 1);
                    after
                }
                None => {
                    sql.push('{');
                    after
                }
            };
        }
        sql.push_str(rest);
        Self { sql, values, names, backend }
    }

    /// The statement that a caller sends at one moment, about an object with this key if it names one.
    pub(super) fn into_statement(self, scope: &Scope, key: Option<&Key>) -> Statement {
        let Self { sql, mut values, names, backend } = self;
        let actor = scope.actor();
        values.extend(names.into_iter().map(|name| match name {
            Name::Caller => actor.id.into(),
            Name::Session => actor.session.into(),
            Name::Now => scope.at().into(),
            Name::Key => key.map_or(Value::Uuid(None), Key::value),
        }));
        Statement { sql, values: Some(Values(values)), db_backend: backend }
    }
}

/// What decides a text, besides how far its caller sees. Equal shapes of one type have the same text.
pub trait Shape: Any + Send + Sync {
    /// Whether the other is equal.
    fn is(&self, other: &dyn Shape) -> bool;

    /// Hashes it.
    fn hash_into(&self, hasher: &mut dyn Hasher);
}

impl<T: Any + Eq + Hash + Send + Sync> Shape for T {
    fn is(&self, other: &dyn Shape) -> bool {
        (other as &dyn Any).downcast_ref::<T>() == Some(self)
    }

    fn hash_into(&self, mut hasher: &mut dyn Hasher) {
        TypeId::of::<T>().hash(&mut hasher);
        self.hash(&mut hasher);
    }
}

/// A shape, and what a condition of the area depends on.
struct Asked {
    shape: Arc<dyn Shape>,
    area: (Role, Reach, bool),
}

impl Asked {
    fn new(scope: &Scope, shape: Arc<dyn Shape>) -> Self {
        let actor = scope.actor();
        Self { shape, area: (actor.role, scope.reach(), actor.session.is_some()) }
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.area == other.area && self.shape.is(&*other.shape)
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.area.hash(state);
        self.shape.hash_into(state);
    }
}

/// The texts that are kept, and how many statements were sent.
pub(super) struct Statements {
    texts: Cache<Asked, Arc<Text>>,
    sent: AtomicU64,
}

impl Default for Statements {
    fn default() -> Self {
        Self { texts: Cache::new(KEPT), sent: AtomicU64::default() }
    }
}

impl Statements {
    /// The text that what has this `shape` has for callers like this one, which `write` makes when it is not known.
    pub(super) fn text(
        &self,
        scope: &Scope,
        shape: Arc<dyn Shape>,
        write: impl Fn() -> Result<Text>,
    ) -> Result<Text> {
        let asked = Asked::new(scope, shape);
        if let Some(kept) = self.texts.get(&asked) {
            debug_assert_eq!(*kept, write()?, "a text that its shape does not decide");
            return Ok(Text::clone(&kept));
        }
        let text = write()?;
        self.texts.insert(asked, Arc::new(text.clone()));
        Ok(text)
    }

    /// Counts one that is sent.
    pub(super) fn count(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were sent.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_after_the_values_of_the_text_and_each_once() {
        let sql = "SELECT '{}', $1 WHERE a = {key} AND b = {caller} AND c = {key}";
        let values = [Value::from("value")];
        let text = Text::of(Statement::from_sql_and_values(DbBackend::Postgres, sql, values));
        assert_eq!(text.sql, "SELECT '{}', $1 WHERE a = $2 AND b = $3 AND c = $2");
        assert_eq!(text.names, [Name::Key, Name::Caller]);
    }

    #[test]
    fn a_shape_equals_what_is_equal_and_of_the_same_type() {
        let shape: &dyn Shape = &1_i32;
        assert!(shape.is(&1_i32));
        assert!(!shape.is(&2_i32));
        assert!(!shape.is(&1_i64));
    }
}

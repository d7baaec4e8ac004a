//! Statements in which what every request has otherwise stands by name. Such a text is the same for every caller, moment
//! and object, so it can be kept instead of being made again.

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

/// How many templates are kept; those that come often stay.
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

/// A statement that still lacks what its names stand for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    sql: String,
    /// The values of its own, which have the first numbers.
    values: Vec<Value>,
    /// What has the next ones.
    names: Vec<Name>,
    backend: DbBackend,
}

impl Template {
    /// The template that a statement is; its names become numbers.
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

/// What decides a template besides what a condition of the area depends on. Equal shapes of one type have the same.
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

/// A shape, and what a condition of the area depends on: role, reach, whether there is a session, and whether rows are
/// found below their parents.
struct Asked {
    shape: Arc<dyn Shape>,
    area: (Role, Reach, bool, bool),
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

/// The templates that are kept, and how many statements were sent.
pub(super) struct Statements {
    templates: Cache<Asked, Arc<Template>>,
    sent: AtomicU64,
}

impl Default for Statements {
    fn default() -> Self {
        Self { templates: Cache::new(KEPT), sent: AtomicU64::default() }
    }
}

impl Statements {
    /// The template that what has this `shape` has within this scope, which `write` makes when none is kept. One with
    /// values of its own is not kept: it may be long, hold what somebody searches for, and never come again.
    pub(super) fn template(
        &self,
        scope: &Scope,
        below: bool,
        shape: Arc<dyn Shape>,
        write: impl Fn() -> Result<Template>,
    ) -> Result<Template> {
        let actor = scope.actor();
        let area = (actor.role, scope.reach(), actor.session.is_some(), below);
        let asked = Asked { shape, area };
        if let Some(kept) = self.templates.get(&asked) {
            debug_assert_eq!(*kept, write()?, "a template that its shape does not decide");
            return Ok(Template::clone(&kept));
        }
        let template = write()?;
        if template.values.is_empty() {
            self.templates.insert(asked, Arc::new(template.clone()));
        }
        Ok(template)
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
        let template =
            Template::of(Statement::from_sql_and_values(DbBackend::Postgres, sql, values));
        assert_eq!(template.sql, "SELECT '{}', $1 WHERE a = $2 AND b = $3 AND c = $2");
        assert_eq!(template.names, [Name::Key, Name::Caller]);
    }

    #[test]
    fn a_shape_equals_what_is_equal_and_of_the_same_type() {
        let shape: &dyn Shape = &1_i32;
        assert!(shape.is(&1_i32));
        assert!(!shape.is(&2_i32));
        assert!(!shape.is(&1_i64));
    }
}

//! What the library found valid before. It validates a document against the schema each time that it comes; but of one
//! that came before only its variables can be wrong, and of these only what they look like: whether a value
//! is a number or a text, which keys an object has, which word stands for an enum's.

use std::any::TypeId;
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use async_graphql::{Name, Positioned, Request, Value, Variables};

use super::{Document, select};

/// How many looks are remembered of a document.
const LOOKS: usize = 64;

static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The looks of variables with which a document was found valid, by the operation that was run.
#[derive(Default)]
pub(super) struct Looks(RwLock<HashSet<u64>>);

/// An operation of a document, with variables of one look.
#[derive(Clone)]
pub struct Validity {
    document: Arc<Document>,
    name: Option<Name>,
    look: u64,
}

impl Validity {
    pub(super) fn new(document: Arc<Document>, name: Option<Name>, variables: &Variables) -> Self {
        let mut hasher = HASHER.build_hasher();
        name.as_deref().hash(&mut hasher);
        for (name, value) in variables.iter() {
            name.as_str().hash(&mut hasher);
            look(value, &mut hasher);
        }
        Self { document, name, look: hasher.finish() }
    }

    /// The validity of what a request runs, if it came by the guard.
    pub fn of(request: &Request) -> Option<Self> {
        request.data.get(&TypeId::of::<Self>())?.downcast_ref().cloned()
    }

    /// The document and its operation, when that was found valid before.
    pub fn known(&self) -> Option<(&ExecutableDocument, &Positioned<OperationDefinition>)> {
        let looks = self.document.looks.0.read().unwrap_or_else(PoisonError::into_inner);
        if !looks.contains(&self.look) {
            return None;
        }
        let (_, operation) = select(&self.document.parsed, self.name.as_deref()).ok()?;
        Some((&self.document.parsed, operation))
    }

    /// Remembers that it was found valid.
    pub fn remember(&self) {
        let mut looks = self.document.looks.0.write().unwrap_or_else(PoisonError::into_inner);
        if self.document.plain && looks.len() < LOOKS {
            looks.insert(self.look);
        }
    }
}

/// What a value looks like. A text that could be the word of an enum is all look.
fn look(value: &Value, hasher: &mut impl Hasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Number(number) => (number.is_i64(), number.is_u64()).hash(hasher),
        Value::String(text) if is_word(text) => text.hash(hasher),
        Value::Enum(word) => word.as_str().hash(hasher),
        Value::List(values) => {
            let looks = values.iter().map(|value| {
                let mut hasher = HASHER.build_hasher();
                look(value, &mut hasher);
                hasher.finish()
            });
            looks.collect::<BTreeSet<u64>>().hash(hasher);
        }
        Value::Object(fields) => {
            fields.len().hash(hasher);
            for (name, value) in fields {
                name.as_str().hash(hasher);
                look(value, hasher);
            }
        }
        _ => {}
    }
}

/// Whether a text could be a value of an enum, as the contract writes them.
fn is_word(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    text.bytes().next().is_some_and(letter)
        && text.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::guard::{Documents, Limits};

    fn validity(documents: &Documents, query: &str, variables: serde_json::Value) -> Validity {
        let request = Request::new(query).variables(Variables::from_json(variables));
        let operation = documents.operation(request).expect("an operation");
        Validity::of(&operation.request).expect("its validity")
    }

    fn is_known(documents: &Documents, query: &str, variables: serde_json::Value) -> bool {
        validity(documents, query, variables).known().is_some()
    }

    #[test]
    fn what_looks_alike_is_known() {
        let documents = Documents::new(&Limits::default());
        let query = "query($a: A) { a(a: $a) }";
        let first = json!({ "a": { "id": "x1", "many": [1, 2], "word": "OPEN", "none": null } });
        assert!(!is_known(&documents, query, first.clone()));
        validity(&documents, query, first.clone()).remember();
        let alike =
            json!({ "a": { "id": "411481100203", "many": [7], "word": "OPEN", "none": null } });
        assert!(is_known(&documents, query, first.clone()) && is_known(&documents, query, alike));
        for (field, other) in [
            ("id", json!(1)),
            ("id", json!("ID")),
            ("many", json!([1, "2"])),
            ("many", json!([])),
            ("many", json!(1)),
            ("word", json!("CLOSED")),
            ("word", json!("open")),
            ("none", json!(false)),
        ] {
            let mut variables = first.clone();
            variables["a"][field] = other.clone();
            assert!(!is_known(&documents, query, variables), "{field} {other}");
        }
        let nested =
            json!({ "a": { "id": "x", "many": [1], "word": "OPEN", "none": null, "more": 1 } });
        assert!(!is_known(&documents, query, nested));
        assert!(!is_known(&documents, query, json!({ "b": first["a"] })));
    }

    #[test]
    fn each_operation_of_a_document_is_known_by_itself() {
        let documents = Documents::new(&Limits::default());
        let query = "query A { a } query B { b }";
        let of = |name: &str| {
            let mut request = Request::new(query);
            request.operation_name = Some(name.to_owned());
            let operation = documents.operation(request).expect("an operation");
            Validity::of(&operation.request).expect("its validity")
        };
        of("A").remember();
        assert!(of("A").known().is_some() && of("B").known().is_none());
    }

    #[test]
    fn directives_and_the_schema_itself_are_never_known() {
        let documents = Documents::new(&Limits::default());
        for query in [
            "{ a @skip(if: true) }",
            "{ a { ... @include(if: true) { b } } }",
            "{ ...F } fragment F on A { b @skip(if: false) }",
            "{ __schema { types { name } } }",
            "{ ...F } fragment F on Query { __type(name: \"A\") { name } }",
        ] {
            validity(&documents, query, json!({})).remember();
            assert!(!is_known(&documents, query, json!({})), "{query}");
        }
        validity(&documents, "{ __typename a }", json!({})).remember();
        assert!(is_known(&documents, "{ __typename a }", json!({})));
    }

    #[test]
    fn a_document_has_only_so_many_looks() {
        let documents = Documents::new(&Limits::default());
        let query = "query($a: A) { a(a: $a) }";
        for nth in 0..LOOKS + 5 {
            validity(&documents, query, json!({ "a": format!("A{nth}") })).remember();
        }
        let known = |nth: usize| is_known(&documents, query, json!({ "a": format!("A{nth}") }));
        assert!(known(0) && known(LOOKS - 1) && !known(LOOKS));
    }
}

//! What objects answer, while it is put together. The library wants a tree of values, which would only be counted,
//! written and thrown away; so an object is written as soon as its fields are known, and its text goes through the
//! library as a value that nothing else makes (`Value::Binary`).
//!
//! Where a key comes twice in one selection, the library merges what was answered for both. It cannot merge
//! texts, so such a document is answered by values.

use std::mem::take;

use async_graphql::indexmap::IndexMap;
use async_graphql::{ContextSelectionSet, Name, Value};

/// About how many bytes a field takes.
const FIELD: usize = 40;
/// At the end of a text stands how many objects there are in it.
const COUNT: usize = size_of::<u64>();

/// Says in a request's data that objects may be answered as text.
#[derive(Clone, Copy, Debug)]
pub struct AsText;

/// How objects are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As values.
    Values,
    /// As text.
    Text,
}

impl Form {
    /// How the objects of this request are answered.
    pub fn of(context: &ContextSelectionSet<'_>) -> Self {
        context.data_opt::<AsText>().map_or(Self::Values, |_| Self::Text)
    }
}

/// An object of which some fields are answered.
pub struct Object(Fields);

enum Fields {
    Values(IndexMap<Name, Value>),
    Text(Text),
}

/// A text that is being written.
struct Text {
    bytes: Vec<u8>,
    objects: u64,
    /// About how many bytes are to come, until there is room for them.
    expected: usize,
}

impl Object {
    /// One of so many fields.
    pub fn new(form: Form, fields: usize) -> Self {
        Self(match form {
            Form::Values => Fields::Values(IndexMap::with_capacity(fields)),
            Form::Text => Fields::Text(Text::begin(1, fields * FIELD)),
        })
    }

    /// Adds the answer of a field.
    pub fn add(&mut self, key: &Name, value: Value) {
        match &mut self.0 {
            Fields::Values(values) => {
                values.insert(key.clone(), value);
            }
            Fields::Text(text) => {
                text.make_room(&value);
                text.separate(b'{');
                text.bytes.push(b'"');
                text.bytes.extend_from_slice(key.as_bytes());
                text.bytes.extend_from_slice(b"\":");
                text.add(&value);
            }
        }
    }

    /// The whole object.
    pub fn done(self) -> Value {
        match self.0 {
            Fields::Values(values) => Value::Object(values),
            Fields::Text(text) => text.end(b'{', b'}'),
        }
    }
}

impl Text {
    fn begin(objects: u64, expected: usize) -> Self {
        Self { bytes: Vec::new(), objects, expected: expected + COUNT + 2 }
    }

    /// Makes room for a value, and first of all for about everything.
    fn make_room(&mut self, value: &Value) {
        let expected = take(&mut self.expected);
        // Else the next comma would move a text once more.
        let text = if let Value::Binary(text) = value { text.len() + FIELD } else { 0 };
        self.bytes.reserve(expected + text);
    }

    /// Writes what stands between two values, or before the first.
    fn separate(&mut self, open: u8) {
        self.bytes.push(if self.bytes.is_empty() { open } else { b',' });
    }

    fn add(&mut self, value: &Value) {
        self.objects += objects(value);
        write(value, &mut self.bytes);
    }

    fn end(mut self, open: u8, close: u8) -> Value {
        if self.bytes.is_empty() {
            self.bytes.push(open);
        }
        self.bytes.push(close);
        self.bytes.extend_from_slice(&self.objects.to_le_bytes());
        Value::Binary(self.bytes.into())
    }
}

/// A list of objects.
pub fn list(form: Form, values: Vec<Value>) -> Value {
    if form == Form::Values {
        return Value::List(values);
    }
    let size =
        values.iter().map(|value| if let Value::Binary(text) = value { text.len() } else { FIELD });
    let mut text = Text::begin(0, size.sum());
    text.make_room(&Value::Null);
    for value in values {
        text.separate(b'[');
        text.add(&value);
    }
    text.end(b'[', b']')
}

/// How many objects there are in an answer.
pub fn objects(value: &Value) -> u64 {
    match value {
        Value::Object(fields) => fields.values().map(objects).sum::<u64>() + 1,
        Value::List(items) => items.iter().map(objects).sum(),
        Value::Binary(text) => {
            text.last_chunk().map_or(0, |count: &[u8; COUNT]| u64::from_le_bytes(*count))
        }
        _ => 0,
    }
}

/// Writes an answer as JSON.
pub fn write(value: &Value, to: &mut Vec<u8>) {
    match value {
        Value::Binary(text) => {
            to.extend_from_slice(&text[..text.len().saturating_sub(COUNT)]);
        }
        Value::Object(fields) => {
            to.push(b'{');
            for (nth, (key, value)) in fields.iter().enumerate() {
                if nth > 0 {
                    to.push(b',');
                }
                json(key.as_str(), to);
                to.push(b':');
                write(value, to);
            }
            to.push(b'}');
        }
        Value::List(items) => {
            to.push(b'[');
            for (nth, item) in items.iter().enumerate() {
                if nth > 0 {
                    to.push(b',');
                }
                write(item, to);
            }
            to.push(b']');
        }
        plain => json(plain, to),
    }
}

/// Writes something that has no text in it.
pub fn json(value: &(impl serde::Serialize + ?Sized), to: &mut Vec<u8>) {
    let start = to.len();
    if let Err(error) = serde_json::to_writer(&mut *to, value) {
        tracing::error!(%error, "a part of a response could not be written");
        to.truncate(start);
        to.extend_from_slice(b"null");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(json).expect("a value")
    }

    fn text(value: &Value) -> String {
        let mut bytes = Vec::new();
        write(value, &mut bytes);
        String::from_utf8(bytes).expect("text")
    }

    /// An object with another one, a list of them, and plain values.
    fn nested(form: Form) -> Value {
        let mut inner = Object::new(form, 1);
        inner.add(&Name::new("名"), value(json!("a\"\n\u{1F600}")));
        let inner = inner.done();
        let mut outer = Object::new(form, 5);
        outer.add(&Name::new("one"), inner.clone());
        outer.add(&Name::new("many"), list(form, vec![inner.clone(), Value::Null, inner]));
        outer.add(&Name::new("none"), list(form, Vec::new()));
        outer.add(&Name::new("plain"), value(json!([1, -2.5, true, null, { "a": {} }])));
        outer.add(&Name::new("empty"), Object::new(form, 0).done());
        outer.done()
    }

    #[test]
    fn a_text_says_what_the_values_say_and_counts_the_same_objects() {
        let (values, written) = (nested(Form::Values), nested(Form::Text));
        assert_eq!(text(&written), text(&values));
        assert_eq!(text(&values), serde_json::to_string(&values).expect("JSON"));
        assert_eq!((objects(&written), objects(&values)), (7, 7));
    }

    #[test]
    fn texts_are_written_wherever_they_stand_among_values() {
        let mut root = IndexMap::new();
        root.insert(Name::new("a"), Value::List(vec![nested(Form::Text), Value::Null]));
        let root = Value::Object(root);
        assert_eq!(text(&root), format!("{{\"a\":[{},null]}}", text(&nested(Form::Values))));
        assert_eq!(objects(&root), 8);
    }
}

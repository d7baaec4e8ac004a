//! The fields of a span as the text of a JSON object, to which others are added at its end. The library's own way reads the
//! text back and writes it anew for each that is added, which every request does, and most requests are never logged.

use std::fmt::{self, Debug};
use std::mem::take;

use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::{FormatFields, Writer};

/// About as long as the fields of a request.
const USUAL: usize = 256;

/// Writes the fields of spans.
pub(super) struct Members;

impl<'writer> FormatFields<'writer> for Members {
    fn format_fields<R: RecordFields>(&self, mut to: Writer<'writer>, fields: R) -> fmt::Result {
        let mut object = Object::open(Vec::with_capacity(USUAL));
        fields.record(&mut object);
        to.write_str(&object.closed()?)
    }

    fn add_fields(
        &self,
        current: &'writer mut FormattedFields<Self>,
        fields: &Record<'_>,
    ) -> fmt::Result {
        let mut before = take(&mut current.fields).into_bytes();
        before.pop();
        let mut object = Object::open(before);
        fields.record(&mut object);
        current.fields = object.closed()?;
        Ok(())
    }
}

/// The text of an object that is not closed.
struct Object(Vec<u8>);

impl Object {
    /// Goes on after what stands there.
    fn open(mut text: Vec<u8>) -> Self {
        if text.is_empty() {
            text.push(b'{');
        }
        Self(text)
    }

    fn add(&mut self, field: &Field, value: impl Serialize) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.write(field.name());
        self.0.push(b':');
        self.write(value);
    }

    fn write(&mut self, value: impl Serialize) {
        // Texts and numbers can be written, and memory takes them.
        let _ = serde_json::to_writer(&mut self.0, &value);
    }

    fn closed(mut self) -> Result<String, fmt::Error> {
        self.0.push(b'}');
        String::from_utf8(self.0).map_err(|_| fmt::Error)
    }
}

impl Visit for Object {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use serde_json::{Value, json};
    use tracing::field::Empty;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_noted_later_stands_beside_what_was_noted_first() {
        let lines = Lines::default();
        let writer = lines.clone();
        let json = tracing_subscriber::fmt::layer().json().with_current_span(false);
        let layer = json.fmt_fields(Members).with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let bare = tracing::info_span!("bare", operation = Empty);
            bare.record("operation", "查询\"\n");
            let _bare = bare.entered();
            let full = tracing::info_span!("full", id = "a", count = 2, kind = Empty, none = Empty);
            full.record("kind", tracing::field::display("query"));
            full.in_scope(|| tracing::info!("said"));
        });
        let written = lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line: Value = serde_json::from_slice(&written).expect("one line of JSON");
        let full = json!({ "name": "full", "id": "a", "count": 2, "kind": "query" });
        assert_eq!(line["spans"], json!([{ "name": "bare", "operation": "查询\"\n" }, full]));
    }
}

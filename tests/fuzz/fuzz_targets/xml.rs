//! No text makes the reader of XML fall over, and what it reads is no longer than what there was.

#![no_main]

#[path = "../../../src/channel/xml.rs"]
mod xml;

use libfuzzer_sys::fuzz_target;
use xml::{Fields, MAX_BYTES};

fuzz_target!(|text: &str| {
    if let Ok(fields) = Fields::read(text) {
        assert!(text.len() <= MAX_BYTES);
        for name in ["Encrypt", "Event", "Token", "a"] {
            assert!(fields.get(name).is_none_or(|value| value.len() <= text.len()));
        }
    }
});

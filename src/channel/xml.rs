//! The XML in which WeChat and WeCom write: one element with elements in it. Nothing else of XML is read: no document
//! type, no entities but the five that everybody knows, no processing instructions.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

/// The most bytes that are read.
pub const MAX_BYTES: usize = 64 * 1024;
/// How deep elements may lie in each other.
const MAX_DEPTH: usize = 16;

/// It is not the XML that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the XML that is read here")]
pub struct NotRead;

/// The texts of the elements right below the root, by their names. What lies deeper is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a document.
    pub fn read(text: &str) -> Result<Self, NotRead> {
        if text.len() > MAX_BYTES {
            return Err(NotRead);
        }
        let mut reader = Reader::from_str(text);
        let (mut fields, mut depth, mut roots) = (BTreeMap::new(), 0, 0);
        let mut open: Option<(String, String)> = None;
        loop {
            match reader.read_event().map_err(|_| NotRead)? {
                Event::Start(start) => {
                    depth += 1;
                    roots += usize::from(depth == 1);
                    if depth == 2 {
                        open = Some((start.name().as_ref().to_owned(), String::new()));
                    }
                }
                Event::Empty(start) if depth == 1 => {
                    keep(&mut fields, start.name().as_ref().to_owned(), String::new())?;
                }
                Event::Empty(_) => roots += usize::from(depth == 0),
                Event::End(_) => {
                    if depth == 2
                        && let Some((name, text)) = open.take()
                    {
                        keep(&mut fields, name, text)?;
                    }
                    depth -= 1;
                }
                Event::Text(text) => add(&mut open, depth, &text.xml10_content())?,
                Event::CData(text) => add(&mut open, depth, &text.xml10_content())?,
                Event::GeneralRef(reference) => add(&mut open, depth, &meaning(&reference)?)?,
                Event::Comment(_) | Event::Decl(_) => {}
                Event::DocType(_) | Event::PI(_) => return Err(NotRead),
                Event::Eof => break,
            }
            if depth > MAX_DEPTH || roots > 1 {
                return Err(NotRead);
            }
        }
        if depth == 0 && roots == 1 { Ok(Self(fields)) } else { Err(NotRead) }
    }

    /// The text of the element of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// Keeps an element. Two of one name may mean either: that is refused.
fn keep(fields: &mut BTreeMap<String, String>, name: String, text: String) -> Result<(), NotRead> {
    fields.insert(name, text).map_or(Ok(()), |_| Err(NotRead))
}

/// Adds to the text of the element that is open; between elements only spaces may stand.
fn add(open: &mut Option<(String, String)>, depth: usize, text: &str) -> Result<(), NotRead> {
    match open {
        Some((_, content)) if depth == 2 => content.push_str(text),
        _ if depth > 2 || text.chars().all(char::is_whitespace) => {}
        _ => return Err(NotRead),
    }
    Ok(())
}

fn meaning(reference: &BytesRef<'_>) -> Result<String, NotRead> {
    if let Some(sign) = reference.resolve_char_ref().map_err(|_| NotRead)? {
        return Ok(sign.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned).ok_or(NotRead)
}

//! Counts tokens and nesting in the text of a document, before anything is parsed. It need not tell
//! tokens apart exactly; it must never see fewer than the parser does, nor take much time.

use crate::error::{Code, Error, Result};
use crate::guard::{Limits, too_large};

/// Refuses a text with too many tokens or too deep brackets.
pub(super) fn check(text: &str, limits: &Limits) -> Result<()> {
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut depth) = (0, 0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',') {
            at += 1;
            continue;
        }
        if byte == b'#' {
            at += length(&bytes[at..], |byte| !matches!(byte, b'\r' | b'\n'));
            continue;
        }
        tokens += 1;
        if tokens > limits.tokens {
            return Err(too_large("tokens", limits.tokens));
        }
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limits.depth {
            return Err(too_large("depth", limits.depth));
        }
        at += match byte {
            b'"' => string(&bytes[at..])?,
            byte if is_word(byte) => length(&bytes[at..], is_word),
            b'.' => length(&bytes[at..], |byte| byte == b'.').min(3),
            _ => 1,
        };
    }
    Ok(())
}

fn length(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !belongs(*byte)).unwrap_or(bytes.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of the string that `bytes` begins with. A string that its line does not close ends
/// there. A block string that nothing closes is refused: the parser would read it as two strings.
fn string(bytes: &[u8]) -> Result<usize> {
    let block = bytes.starts_with(br#"""""#);
    let mut at = if block { 3 } else { 1 };
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            _ if block && rest.starts_with(br#"\""""#) => 4,
            _ if block && rest.starts_with(br#"""""#) => return Ok(at + 3),
            _ if block => 1,
            b'"' => return Ok(at + 1),
            b'\r' | b'\n' => return Ok(at),
            b'\\' => 2,
            _ => 1,
        };
    }
    if block {
        return Err(Error::top(
            Code::ParseFailed,
            "GraphQL 语法错误：块字符串没有结束。",
            "The document is not GraphQL: a block string has no end.",
        ));
    }
    Ok(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> usize {
        (0..1000)
            .find(|&tokens| check(text, &Limits { tokens, ..Limits::default() }).is_ok())
            .expect("a small text")
    }

    #[test]
    fn tokens_are_counted_without_spaces_and_comments() {
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("{ a }"), 3);
        assert_eq!(tokens("{a,b # c d e {{{\n}"), 4);
        assert_eq!(tokens("{...F ... on T{a}}"), 10);
        assert_eq!(tokens("query($n:Int=-1.5e3){a(first:$n)}"), 21);
    }

    #[test]
    fn brackets_inside_strings_are_text() {
        assert_eq!(tokens(r#"{a(b:"{{{ \" ((")}"#), 8);
        assert_eq!(tokens("{a(b:\"\"\"{ \\\"\"\" \n \" {\"\"\")}"), 8);
        assert_eq!(tokens(r#"{a(b:"")}"#), 8);
    }

    #[test]
    fn an_open_string_hides_nothing() {
        assert_eq!(tokens("{a(b:\"x\n c d e"), 9);
        assert!(check(r#"{a(b:[""" b",{c:[{c:1}]}])}"#, &Limits::default()).is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let limits = Limits { depth: 3, ..Limits::default() };
        assert!(check("{a{b{c}}}", &limits).is_ok());
        assert!(check("{a{b(x:[1]){c}}}", &limits).is_err());
        assert!(check(&"{a".repeat(100_000), &Limits::default()).is_err());
    }
}

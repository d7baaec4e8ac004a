//! Texts that people type: trimmed, bounded, free of control characters; and how they are searched
//! and masked.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::error::{Code, Error, Result, UserErrorCode};

/// Checks a required text of at most `max` characters; `field` is its path in the input.
pub fn required(field: &str, text: &str, max: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::user(
            UserErrorCode::Blank,
            field,
            "此项不能为空。",
            "This must not be empty.",
        ));
    }
    if text.chars().count() > max {
        return Err(Error::user(
            UserErrorCode::TooLong,
            field,
            format!("此项不能超过{max}个字符。"),
            format!("This must not be longer than {max} characters."),
        ));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        return Err(Error::user(
            UserErrorCode::Invalid,
            field,
            "此项含有不能使用的控制字符。",
            "This contains control characters.",
        ));
    }
    Ok(text.to_owned())
}

/// Checks a text that may be left out.
pub fn optional(field: &str, text: Option<&str>, max: usize) -> Result<Option<String>> {
    text.map(|text| required(field, text, max)).transpose()
}

/// A Chinese mobile number (11 digits from 1) or a landline number with its area code, without
/// spaces and hyphens.
pub fn phone(field: &str, text: &str) -> Result<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
    let digits = digits.strip_prefix("+86").unwrap_or(&digits);
    let mobile = digits.len() == 11 && digits.starts_with('1');
    let landline = (10..=12).contains(&digits.len()) && digits.starts_with('0');
    if (mobile || landline) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(digits.to_owned());
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        field,
        "电话号码应为11位手机号，或带区号的固定电话。",
        "A phone number is a mobile number of 11 digits, or a landline number with its area code.",
    ))
}

/// The form in which texts are compared: lower case, without spaces.
pub fn normalised(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// A text to search for, in the form of [`normalised`]: at least two characters.
pub fn search(text: &str) -> Result<String> {
    let text = normalised(text);
    match text.chars().count() {
        2..=50 if !text.chars().any(char::is_control) => Ok(text),
        _ => Err(Error::top(
            Code::BadUserInput,
            "搜索词应为2到50个字符，且不含控制字符。",
            "Search for 2 to 50 characters, none of them a control character.",
        )),
    }
}

/// The pairs of letters or digits that stand side by side in a text, each once. What stands between words,
/// such as spaces and punctuation, does not count.
pub fn bigrams(text: &str) -> BTreeSet<String> {
    let letters: Vec<char> =
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    letters.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// Whether a text is a name for programs: 1 to 40 lower-case letters, digits and hyphens.
pub fn is_slug(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(allowed)
}

/// The refusal of what is no name for programs.
pub fn no_slug(field: &str) -> Error {
    Error::user(
        UserErrorCode::Invalid,
        field,
        "标识由1到40个小写字母、数字和连字符组成。",
        "This is made of 1 to 40 lower-case letters, digits and hyphens.",
    )
}

/// The pattern by which LIKE finds a text anywhere, with `\` as the escape character.
pub fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A text that a spreadsheet program would take for a formula, even out of a CSV file, begins with an
/// apostrophe (OWASP: CSV injection).
pub fn defused(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a character turns the direction of writing, and so hides what is written.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name of which only the first character is shown: 王**.
pub fn masked_name(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| format!("{first}**"))
}

/// A number of which only the first three and the last two digits are shown: 138******78.
pub fn masked_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().collect();
    digits
        .iter()
        .enumerate()
        .map(|(place, digit)| if place < 3 || place + 2 >= digits.len() { *digit } else { '*' })
        .collect()
}

/// A label of which the name after the hyphen is masked: 刘河村3组-王**.
pub fn masked_label(label: &str) -> String {
    match label.rsplit_once('-') {
        Some((place, name)) => format!("{place}-{}", masked_name(name)),
        None => masked_name(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_bounded_in_characters_not_bytes() {
        assert_eq!(required("a", "  户口 🏠 ", 4).as_deref(), Ok("户口 🏠"));
        assert!(required("a", "户口本在哪", 4).is_err());
        assert!(required("a", " \u{3000}", 4).is_err());
        assert!(required("a", "a\0b", 4).is_err());
    }

    #[test]
    fn phone_numbers_lose_their_spaces_and_others_are_refused() {
        assert_eq!(phone("phone", "+86 100-1234 5678").as_deref(), Ok("10012345678"));
        assert_eq!(phone("phone", "0370-5112110").as_deref(), Ok("03705112110"));
        for bad in ["", "110", "1.38E+10", "２00123456789", "10012345678a"] {
            assert!(phone("phone", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn masks_hide_all_but_the_ends() {
        assert_eq!(masked_label("刘河村3组-王建国"), "刘河村3组-王**");
        assert_eq!(masked_phone("10012345678"), "100******78");
    }

    #[test]
    fn a_pattern_finds_wildcards_as_they_are() {
        assert_eq!(like("50%_\\"), "%50\\%\\_\\\\%");
    }
}

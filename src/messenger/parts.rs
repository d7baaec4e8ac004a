//! How a message is sent in parts, each under a name of its own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Where a sentence ends.
const ENDS: [char; 10] = ['。', '！', '？', '；', '…', '.', '!', '?', ';', '\n'];
/// Where one may break off within a sentence.
const PAUSES: [char; 5] = ['，', '、', '：', ',', ' '];

/// A text in parts of at most `most` bytes, which are at least four: at the ends of sentences where there are any,
/// never within a character. Together the parts are the text.
pub fn split(text: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > most {
        let fitting = &rest[..rest.floor_char_boundary(most)];
        let behind = |ends: &[char]| {
            let place = fitting.rfind(ends)?;
            // A mark may be of several bytes; what is split off must be worth it.
            let end = place + fitting[place..].chars().next().map_or(1, char::len_utf8);
            (end * 2 >= fitting.len()).then_some(end)
        };
        let end = behind(&ENDS).or_else(|| behind(&PAUSES)).unwrap_or(fitting.len());
        let (part, others) = rest.split_at(end);
        parts.push(part);
        rest = others;
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

/// The name of a part at the far side, which takes each name once.
pub fn name(delivery: Uuid, part: usize) -> String {
    format!("{}-{part}", URL_SAFE_NO_PAD.encode(delivery.as_bytes()))
}

/// Of which delivery a name is.
pub fn delivery(name: &str) -> Option<Uuid> {
    let (encoded, _) = name.rsplit_once('-')?;
    Uuid::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_are_short_and_together_the_text(text in "(\\PC|。|\n|😀|字){0,400}", most in 4_usize..200) {
            let parts = split(&text, most);
            prop_assert_eq!(parts.concat(), text.as_str());
            for part in parts {
                prop_assert!(!part.is_empty() && part.len() <= most);
            }
        }

        #[test]
        fn a_name_leads_back_and_fits(bytes: [u8; 16], part in 0_usize..100) {
            let id = Uuid::from_bytes(bytes);
            let name = name(id, part);
            prop_assert!(name.len() <= 32);
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)));
            prop_assert_eq!(delivery(&name), Some(id));
        }
    }

    #[test]
    fn a_text_is_split_behind_a_sentence() {
        let text = "请带户口本。请带身份证，到派出所办理。";
        assert_eq!(split(text, 30), ["请带户口本。", "请带身份证，", "到派出所办理。"]);
        assert_eq!(split("abc", 4), ["abc"]);
        assert_eq!(split("", 4), Vec::<&str>::new());
    }

    #[test]
    fn what_is_no_name_of_ours_leads_nowhere() {
        for name in ["", "-", "abc-1", "in000001", "AAAA-0", "😀-1"] {
            assert_eq!(delivery(name), None, "{name}");
        }
    }
}

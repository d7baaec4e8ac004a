//! What the link says by which somebody came in.

use crate::scalar::{DivisionCode, Level};

/// The code of a link, such as `411481109204-03-017`: village, group, door. It may be something else.
#[derive(Debug, PartialEq, Eq)]
pub struct Scene<'a> {
    /// The code as it stands.
    pub text: &'a str,
    /// The code of the village, when it begins with one.
    pub village: Option<&'a str>,
    /// The number of the group there.
    pub group: Option<u8>,
    /// The door within the group.
    pub door: Option<i32>,
}

impl<'a> Scene<'a> {
    /// Reads a code; nothing when it has not the form of one: what people write into addresses has not.
    pub fn read(text: &'a str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !(1..=32).contains(&text.len()) || !text.bytes().all(fits) {
            return None;
        }
        let mut parts = text.split('-');
        let village = parts.next().filter(|code| {
            let code = DivisionCode((*code).to_owned());
            code.expect(Level::Village).is_ok()
        });
        let group = village.and(parts.next()).and_then(|number| number.parse().ok());
        let door = group.and(parts.next()).and_then(|number| number.parse().ok());
        Some(Self { text, village, group, door })
    }

    /// The code of the group.
    pub fn group_code(&self) -> Option<String> {
        let number = self.group.filter(|number| (1..=99).contains(number))?;
        Some(format!("{}-{number:02}", self.village?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_where_it_hangs() {
        let scene = Scene::read("411481109204-03-017").unwrap();
        assert_eq!(
            (scene.village, scene.group, scene.door),
            (Some("411481109204"), Some(3), Some(17))
        );
        assert_eq!(scene.group_code().as_deref(), Some("411481109204-03"));
        for (text, group) in
            [("411481109204", None), ("411481109204-x-1", None), ("411481109204-00-1", Some(0))]
        {
            let scene = Scene::read(text).unwrap();
            assert_eq!((scene.group, scene.group_code()), (group, None), "{text}");
        }
        assert_eq!(Scene::read("hall-3-1").unwrap().village, None);
        for text in ["", "a b", "刘河", "012345678901234567890123456789012"] {
            assert_eq!(Scene::read(text), None, "{text}");
        }
    }
}

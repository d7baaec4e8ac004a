//! How alike two names of people are: as officers mishear and mistype them at the door.

use pinyin::ToPinyin;

/// In which way two names are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// Written the same, but for variant characters.
    Same,
    /// Read the same, but for the tones.
    Sound,
    /// One character differs, of three or more.
    OneCharacter,
}

/// Characters that are written in more than one way, with the standard one first (通用规范汉字表, variants
/// that are common in names).
const VARIANTS: [&str; 40] = [
    "国囯國",
    "峰峯",
    "群羣",
    "杰傑",
    "华華",
    "龙龍",
    "凤鳳",
    "兰蘭",
    "丽麗",
    "红紅",
    "军軍",
    "伟偉",
    "东東",
    "刚剛",
    "强強彊",
    "云雲",
    "万萬",
    "贵貴",
    "宝寶寳",
    "庆慶",
    "业業",
    "义義",
    "兴興",
    "发發髮",
    "学學",
    "卫衛",
    "战戰",
    "胜勝",
    "荣榮",
    "爱愛",
    "莲蓮",
    "玲玪",
    "秀琇",
    "喆哲",
    "堃坤",
    "淼渺",
    "昇升",
    "祐佑",
    "婷娗",
    "珍珎",
];

fn standard(character: char) -> char {
    VARIANTS
        .iter()
        .find(|forms| forms.contains(character))
        .and_then(|forms| forms.chars().next())
        .unwrap_or(character)
}

/// A name of two characters or more, in standard characters and without spaces: one character is too short
/// to tell people apart.
#[derive(Clone, Debug)]
pub struct Name(Box<str>);

impl Name {
    /// The name in a text, if it is one.
    pub fn of(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(standard).collect();
        (plain.chars().nth(1).is_some()).then(|| Self(plain.into()))
    }

    /// The name in a household's label: after the last hyphen, as in 刘河村3组-王建国.
    pub fn in_label(label: &str) -> Option<Self> {
        Self::of(label.rsplit_once('-').map_or(label, |(_, name)| name))
    }

    /// The name, in standard characters and without spaces.
    pub fn plain(&self) -> &str {
        &self.0
    }

    /// How it is like another one, given as [`Name::plain`] does, if it is.
    pub fn likeness(&self, plain: &str) -> Option<Likeness> {
        let length = self.0.chars().count();
        if length != plain.chars().count() {
            return None;
        }
        let different = || self.0.chars().zip(plain.chars()).filter(|(own, other)| own != other);
        let alike = |(own, other)| sounds(own).is_some_and(|sound| sounds(other) == Some(sound));
        match different().count() {
            0 => Some(Likeness::Same),
            _ if different().all(alike) => Some(Likeness::Sound),
            1 if length > 2 => Some(Likeness::OneCharacter),
            _ => None,
        }
    }
}

fn sounds(character: char) -> Option<&'static str> {
    character.to_pinyin().map(|pinyin| pinyin.plain())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(a: &str, b: &str) -> Option<Likeness> {
        Name::of(a)?.likeness(Name::of(b)?.plain())
    }

    #[test]
    fn names_are_alike_in_three_ways() {
        for (a, b, expected) in [
            ("王建国", "王建国", Some(Likeness::Same)),
            ("王建国", "王建囯", Some(Likeness::Same)),
            ("王 建国", "王建國", Some(Likeness::Same)),
            ("张晓红", "章小虹", Some(Likeness::Sound)),
            ("李芳", "李方", Some(Likeness::Sound)),
            ("王建国", "王建军", Some(Likeness::OneCharacter)),
            ("李芳", "李军", None),
            ("王建国", "李秀英", None),
            ("王建国", "王建", None),
            ("王", "王", None),
            ("", "", None),
            ("🙂🙂🙂", "🙂🙂", None),
        ] {
            assert_eq!(likeness(a, b), expected, "{a} {b}");
            assert_eq!(likeness(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn no_character_is_a_variant_of_two() {
        let all: Vec<char> = VARIANTS.iter().flat_map(|forms| forms.chars()).collect();
        let mut distinct = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(all.len(), distinct.len());
    }
}

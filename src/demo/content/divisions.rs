//! The division tree of Yongcheng: 31 townships and 770 villages with their statistics codes, as
//! published. It says what exists, not who lives there.

pub use crate::division::short_name;
use crate::division::table;
use crate::scalar::Level;

/// The pilot town, 陈集镇.
pub const CHENJI: &str = "411481109";

/// A county or county-level city (县、县级市).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct County {
    /// Six digits, GB/T 2260.
    pub code: String,
    /// Full name, such as 永城市.
    pub name: String,
    /// Its townships in the order of their codes.
    pub townships: Vec<Township>,
}

/// A township or urban subdistrict (乡、镇、街道).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Township {
    /// Nine digits, GB/T 10114.
    pub code: String,
    /// Full name, such as 陈集镇.
    pub name: String,
    /// Its villages in the order of their codes.
    pub villages: Vec<Village>,
}

/// A village or urban community (村、社区).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Village {
    /// Twelve digits, the statistics code.
    pub code: String,
    /// Full name of the committee, such as 刘河村委会. Not unique in the county.
    pub name: String,
}

/// The whole tree. Reads the table on every call: keep the answer.
pub fn county() -> County {
    let mut county = County { code: String::new(), name: String::new(), townships: Vec::new() };
    for row in table::shipped() {
        let (level, code, name) = (row.level(), row.code, row.name);
        match (level, county.townships.last_mut()) {
            (Level::County, _) => (county.code, county.name) = (code, name),
            (Level::Township, _) => {
                county.townships.push(Township { code, name, villages: Vec::new() });
            }
            (Level::Village, Some(township)) => township.villages.push(Village { code, name }),
            (Level::Village, None) => {}
        }
    }
    county
}

impl County {
    /// The township of a nine-digit code.
    pub fn township(&self, code: &str) -> Option<&Township> {
        self.townships.iter().find(|township| township.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pilot_town_has_34_villages() {
        let county = county();
        let chenji = county.township(CHENJI).unwrap();
        assert_eq!((chenji.name.as_str(), chenji.villages.len()), ("陈集镇", 34));
    }

    #[test]
    fn every_code_begins_with_the_code_of_its_parent() {
        let county = county();
        for township in &county.townships {
            assert!(township.code.len() == 9 && township.code.starts_with(&county.code));
            for village in &township.villages {
                assert!(village.code.len() == 12 && village.code.starts_with(&township.code));
            }
        }
    }

    #[test]
    fn short_names_are_the_names_people_use() {
        assert_eq!(short_name("刘河村委会"), "刘河村");
        assert_eq!(short_name("刘河村民委员会"), "刘河村");
        assert_eq!(short_name("中原社区居委会"), "中原社区");
        assert_eq!(short_name("中原社区居民委员会"), "中原社区");
        assert_eq!(short_name("东关居委会"), "东关");
        assert_eq!(short_name("陈集镇"), "陈集镇");
    }

    #[test]
    fn every_village_has_a_short_name_that_is_unique_in_its_township() {
        for township in county().townships {
            let mut names: Vec<_> = township.villages.iter().map(|v| short_name(&v.name)).collect();
            assert!(names.iter().all(|n| n.ends_with('村') || n.ends_with("社区")));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), township.villages.len());
        }
    }
}

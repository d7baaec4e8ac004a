//! The division tree of Yongcheng: 31 townships and 770 villages with their statistics codes, as
//! published (source and licence are named in the data file). It says what exists, not who lives there.

pub use crate::division::short_name;
use serde::Deserialize;

const YONGCHENG: &str = include_str!("yongcheng.json");

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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Township {
    /// Nine digits, GB/T 10114.
    pub code: String,
    /// Full name, such as 陈集镇.
    pub name: String,
    /// 乡, 镇 or 街道.
    pub kind: String,
    /// Its villages in the order of their codes.
    pub villages: Vec<Village>,
}

/// A village or urban community (村、社区).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Village {
    /// Twelve digits, the statistics code.
    pub code: String,
    /// Full name of the committee, such as 刘河村委会. Not unique in the county.
    pub name: String,
}

#[derive(Deserialize)]
struct File {
    area: Area,
    towns: Vec<Township>,
}

#[derive(Deserialize)]
struct Area {
    code: String,
    name: String,
}

/// The whole tree. Reads the table on every call: keep the answer.
///
/// # Errors
/// When the table built into the program is not what this module expects.
pub fn county() -> Result<County, serde_json::Error> {
    let file: File = serde_json::from_str(YONGCHENG)?;
    Ok(County { code: file.area.code, name: file.area.name, townships: file.towns })
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
    fn the_county_has_31_townships_and_770_villages() {
        let county = county().unwrap();
        assert_eq!((county.code.as_str(), county.name.as_str()), ("411481", "永城市"));
        assert_eq!(county.townships.len(), 31);
        assert_eq!(county.townships.iter().map(|t| t.villages.len()).sum::<usize>(), 770);
    }

    #[test]
    fn the_pilot_town_has_34_villages() {
        let county = county().unwrap();
        let chenji = county.township(CHENJI).unwrap();
        assert_eq!((chenji.name.as_str(), chenji.villages.len()), ("陈集镇", 34));
    }

    #[test]
    fn every_code_begins_with_the_code_of_its_parent() {
        let county = county().unwrap();
        for township in &county.townships {
            assert!(township.code.len() == 9 && township.code.starts_with(&county.code));
            assert!(township.name.ends_with(&township.kind));
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
        for township in county().unwrap().townships {
            let mut names: Vec<_> = township.villages.iter().map(|v| short_name(&v.name)).collect();
            assert!(names.iter().all(|n| n.ends_with('村') || n.ends_with("社区")));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), township.villages.len());
        }
    }
}

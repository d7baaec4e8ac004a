//! The names that columns have in Chinese and English.

use super::layout::ImportField as Field;
use crate::text;

/// The names of columns, in the form of [`plain`].
const NAMES: [(Field, &[&str]); 12] = [
    (
        Field::Reference,
        &[
            "户编号",
            "户号",
            "编号",
            "外部编号",
            "householdid",
            "householdno",
            "reference",
            "externalref",
        ],
    ),
    (Field::VillageCode, &["村代码", "村编码", "行政村代码", "村社区代码", "villagecode"]),
    (
        Field::VillageName,
        &["村名", "村", "行政村", "村社区", "村庄", "社区", "村名称", "village", "villagename"],
    ),
    (
        Field::Township,
        &["乡镇", "镇", "乡镇街道", "街道", "乡", "乡镇代码", "township", "town", "townshipcode"],
    ),
    (
        Field::Group,
        &["组", "村民组", "组号", "村组", "小组", "组别", "group", "groupnumber", "villagegroup"],
    ),
    (Field::Door, &["门牌", "门牌号", "户序", "序号", "门", "door", "doornumber"]),
    (
        Field::Label,
        &[
            "户主标签",
            "标签",
            "户主",
            "户主姓名",
            "户名",
            "label",
            "household",
            "householder",
            "head",
            "headofhousehold",
        ],
    ),
    (Field::Address, &["地址", "住址", "详细地址", "家庭住址", "address"]),
    (
        Field::PeopleCount,
        &[
            "人数",
            "人口",
            "家庭人口",
            "人口数",
            "户人数",
            "people",
            "peoplecount",
            "members",
            "size",
        ],
    ),
    (Field::ContactName, &["联系人", "联系人姓名", "contact", "contactname"]),
    (
        Field::ContactPhone,
        &[
            "电话",
            "联系电话",
            "手机",
            "手机号",
            "手机号码",
            "电话号码",
            "phone",
            "mobile",
            "phonenumber",
        ],
    ),
    (Field::ContactRelation, &["关系", "与户主关系", "relation", "relationship"]),
];

/// A column's name without what does not tell it apart: spaces, signs, and remarks in brackets.
fn plain(name: &str) -> String {
    let name = text::normalised(name);
    let name = name.split(['(', '（']).next().unwrap_or_default();
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What a column of this name means, as far as it is known.
pub fn meaning(name: &str) -> Option<Field> {
    let name = plain(name);
    NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(field, _)| *field)
}

/// How much a line looks like the names of columns: how many of them are known, then how many there are.
pub fn likeness(cells: &[String]) -> (usize, usize) {
    let known = cells.iter().filter(|name| meaning(name).is_some()).count();
    let filled = cells.iter().filter(|name| !name.trim().is_empty()).count();
    (if known > 1 { known } else { 0 }, if filled > 1 { filled } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_title_looks_less_like_names_than_names_do() {
        let title = names(&["永城市陈集镇住户登记表", "", ""]);
        assert!(likeness(&title) < likeness(&names(&["村", "组", "户主"])));
    }
}

//! What the service writes to WeCom about friends, and says to them.

use crate::division::short_name;
use crate::wecom::contact::{MOST_REMARK, MOST_TAG};

/// What a new friend is greeted with.
pub const WELCOME: &str = "您好，我是您的包村民警。紧急情况请直接拨打110，本账号不接警。\
    您可以在这里咨询户口、身份证等业务，反映矛盾纠纷和线索，预约办理。\
    请勿发送身份证号码、银行卡号和验证码，也不要相信向您索要验证码的人。";

/// What a friend is told who is handed over to another officer.
pub const HANDED_OVER: &str =
    "您好，因工作调整，您的包村民警已变更，今后由我为您服务。紧急情况请直接拨打110。";

/// How an officer's WeCom calls a friend: `刘河村3组-王建国`, without the village where that would be too long.
pub fn remark(village: &str, group: i32, name: &str) -> String {
    let name = name.trim();
    let whole = format!("{}{group}组-{name}", short_name(village));
    if whole.chars().count() <= MOST_REMARK {
        return whole;
    }
    format!("{group}组-{name}").chars().take(MOST_REMARK).collect()
}

/// How a friend is called of whom only the household is known.
pub fn remark_of_household(label: &str) -> String {
    label.trim().chars().take(MOST_REMARK).collect()
}

/// The name of a village's tag. Villages of one township may have one name; their codes differ in the last digits.
pub fn tag(township: &str, village: &str, code: &str) -> String {
    let number = code.get(9..).unwrap_or_default();
    let whole = format!("{township}{}", short_name(village));
    let name: String = whole.chars().take(MOST_TAG - 4).collect();
    format!("{name} {number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_says_village_group_and_name_as_far_as_they_fit() {
        assert_eq!(remark("刘河村", 3, "王建国"), "刘河村3组-王建国");
        assert_eq!(remark("刘河村委会", 3, "王建国"), "刘河村3组-王建国");
        assert_eq!(remark("东城社区居委会", 3, "王建国"), "东城社区3组-王建国");
        let long = remark("经济技术开发区第二十三社区居委会", 12, "欧阳建国");
        assert_eq!(long, "12组-欧阳建国");
        let name = "长".repeat(40);
        assert_eq!(remark("刘河村", 3, &name).chars().count(), MOST_REMARK);
        assert_eq!(remark_of_household(&name).chars().count(), MOST_REMARK);
    }

    #[test]
    fn a_tag_is_short_and_tells_villages_of_one_name_apart() {
        assert_eq!(tag("陈集镇", "刘河村委会", "411481109204"), "陈集镇刘河村 204");
        let long = tag(&"镇".repeat(20), &"村".repeat(20), "411481109204");
        assert_eq!(long.chars().count(), MOST_TAG);
    }
}

//! The words that officers use for the values of closed sets.

use async_graphql::InputType;

use super::sheet::Cell;

const WORDS: [(&str, &str); 31] = [
    ("UNVISITED", "未走访"),
    ("VISITED", "已走访"),
    ("ENROLLED", "已建联"),
    ("DECLINED", "不愿加入"),
    ("MOVED_AWAY", "已迁出"),
    ("NO_SMARTPHONE", "无智能手机"),
    ("VACANT", "空户"),
    ("MET", "已见面"),
    ("NOBODY_HOME", "无人在家"),
    ("CONTACT_CONFIRMED", "已核实联系人"),
    ("OPEN", "待答复"),
    ("WAITING_FOR_RESIDENT", "待居民回复"),
    ("WAITING_FOR_OFFICER", "待民警回复"),
    ("RESOLVED", "已办结"),
    ("BIRTH_REGISTRATION", "户籍（出生）"),
    ("HOUSEHOLD_MOVE", "户籍（迁移）"),
    ("HOUSEHOLD_SPLIT", "户籍（分户）"),
    ("NAME_CHANGE", "户籍（更名）"),
    ("HOUSEHOLD_CANCELLATION", "户籍（注销）"),
    ("ID_CARD", "身份证"),
    ("RESIDENCE_PERMIT", "居住证"),
    ("ENTRY_EXIT", "出入境"),
    ("TRAFFIC", "交管"),
    ("NO_CRIMINAL_RECORD", "无犯罪记录证明"),
    ("DISPUTE", "矛盾纠纷"),
    ("HELP_REQUEST", "求助"),
    ("PUBLIC_SECURITY_LEAD", "治安、犯罪线索"),
    ("FRAUD_ADVICE", "反诈咨询"),
    ("TRANSFER_TO_12345", "转12345"),
    ("COMPLAINT", "意见投诉"),
    ("OTHER", "其他"),
];

/// A value of an enum of the contract.
pub fn word(value: impl InputType) -> Cell {
    let code = match value.to_value() {
        async_graphql::Value::Enum(name) => name.to_string(),
        other => other.to_string(),
    };
    let word = WORDS.iter().find(|(known, _)| *known == code).map_or("", |(_, word)| word);
    Cell::Word(code, word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::category::InquiryCategory;
    use crate::household::HouseholdStatus;
    use crate::inquiry::InquiryStatus;
    use crate::visit::VisitOutcome;
    use async_graphql::resolver_utils::EnumType;

    fn has_words<T: EnumType>() {
        for item in T::items() {
            assert!(WORDS.iter().any(|(code, _)| *code == item.name), "{}", item.name);
        }
    }

    #[test]
    fn every_value_has_a_word() {
        has_words::<HouseholdStatus>();
        has_words::<InquiryStatus>();
        has_words::<InquiryCategory>();
        has_words::<VisitOutcome>();
    }
}

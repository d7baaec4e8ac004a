//! The variables of a canned reply: `{household}`, or `{住户}`, in its text.

use async_graphql::Enum;

use crate::error::{Error, Result, UserErrorCode};

/// What can be left open in a canned reply. Each has an English and a Chinese name.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CannedReplyVariable {
    /// `{household}`, `{住户}`: the household's label.
    Household,
    /// `{contact}`, `{联系人}`: the name of the household's primary contact.
    Contact,
    /// `{officer}`, `{民警}`: the name of the officer who answers.
    Officer,
    /// `{village}`, `{村}`: the name of the household's village.
    Village,
    /// `{township}`, `{乡镇}`: the name of its township.
    Township,
    /// `{station}`, `{派出所}`: the name of the township's police station.
    Station,
    /// `{stationPhone}`, `{派出所电话}`: the station's public number.
    StationPhone,
    /// `{date}`, `{日期}`: today's date.
    Date,
}

use CannedReplyVariable as Variable;

const NAMES: [(Variable, &str, &str); 8] = [
    (Variable::Household, "household", "住户"),
    (Variable::Contact, "contact", "联系人"),
    (Variable::Officer, "officer", "民警"),
    (Variable::Village, "village", "村"),
    (Variable::Township, "township", "乡镇"),
    (Variable::Station, "station", "派出所"),
    (Variable::StationPhone, "stationPhone", "派出所电话"),
    (Variable::Date, "date", "日期"),
];

/// A piece of a text.
enum Piece<'a> {
    Words(&'a str),
    /// A variable, with its braces.
    Open(Variable, &'a str),
}

/// The pieces of a text; nothing when a brace is alone or a variable is unknown.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let (words, braced) = rest.split_at(start);
        let end = braced.find('}').filter(|_| braced.starts_with('{'))?;
        let name = &braced[1..end];
        let (variable, ..) =
            NAMES.into_iter().find(|(_, english, chinese)| [*english, *chinese].contains(&name))?;
        pieces.push(Piece::Words(words));
        pieces.push(Piece::Open(variable, &braced[..=end]));
        rest = &braced[end + 1..];
    }
    pieces.push(Piece::Words(rest));
    Some(pieces)
}

/// Refuses a text with a variable that there is not.
pub fn check(field: &str, text: &str) -> Result<()> {
    if pieces(text).is_some() {
        return Ok(());
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        field,
        "大括号里只能是：住户、联系人、民警、村、乡镇、派出所、派出所电话、日期。",
        "Between braces stands one of: household, contact, officer, village, township, station, stationPhone, date.",
    ))
}

/// The variables of a text, in the order in which they first come.
pub fn variables(text: &str) -> Vec<Variable> {
    let mut found = Vec::new();
    for piece in pieces(text).unwrap_or_default() {
        if let Piece::Open(variable, _) = piece
            && !found.contains(&variable)
        {
            found.push(variable);
        }
    }
    found
}

/// The text with the values that there are; what has none stays as it is written.
pub fn fill(text: &str, values: &[(Variable, String)]) -> String {
    let value = |variable| values.iter().find(|(one, _)| *one == variable);
    let words = pieces(text).unwrap_or_default().into_iter().map(|piece| match piece {
        Piece::Words(words) => words.to_owned(),
        Piece::Open(variable, written) => {
            value(variable).map_or_else(|| written.to_owned(), |(_, value)| value.clone())
        }
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_hold_a_variable_or_the_text_is_refused() {
        for good in ["", "您好", "{household}您好", "{村}{station}", "a{date}b{date}"] {
            assert!(check("text", good).is_ok(), "{good}");
        }
        for bad in ["{", "}", "{}", "{name}", "}{date}", "{{date}}", "{date", "{ date }", "{户主}"]
        {
            assert!(check("text", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_has_no_value_stays_open() {
        let values = [(Variable::Village, "刘河村{date}".to_owned())];
        assert_eq!(
            fill("{村}：{village}，{派出所电话}", &values),
            "刘河村{date}：刘河村{date}，{派出所电话}"
        );
        assert_eq!(
            variables("{村}{派出所电话}{village}"),
            [Variable::Village, Variable::StationPhone]
        );
    }
}

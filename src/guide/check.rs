//! Whether what a guide says can be: texts of their lengths, lists of theirs, a tree that is one, and
//! checklists that fit into a message.

use super::content::{GuideChecklist, GuideContent, GuideQuestion};
use super::{message, tree};
use crate::error::{Error, Result, UserErrorCode};
use crate::text;

/// The most characters of a checklist as a message: it has to fit into a reply.
const MAX_MESSAGE: usize = 4000;
const MAX_FEN: i32 = 10_000_000;

/// The content with its texts trimmed, or what is wrong with it, by its path in the input.
pub fn checked(mut content: GuideContent) -> Result<GuideContent> {
    required("title", &mut content.title, 40)?;
    required("englishTitle", &mut content.english_title, 60)?;
    required("audience", &mut content.audience, 200)?;
    required("place", &mut content.place, 200)?;
    required("hours", &mut content.hours, 200)?;
    several("keywords", content.keywords.len(), 1, 60)?;
    for (nth, keyword) in content.keywords.iter_mut().enumerate() {
        let path = format!("keywords.{nth}");
        required(&path, keyword, 20)?;
        if text::bigrams(keyword).is_empty() {
            return Err(invalid(
                &path,
                "关键词至少两个字。",
                "A keyword has at least two letters.",
            ));
        }
    }
    several("questions", content.questions.len(), 0, 30)?;
    for (nth, question) in content.questions.iter_mut().enumerate() {
        check_question(&format!("questions.{nth}"), question)?;
    }
    several("checklists", content.checklists.len(), 1, 30)?;
    for (nth, list) in content.checklists.iter_mut().enumerate() {
        check_list(&format!("checklists.{nth}"), list)?;
    }
    several("sources", content.sources.len(), 1, 12)?;
    for (nth, source) in content.sources.iter_mut().enumerate() {
        let path = format!("sources.{nth}");
        required(&format!("{path}.title"), &mut source.title, 100)?;
        optional(&format!("{path}.article"), &mut source.article, 60)?;
        optional(&format!("{path}.url"), &mut source.url, 200)?;
        if source.url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
            let path = format!("{path}.url");
            return Err(invalid(
                &path,
                "网址应以 https:// 开头。",
                "An address begins with https://.",
            ));
        }
    }
    tree::check(&content)?;
    for (nth, list) in content.checklists.iter().enumerate() {
        if message::of(&content, list).chars().count() > MAX_MESSAGE {
            return Err(Error::user(
                UserErrorCode::TooLong,
                &format!("content.checklists.{nth}"),
                format!("清单作为一条消息不能超过{MAX_MESSAGE}个字符。"),
                format!(
                    "As a message, a checklist must not be longer than {MAX_MESSAGE} characters."
                ),
            ));
        }
    }
    Ok(content)
}

fn check_question(path: &str, question: &mut GuideQuestion) -> Result<()> {
    check_key(path, &question.key)?;
    required(&format!("{path}.text"), &mut question.text, 100)?;
    several(&format!("{path}.choices"), question.choices.len(), 2, 8)?;
    for (nth, choice) in question.choices.iter_mut().enumerate() {
        let path = format!("{path}.choices.{nth}");
        check_key(&path, &choice.key)?;
        required(&format!("{path}.text"), &mut choice.text, 60)?;
    }
    Ok(())
}

fn check_list(path: &str, list: &mut GuideChecklist) -> Result<()> {
    check_key(path, &list.key)?;
    required(&format!("{path}.title"), &mut list.title, 60)?;
    several(&format!("{path}.papers"), list.papers.len(), 0, 20)?;
    for (nth, paper) in list.papers.iter_mut().enumerate() {
        required(&format!("{path}.papers.{nth}.name"), &mut paper.name, 60)?;
        optional(&format!("{path}.papers.{nth}.note"), &mut paper.note, 100)?;
    }
    several(&format!("{path}.steps"), list.steps.len(), 1, 12)?;
    for (nth, step) in list.steps.iter_mut().enumerate() {
        required(&format!("{path}.steps.{nth}"), step, 200)?;
    }
    several(&format!("{path}.fees"), list.fees.len(), 0, 8)?;
    for (nth, fee) in list.fees.iter_mut().enumerate() {
        let path = format!("{path}.fees.{nth}");
        required(&format!("{path}.name"), &mut fee.name, 60)?;
        optional(&format!("{path}.note"), &mut fee.note, 100)?;
        if !(1..=MAX_FEN).contains(&fee.amount_fen) {
            let path = format!("{path}.amountFen");
            return Err(invalid(
                &path,
                "金额应在1分到10万元之间；不收费的不列。",
                "An amount lies between 1 and 10,000,000 fen; what is free is not listed.",
            ));
        }
    }
    optional(&format!("{path}.duration"), &mut list.duration, 100)?;
    optional(&format!("{path}.note"), &mut list.note, 300)
}

fn required(path: &str, value: &mut String, max: usize) -> Result<()> {
    *value = text::required(&format!("content.{path}"), value, max)?;
    Ok(())
}

fn optional(path: &str, value: &mut Option<String>, max: usize) -> Result<()> {
    *value = text::optional(&format!("content.{path}"), value.as_deref(), max)?;
    Ok(())
}

fn several(path: &str, count: usize, least: usize, most: usize) -> Result<()> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    let code = if count < least { UserErrorCode::Blank } else { UserErrorCode::TooLong };
    Err(Error::user(
        code,
        &format!("content.{path}"),
        format!("此项应有{least}到{most}个。"),
        format!("This has {least} to {most} entries."),
    ))
}

fn check_key(path: &str, key: &str) -> Result<()> {
    if text::is_slug(key) {
        return Ok(());
    }
    Err(text::no_slug(&format!("content.{path}.key")))
}

fn invalid(path: &str, chinese: &'static str, english: &'static str) -> Error {
    Error::user(UserErrorCode::Invalid, &format!("content.{path}"), chinese, english)
}

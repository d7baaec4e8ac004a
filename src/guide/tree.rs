//! The decision tree of a guide: whether each way through it ends in a checklist, and where answers lead.

use std::collections::{HashMap, HashSet};

use async_graphql::{InputObject, Union};

use super::content::{GuideChecklist, GuideChoice, GuideContent, GuideQuestion};
use crate::error::{Code, Error, Result, UserErrorCode};

/// The most questions from the first one to a checklist.
const MAX_DEPTH: usize = 8;
/// The most answers that are looked at.
const MAX_ANSWERS: usize = 30;

/// The answer to one question of a guide.
#[derive(InputObject, Clone, Debug)]
#[graphql(name = "GuideAnswerInput")]
pub struct GuideAnswer {
    /// The question's `key`.
    pub question: String,
    /// The `key` of the choice.
    pub choice: String,
}

/// Where answers lead: to the next question, or to the checklist at the end.
#[derive(Union, Clone, Debug, PartialEq, Eq)]
pub enum GuideNext {
    /// Something is still to be answered.
    Question(GuideQuestion),
    /// Everything is answered.
    Checklist(GuideChecklist),
}

/// Checks that the tree is one: keys are unique, each choice leads somewhere, nothing goes in a circle,
/// and everything is reached.
pub fn check(content: &GuideContent) -> Result<()> {
    let mut keys = HashSet::new();
    let questions = content.questions.iter().map(|question| ("questions", question.key.as_str()));
    let checklists = content.checklists.iter().map(|list| ("checklists", list.key.as_str()));
    for (nth, (list, key)) in questions.chain(checklists).enumerate() {
        if !keys.insert((list, key)) {
            let nth = if list == "questions" { nth } else { nth - content.questions.len() };
            return Err(repeated(&format!("content.{list}.{nth}.key")));
        }
    }
    let mut walk = Walk { content, depths: HashMap::new(), checklists: HashSet::new() };
    if content.questions.is_empty() {
        walk.checklists.extend(content.checklists.first().map(|list| list.key.as_str()));
    } else {
        walk.depth(0)?;
    }
    walk.reaches_everything()
}

/// A depth that is still being found out.
const UNKNOWN: usize = usize::MAX;

struct Walk<'a> {
    content: &'a GuideContent,
    /// The most questions from here on, by the question's place.
    depths: HashMap<usize, usize>,
    checklists: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    /// Each question is looked into once, however many ways lead to it.
    fn depth(&mut self, nth: usize) -> Result<usize> {
        let mut deepest = 0;
        self.depths.insert(nth, UNKNOWN);
        let mut keys = HashSet::new();
        for (place, choice) in self.content.questions[nth].choices.iter().enumerate() {
            let path = format!("content.questions.{nth}.choices.{place}");
            if !keys.insert(choice.key.as_str()) {
                return Err(repeated(&format!("{path}.key")));
            }
            deepest = deepest.max(self.choice(choice, &path)?);
        }
        if deepest + 1 > MAX_DEPTH {
            return Err(Error::user(
                UserErrorCode::Invalid,
                "content.questions",
                format!("从第一个问题到清单最多{MAX_DEPTH}问。"),
                format!(
                    "At most {MAX_DEPTH} questions may lie between the first one and a checklist."
                ),
            ));
        }
        self.depths.insert(nth, deepest + 1);
        Ok(deepest + 1)
    }

    fn choice(&mut self, choice: &'a GuideChoice, path: &str) -> Result<usize> {
        match (&choice.question, &choice.checklist) {
            (Some(key), None) => {
                let next = self.content.questions.iter().position(|one| one.key == *key);
                let next = next.ok_or_else(|| leads_nowhere(&format!("{path}.question")))?;
                match self.depths.get(&next) {
                    Some(&UNKNOWN) => Err(circle(&format!("{path}.question"))),
                    Some(depth) => Ok(*depth),
                    None => self.depth(next),
                }
            }
            (None, Some(key)) => {
                let found = self.content.checklists.iter().find(|list| list.key == *key);
                let found = found.ok_or_else(|| leads_nowhere(&format!("{path}.checklist")))?;
                self.checklists.insert(found.key.as_str());
                Ok(0)
            }
            _ => Err(leads_nowhere(path)),
        }
    }

    fn reaches_everything(&self) -> Result<()> {
        let lost = (0..self.content.questions.len()).find(|nth| !self.depths.contains_key(nth));
        if let Some(nth) = lost {
            return Err(unreachable(&format!("content.questions.{nth}")));
        }
        let mut lists = self.content.checklists.iter();
        match lists.position(|list| !self.checklists.contains(list.key.as_str())) {
            Some(nth) => Err(unreachable(&format!("content.checklists.{nth}"))),
            None => Ok(()),
        }
    }
}

/// Where these answers lead, in any order. Answers to questions off the way are passed over, so that an
/// app may keep them when somebody changes an earlier one.
pub fn walk(content: &GuideContent, answers: &[GuideAnswer]) -> Result<GuideNext> {
    let mut given: HashMap<&str, &str> = HashMap::new();
    for answer in answers {
        let question = content.questions.iter().find(|one| one.key == answer.question);
        let known = question.is_some_and(|question| {
            question.choices.iter().any(|choice| choice.key == answer.choice)
        });
        let first = given.insert(&answer.question, &answer.choice).is_none();
        if !known || !first || answers.len() > MAX_ANSWERS {
            return Err(Error::top(
                Code::BadUserInput,
                "答案与该指南的问题不符，或同一问题答了两次。",
                "An answer does not fit this guide's questions, or one question is answered twice.",
            ));
        }
    }
    let list = |key: &str| content.checklists.iter().find(|list| list.key == key);
    let mut question = content.questions.first();
    let mut reached = content.checklists.first();
    while let Some(asked) = question {
        let chosen = given.get(asked.key.as_str());
        let choice = asked.choices.iter().find(|choice| chosen == Some(&choice.key.as_str()));
        let Some(choice) = choice else { return Ok(GuideNext::Question(asked.clone())) };
        let next = choice.question.as_deref();
        question = content.questions.iter().find(|one| Some(one.key.as_str()) == next);
        reached = choice.checklist.as_deref().and_then(list);
    }
    let reached =
        reached.ok_or_else(|| Error::internal("a guide's tree ends without a checklist"))?;
    Ok(GuideNext::Checklist(reached.clone()))
}

/// Where one comes who answers the questions in turn by choosing what stands at these places; nothing when there is no
/// such choice.
pub fn follow(
    content: &GuideContent,
    places: impl IntoIterator<Item = usize>,
) -> Option<GuideNext> {
    let mut answers = Vec::new();
    for place in places {
        let GuideNext::Question(question) = walk(content, &answers).ok()? else { return None };
        let choice = question.choices.get(place)?.key.clone();
        answers.push(GuideAnswer { question: question.key, choice });
    }
    walk(content, &answers).ok()
}

fn repeated(field: &str) -> Error {
    Error::user(UserErrorCode::Taken, field, "标识重复。", "This key is there twice.")
}

fn leads_nowhere(field: &str) -> Error {
    Error::user(
        UserErrorCode::Invalid,
        field,
        "每个选项都要通向一个问题或一份清单，二者取一。",
        "A choice must lead to one question or to one checklist of this guide.",
    )
}

fn circle(field: &str) -> Error {
    Error::user(
        UserErrorCode::Invalid,
        field,
        "问题不能绕回到前面。",
        "A question must not lead back to itself.",
    )
}

fn unreachable(field: &str) -> Error {
    Error::user(UserErrorCode::Invalid, field, "没有任何选项通向这里。", "No choice leads here.")
}

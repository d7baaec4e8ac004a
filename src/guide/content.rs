//! What a version of a guide says. The same types are what a client reads, what it sends and what is
//! stored, so that a text can be fetched, changed and sent back as it came.

use async_graphql::{Enum, InputObject, SimpleObject};
use serde::{Deserialize, Serialize};

/// What a guide says: for whom it is, and a short decision tree that ends in checklists (一次性告知). It is sent
/// in the form in which it is read.
#[derive(SimpleObject, InputObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "GuideContentInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuideContent {
    /// The title in Chinese, as residents read it: at most 40 characters.
    pub title: String,
    /// A short title in English: at most 60 characters.
    pub english_title: String,
    /// Who it is for (适用对象): at most 200 characters.
    pub audience: String,
    /// Everyday words by which people look for it (小孩入户、上户口): 1 to 60, each of 2 to 20 characters.
    pub keywords: Vec<String>,
    /// The questions of the decision tree, at most 30. The first one is asked first; without any, the one
    /// checklist holds for everybody.
    pub questions: Vec<GuideQuestion>,
    /// The checklists in which the tree ends: 1 to 30.
    pub checklists: Vec<GuideChecklist>,
    /// Where to go (办理地点): at most 200 characters.
    pub place: String,
    /// When it is open (办理时间): at most 200 characters.
    pub hours: String,
    /// What it rests on (依据): 1 to 12 laws, rules or official pages.
    pub sources: Vec<GuideSource>,
}

/// A question of a guide's decision tree, such as 父母是否已领结婚证.
#[derive(SimpleObject, InputObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "GuideQuestionInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuideQuestion {
    /// Names it within the guide: 1 to 40 lower-case letters, digits and hyphens.
    pub key: String,
    /// What is asked: at most 100 characters.
    pub text: String,
    /// The answers to choose from: 2 to 8.
    pub choices: Vec<GuideChoice>,
}

/// An answer to choose. It leads to the next question or to a checklist, never to both.
#[derive(SimpleObject, InputObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "GuideChoiceInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuideChoice {
    /// Names it within the question: 1 to 40 lower-case letters, digits and hyphens.
    pub key: String,
    /// What it says: at most 60 characters.
    pub text: String,
    /// The `key` of the question that comes next; null when it leads to a checklist.
    pub question: Option<String>,
    /// The `key` of the checklist that it leads to; null when a question comes next.
    pub checklist: Option<String>,
}

/// What somebody in one situation has to bring and to do (材料清单).
#[derive(SimpleObject, InputObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "GuideChecklistInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuideChecklist {
    /// Names it within the guide: 1 to 40 lower-case letters, digits and hyphens.
    pub key: String,
    /// The situation that it is for: at most 60 characters.
    pub title: String,
    /// The papers to bring (材料): at most 20; none when nothing has to be brought.
    pub papers: Vec<GuidePaper>,
    /// What to do, in this order (流程): 1 to 12 steps of at most 200 characters.
    pub steps: Vec<String>,
    /// What has to be paid (收费): at most 8; none means free of charge (不收费).
    pub fees: Vec<GuideFee>,
    /// How long it takes (办理时限), such as 当场办结: at most 100 characters; null when that varies.
    pub duration: Option<String>,
    /// What is worth knowing besides: at most 300 characters.
    pub note: Option<String>,
}

/// In which form a paper is to be brought.
#[derive(Enum, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GuidePaperForm {
    /// 原件: the paper itself.
    Original,
    /// 复印件: a copy is enough.
    Copy,
    /// 原件和复印件: both.
    OriginalAndCopy,
    /// 现场填写: it is filled in at the window.
    FilledInThere,
}

/// A paper to bring.
#[derive(SimpleObject, InputObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "GuidePaperInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuidePaper {
    /// What it is called: at most 60 characters.
    pub name: String,
    /// In which form.
    pub form: GuidePaperForm,
    /// When it is needed, or whose it is: at most 100 characters.
    pub note: Option<String>,
}

/// Something that has to be paid.
#[derive(SimpleObject, InputObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "GuideFeeInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuideFee {
    /// What for: at most 60 characters.
    pub name: String,
    /// How much, in fen (分): 100 fen are 1 yuan. At most 10,000,000.
    pub amount_fen: i32,
    /// When it is due: at most 100 characters.
    pub note: Option<String>,
}

/// What a guide rests on.
#[derive(SimpleObject, InputObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "GuideSourceInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuideSource {
    /// The law, rule or page: at most 100 characters.
    pub title: String,
    /// The article (条款), such as 第七条: at most 60 characters; null when all of it.
    pub article: Option<String>,
    /// Where it can be read: an https address of at most 200 characters.
    pub url: Option<String>,
}

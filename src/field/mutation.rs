//! How work is handed in, and what is answered.

use async_graphql::{Context, Enum, Object, SimpleObject};
use uuid::Uuid;

use super::input::SyncFieldWorkInput;
use super::{item, work};
use crate::alone::Alone;
use crate::error::{Language, Result};
use crate::payload::{UserError, told};
use crate::request::Request;

/// What became of a piece of work.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldWorkOutcome {
    /// 已录入: it was done.
    Applied,
    /// 此前已录入: it had been done before; the answer to that was lost, or it was sent twice.
    AlreadyApplied,
    /// 已合并: somebody else had changed the object meanwhile, but no value of this edit to another one.
    /// Both changes are in it now.
    Merged,
    /// 有冲突: somebody else has changed a value of this edit meanwhile. Nothing of the edit was done; its
    /// author decides, and makes a new edit.
    Conflict,
    /// 未录入: nothing was done, for the reason that is given.
    Refused,
}

/// A value that can be in conflict.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldWorkValue {
    /// 组: the number of a household's village group.
    GroupNumber,
    /// 门牌: a household's place in the group.
    Door,
    /// 户名: how officers call a household.
    Label,
    /// 地址: where a household is.
    Address,
    /// 人口数: how many people live there.
    PeopleCount,
    /// 状态: how far a household is with us.
    Status,
    /// 姓名: a contact's name.
    Name,
    /// 电话: a contact's phone number.
    Phone,
}

impl FieldWorkValue {
    /// The input's field.
    pub fn field(self) -> &'static str {
        match self {
            Self::GroupNumber => "groupNumber",
            Self::Door => "door",
            Self::Label => "label",
            Self::Address => "address",
            Self::PeopleCount => "peopleCount",
            Self::Status => "status",
            Self::Name => "name",
            Self::Phone => "phone",
        }
    }
}

/// A value that both sides have changed. Numbers are in digits, a status is the name in `HouseholdStatus`;
/// null is no value.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct FieldWorkConflict {
    /// Which value.
    pub value: FieldWorkValue,
    /// What the author of the edit saw.
    pub base: Option<String>,
    /// What the author wants.
    pub mine: Option<String>,
    /// What it is now.
    pub theirs: Option<String>,
}

/// What became of a piece of work.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FieldWorkResult {
    /// The item's key.
    pub idempotency_key: String,
    /// What became of it. After CONFLICT and REFUSED the same item may be sent again.
    pub outcome: FieldWorkOutcome,
    /// The values that are in conflict; empty without a CONFLICT.
    pub conflicts: Vec<FieldWorkConflict>,
    /// Why it was refused; empty when it was not. `field` starts at the item.
    pub user_errors: Vec<UserError>,
    #[graphql(skip)]
    pub(crate) household_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) visit_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) contact_id: Option<Uuid>,
}

/// The answer of `syncFieldWork`.
#[derive(SimpleObject)]
pub struct SyncFieldWorkPayload {
    /// What became of each item, in the order of the items. One is null, with an error in `errors`, when the
    /// service failed at it: send it again later.
    pub results: Option<Vec<Alone<FieldWorkResult>>>,
    /// Why nothing at all was done; empty otherwise.
    pub user_errors: Vec<UserError>,
}

/// How work is handed in.
#[derive(Default)]
pub struct FieldWorkMutation;

#[Object]
impl FieldWorkMutation {
    /// Hands in what was done where there was no network (外勤同步): visits, enrolments and edits. Each item is
    /// done or refused by itself, by the rules of `recordVisit`, `enrolContact`, `updateHousehold` and
    /// `updateContact`, and nothing is done twice however often it is sent. A visit or an enrolment that is
    /// told late changes nothing of what was found out after it. Work on a household that was merged into
    /// another or moved meanwhile follows it where the caller may still go.
    async fn sync_field_work(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: SyncFieldWorkInput,
    ) -> Result<SyncFieldWorkPayload> {
        let request = Request::of(context)?;
        let language = request.language();
        let keys: Vec<String> =
            input.items.iter().map(|item| item.idempotency_key.clone()).collect();
        let items = input.items.into_iter().map(item::read).collect();
        Ok(match work::sync(request, items).await {
            Ok(done) => {
                let results = keys.into_iter().zip(done);
                let results = results.map(|(key, done)| result(key, done, language).into());
                let results = Some(results.collect());
                SyncFieldWorkPayload { results, user_errors: Vec::new() }
            }
            Err(error) => {
                SyncFieldWorkPayload { results: None, user_errors: vec![told(error, language)?] }
            }
        })
    }
}

fn result(key: String, done: Result<work::Done>, language: Language) -> Result<FieldWorkResult> {
    let (done, user_errors) = match done {
        Ok(done) => (done, Vec::new()),
        Err(error) => (work::Done::of(FieldWorkOutcome::Refused), vec![told(error, language)?]),
    };
    Ok(FieldWorkResult {
        idempotency_key: key,
        outcome: done.outcome,
        conflicts: done.conflicts,
        user_errors,
        household_id: done.household_id,
        visit_id: done.visit_id,
        contact_id: done.contact_id,
    })
}

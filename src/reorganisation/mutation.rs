//! How the division tree is changed.

use async_graphql::{Context, ID, InputObject, Object};

use super::Reorganisation;
use super::rules::{self, Plan};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;
use crate::scalar::{Date, DivisionCode, Level};

/// The input of `renameDivision`.
#[derive(InputObject)]
pub struct RenameDivisionInput {
    /// Chosen by the caller, new for each change: repeating a call with it changes nothing more.
    pub idempotency_key: String,
    /// The county, township or village: a code of 6, 9 or 12 digits.
    pub code: DivisionCode,
    /// Its new name, in at most 40 characters.
    pub name: String,
    /// The first day on which it is so: after its last change, and not in the future. Today when left out.
    pub effective_on: Option<Date>,
    /// Only tell what would change.
    #[graphql(default)]
    pub dry_run: bool,
}

/// The input of `moveVillage`.
#[derive(InputObject)]
pub struct MoveVillageInput {
    /// Chosen by the caller, new for each change: repeating a call with it changes nothing more.
    pub idempotency_key: String,
    /// The village.
    pub village_code: DivisionCode,
    /// The township that it goes to.
    pub township_code: DivisionCode,
    /// Its new code of 12 digits, which begins with the township's code.
    pub new_code: DivisionCode,
    /// The first day on which it is so: after the village's last change, and not in the future. Today
    /// when left out.
    pub effective_on: Option<Date>,
    /// Only tell what would change.
    #[graphql(default)]
    pub dry_run: bool,
}

/// The input of `mergeVillages`.
#[derive(InputObject)]
pub struct MergeVillagesInput {
    /// Chosen by the caller, new for each change: repeating a call with it changes nothing more.
    pub idempotency_key: String,
    /// The villages that end: at most 20.
    pub village_codes: Vec<DivisionCode>,
    /// The village that takes their place.
    pub into_code: DivisionCode,
    /// The first day on which it is so: after the villages' last changes, and not in the future. Today
    /// when left out.
    pub effective_on: Option<Date>,
    /// Only tell what would change.
    #[graphql(default)]
    pub dry_run: bool,
}

/// The input of `splitVillage`.
#[derive(InputObject)]
pub struct SplitVillageInput {
    /// Chosen by the caller, new for each change: repeating a call with it changes nothing more.
    pub idempotency_key: String,
    /// The village that is split. It lives on with its other groups.
    pub village_code: DivisionCode,
    /// The new village's code of 12 digits, which begins with the township's code.
    pub new_code: DivisionCode,
    /// The new village's name, in at most 40 characters.
    pub name: String,
    /// The numbers of the groups that go to the new village, where they keep them.
    pub group_numbers: Vec<i32>,
    /// The first day on which it is so: after the village's last change, and not in the future. Today
    /// when left out.
    pub effective_on: Option<Date>,
    /// Only tell what would change.
    #[graphql(default)]
    pub dry_run: bool,
}

/// The input of `moveHouseholds`.
#[derive(InputObject)]
pub struct MoveHouseholdsInput {
    /// Chosen by the caller, new for each change: repeating a call with it changes nothing more.
    pub idempotency_key: String,
    /// The households: at most 500.
    pub household_ids: Vec<ID>,
    /// The village that they go to.
    pub village_code: DivisionCode,
    /// The number of the group that they go to, from 1 to 99. It is made when it is new.
    pub group_number: i32,
    /// Only tell what would change.
    #[graphql(default)]
    pub dry_run: bool,
}

payload! {
    /// The answer of `renameDivision`.
    RenameDivisionPayload {
        /// What was changed.
        reorganisation: Reorganisation
    }
}
payload! {
    /// The answer of `moveVillage`.
    MoveVillagePayload {
        /// What was changed, or would be.
        reorganisation: Reorganisation
    }
}
payload! {
    /// The answer of `mergeVillages`.
    MergeVillagesPayload {
        /// What was changed, or would be.
        reorganisation: Reorganisation
    }
}
payload! {
    /// The answer of `splitVillage`.
    SplitVillagePayload {
        /// What was changed, or would be.
        reorganisation: Reorganisation
    }
}
payload! {
    /// The answer of `moveHouseholds`.
    MoveHouseholdsPayload {
        /// What was changed, or would be.
        reorganisation: Reorganisation
    }
}

fn village(code: &DivisionCode) -> Result<String> {
    code.expect(Level::Village).map(str::to_owned)
}

/// How the division tree is changed.
#[derive(Default)]
pub struct ReorganisationMutation;

#[Object]
impl ReorganisationMutation {
    /// Gives a division another name. What it was called before is kept.
    async fn rename_division(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RenameDivisionInput,
    ) -> Result<RenameDivisionPayload> {
        let made = async {
            let once = Once::new("renameDivision", &input.idempotency_key, &input)?;
            let plan = Plan::new(Request::of(context)?, once, input.effective_on, input.dry_run);
            rules::rename(plan, input.code.expect_area()?, &input.name).await
        };
        RenameDivisionPayload::of(context, made.await)
    }

    /// Moves a village, and everything in it, to another township. It gets a new code; the old one ends
    /// and leads to the new one.
    async fn move_village(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: MoveVillageInput,
    ) -> Result<MoveVillagePayload> {
        let made = async {
            let once = Once::new("moveVillage", &input.idempotency_key, &input)?;
            let plan = Plan::new(Request::of(context)?, once, input.effective_on, input.dry_run);
            let township = input.township_code.expect(Level::Township)?;
            let (code, new) = (village(&input.village_code)?, village(&input.new_code)?);
            rules::move_village(plan, &code, township, new).await
        };
        MoveVillagePayload::of(context, made.await)
    }

    /// Merges villages into another one. Their groups follow its own; households, postings and open
    /// inquiries move along. Refused with WITHOUT_OFFICER where nobody would look after the households.
    async fn merge_villages(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: MergeVillagesInput,
    ) -> Result<MergeVillagesPayload> {
        let made = async {
            let once = Once::new("mergeVillages", &input.idempotency_key, &input)?;
            let plan = Plan::new(Request::of(context)?, once, input.effective_on, input.dry_run);
            let codes = input.village_codes.iter().map(village).collect::<Result<Vec<_>>>()?;
            rules::merge(plan, codes, village(&input.into_code)?).await
        };
        MergeVillagesPayload::of(context, made.await)
    }

    /// Makes some groups of a village a village of their own, with the officers of the old one.
    async fn split_village(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: SplitVillageInput,
    ) -> Result<SplitVillagePayload> {
        let made = async {
            let once = Once::new("splitVillage", &input.idempotency_key, &input)?;
            let plan = Plan::new(Request::of(context)?, once, input.effective_on, input.dry_run);
            let (code, new) = (village(&input.village_code)?, village(&input.new_code)?);
            rules::split(plan, &code, new, &input.name, input.group_numbers).await
        };
        SplitVillagePayload::of(context, made.await)
    }

    /// Moves households to another group, of the same village or of another one.
    async fn move_households(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: MoveHouseholdsInput,
    ) -> Result<MoveHouseholdsPayload> {
        let made = async {
            let once = Once::new("moveHouseholds", &input.idempotency_key, &input)?;
            let plan = Plan::new(Request::of(context)?, once, None, input.dry_run);
            let ids = input.household_ids.iter();
            let ids = ids.map(|id| GlobalId::expect(id, Kind::Household)).collect::<Result<_>>()?;
            let target = village(&input.village_code)?;
            rules::move_households(plan, ids, &target, input.group_number).await
        };
        MoveHouseholdsPayload::of(context, made.await)
    }
}

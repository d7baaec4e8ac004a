//! The field book as the contract shows it.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use uuid::Uuid;

use super::book;
use crate::alone::Alone;
use crate::error::Result;
use crate::household::Household;
use crate::id::{GlobalId, Kind};
use crate::record::Record;
use crate::request::Request;

/// The next part of a field book.
pub struct FieldBook {
    /// Households that are new or have changed, as they are now.
    pub upserts: Vec<Household>,
    /// Households that are to be deleted.
    pub removals: Vec<FieldBookRemoval>,
    /// Where the book stands with this.
    pub cursor: String,
    /// Whether there is more.
    pub has_next_page: bool,
}

/// Why a household leaves a field book.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldBookRemovalReason {
    /// 已移出: it belongs to another village now.
    Moved,
    /// 已合并: it was found to be another household, which remains.
    Merged,
    /// 已撤回: the import that had registered it was taken back.
    Withdrawn,
}

/// A household that is no longer in the villages of a field book.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FieldBookRemoval {
    /// The household's global id.
    pub household_id: GlobalId,
    /// Why.
    pub reason: FieldBookRemovalReason,
    #[graphql(skip)]
    pub(crate) survivor_id: Option<Uuid>,
}

/// Households of some villages for an app that works without a network (外勤手册): all of them at first,
/// and then what has changed.
#[Object]
impl FieldBook {
    /// Households that are new or have changed, as they are now: each takes the place of all that the app
    /// has kept of it. A contact (联系人) who stands below none of the kept households any more has left, and
    /// must be deleted from the device.
    async fn upserts(&self) -> &[Household] {
        &self.upserts
    }

    /// Households that the app must delete, with their contacts.
    async fn removals(&self) -> &[FieldBookRemoval] {
        &self.removals
    }

    /// Where the book stands with this answer. Keep it together with what was answered, and give it as
    /// `since` next time. It fits its owner alone.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// Whether there is more to fetch at once, with `cursor`.
    async fn has_next_page(&self) -> bool {
        self.has_next_page
    }
}

/// How villages are taken along.
#[derive(Default)]
pub struct FieldBookQuery;

#[Object]
impl FieldBookQuery {
    /// The households of villages in the caller's area, to be kept on the device (外勤手册). Without `since`
    /// it begins with all of them, from door to door; then it tells what has changed, each household once
    /// with its latest state, in the order of the changes. Nothing is missed, whatever changes between two
    /// calls. A change comes as soon as every transaction is over that was running at the time.
    async fn field_book(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The global ids of 1 to 50 villages. One that was added since the last call comes whole; delete yourself what you have of one that you leave out."
        )]
        villages: Vec<ID>,
        #[graphql(
            desc = "The `cursor` of the last answer; the whole book when left out. BAD_CURSOR means to start again without it."
        )]
        since: Option<String>,
        #[graphql(desc = "At most so many households, from 1 to 500, changed or removed.")]
        first: i32,
    ) -> Alone<FieldBook> {
        Alone::of(async move {
            let request = Request::of(context)?;
            let with = Household::with(request, &context.look_ahead().field("upserts"));
            let codes = villages.iter().map(|id| GlobalId::expect(id, Kind::Village));
            let codes = codes.collect::<Result<Vec<_>>>()?;
            book::read(request, &codes, since.as_deref(), first, with).await
        })
        .await
    }
}

//! Hand-overs as the contract shows them.

use async_graphql::{Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::handover_check::Item;
use uuid::Uuid;

use crate::access::Act;
use crate::error::Text;
use crate::id::GlobalId;
use crate::page::lists;
use crate::record::Filter;

/// Where a hand-over stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::handover::Status")]
pub enum HandoverStatus {
    /// 交接中: the checklist is not confirmed by both sides yet.
    Open,
    /// 已确认: both sides have confirmed every entry.
    Confirmed,
    /// 已撤销: undone; the giver looks after the villages as before.
    Cancelled,
}

/// What one officer explains to the other in person.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::handover_check::Item")]
pub enum HandoverItem {
    /// 未办结咨询: the open inquiries were explained.
    OpenInquiries,
    /// 需关照户: the households that need care were named, such as old people who live alone.
    HouseholdsInNeed,
    /// 代管联系人: the caretakers of households without a smartphone were introduced.
    CaretakerContacts,
    /// 矛盾纠纷: disputes that may flare up were explained.
    Disputes,
    /// 钥匙和资料: keys, papers and equipment of the village police office changed hands.
    KeysAndDocuments,
}

/// How an entry of the checklist reads.
pub fn title(item: Item) -> Text {
    match item {
        Item::OpenInquiries => Text::new("未办结咨询已逐件说明", "Open inquiries are explained"),
        Item::HouseholdsInNeed => {
            Text::new("需重点关照的户已交代", "Households that need care are named")
        }
        Item::CaretakerContacts => {
            Text::new("代管联系人已引见", "Caretaker contacts are introduced")
        }
        Item::Disputes => Text::new("矛盾纠纷情况已说明", "Disputes are explained"),
        Item::KeysAndDocuments => {
            Text::new("钥匙、资料和设备已移交", "Keys, documents and equipment are handed over")
        }
    }
}

/// An entry of a hand-over's checklist (交接清单). It is settled when both sides have confirmed it.
#[derive(SimpleObject, Clone)]
pub struct HandoverCheck {
    /// What it is about.
    pub item: HandoverItem,
    /// How it reads, in the language of `Accept-Language`.
    pub title: String,
    /// When the officer who gives confirmed it; null before that.
    pub from_confirmed_at: Option<DateTime<Utc>>,
    /// When the officer who receives confirmed it; null before that.
    pub to_confirmed_at: Option<DateTime<Utc>>,
}

/// Villages go from one officer to another (交接). Both look after them until `overlapUntil`, and from
/// then on the receiver alone.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Handover {
    /// Global id.
    pub id: GlobalId,
    /// Where it stands.
    pub status: HandoverStatus,
    /// What the one who made it wrote; null when nothing was.
    pub note: Option<String>,
    /// Until when the giver looks after the villages as well, exclusive.
    pub overlap_until: DateTime<Utc>,
    /// How many households the villages had when it was made.
    pub household_count: i64,
    /// How many open inquiries went from the giver to the receiver.
    pub inquiry_count: i64,
    /// How many internal notes stand in these inquiries.
    pub note_count: i64,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was confirmed as a whole or cancelled; null while it is open.
    pub closed_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) from_id: Uuid,
    #[graphql(skip)]
    pub(crate) to_id: Uuid,
}

/// Which hand-overs a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandoverFilter {
    /// With one of these statuses.
    pub statuses: Option<Vec<HandoverStatus>>,
}

impl Filter for HandoverFilter {}

/// How hand-overs are looked up.
#[derive(Default)]
pub struct HandoverQuery;

lists! {
    #[Object]
    impl HandoverQuery {
        /// The hand-overs of the caller's township or county, or those in which the caller gives or
        /// receives; newest first.
        handovers: Handover, filter HandoverFilter => all(Act::ReadHandover);
        ---
    }
}

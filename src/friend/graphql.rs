//! Friends as the contract shows them.

use async_graphql::{Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::friend_transfer::State;
use uuid::Uuid;

use crate::access::Act;
use crate::error::Result;
use crate::id::GlobalId;
use crate::page::lists;
use crate::record::Filter;
use crate::scalar::DivisionCode;

/// How it is between an officer and a resident in WeCom.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::friend::State")]
pub enum FriendState {
    /// 好友: they are friends.
    Friend,
    /// 待通过: one of them has added the other, who has not confirmed it yet.
    Half,
    /// 被民警删除: the officer has deleted the resident.
    DeletedByOfficer,
    /// 被居民删除: the resident has deleted the officer.
    DeletedByResident,
    /// 已转接: the resident went along to another officer.
    Transferred,
    /// 已不是好友: they are no friends at WeChat's side any more, and nobody told why.
    Gone,
}

/// A resident whom an officer has as a friend in WeCom (企业微信好友), or had.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Friend {
    /// Global id.
    pub id: GlobalId,
    /// How it is between them.
    pub state: FriendState,
    /// Since when it is so.
    pub since: DateTime<Utc>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    #[graphql(skip)]
    pub(crate) officer_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) contact_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) household_id: Option<Uuid>,
}

/// What the service writes to WeCom about a friend.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::friend_write::Kind")]
pub enum FriendWritingKind {
    /// 备注: how the officer's WeCom calls the friend: village, group and name.
    Remark,
    /// 标签: the tag of the village.
    Tag,
    /// 欢迎语: the greeting of a new friend.
    Welcome,
    /// 一户一码: to whom the QR code of a household leads.
    Link,
}

/// How far a writing is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::friend_write::State")]
pub enum FriendWritingState {
    /// 待写入: it waits, and is written by itself.
    Queued,
    /// 已写入: it is written.
    Done,
    /// 失败: WeChat's side refused for good: see `apiError`. It is tried again when what is to be written changes.
    Failed,
}

/// How far what the service writes to WeCom about a friend is (写入情况).
#[derive(SimpleObject, Clone, Debug)]
pub struct FriendWriting {
    /// What.
    pub kind: FriendWritingKind,
    /// How far.
    pub state: FriendWritingState,
    /// The number (`errcode`) with which WeChat's side refused for good; null when it did not.
    pub api_error: Option<i32>,
    /// When it was written, or came to nothing; null while it is QUEUED.
    pub settled_at: Option<DateTime<Utc>>,
}

/// Which friends a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FriendFilter {
    /// In this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// In one of these states.
    pub states: Option<Vec<FriendState>>,
    /// Those of whom the household is known (true), or is not (false).
    pub known: Option<bool>,
}

impl Filter for FriendFilter {
    fn checked(self) -> Result<Self> {
        self.area_code.as_ref().map(DivisionCode::expect_area).transpose()?;
        Ok(self)
    }
}

/// By which a household becomes the friend of its officer: a QR code of its own (一户一码).
#[derive(SimpleObject, Clone)]
pub struct FriendLink {
    /// Where the picture of the QR code is. Null until WeChat's side has made it, which is tried again by itself.
    pub qr_code_url: Option<String>,
    /// What comes back from WeChat's side with whoever scans it. It says nothing of the household to others.
    pub state: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// How far it is that a friend goes along with a hand-over.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::friend_transfer::State")]
pub enum FriendTransferState {
    /// 待申请: WeChat's side was not asked yet, or could not be; it is tried again by itself.
    Queued,
    /// 待接替: WeChat's side was asked. It takes a day, in which the resident may refuse.
    Waiting,
    /// 已接替: the resident is the friend of the officer who takes over.
    Done,
    /// 居民拒绝: the resident refused.
    Refused,
    /// 接替人好友已满: the officer who takes over has as many friends as there may be.
    Full,
    /// 次数超限: the resident went from one officer to another twice within 90 days already.
    TooOften,
    /// 已不是好友: they were no friends any more.
    NoFriend,
    /// 已取消: the hand-over was cancelled before WeChat's side was asked.
    Cancelled,
    /// 失败: WeChat's side refused for another reason: see `apiError`.
    Failed,
}

/// A friend who is to go along with a hand-over to the officer who takes over (好友转接).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct FriendTransfer {
    /// Global id.
    pub id: GlobalId,
    /// How far it is.
    pub state: FriendTransferState,
    /// The number (`errcode`) with which WeChat's side refused; null when it did not.
    pub api_error: Option<i32>,
    /// When WeChat's side was asked; null before that.
    pub asked_at: Option<DateTime<Utc>>,
    /// When it was known what became of it; null before that.
    pub settled_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) friend_id: Uuid,
}

/// Which transfers a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FriendTransferFilter {
    /// In one of these states: give REFUSED for those who refused.
    pub states: Option<Vec<FriendTransferState>>,
}

impl Filter for FriendTransferFilter {}

/// How many friends of the giver are how far on their way to the officer who takes over.
#[derive(SimpleObject, Clone, Copy, Debug, Default)]
pub struct HandoverFriends {
    /// Who are the friends of the officer who takes over.
    pub moved: i64,
    /// Of whom it is not known yet, asked for or not.
    pub waiting: i64,
    /// Who refused.
    pub refused: i64,
    /// For whom the officer who takes over has no place.
    pub full: i64,
    /// Who went from one officer to another twice within 90 days already.
    pub too_often: i64,
    /// With whom it failed otherwise, or who were no friends any more.
    pub failed: i64,
}

impl HandoverFriends {
    pub(super) fn count(&mut self, state: State, count: i64) {
        match state {
            State::Done => self.moved += count,
            State::Queued | State::Waiting => self.waiting += count,
            State::Refused => self.refused += count,
            State::Full => self.full += count,
            State::TooOften => self.too_often += count,
            State::NoFriend | State::Failed => self.failed += count,
            State::Cancelled => {}
        }
    }
}

/// What is not the same here and at WeChat's side.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::friend_difference::Kind")]
pub enum FriendDifferenceKind {
    /// 系统缺少: a friend at WeChat's side was none here. Since only WeChat's side knows that, it is one here from now on.
    MissingHere,
    /// 微信一侧缺少: a friend here was none at WeChat's side. Since only WeChat's side knows that, it is GONE here.
    MissingThere,
    /// 备注不一致: the officer calls the friend otherwise than the service wrote. The officer's words stay.
    OtherRemark,
    /// 成员不存在: WeChat's side does not know the officer's account, or it may have no contacts.
    UnknownOfficer,
}

/// Where an officer's friends here and at WeChat's side were not the same when they were compared, which is done every
/// night (好友核对差异).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct FriendDifference {
    /// Global id.
    pub id: GlobalId,
    /// What is not the same.
    pub kind: FriendDifferenceKind,
    /// When it was found first.
    pub found_at: DateTime<Utc>,
    /// When it was found last.
    pub seen_at: DateTime<Utc>,
    /// When it was found to be gone; null while it is so.
    pub settled_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
    #[graphql(skip)]
    pub(crate) friend_id: Option<Uuid>,
}

/// Which differences a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FriendDifferenceFilter {
    /// Those that are still so (true), or that are gone (false).
    pub open: Option<bool>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<FriendDifferenceKind>>,
}

impl Filter for FriendDifferenceFilter {}

/// How friends are looked up.
#[derive(Default)]
pub struct FriendQuery;

lists! {
    #[Object]
    impl FriendQuery {
        /// The officers' friends in WeCom in the caller's area, last changed first.
        friends: Friend, filter FriendFilter => all(Act::ReadFriend);
        /// Where friends here and at WeChat's side were not the same, last found first.
        friend_differences: FriendDifference, filter FriendDifferenceFilter => all(Act::ReadFriendDifference);
        ---
    }
}

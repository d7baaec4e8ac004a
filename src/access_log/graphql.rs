//! What was looked at, as the contract shows it.

use async_graphql::{Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::Act;
use crate::actor::Role;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::Filter;
use crate::scalar::check_moments;

/// What a member of staff looked at.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::access_log::LookedAt")]
pub enum LookedAt {
    /// 密件: a sealed inquiry, or that there is one.
    Inquiry,
    /// 密件内容: what was written in a sealed inquiry.
    Messages,
    /// 联系方式: a phone number or the address in full. Who looks again within the hour appears once.
    Contact,
    /// 导出: a file that was taken out and contained the household.
    Export,
}

/// That a member of staff was shown something of a household (查看记录). It is written down before it is shown, and
/// never changed.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct AccessEntry {
    /// Global id. A resident who wants to know more names it at the station.
    pub id: GlobalId,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub looked_at: LookedAt,
    /// What the member of staff was then.
    pub role: Role,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
    #[graphql(skip)]
    pub(crate) household_id: Uuid,
    #[graphql(skip)]
    pub(crate) inquiry_id: Option<Uuid>,
}

/// Which entries the auditor's list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessLogFilter {
    /// About this household.
    pub household_id: Option<ID>,
    /// About this sealed inquiry.
    pub inquiry_id: Option<ID>,
    /// Who looked.
    pub officer_id: Option<ID>,
    /// One of these was looked at.
    pub looked_at: Option<Vec<LookedAt>>,
    /// At this moment or later.
    pub since: Option<DateTime<Utc>>,
    /// Before this moment.
    pub before: Option<DateTime<Utc>>,
}

impl Filter for AccessLogFilter {
    fn checked(self) -> Result<Self> {
        for (id, kind) in [
            (&self.household_id, Kind::Household),
            (&self.inquiry_id, Kind::Inquiry),
            (&self.officer_id, Kind::Officer),
        ] {
            id.as_ref().map(|id| GlobalId::expect(id, kind)).transpose()?;
        }
        check_moments(&[self.since, self.before])?;
        Ok(self)
    }
}

/// How it is looked up who looked.
#[derive(Default)]
pub struct AccessLogQuery;

lists! {
    #[Object]
    impl AccessLogQuery {
        /// Who looked at what is kept about the caller's own households, latest first (谁看过我家的信息).
        access_history: AccessEntry => all(Act::ReadAccessHistory);
        /// Who looked at what, latest first: for the auditor.
        access_log: AccessEntry, filter AccessLogFilter => all(Act::ReadAccessLog);
        ---
    }
}

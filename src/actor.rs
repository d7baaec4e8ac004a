//! Who is calling. An [`Actor`] is made from a verified access token, or stands for the service itself.

use async_graphql::Enum;
use chrono::{DateTime, Utc};
use entity::officer;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a caller is to the service.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[graphql(name = "Role")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Nobody is signed in.
    Anonymous,
    /// 居民: the contact of one household or several.
    Resident,
    /// 民警、辅警: looks after the villages of their current postings.
    Officer,
    /// 所长: looks after the township of their station.
    StationChief,
    /// 县局管理员: looks after the whole county.
    CountyAdmin,
    /// 分析员: sees numbers of the whole county, and never a person.
    Analyst,
    /// 审计员: sees who did what, with personal data masked, and changes nothing.
    Auditor,
    /// 渠道: the service itself, speaking for a WeChat channel.
    Channel,
    /// 系统: the service itself, working in the background.
    System,
}

impl Role {
    /// All roles, in the order of the permission table's columns.
    pub const ALL: [Self; 9] = [
        Self::Anonymous,
        Self::Resident,
        Self::Officer,
        Self::StationChief,
        Self::CountyAdmin,
        Self::Analyst,
        Self::Auditor,
        Self::Channel,
        Self::System,
    ];

    /// The role of a staff account, when it is one.
    pub fn of_staff(self) -> Option<officer::Role> {
        match self {
            Self::Officer => Some(officer::Role::Officer),
            Self::StationChief => Some(officer::Role::StationChief),
            Self::CountyAdmin => Some(officer::Role::CountyAdmin),
            Self::Analyst => Some(officer::Role::Analyst),
            Self::Auditor => Some(officer::Role::Auditor),
            Self::Anonymous | Self::Resident | Self::Channel | Self::System => None,
        }
    }
}

impl From<officer::Role> for Role {
    fn from(role: officer::Role) -> Self {
        match role {
            officer::Role::Officer => Self::Officer,
            officer::Role::StationChief => Self::StationChief,
            officer::Role::CountyAdmin => Self::CountyAdmin,
            officer::Role::Analyst => Self::Analyst,
            officer::Role::Auditor => Self::Auditor,
        }
    }
}

/// A caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What the caller is.
    pub role: Role,
    /// The officer or the contact; nil for nobody and for the service itself.
    pub id: Uuid,
    /// The session in which the caller signed in here; none with an external identity provider.
    pub session: Option<Uuid>,
    /// When the access token stops being good.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Actor {
    /// Nobody is signed in.
    pub const ANONYMOUS: Self =
        Self { role: Role::Anonymous, id: Uuid::nil(), session: None, expires_at: None };

    /// The service itself, working in the background.
    pub const SYSTEM: Self = Self { role: Role::System, ..Self::ANONYMOUS };

    /// The service itself, speaking for a channel.
    pub const CHANNEL: Self = Self { role: Role::Channel, ..Self::ANONYMOUS };

    /// Somebody with a token.
    pub fn is_signed_in(&self) -> bool {
        self.role != Role::Anonymous
    }
}

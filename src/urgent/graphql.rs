//! Alerts as the contract shows them.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::rules;
use crate::access::Act;
use crate::alone::Alone;
use crate::error::Result;
use crate::id::GlobalId;
use crate::page::lists;
use crate::record::Filter;
use crate::request::Request;
use crate::scalar::{DivisionCode, Percent, check_moments};

/// What kind of emergency a message tells of.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[graphql(remote = "entity::urgent_alert::Kind")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EmergencyKind {
    /// 呼救: a call for help that does not say what happens.
    CallForHelp,
    /// 打架: people hit each other, or damage something.
    Fight,
    /// 凶器: a knife, a gun, a threat to kill.
    Weapon,
    /// 火情: fire, smoke, escaping gas, a broken power line.
    Fire,
    /// 自杀: somebody wants to die.
    Suicide,
    /// 走失: somebody is missing.
    Missing,
    /// 急病: somebody is in danger of life.
    Medical,
    /// 事故: an accident on the road, in the water, at a building.
    Accident,
    /// 抢劫、侵害: somebody is robbed, assaulted, held or followed.
    Robbery,
    /// 入室: somebody breaks in.
    BreakIn,
    /// 正在被骗: money is going to a fraud just now.
    FraudInProgress,
}

/// What became of an alert.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::urgent_alert::State")]
pub enum UrgentAlertState {
    /// 待处置: nobody has taken note of it yet.
    Raised,
    /// 已知悉: an officer has seen it and sees to it.
    Acknowledged,
    /// 误报: an officer found that there was no emergency.
    FalseAlarm,
}

/// A message of a household that tells of an emergency (紧急提醒). It is no alarm: who needs help calls 110, and is
/// told so at once.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct UrgentAlert {
    /// Global id.
    pub id: GlobalId,
    /// What kind of emergency the message tells of.
    pub kind: EmergencyKind,
    /// The words that tell of it, with … for what stands between them. They are words of a list, not a quotation.
    pub words: Vec<String>,
    /// The version of the list of words.
    pub list_version: String,
    /// When the message came.
    pub raised_at: DateTime<Utc>,
    /// What became of it.
    pub state: UrgentAlertState,
    /// When it was acknowledged or found to be false; null before.
    pub handled_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) inquiry_id: Uuid,
    #[graphql(skip)]
    pub(crate) message_id: Uuid,
    #[graphql(skip)]
    pub(crate) alerted_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) handler_id: Option<Uuid>,
}

/// Which alerts a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UrgentAlertFilter {
    /// In this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// In one of these states.
    pub states: Option<Vec<UrgentAlertState>>,
    /// Raised at this moment or later.
    pub raised_since: Option<DateTime<Utc>>,
    /// Raised before this moment.
    pub raised_before: Option<DateTime<Utc>>,
}

impl Filter for UrgentAlertFilter {
    fn checked(self) -> Result<Self> {
        self.area_code.as_ref().map(DivisionCode::expect_area).transpose()?;
        check_moments(&[self.raised_since, self.raised_before])?;
        Ok(self)
    }
}

/// In which order alerts come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UrgentAlertOrder {
    /// Raised last first.
    #[default]
    RaisedAtDesc,
    /// Raised first first: who has waited longest.
    RaisedAtAsc,
}

/// How many alerts there were, and how good they were.
#[derive(SimpleObject, Clone, Copy, Debug, Default, PartialEq)]
pub struct UrgentStatistics {
    /// All that were raised: the sum of the next three.
    pub raised: i64,
    /// Of which nobody has taken note yet.
    pub open: i64,
    /// That were acknowledged.
    pub acknowledged: i64,
    /// That were found to be false (误报).
    pub false_alarms: i64,
    /// The acknowledged ones in percent of those that somebody answered for; null when nobody has for any.
    pub precision: Option<Percent>,
}

/// How alerts are looked up.
#[derive(Default)]
pub struct UrgentQuery;

lists! {
    #[Object]
    impl UrgentQuery {
        /// Messages in the caller's area that tell of an emergency.
        urgent_alerts: UrgentAlert, filter UrgentAlertFilter, order UrgentAlertOrder => all(Act::ReadUrgentAlert);
        ---
        /// How many alerts there were in the caller's area, and how many of them were false.
        async fn urgent_statistics(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "Counts what meets all of its conditions; everything when left out.")]
            filter: Option<UrgentAlertFilter>,
        ) -> Alone<UrgentStatistics> {
            Alone::of(async { rules::count(Request::of(context)?, filter.unwrap_or_default()).await }).await
        }
    }
}

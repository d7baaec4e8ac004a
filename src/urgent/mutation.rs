//! How officers answer for alerts.

use async_graphql::{Context, ID, InputObject, Object};

use super::rules;
use super::{UrgentAlert, UrgentAlertState};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

/// The input of `acknowledgeUrgentAlert`.
#[derive(InputObject)]
pub struct AcknowledgeUrgentAlertInput {
    /// The alert.
    pub urgent_alert_id: ID,
}

/// The input of `reportFalseAlarm`.
#[derive(InputObject)]
pub struct ReportFalseAlarmInput {
    /// The alert.
    pub urgent_alert_id: ID,
}

payload! {
    /// The answer of `acknowledgeUrgentAlert`.
    AcknowledgeUrgentAlertPayload {
        /// The alert after the change.
        urgent_alert: UrgentAlert
    }
}
payload! {
    /// The answer of `reportFalseAlarm`.
    ReportFalseAlarmPayload {
        /// The alert after the change.
        urgent_alert: UrgentAlert
    }
}

/// How officers answer for alerts.
#[derive(Default)]
pub struct UrgentMutation;

#[Object]
impl UrgentMutation {
    /// Takes note of an alert (知悉): the caller sees to it. Doing it again changes nothing. An alert that was
    /// found to be false stays so.
    async fn acknowledge_urgent_alert(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: AcknowledgeUrgentAlertInput,
    ) -> Result<AcknowledgeUrgentAlertPayload> {
        let made = handle(context, &input.urgent_alert_id, UrgentAlertState::Acknowledged).await;
        AcknowledgeUrgentAlertPayload::of(context, made)
    }

    /// Says that there was no emergency (误报), so that the list of words can be made better. Doing it again
    /// changes nothing.
    async fn report_false_alarm(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ReportFalseAlarmInput,
    ) -> Result<ReportFalseAlarmPayload> {
        let made = handle(context, &input.urgent_alert_id, UrgentAlertState::FalseAlarm).await;
        ReportFalseAlarmPayload::of(context, made)
    }
}

async fn handle(context: &Context<'_>, id: &ID, state: UrgentAlertState) -> Result<UrgentAlert> {
    let id = GlobalId::expect_uuid(id, Kind::UrgentAlert)?;
    rules::handle(Request::of(context)?, id, state).await
}

//! What alerts lead to.

use async_graphql::{ComplexObject, Context};

use crate::error::Result;
use crate::inquiry::{Inquiry, Message};
use crate::officer::Officer;
use crate::record::{self, Related};
use crate::request::Request;
use crate::urgent::{UrgentAlert, advice};
use crate::walk::Walked;

#[ComplexObject]
impl UrgentAlert {
    /// Whom to call: always 110. An app shows it at once, ready to be dialled.
    async fn call(&self) -> &'static str {
        "110"
    }

    /// What to do now, for people, in the language of `Accept-Language`. An app shows it beside `call`.
    async fn advice(&self, context: &Context<'_>) -> Result<&'static str> {
        Ok(advice(Request::of(context)?.language()))
    }

    /// The inquiry in which it was written.
    async fn inquiry(&self, context: &Context<'_>) -> Result<Walked<Inquiry>> {
        record::parent(context, self.inquiry_id).await
    }

    /// The message that tells of the emergency.
    async fn message(&self, context: &Context<'_>) -> Related<Message> {
        record::related(context, Some(self.message_id)).await
    }

    /// The officer whose turn it was when the message came: who led the village, or stood in; null when it had
    /// nobody.
    async fn alerted(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.alerted_id).await
    }

    /// The officer who acknowledged it or found it to be false; null before.
    async fn handled_by(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.handler_id).await
    }
}

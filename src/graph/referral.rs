//! What referrals lead to.

use async_graphql::{ComplexObject, Context};

use crate::error::Result;
use crate::inquiry::Inquiry;
use crate::officer::Officer;
use crate::record::{self, Related};
use crate::referral::Referral;
use crate::walk::Walked;

#[ComplexObject]
impl Referral {
    /// The inquiry that is to be settled.
    async fn inquiry(&self, context: &Context<'_>) -> Result<Walked<Inquiry>> {
        record::parent(context, self.inquiry_id).await
    }

    /// Who referred it.
    async fn referred_by(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, Some(self.referred_by)).await
    }

    /// Who wrote down what came of it; null while it is open.
    async fn closed_by(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.closed_by).await
    }
}

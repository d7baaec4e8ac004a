//! What the caller's own account leads to.

use async_graphql::{ComplexObject, Context};

use crate::access::Act;
use crate::actor::Role;
use crate::alone::Alone;
use crate::division::{Village, VillageFilter, VillageOrder};
use crate::household::Contact;
use crate::officer::Officer;
use crate::page::{Connection, Window};
use crate::record;
use crate::session::Viewer;

#[ComplexObject]
impl Viewer {
    /// The caller's staff account; null for residents and analysts.
    async fn officer(&self, context: &Context<'_>) -> Alone<Option<Officer>> {
        let is_staff = !matches!(self.role, Role::Resident | Role::Analyst);
        record::related(context, is_staff.then_some(self.subject_id)).await
    }

    /// The resident's own record; null for staff.
    async fn contact(&self, context: &Context<'_>) -> Alone<Option<Contact>> {
        let is_resident = self.role == Role::Resident;
        record::related(context, is_resident.then_some(self.subject_id)).await
    }

    /// The villages of the caller's area: of the current postings, of the township, of the county,
    /// or where the caller's households are.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn villages(
        &self,
        context: &Context<'_>,
        filter: Option<VillageFilter>,
        order_by: Option<VillageOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Alone<Connection<Village>> {
        let window = Window::new(first, after, last, before);
        let filter = filter.unwrap_or_default().checked();
        let order = order_by.unwrap_or_default();
        let act = if self.role == Role::Analyst { Act::ReadTally } else { Act::ReadHousehold };
        Connection::all(context, act, filter, order, window).await
    }
}

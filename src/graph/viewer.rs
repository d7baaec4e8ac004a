//! What the caller's own account leads to.

use async_graphql::{ComplexObject, Context};

use crate::access::Act;
use crate::actor::Role;
use crate::division::{Village, VillageFilter, VillageOrder};
use crate::household::Contact;
use crate::officer::Officer;
use crate::page::lists;
use crate::record::{self, Related};
use crate::session::Viewer;

lists! {
    #[ComplexObject]
    impl Viewer {
        /// The villages of the caller's area: of the current postings, of the township, of the county,
        /// or where the caller's households are.
        villages: Village, filter VillageFilter, order VillageOrder => all(Act::ReadArea);
        ---
        /// The caller's staff account; null for residents and analysts.
        async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
            let is_staff = !matches!(self.role, Role::Resident | Role::Analyst);
            record::related(context, is_staff.then_some(self.subject_id)).await
        }

        /// The resident's own record; null for staff.
        async fn contact(&self, context: &Context<'_>) -> Related<Contact> {
            let is_resident = self.role == Role::Resident;
            record::related(context, is_resident.then_some(self.subject_id)).await
        }
    }
}

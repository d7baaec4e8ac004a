//! Households (户) and their contacts (联系人): the unit of coverage, and the people who speak for it.
//! A household never disappears; a contact's name and number are shown in full only in the caller's
//! area. Inquiries do not appear here.

pub mod consent;
mod contacts;
mod edit;
mod enrolment;
pub mod graphql;
pub mod history;
pub mod input;
pub mod limits;
pub mod mutation;
mod rules;
mod settle;
pub mod state;
mod store;

pub use consent::{Consent, ConsentText};
pub use contacts::{ContactChange, change_contact, contact_changed};
pub use edit::{HouseholdChange, change_household};
pub use enrolment::{Enrolment, Newcomer, Who, enrol, join};
pub use graphql::{
    Contact, ContactFilter, ContactResponsibility, ContactStanding, Household, HouseholdFilter,
    HouseholdOrder, HouseholdQuery, HouseholdStatus,
};
pub use history::{HouseholdStatusChange, StatusCause};
pub use mutation::HouseholdMutation;
pub use rules::{changed, counted, find, locked, number, of_version};
pub use settle::{Happened, settle};
pub use store::{
    ADDRESS, HouseholdWith, InForce, PHONE, REASON, Responsibilities, SPEAKS_FOR, Speaker, WECHAT,
    confirm, erase_contact, households_of, in_force, links, lock, refresh_search_text, search_text,
    speaker, status_changed_after, status_name, unlink,
};

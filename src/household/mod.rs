//! Households (户) and their contacts (联系人): the unit of coverage, and the people who speak for it.
//! A household never disappears; a contact's name and number are shown in full only in the caller's
//! area. Inquiries do not appear here.

mod contacts;
pub mod graphql;
pub mod input;
pub mod limits;
pub mod mutation;
mod rules;
mod store;

pub use graphql::{
    Contact, ContactFilter, ContactResponsibility, ContactStanding, Household, HouseholdFilter,
    HouseholdOrder, HouseholdQuery, HouseholdStatus,
};
pub use mutation::HouseholdMutation;
pub use rules::{changed, counted};
pub use store::{
    ADDRESS, HouseholdWith, PHONE, Responsibilities, SPEAKS_FOR, WECHAT, refresh_search_text,
    search_text, speaks_for_itself,
};

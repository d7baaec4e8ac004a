//! How contacts leave (联系人退出): one who no longer speaks for a household, and one who withdraws the
//! consent. Whoever speaks for nobody any more is erased: name, number and WeChat identity, also where they
//! stand in labels or in what could be undone. The households stay, and the record of the consent does.

pub mod graphql;
mod rules;

pub use graphql::LeavingMutation;

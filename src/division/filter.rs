//! Which divisions a list keeps, and in which order.

use async_graphql::{Enum, InputObject};

use crate::error::Result;
use crate::record::Filter;
use crate::scalar::{Date, DivisionCode, Level};
use crate::text;

/// Which counties a list shows.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CountyFilter {
    /// As it was on this day: with the name and place of then, and with what has ended since. Today when
    /// left out; a day to come is refused.
    pub as_of: Option<Date>,
}

impl Filter for CountyFilter {}

/// Which village groups a list keeps.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VillageGroupFilter {
    /// As it was on this day: with the name and place of then, and with what has ended since. Today when
    /// left out; a day to come is refused.
    pub as_of: Option<Date>,
    /// With those that have ended, too. They are left out otherwise.
    pub include_ended: Option<bool>,
}

impl Filter for VillageGroupFilter {}

/// Which townships a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TownshipFilter {
    /// Of this county.
    pub county_code: Option<DivisionCode>,
    /// With this text in the name: 2 characters and more.
    pub text: Option<String>,
    /// As it was on this day: with the name and place of then, and with what has ended since. Today when
    /// left out; a day to come is refused.
    pub as_of: Option<Date>,
}

/// In which order townships come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TownshipOrder {
    /// By code, ascending.
    #[default]
    CodeAsc,
    /// By code, descending.
    CodeDesc,
}

/// Which villages a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VillageFilter {
    /// Of this township.
    pub township_code: Option<DivisionCode>,
    /// With this text in the name: 2 characters and more.
    pub text: Option<String>,
    /// As it was on this day: with the name and place of then, and with what has ended since. Today when
    /// left out; a day to come is refused.
    pub as_of: Option<Date>,
    /// With those that have ended, too. They are left out otherwise.
    pub include_ended: Option<bool>,
}

/// In which order villages come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VillageOrder {
    /// By code, ascending.
    #[default]
    CodeAsc,
    /// By code, descending.
    CodeDesc,
}

impl Filter for TownshipFilter {
    fn checked(mut self) -> Result<Self> {
        self.county_code.as_ref().map(|code| code.expect(Level::County)).transpose()?;
        self.text = self.text.as_deref().map(text::search).transpose()?;
        Ok(self)
    }
}

impl Filter for VillageFilter {
    fn checked(mut self) -> Result<Self> {
        self.township_code.as_ref().map(|code| code.expect(Level::Township)).transpose()?;
        self.text = self.text.as_deref().map(text::search).transpose()?;
        Ok(self)
    }
}

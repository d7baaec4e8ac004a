//! Which replies are out of date, as a client asks for them.

use async_graphql::{Context, ID, InputObject};
use chrono::TimeDelta;

use super::store::Outdated;
use crate::error::{Code, Error, Result};
use crate::id::{GlobalId, Kind};
use crate::request::Request;
use crate::scalar::DivisionCode;

/// The furthest that is looked back.
const MAX_DAYS: i32 = 365;

/// Which outdated replies a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug)]
pub struct OutdatedReplyFilter {
    /// Made from this guide.
    pub guide_id: Option<ID>,
    /// In this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// Sent within so many days, from 1 to 365.
    #[graphql(default = 30)]
    pub days: i32,
}

impl Default for OutdatedReplyFilter {
    fn default() -> Self {
        Self { guide_id: None, area_code: None, days: 30 }
    }
}

impl OutdatedReplyFilter {
    /// What is asked for now.
    pub fn asked(self, context: &Context<'_>) -> Result<Outdated> {
        self.area_code.as_ref().map(DivisionCode::expect_area).transpose()?;
        let guide = self.guide_id.as_ref();
        let guide_id = guide.map(|id| GlobalId::expect_uuid(id, Kind::Guide)).transpose()?;
        if !(1..=MAX_DAYS).contains(&self.days) {
            return Err(Error::top(
                Code::BadUserInput,
                "天数应在1到365之间。",
                "`days` must lie between 1 and 365.",
            ));
        }
        let clock = &Request::of(context)?.service().clock;
        let since = clock.now() - TimeDelta::days(self.days.into());
        Ok(Outdated { guide_id, area_code: self.area_code, since, today: clock.today() })
    }
}

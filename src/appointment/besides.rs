//! Times for which a window is closed, or open, besides its hours of the week: kept in the order of time, and named by
//! when they begin.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{WindowClosure, WindowOpening};
use crate::error::{Error, Result, UserErrorCode};
use crate::payload::expected;

/// How many a window has ahead at once.
const MOST: usize = 100;
/// How long one is shown after it has ended.
const SHOWN_FOR: TimeDelta = TimeDelta::days(366);

/// A time besides the hours of the week.
pub trait Besides: PartialEq {
    /// When it begins.
    fn starts_at(&self) -> DateTime<Utc>;
    /// When it ends.
    fn ends_at(&self) -> DateTime<Utc>;
    /// Ends it then.
    fn end(&mut self, at: DateTime<Utc>);
}

macro_rules! besides {
    ($($name:ident),*) => {
        $(impl Besides for $name {
            fn starts_at(&self) -> DateTime<Utc> {
                self.starts_at
            }

            fn ends_at(&self) -> DateTime<Utc> {
                self.ends_at
            }

            fn end(&mut self, at: DateTime<Utc>) {
                self.ends_at = at;
            }
        })*
    };
}

besides!(WindowClosure, WindowOpening);

/// Both moments as they are kept, if there is something of that time still to come.
pub fn ahead(
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let (starts_at, ends_at) = (starts_at.trunc_subsecs(6), ends_at.trunc_subsecs(6));
    if ends_at <= starts_at || ends_at <= now {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "endsAt",
            "应在将来结束，且在开始之后。",
            "It ends in the future, after it starts.",
        ));
    }
    Ok((starts_at, ends_at))
}

/// Adds one. Answers whether it was not there yet: told twice, it is there once.
pub fn add<T: Besides>(all: &mut Vec<T>, new: T, now: DateTime<Utc>) -> Result<bool> {
    all.retain(|one| one.ends_at() > now - SHOWN_FOR);
    if all.contains(&new) {
        return Ok(false);
    }
    if all.iter().any(|one| one.starts_at() == new.starts_at()) {
        return Err(Error::user(
            UserErrorCode::Taken,
            "startsAt",
            "该窗口已有同一时间开始的另一次安排。",
            "The window has another one that begins at this moment.",
        ));
    }
    if all.iter().filter(|one| one.ends_at() > now).count() >= MOST {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "startsAt",
            "安排过多，请先取消不需要的。",
            "There are too many. Cancel some first.",
        ));
    }
    all.push(new);
    all.sort_by_key(Besides::starts_at);
    Ok(true)
}

/// Takes one back that begins then, or ends it now: what has been so far, was so.
pub fn take_back<T: Besides>(
    all: &mut Vec<T>,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let place = all.iter().position(|one| one.starts_at() == starts_at);
    let place = expected(place, "startsAt")?;
    if all[place].ends_at() <= now {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "startsAt",
            "该时间已过。",
            "This time is over.",
        ));
    }
    if starts_at < now {
        all[place].end(now);
    } else {
        all.remove(place);
    }
    Ok(())
}

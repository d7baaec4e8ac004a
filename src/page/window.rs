//! Which part of a list a client asks for, and the limits of it.

use crate::error::{Code, Error, Result};

/// The most rows of one page.
pub const MAX_PAGE: u32 = 100;
/// The rows of a page when neither `first` nor `last` is given.
pub const DEFAULT_PAGE: u32 = 20;
/// Which part of a list a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    pub(super) size: u32,
    pub(super) backward: bool,
    pub(super) beyond: Option<String>,
}

impl Window {
    /// The first row alone.
    pub(super) const ONE: Self = Self { size: 1, backward: false, beyond: None };

    /// Reads the four arguments of a connection.
    pub fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self> {
        let refused = |chinese: &'static str, english: &'static str| {
            Err(Error::top(Code::BadUserInput, chinese, english))
        };
        let (size, backward) = match (first, last) {
            (Some(_), Some(_)) => {
                return refused(
                    "first 和 last 不能同时使用。",
                    "Use either first or last, not both.",
                );
            }
            (None, Some(last)) => (last, true),
            (Some(first), None) => (first, false),
            (None, None) => (DEFAULT_PAGE.cast_signed(), before.is_some()),
        };
        let size = match u32::try_from(size) {
            Ok(size @ 1..=MAX_PAGE) => size,
            _ => {
                return refused(
                    "first 和 last 必须在 1 到 100 之间。",
                    "first and last must lie between 1 and 100.",
                );
            }
        };
        match (after, before, backward) {
            (Some(_), Some(_), _) | (Some(_), None, true) | (None, Some(_), false) => refused(
                "after 与 first 搭配，before 与 last 搭配。",
                "after goes with first, and before goes with last.",
            ),
            (after, before, _) => Ok(Self { size, backward, beyond: after.or(before) }),
        }
    }
}

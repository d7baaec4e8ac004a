//! What the far side's refusals mean. Only the number counts: the text beside it changes.

use std::time::Duration;

/// Why a call came to nothing. It holds no text, so it can be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Failure {
    /// The far side cannot be reached, or hung up: what was asked may have been done or not.
    #[error("cannot be reached")]
    Away,
    /// The far side did not answer in time: what was asked may have been done or not.
    #[error("did not answer in time")]
    TimedOut,
    /// What came was no answer of this API; a proxy may have answered in its place.
    #[error("answered something else")]
    Unreadable,
    /// The answer is larger than any should be.
    #[error("answered too much")]
    TooLarge,
    /// The far side refused with this number (`errcode`).
    #[error("refused with {0}")]
    Refused(i64),
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Try again, not sooner than after this time.
    Retry {
        /// The time.
        after: Duration,
    },
    /// The access token is good no more: fetch another.
    RefreshToken,
    /// The customer wrote too long ago; only a new message of theirs opens the window.
    WindowClosed,
    /// The customer has been sent as many messages as one of theirs allows.
    OverLimit,
    /// The session is not in a state in which the API may send.
    SessionState,
    /// Trying again does not help.
    Permanent(Reason),
}

/// Why trying again does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The app's secret is wrong.
    BadSecret,
    /// There is no such corp.
    BadCorp,
    /// The address from which this service calls is not trusted (企业可信IP).
    UntrustedAddress,
    /// The app may not do this.
    NotPermitted,
    /// The API of the customer-service account is switched off.
    SwitchedOff,
    /// There is no such customer-service account.
    UnknownAccount,
    /// There is no such customer, or the customer is not of this account.
    UnknownCustomer,
    /// The token of a callback is too old, or of another account; without one the call works.
    BadCallbackToken,
    /// There is no such file any more, or it is of a wrong kind or size.
    BadMedia,
    /// The account has as many customers as it may have, or the corp as many tags, or whoever takes somebody over as many
    /// friends.
    Full,
    /// There is no such tag any more.
    UnknownTag,
    /// There is a tag of this name.
    TagTaken,
    /// Somebody went from one member to another as often as may be: twice in 90 days.
    TooOften,
    /// What is asked for is being done already.
    UnderWay,
    /// Something else.
    Other,
}

const SOON: Duration = Duration::from_secs(2);
const LATER: Duration = Duration::from_secs(60);

impl Failure {
    /// What to do about it.
    pub fn class(self) -> Class {
        let number = match self {
            Self::Away | Self::TimedOut => return Class::Retry { after: SOON },
            Self::Unreadable | Self::TooLarge => return Class::Retry { after: LATER },
            Self::Refused(number) => number,
        };
        Class::Permanent(match number {
            -1 | 45033 => return Class::Retry { after: SOON },
            45009 | 45011 => return Class::Retry { after: LATER },
            40014 | 41001 | 42001 => return Class::RefreshToken,
            95002 | 95024 | 45015 => return Class::WindowClosed,
            95001 | 45047 => return Class::OverLimit,
            95018 => return Class::SessionState,
            40001 | 40125 => Reason::BadSecret,
            40013 => Reason::BadCorp,
            60020 | 40164 => Reason::UntrustedAddress,
            48001 | 48002 | 60011 | 84074 => Reason::NotPermitted,
            95017 => Reason::SwitchedOff,
            95000 | 95004 => Reason::UnknownAccount,
            40003 | 40096 | 40131 | 43004 | 43019 | 43101 | 50005 | 60111 | 84061 => {
                Reason::UnknownCustomer
            }
            95007 => Reason::BadCallbackToken,
            40004..=40011 => Reason::BadMedia,
            95003 | 40099 | 40126 => Reason::Full,
            40068 => Reason::UnknownTag,
            40071 => Reason::TagTaken,
            40128 => Reason::TooOften,
            40129 => Reason::UnderWay,
            _ => Reason::Other,
        })
    }

    /// The far side's number, when it answered with one.
    pub fn number(self) -> Option<i64> {
        match self {
            Self::Refused(number) => Some(number),
            _ => None,
        }
    }
}

/// What was sent along with the error names the address, and so the token: only its kind is kept.
impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::Away }
    }
}

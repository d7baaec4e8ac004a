//! What is done through each account in a few lanes: one thing after the other, until there is nothing or the far side
//! fails.

use std::iter::repeat_n;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::{media, names, send};
use crate::error::Result;
use crate::service::Service;

/// Through how many accounts is worked at once.
pub const ACCOUNTS: usize = 64;
/// How long a lane rests that has nothing to do, though there is something in line.
const REST: Duration = Duration::from_secs(1);

/// What is done.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// What is in line is sent.
    Sending,
    /// Files are fetched.
    Files,
    /// What those who write call themselves is asked for.
    Names,
}

/// What became of what was next.
pub enum Next {
    /// It has ended: something else may be done.
    Ended,
    /// There is nothing that may be done now.
    Nothing,
    /// The far side failed, and should be left alone so long.
    Later(Duration),
}

/// What became of a lane.
pub struct Lane {
    /// How much it ended.
    pub ended: usize,
    /// How long nothing should be tried in its place.
    pub rest: Duration,
}

impl Work {
    /// How many lanes an account has.
    pub fn lanes(self) -> usize {
        match self {
            Self::Sending => 4,
            Self::Files | Self::Names => 1,
        }
    }

    /// The accounts through which something is to be done.
    pub async fn busy(self, service: &Service) -> Result<Vec<Uuid>> {
        match self {
            Self::Sending => send::busy(service).await,
            Self::Files => media::busy(service).await,
            Self::Names => names::busy(service).await,
        }
    }

    async fn next(self, service: &Arc<Service>, channel_id: Uuid) -> Result<Next> {
        match self {
            Self::Sending => send::next(service, channel_id).await,
            Self::Files => media::next(service, channel_id).await,
            Self::Names => names::next(service, channel_id).await,
        }
    }

    /// Does one thing after the other through an account, until there is nothing or the far side fails.
    pub async fn lane(self, service: &Arc<Service>, channel_id: Uuid) -> Lane {
        let mut ended = 0;
        while !service.is_stopping() {
            match self.next(service, channel_id).await {
                Ok(Next::Ended) => ended += 1,
                Ok(Next::Nothing) => break,
                Ok(Next::Later(rest)) => return Lane { ended, rest },
                Err(error) => {
                    tracing::warn!(?error, work = ?self, "what the far side did was not noted");
                    return Lane { ended, rest: REST };
                }
            }
        }
        Lane { ended, rest: if ended == 0 { REST } else { Duration::ZERO } }
    }

    /// Does everything that can be done at this moment, and tells how much that was.
    pub async fn all(self, service: &Arc<Service>) -> Result<usize> {
        let lanes = self.busy(service).await?.into_iter().flat_map(|id| repeat_n(id, self.lanes()));
        let done = stream::iter(lanes)
            .map(|channel_id| self.lane(service, channel_id))
            .buffer_unordered(ACCOUNTS * self.lanes());
        Ok(done.fold(0, async |sum, lane| sum + lane.ended).await)
    }
}

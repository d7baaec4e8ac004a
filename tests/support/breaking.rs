//! Work that breaks off.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Drops `work` after so many steps, and tells whether it was done before.
pub async fn done_within(steps: usize, work: impl Future<Output = ()>) -> bool {
    let mut work = pin!(work);
    let mut left = steps;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match work.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

//! What happens in Official Accounts (公众号): followers write, come and go. What they write goes the way of everything
//! that comes from WeChat; this slice only tells it in the words of customer service, so that it is heard there.

mod heard;
mod item;
mod store;

pub use heard::work;

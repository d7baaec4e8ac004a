//! Friends (客户联系): residents whom officers have as contacts in WeCom, one to a household. The far side tells who
//! was added and who left; what officers call their friends follows from what is known of the household; and with a
//! hand-over friends go along. What friends write to each other does not come here.

mod check;
mod follow;
pub mod graphql;
mod heard;
pub mod mutation;
mod rules;
mod state;
mod store;
mod transfer;
mod words;
mod write;

pub use graphql::{
    Friend, FriendDifference, FriendFilter, FriendLink, FriendQuery, FriendTransfer,
    FriendTransferFilter, FriendWriting, HandoverFriends,
};
pub use mutation::FriendMutation;
pub use store::{Counts, LinkOf, WritingsOf, forget_contact};

use std::sync::Arc;

use crate::error::Result;
use crate::service::Service;

/// Does everything that can be done at this moment but comparing lists, and tells whether there was anything.
pub async fn work(service: &Arc<Service>) -> Result<bool> {
    let heard = heard::all(service).await?;
    let followed = follow::all(service).await?;
    let moved = transfer::all(service).await?;
    let written = write::all(service).await?;
    Ok(heard + followed + moved + written > 0)
}

/// Compares the lists of friends that are due, which takes long, and tells whether there was any.
pub async fn compare(service: &Arc<Service>) -> Result<bool> {
    Ok(check::all(service).await? > 0)
}

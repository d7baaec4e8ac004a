//! The rollout (推广): what is planned for each township, and how far it is. It compares townships with
//! their own plans only; officers do not appear here, except that a village has one or has none.

pub mod graphql;
mod rules;
mod store;

pub use graphql::{
    Rollout, RolloutBoard, RolloutMutation, RolloutProgress, RolloutQuery, RolloutStage,
};
pub use store::Plans;

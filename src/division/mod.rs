//! The division tree (县市、乡镇街道、村社区、村民组) and the stations (派出所). A code is the key and a name is
//! not: two villages may share a name. This slice knows nothing of the people who live or work there.

pub mod graphql;
mod store;

pub use graphql::{
    County, DivisionQuery, Station, Township, TownshipFilter, TownshipKind, TownshipOrder, Village,
    VillageFilter, VillageGroup, VillageOrder,
};
pub use store::{VillageWith, ensure_group, lock_village};

//! The division tree (县市、乡镇街道、村社区、村民组) and the stations (派出所). A code is the key and a name is
//! not: two villages may share a name. This slice knows nothing of the people who live or work there.

pub mod graphql;
pub mod station;
mod store;

pub use graphql::{
    County, CountyFilter, DivisionQuery, DivisionVersion, Station, Township, TownshipFilter,
    TownshipKind, TownshipOrder, Village, VillageFilter, VillageGroup, VillageGroupFilter,
    VillageOrder,
};
pub use station::StationMutation;
pub use store::{
    Pasts, VillageWith, change, ensure_group, living_code, living_code_of, lock_living,
};

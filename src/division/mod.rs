//! The division tree (县市、乡镇街道、村社区、村民组) and the stations (派出所). A code is the key and a name is
//! not: two villages may share a name. This slice knows nothing of the people who live or work there.

pub mod adding;
pub mod filter;
pub mod graphql;
pub mod station;
mod store;
pub mod table;

pub use filter::{
    CountyFilter, TownshipFilter, TownshipOrder, VillageFilter, VillageGroupFilter, VillageOrder,
};
pub use graphql::{
    County, DivisionQuery, DivisionVersion, Station, Township, TownshipKind, Village, VillageGroup,
};
pub use station::StationMutation;
pub use store::{
    Pasts, VillageWith, change, ensure_group, living_code, living_code_of, living_group,
    lock_living,
};

/// The most characters of a division's name.
pub const MAX_NAME: usize = 40;

/// The code of a village's group.
pub fn group_code(village_code: &str, number: i32) -> String {
    format!("{village_code}-{number:02}")
}

/// The village's code and the number in a group's code.
pub fn parse_group(code: &str) -> Option<(String, i32)> {
    let (village, number) = code.rsplit_once('-')?;
    Some((village.to_owned(), number.parse().ok()?))
}

/// The name people use: 刘河村委会 → 刘河村, 中原社区居委会 → 中原社区, 陈集镇 stays.
pub fn short_name(name: &str) -> &str {
    ["居民委员会", "民委员会", "居委会", "委会"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix).filter(|rest| !rest.is_empty()))
        .unwrap_or(name)
}

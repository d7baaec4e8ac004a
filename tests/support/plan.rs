//! What PostgreSQL says that a statement cost.

/// The pages of the database that were looked at, wherever they lay.
pub fn pages(plan: &str) -> u64 {
    let buffers = plan.lines().find_map(|line| line.trim().strip_prefix("Buffers: shared "));
    let counts = buffers.unwrap_or_default().split(' ').filter_map(|word| {
        let (kind, count) = word.split_once('=')?;
        ["hit", "read"].contains(&kind).then(|| count.parse::<u64>().ok())?
    });
    counts.sum()
}

/// The rows that were found by an index.
pub fn rows(plan: &str, index: &str) -> u64 {
    let scan = plan.lines().find(|line| line.contains(&format!("using {index} ")));
    let actual = scan.and_then(|line| line.split_once("actual ")?.1.split_once("rows="));
    let number = actual.and_then(|(_, rest)| rest.split([' ', '.']).next()?.parse().ok());
    number.unwrap_or_else(|| panic!("nothing was found by {index}: {plan}"))
}

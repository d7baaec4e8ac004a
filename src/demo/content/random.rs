//! A small random source that gives the same numbers on every machine (`SplitMix64`). It makes demo
//! data repeatable; it is no source of secrets.

/// A repeatable stream of numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A stream of its own for one thing (a village, a household), so that adding something in one
    /// place leaves every other place as it was.
    pub fn of(seed: u64, parts: &[u64]) -> Self {
        parts.iter().fold(Self::new(seed), |mut stream, part| {
            Self::new(stream.next_u64() ^ part.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        })
    }

    /// The next 64 bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let scaled = (u128::from(self.next_u64()) * u128::from(bound)) >> 64;
        u32::try_from(scaled).unwrap_or_default()
    }

    /// A number in `low..=high`; `low` when the range is empty.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of the items; nothing when there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        items.get(self.below(count) as usize)
    }

    /// One of the weighted items; nothing when the weights add up to 0.
    pub fn weighted<'a, T>(&mut self, items: &'a [(T, u32)]) -> Option<&'a T> {
        let total = items.iter().map(|(_, weight)| weight).sum();
        let mut rest = self.below(total);
        items.iter().find_map(|(item, weight)| {
            if rest < *weight {
                return Some(item);
            }
            rest -= weight;
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_stream_is_the_published_splitmix64() {
        let mut random = Random::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next_u64()).collect();
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn numbers_stay_in_their_range_and_reach_both_ends() {
        let mut random = Random::new(1);
        let drawn: Vec<u32> = (0..1000).map(|_| random.between(3, 6)).collect();
        assert!(drawn.iter().all(|n| (3..=6).contains(n)));
        assert!(drawn.contains(&3) && drawn.contains(&6));
    }

    #[test]
    fn nothing_to_choose_from_gives_nothing() {
        let mut random = Random::new(1);
        assert_eq!(random.pick::<u8>(&[]), None);
        assert_eq!(random.weighted(&[("never", 0)]), None);
        assert_eq!(random.weighted(&[("never", 0), ("always", 1)]), Some(&"always"));
    }
}

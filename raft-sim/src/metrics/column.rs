//! Numbers over time, in windows: sums, maxima, states and distributions, all integers.

use litemap::LiteMap;

/// How the numbers of one window, or of two that become one, go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Merge {
    Sum,
    Max,
    /// The last one counts, and goes on to count until there is another.
    Last,
}

/// One number for each window.
#[derive(Clone, Debug)]
pub(super) struct Column {
    merge: Merge,
    points: Vec<Option<u64>>,
    /// Of all windows together.
    pub(super) total: u64,
}

impl Column {
    pub(super) const fn new(merge: Merge) -> Self {
        Self { merge, points: Vec::new(), total: 0 }
    }

    pub(super) fn add(&mut self, window: usize, value: u64) {
        if self.points.len() <= window {
            self.points.resize(window + 1, None);
        }
        let point = &mut self.points[window];
        *point = Some(self.merge.of(*point, value));
        self.total = self.merge.of(Some(self.total), value);
    }

    /// The number of every window up to `last`.
    pub(super) fn values(&self, last: usize) -> Vec<u64> {
        let mut known = 0;
        let value = |window| {
            let point: Option<u64> = self.points.get(window).copied().flatten();
            if self.merge != Merge::Last {
                return point.unwrap_or_default();
            }
            known = point.unwrap_or(known);
            known
        };
        (0..=last).map(value).collect()
    }

    /// Makes one window of each two.
    pub(super) fn halve(&mut self) {
        let pair = |pair: &[Option<u64>]| match *pair {
            [Some(first), Some(second)] => Some(self.merge.of(Some(first), second)),
            [first, second] => second.or(first),
            _ => pair.first().copied().flatten(),
        };
        self.points = self.points.chunks(2).map(pair).collect();
    }
}

impl Merge {
    fn of(self, known: Option<u64>, value: u64) -> u64 {
        match (self, known) {
            (Self::Sum, Some(known)) => known.saturating_add(value),
            (Self::Max, Some(known)) => known.max(value),
            _ => value,
        }
    }
}

/// How often numbers of each size occurred. Numbers below 256 are kept as they are, larger ones to 8 binary digits, so that
/// a quantile is too high by less than one part in 128; the largest is exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Histogram {
    counts: LiteMap<u64, u64>,
    count: u64,
    max: u64,
}

impl Histogram {
    const DIGITS: u32 = 8;

    pub(super) fn add(&mut self, value: u64) {
        *self.counts.entry(Self::rounded_up(value)).or_default() += 1;
        self.count += 1;
        self.max = self.max.max(value);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (value, count) in other.counts {
            *self.counts.entry(value).or_default() += count;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    pub(super) const fn max(&self) -> u64 {
        self.max
    }

    /// The smallest number that at least `percent` in a hundred do not exceed (nearest rank); `None` without any.
    pub(super) fn quantile(&self, percent: u64) -> Option<u64> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let found = self.counts.iter().find(|(_, count)| {
            seen += **count;
            seen >= rank
        });
        found.map(|(value, _)| (*value).min(self.max))
    }

    fn rounded_up(value: u64) -> u64 {
        let spare = (u64::BITS - value.leading_zeros()).saturating_sub(Self::DIGITS);
        value | ((1 << spare) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: quantiles of small numbers are exact, those of large ones less than one part in 128 too high.
    #[test]
    fn quantiles_are_near() {
        let mut small = Histogram::default();
        (1..=100).for_each(|value| small.add(value));
        assert_eq!([50, 90, 99, 100].map(|percent| small.quantile(percent)), [50, 90, 99, 100].map(Some));
        assert_eq!(Histogram::default().quantile(50), None);
        let mut large = Histogram::default();
        (1..=1_000).for_each(|value| large.add(value * 1_000));
        for percent in [1, 50, 99] {
            let (found, exact) = (large.quantile(percent).expect("it is not empty"), percent * 10_000);
            assert!(found >= exact && found - exact <= exact / 128, "{percent}: {found}");
        }
        assert_eq!((large.quantile(100), large.max()), (Some(1_000_000), 1_000_000));
    }

    /// Goal: two windows that become one keep what they said: the sum, the largest, or the last.
    #[test]
    fn windows_become_wider() {
        for (merge, before, after, total) in [
            (Merge::Sum, vec![3, 4, 0, 5], vec![7, 5], 12),
            (Merge::Max, vec![3, 4, 0, 5], vec![4, 5], 5),
            (Merge::Last, vec![3, 4, 4, 5], vec![4, 5], 5),
        ] {
            let mut column = Column::new(merge);
            for (window, value) in [(0, 3), (1, 4), (3, 5)] {
                column.add(window, value);
            }
            assert_eq!(column.values(3), before);
            column.halve();
            assert_eq!((column.values(1), column.total), (after, total));
        }
    }
}

//! Pure arithmetic of quorums. Knows no Raft.

use alloc::vec::Vec;

/// How many members of a set decide for all of it.
///
/// ```
/// # use raft_core::QuorumRule;
/// assert_eq!(QuorumRule::Majority.needed(5), 3);
/// assert_eq!(QuorumRule::Half.needed(4), 2);
/// // Five servers hold the log up to these indices: three of them have reached 4.
/// assert_eq!(QuorumRule::Majority.reached([9, 4, 7, 2, 3].into_iter()), 4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuorumRule {
    /// More than half: any two quorums share a member (§5.2).
    Majority,
    /// Half, rounded down, but at least one. Two such quorums may be disjoint; exists to be shown, not to be used.
    Half,
}

impl QuorumRule {
    /// Members needed out of `size`.
    pub const fn needed(self, size: usize) -> usize {
        match self {
            Self::Majority => size / 2 + 1,
            Self::Half if size < 2 => 1,
            Self::Half => size / 2,
        }
    }

    /// The largest value that a quorum of the members has reached. An empty set restrains nobody: `u64::MAX`.
    pub fn reached(self, values: impl Iterator<Item = u64>) -> u64 {
        // Clusters are small: the common sizes are sorted on the stack, while they come in.
        const ON_STACK: usize = 9;
        let mut near = [0_u64; ON_STACK];
        let mut far = Vec::new();
        let mut len = 0;
        for value in values {
            if len < ON_STACK {
                let mut at = len;
                while at > 0 && near[at - 1] > value {
                    near[at] = near[at - 1];
                    at -= 1;
                }
                near[at] = value;
            } else {
                far.push(value);
            }
            len += 1;
        }
        if len == 0 {
            return u64::MAX;
        }
        if far.is_empty() {
            return near[len - self.needed(len)];
        }
        far.extend_from_slice(&near);
        far.sort_unstable();
        far[len - self.needed(len)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: `reached` is the largest value v such that a quorum of members has at least v, for every small multiset.
    #[test]
    fn reached_agrees_with_the_definition() {
        for rule in [QuorumRule::Majority, QuorumRule::Half] {
            for size in 1..=12_usize {
                for seed in 0..200_u64 {
                    let values: Vec<u64> =
                        (0..size as u64).map(|i| (seed.wrapping_mul(0x9E37_79B9) >> (2 * i)) % 5).collect();
                    let naive = (0..5)
                        .rev()
                        .find(|v| values.iter().filter(|x| *x >= v).count() >= rule.needed(size))
                        .expect("everybody has reached 0");
                    assert_eq!(rule.reached(values.iter().copied()), naive, "{rule:?} {values:?}");
                }
            }
        }
    }

    /// Goal (§5.2): any two majorities share a member; two halves need not.
    #[test]
    fn majorities_overlap_and_halves_do_not() {
        for size in 1..=25 {
            assert!(2 * QuorumRule::Majority.needed(size) > size);
        }
        assert!(2 * QuorumRule::Half.needed(4) <= 4);
    }
}

//! Choices that follow from a seed.

use rand_core::Rng;
use rand_pcg::Pcg32;

use crate::server::Setup;

pub(crate) struct Random(Pcg32);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg32::new(seed, 0))
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        (u64::from(self.0.next_u32()) * bound) >> 32
    }

    /// True `percent` times out of a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A position in `weights`, as often as its weight says; the last if all are 0.
    pub(crate) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum::<u64>().max(1));
        let is_it = |&weight: &u64| {
            let is_it = left < weight;
            left = left.saturating_sub(weight);
            is_it
        };
        weights.iter().position(is_it).unwrap_or(weights.len() - 1)
    }

    /// One of the servers.
    pub(crate) fn server(&mut self, setup: Setup) -> u64 {
        1 + self.below(setup.servers)
    }

    /// Each server with this probability.
    pub(crate) fn servers(&mut self, setup: Setup, percent: u64) -> Vec<u64> {
        (1..=setup.servers).filter(|_| self.percent(percent)).collect()
    }

    pub(crate) fn setup(&mut self) -> Setup {
        let servers = [2, 3, 3, 3, 4, 5, 5, 5][self.below(8) as usize];
        let one_entry_per_message = self.percent(50);
        let inflight = if self.percent(30) { 2 } else { 64 };
        let snapshot_piece = if self.percent(50) { 40 } else { 1 << 16 };
        Setup { servers, one_entry_per_message, inflight, snapshot_piece, without: None }
    }
}

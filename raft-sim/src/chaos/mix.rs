//! What a seed draws: which faults, how often, on what cluster.

use super::Fault;
use crate::action::ReadName;
use crate::client::OperationMix;
use crate::config::{ClusterConfig, DiskConfig, NetworkConfig, OptionsConfig};
use crate::random::Stream;
use crate::rules::WorldRule;
use crate::time::Time;

/// The random stream of the mix and of the faults; the world's own concerns come before it.
pub(super) const CONCERN: u64 = 16;

/// What one seed does to its cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultMix {
    /// Shortest and longest time between two faults, in milliseconds.
    pub gap_ms: (u64, u64),
    /// How often each fault is chosen, relative to the others; 0 or absent: never.
    pub weights: Vec<(Fault, u32)>,
    /// How often a victim is a leader, out of a thousand.
    pub leader_permille: u32,
    /// How often a crash leaves what was on its way to the disk, out of a thousand.
    pub gentle_crash_permille: u32,
    /// Longest delay of a message that is made late, in milliseconds.
    pub late_ms: u64,
    /// Time that the faults last, in milliseconds.
    pub span_ms: u64,
    /// What reads do before they are answered.
    pub reads: ReadName,
    /// How often clients write in which way.
    pub operations: OperationMix,
    /// The rates that clocks run at, out of a thousand.
    pub clock_rates: Vec<u32>,
    /// Whether the trouble is so rare and plain that the cluster must keep its habits.
    pub is_calm: bool,
}

impl FaultMix {
    pub(super) fn gap(&self, stream: &mut Stream) -> Time {
        Time(stream.between(self.gap_ms.0 * Time::TICK_US, self.gap_ms.1 * Time::TICK_US))
    }

    pub(super) fn draw_fault(&self, stream: &mut Stream) -> Fault {
        let total: u32 = self.weights.iter().map(|(_, weight)| weight).sum();
        let mut left = stream.between(0, u64::from(total.max(1)) - 1) as u32;
        for &(fault, weight) in &self.weights {
            if left < weight {
                return fault;
            }
            left -= weight;
        }
        Fault::Write
    }
}

/// Draws of a seed.
pub(super) struct Draw<'a>(pub(super) &'a mut Stream);

impl Draw<'_> {
    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.between(0, choices.len() as u64 - 1) as usize]
    }

    pub(super) fn cluster(&mut self, seed: u64) -> ClusterConfig {
        let latency = self.one_of(&[(1, 1), (1, 5), (10, 20), (1, 40), (5, 90)]);
        let election_timeout_ms = self.one_of(&[(100, 200), (150, 300), (150, 200), (300, 900)]);
        ClusterConfig {
            servers: self.one_of(&[1, 2, 3, 3, 3, 4, 5, 5, 5, 6, 7]),
            options: OptionsConfig {
                election_timeout_ms: Some(election_timeout_ms),
                heartbeat_ms: Some(self.one_of(&[20, 30, 45])),
                max_append_entries: self.one_of(&[None, Some(1), Some(2), Some(5)]),
                max_inflight_messages: self.one_of(&[None, None, Some(1), Some(3)]),
                max_uncommitted_bytes: self.one_of(&[None, None, None, Some(64)]),
                ..OptionsConfig::default()
            },
            network: NetworkConfig {
                latency_ms: (Time::of_ticks(latency.0), Time::of_ticks(latency.1)),
                loss_permille: self.one_of(&[0, 0, 10, 100, 250]),
                duplicate_permille: self.one_of(&[0, 0, 10, 100, 300]),
                manual: false,
            },
            disk: DiskConfig { latency_ms: Time::of_ticks(self.one_of(&[0, 0, 1, 5, 30])), ..DiskConfig::default() },
            ..ClusterConfig::of(1, seed)
        }
    }

    pub(super) fn swarm(&mut self) -> FaultMix {
        use Fault::{
            Bounce, ClockRate, Crash, Cut, CutOneWay, Delay, DiskLatency, Drop, Heal, Heartbeat, Hold, Isolate,
            LateDuplicate, Latency, Loss, Mend, Partition, Pause, Release, Restart, Resume, Timeout, Write,
            WriteSomewhere,
        };
        // What harms, with what mends it: a mix never has the first without the second.
        let groups: &[&[Fault]] = &[
            &[Crash, Restart],
            &[Bounce],
            &[Pause, Resume],
            &[Partition, Heal],
            &[Isolate, Heal],
            &[Cut, Mend],
            &[CutOneWay, Mend, Heal],
            &[ClockRate],
            &[DiskLatency],
            &[Loss],
            &[Latency],
            &[Timeout],
            &[Heartbeat],
            &[WriteSomewhere],
            &[Drop],
            &[Hold, Release],
            &[Delay],
            &[LateDuplicate],
        ];
        let mut weights = vec![(Write, self.one_of(&[2, 5, 20]))];
        for group in groups {
            let weight = self.one_of(&[0, 0, 0, 1, 2, 6]);
            weights.extend(group.iter().map(|&fault| (fault, weight)).filter(|_| weight > 0));
        }
        FaultMix {
            gap_ms: self.one_of(&[(1, 10), (1, 40), (10, 100), (50, 300)]),
            weights,
            leader_permille: self.one_of(&[0, 300, 800]),
            gentle_crash_permille: self.one_of(&[0, 300, 1_000]),
            late_ms: self.one_of(&[30, 300, 2_000]),
            span_ms: self.one_of(&[1_000, 3_000, 8_000]),
            reads: ReadName::ReadIndex,
            operations: OperationMix::default(),
            // From a third of the normal rate to three times it, and now and then right.
            clock_rates: vec![333, 700, 950, 1_000, 1_050, 1_400, 3_000],
            is_calm: false,
        }
    }

    /// Snapshots, changes of membership, transfers and reads, each in a part of the seeds.
    pub(super) fn grow(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        use Fault::{Demote, Learn, Promote, Read, ReadSomewhere, Remove, Replace, Snapshot, Transfer};
        cluster.spares = self.one_of(&[0, 0, 0, 1, 2, 3]);
        let options = &mut cluster.options;
        options.compact_every = self.one_of(&[None, None, Some(2), Some(8), Some(30)]);
        options.max_snapshot_chunk_bytes = self.one_of(&[None, None, Some(5), Some(20)]);
        options.snapshot_ms = Time::of_ticks(self.one_of(&[0, 0, 1, 10, 40]));
        for rule in [WorldRule::CopyOnWrite, WorldRule::GroupCommit] {
            if self.0.happens(200) {
                cluster.rules.insert(rule.into(), false);
            }
        }
        for group in [
            &[Snapshot][..],
            &[Learn, Promote],
            &[Demote],
            &[Remove],
            &[Replace],
            &[Transfer],
            &[Read],
            &[ReadSomewhere],
        ] {
            let weight = self.one_of(&[0, 0, 0, 1, 2, 4]);
            mix.weights.extend(group.iter().map(|&fault| (fault, weight)).filter(|_| weight > 0));
        }
        mix.reads = self.one_of(&[ReadName::ReadIndex, ReadName::Lease, ReadName::Local]);
        // A lease trusts clocks, so it has no place where they go as they like. A frozen server's clock stands still.
        let trusts_clocks = !mix.weights.iter().any(|(fault, _)| matches!(fault, Fault::ClockRate | Fault::Pause));
        if trusts_clocks {
            cluster.options.lease_drift_permille = self.one_of(&[None, Some(1), Some(100)]);
        }
    }
}

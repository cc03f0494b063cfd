//! The styles that put several kinds of trouble together, and the one with hardly any.

use raft_core::Rule;

use super::mix::{Draw, FaultMix};
use super::{Fault, Trap};
use crate::action::ReadName;
use crate::config::ClusterConfig;
use crate::rules::RuleName;
use crate::time::Time;

impl Draw<'_> {
    /// Everything at once.
    pub(super) fn full(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        self.grow(cluster, mix);
        let trusts_clocks = cluster.options.lease_drift_permille.is_some();
        for group in [
            &[Fault::Tear, Fault::Restart][..],
            &[Fault::Lie, Fault::Truth],
            &[Fault::HoldLink, Fault::ReleaseLink],
            &[Fault::Flap, Fault::Mend],
            &[Fault::SlowApply],
            &[Fault::Doubling],
            &[Fault::Burst],
            &[Fault::Blackout],
            &[Fault::ClockJump],
        ] {
            let weight = self.one_of(&[0, 0, 0, 1, 1, 2]);
            let clocks = group.contains(&Fault::ClockJump) && trusts_clocks;
            mix.weights.extend(group.iter().map(|&fault| (fault, weight)).filter(|_| weight > 0 && !clocks));
        }
        for &trap in Trap::ALL {
            let weight = self.one_of(&[0, 0, 0, 0, 1, 2]);
            mix.weights.extend((weight > 0).then_some((Fault::Trap(trap), weight)));
        }
        if let Some(drift) = cluster.options.lease_drift_permille {
            // Clocks that differ, but not by more than the leases allow for.
            mix.clock_rates = vec![1_000, 1_000 + drift * 4 / 5];
            mix.weights.push((Fault::ClockRate, self.one_of(&[0, 1, 3])));
        }
        mix.reads = self.one_of(&[ReadName::ReadIndex, ReadName::Lease, ReadName::Session, ReadName::Local]);
        cluster.disk.max_latency_ms =
            self.one_of(&[None, None, Some(2), Some(5)]).map(|times| Time(cluster.disk.latency_ms.0 * times));
        mix.span_ms = self.one_of(&[1_000, 2_000, 4_000]);
        // Rules that protect no data.
        for rule in [Rule::PreVote, Rule::CheckQuorum, Rule::NoOp] {
            if self.0.happens(100) {
                cluster.rules.insert(RuleName::from(rule), false);
            }
        }
        // A leader may inherit as many bytes as it may leave uncommitted. Without an entry of its own that costs none of them
        // it can take no proposal, and so commit nothing (§5.4.2): neither ever changes.
        if cluster.rules.contains_key(&RuleName::from(Rule::NoOp)) {
            cluster.options.max_uncommitted_bytes = None;
        }
    }

    /// Traps, and what keeps a cluster busy meanwhile.
    pub(super) fn schemes(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        cluster.servers = self.one_of(&[2, 3, 3, 4, 4, 5, 5]);
        cluster.spares = self.one_of(&[0, 0, 1, 2]);
        cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(self.one_of(&[5, 20, 60])));
        cluster.network.loss_permille = 0;
        cluster.options.max_append_entries = self.one_of(&[None, Some(1)]);
        cluster.options.compact_every = self.one_of(&[None, None, Some(2), Some(6)]);
        cluster.options.max_snapshot_chunk_bytes = self.one_of(&[None, Some(20)]);
        mix.gap_ms = self.one_of(&[(1, 30), (5, 100)]);
        mix.late_ms = self.one_of(&[50, 300, 1_000]);
        mix.leader_permille = 700;
        mix.gentle_crash_permille = 100;
        mix.weights = vec![
            (Fault::Write, 3),
            (Fault::WriteSomewhere, 2),
            (Fault::Heal, 3),
            (Fault::Restart, 4),
            (Fault::Timeout, 3),
            (Fault::Release, 2),
        ];
        let some = self.0.between(1, 4);
        for _ in 0..some {
            let trap = self.one_of(Trap::ALL);
            mix.weights.push((Fault::Trap(trap), self.one_of(&[2, 4, 8])));
            // What is held must come again, and not before its moment.
            if trap == Trap::Acknowledged {
                mix.weights.retain(|(fault, _)| *fault != Fault::Release);
                mix.weights.push((Fault::Trap(Trap::Revived), 6));
            }
        }
        if cluster.spares > 0 || self.0.happens(200) {
            mix.weights.extend([
                (Fault::Learn, 2),
                (Fault::Promote, 2),
                (Fault::Remove, 2),
                (Fault::Replace, 1),
                (Fault::CutOffChange, 2),
            ]);
        }
        mix.reads = self.one_of(&[ReadName::ReadIndex, ReadName::ReadIndex, ReadName::Lease]);
        mix.weights.extend([(Fault::ReadSomewhere, 2), (Fault::Transfer, self.one_of(&[0, 1, 3]))]);
        if mix.reads == ReadName::Lease {
            let drift = self.one_of(&[20, 100]);
            cluster.options.lease_drift_permille = Some(drift);
            mix.clock_rates = vec![1_000, 1_000 + drift * 4 / 5];
            mix.weights.push((Fault::ClockRate, 1));
        } else {
            mix.weights.extend([(Fault::Pause, 1), (Fault::Resume, 3)]);
        }
    }

    /// Few, plain disturbances, long apart, on a fast network with good disks: then habits are kept (see [`crate::conduct`]).
    pub(super) fn calm(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        cluster.servers = self.one_of(&[2, 3, 3, 4, 5]);
        let latency = self.one_of(&[1, 8]);
        cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(latency));
        cluster.network.loss_permille = 0;
        cluster.network.duplicate_permille = 0;
        cluster.disk.latency_ms = Time(0);
        cluster.options.max_uncommitted_bytes = None;
        cluster.options.election_timeout_ms = self.one_of(&[Some((150, 170)), Some((150, 300))]);
        cluster.options.heartbeat_ms = Some(40);
        cluster.options.max_append_entries = self.one_of(&[None, Some(1)]);
        cluster.options.max_inflight_messages = self.one_of(&[None, Some(4)]);
        mix.is_calm = true;
        mix.gap_ms = self.one_of(&[(300, 2_500), (400, 1_200), (2, 900)]);
        mix.span_ms = self.one_of(&[3_000, 8_000]);
        mix.leader_permille = 600;
        mix.gentle_crash_permille = 1_000;
        mix.weights = vec![(Fault::Write, 1)];
        for group in [
            &[Fault::Isolate, Fault::Heal][..],
            &[Fault::CutOneWay, Fault::Heal],
            &[Fault::Partition, Fault::Heal],
            &[Fault::Crash, Fault::Restart],
            &[Fault::Bounce],
            &[Fault::Burst],
            &[Fault::WriteSomewhere],
            &[Fault::Blackout],
        ] {
            let weight = self.one_of(&[0, 1, 2]);
            mix.weights.extend(group.iter().map(|&fault| (fault, weight)).filter(|_| weight > 0));
        }
    }
}

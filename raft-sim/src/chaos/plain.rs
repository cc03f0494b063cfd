//! The styles that make one kind of trouble each.

use super::Fault;
use super::mix::{Draw, FaultMix};
use crate::action::ReadName;
use crate::config::ClusterConfig;
use crate::time::Time;

impl Draw<'_> {
    /// Leaders crash right after they appended, few replicas are reached, and others take over (§5.4.2, figure 8).
    pub(super) fn leader_crashes(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        cluster.servers = self.one_of(&[3, 5, 5]);
        cluster.options.max_append_entries = Some(self.one_of(&[1, 2]));
        cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(self.one_of(&[10, 30])));
        mix.gap_ms = (5, 60);
        mix.leader_permille = 900;
        mix.weights = vec![
            (Fault::WriteSomewhere, 6),
            (Fault::Crash, 4),
            (Fault::Restart, 4),
            (Fault::Timeout, 4),
            (Fault::Partition, 2),
            (Fault::Heal, 2),
        ];
    }

    /// Servers lose power and come back at once, disks are slow, and many campaign at the same time.
    pub(super) fn power_loss(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        cluster.servers = self.one_of(&[2, 3, 5]);
        cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(self.one_of(&[40, 80])));
        cluster.disk.latency_ms = Time::of_ticks(self.one_of(&[0, 2, 10]));
        mix.gap_ms = (1, 30);
        mix.leader_permille = 300;
        mix.gentle_crash_permille = 0;
        mix.weights = vec![(Fault::Bounce, 6), (Fault::Timeout, 8), (Fault::Write, 3), (Fault::LateDuplicate, 1)];
    }

    /// Old messages come again, late.
    pub(super) fn late_messages(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        cluster.servers = self.one_of(&[3, 5]);
        cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(self.one_of(&[20, 60])));
        cluster.options.max_append_entries = Some(self.one_of(&[1, 3]));
        mix.gap_ms = (1, 30);
        mix.late_ms = 300;
        mix.weights = vec![
            (Fault::Write, 6),
            (Fault::LateDuplicate, 6),
            (Fault::Delay, 3),
            (Fault::Heartbeat, 2),
            (Fault::Timeout, 1),
            (Fault::Isolate, 1),
            (Fault::Heal, 1),
        ];
    }

    /// Answers are late or lost, so that leaders send snapshots to servers that are not behind (§7).
    pub(super) fn late_snapshots(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        cluster.servers = self.one_of(&[3, 3, 5]);
        cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(self.one_of(&[20, 60])));
        cluster.options.compact_every = self.one_of(&[Some(1), Some(2), Some(4)]);
        cluster.options.max_snapshot_chunk_bytes = self.one_of(&[None, None, Some(20)]);
        mix.gap_ms = (1, 30);
        mix.late_ms = self.one_of(&[30, 100, 300]);
        mix.weights = vec![
            (Fault::Write, 8),
            (Fault::LateDuplicate, 4),
            (Fault::Delay, 4),
            (Fault::Heartbeat, 2),
            (Fault::CutOneWay, 2),
            (Fault::Mend, 1),
            (Fault::Isolate, 1),
            (Fault::Heal, 2),
        ];
    }

    /// Leaders change the membership, are cut off or crash in the middle of it, and others do the same (dissertation §4.1).
    pub(super) fn reconfiguration(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        // Majorities of an even number and of one more or less can just miss each other.
        cluster.servers = self.one_of(&[2, 3, 4, 4, 4]);
        cluster.spares = self.one_of(&[1, 2, 3]);
        cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(self.one_of(&[5, 20, 40])));
        cluster.options.compact_every = self.one_of(&[None, None, Some(5)]);
        mix.gap_ms = self.one_of(&[(1, 20), (5, 60)]);
        let replace = self.one_of(&[0, 4]);
        mix.leader_permille = 700;
        mix.weights = vec![
            (Fault::Learn, 4),
            (Fault::Promote, 3),
            (Fault::Demote, 1),
            (Fault::Remove, 3),
            (Fault::Replace, replace),
            (Fault::CutOffChange, 4),
            (Fault::WriteSomewhere, 3),
            (Fault::Timeout, 4),
            (Fault::Crash, 1),
            (Fault::Restart, 2),
            (Fault::Partition, 2),
            (Fault::Heal, 3),
            (Fault::Transfer, 1),
        ];
    }

    /// Clients read while leaders are cut off (dissertation §6.4).
    pub(super) fn reads(&mut self, cluster: &mut ClusterConfig, mix: &mut FaultMix) {
        cluster.servers = self.one_of(&[2, 3, 5]);
        mix.gap_ms = (1, 40);
        mix.leader_permille = 700;
        mix.reads = self.one_of(&[ReadName::ReadIndex, ReadName::ReadIndex, ReadName::Lease]);
        mix.weights = vec![
            (Fault::Read, 4),
            (Fault::ReadSomewhere, 6),
            (Fault::Write, 3),
            (Fault::WriteSomewhere, 2),
            (Fault::Isolate, 2),
            (Fault::CutOneWay, 1),
            (Fault::Heal, 2),
            (Fault::Timeout, 1),
            (Fault::Bounce, 1),
            (Fault::Transfer, 1),
        ];
        if mix.reads == ReadName::Lease {
            cluster.options.lease_drift_permille = Some(50);
        } else {
            // A leader that was frozen does not know how long; no lease would survive that.
            mix.weights.extend([(Fault::Pause, 3), (Fault::Resume, 4)]);
        }
    }
}

//! What a seed draws: which faults, how often, on what cluster.

use serde::Serialize;

use super::traps::Trap;
use crate::action::ReadName;
use crate::config::{ClusterConfig, DiskConfig, NetworkConfig, OptionsConfig};
use crate::random::Stream;
use crate::rules::WorldRule;
use crate::time::Time;

/// The random stream of the mix and of the faults; the world's own concerns come before it.
pub(super) const CONCERN: u64 = 16;

/// One way of doing harm, or of mending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A server stops.
    Crash,
    /// A server stops and starts again at once.
    Bounce,
    /// A crashed server starts.
    Restart,
    /// A server freezes.
    Pause,
    /// A frozen server goes on.
    Resume,
    /// The servers fall into two groups, and perhaps some loners.
    Partition,
    /// One server loses all its links.
    Isolate,
    /// All links work again.
    Heal,
    /// One link breaks.
    Cut,
    /// One direction of a link breaks.
    CutOneWay,
    /// One link works again.
    Mend,
    /// A clock changes its rate.
    ClockRate,
    /// A disk becomes slower or faster.
    DiskLatency,
    /// A link becomes lossy or reliable.
    Loss,
    /// A link becomes slower, faster or more irregular.
    Latency,
    /// An election timer fires.
    Timeout,
    /// A heartbeat timer fires.
    Heartbeat,
    /// A client writes at the leader that it finds.
    Write,
    /// A client writes at any server that believes to lead.
    WriteSomewhere,
    /// A message is lost.
    Drop,
    /// A message is held.
    Hold,
    /// A held message travels on.
    Release,
    /// A message is late.
    Delay,
    /// A message comes again, late.
    LateDuplicate,
    /// A server takes a snapshot.
    Snapshot,
    /// A server that is no member becomes a learner.
    Learn,
    /// A learner becomes a voter.
    Promote,
    /// A voter becomes a learner.
    Demote,
    /// A member leaves.
    Remove,
    /// Any members come and go at once, through joint consensus.
    Replace,
    /// A leader changes the membership and loses all its links at once.
    CutOffChange,
    /// Leadership is handed to a voter.
    Transfer,
    /// A client reads at the leader that it finds.
    Read,
    /// A client reads at any server.
    ReadSomewhere,
    /// Power is lost in the middle of a write.
    Tear,
    /// A disk begins to say that writes are durable when they are not.
    Lie,
    /// A disk that lied makes true what it said.
    Truth,
    /// A clock jumps.
    ClockJump,
    /// A link keeps its messages.
    HoldLink,
    /// What a link kept arrives.
    ReleaseLink,
    /// A link comes and goes.
    Flap,
    /// A state machine becomes slower or faster.
    SlowApply,
    /// A link doubles messages, or no more.
    Doubling,
    /// A leader takes many commands at once.
    Burst,
    /// Every server loses power, and all start again at once.
    Blackout,
    /// Harm waits for its moment.
    Trap(Trap),
}

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
    /// The rates that clocks run at, out of a thousand.
    pub clock_rates: Vec<u32>,
    /// Whether the trouble is so rare and plain that the cluster must keep its habits.
    pub is_calm: bool,
}

/// The character of the trouble: which mixes a seed draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Anything: each fault is in the mix of about half the seeds.
    Swarm,
    /// Leaders crash right after they appended, few replicas are reached, and others take over (§5.4.2, figure 8).
    LeaderCrashes,
    /// Servers lose power and come back at once, disks are slow, and many campaign at the same time.
    PowerLoss,
    /// Old messages come again, late.
    LateMessages,
    /// Answers are late or lost, so that leaders send snapshots to servers that are not behind (§7).
    LateSnapshots,
    /// Leaders change the membership, are cut off or crash in the middle of it, and others do the same (dissertation §4.1).
    Reconfiguration,
    /// Clients read while leaders are cut off (dissertation §6.4).
    Reads,
    /// Harm that waits for the worst moment: leaders crash between commitment and its news, are cut off as soon as they have
    /// won, change the membership with half of the others; old messages come again in later terms.
    Schemes,
    /// Little goes wrong, and seldom, so that the cluster must keep its habits.
    Calm,
    /// Everything at once.
    Full,
}

impl Style {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Swarm,
        Self::LeaderCrashes,
        Self::PowerLoss,
        Self::LateMessages,
        Self::LateSnapshots,
        Self::Reconfiguration,
        Self::Reads,
        Self::Schemes,
        Self::Calm,
        Self::Full,
    ];

    /// The name in words joined by hyphens: `leader-crashes`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Swarm => "swarm",
            Self::LeaderCrashes => "leader-crashes",
            Self::PowerLoss => "power-loss",
            Self::LateMessages => "late-messages",
            Self::LateSnapshots => "late-snapshots",
            Self::Reconfiguration => "reconfiguration",
            Self::Reads => "reads",
            Self::Schemes => "schemes",
            Self::Calm => "calm",
            Self::Full => "full",
        }
    }

    /// The style with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|style| style.name() == name)
    }

    pub(super) fn draw(self, seed: u64, stream: &mut Stream) -> (FaultMix, ClusterConfig) {
        let mut draw = Draw(stream);
        let mut cluster = draw.cluster(seed);
        let mut mix = draw.swarm();
        match self {
            Self::Swarm => draw.grow(&mut cluster, &mut mix),
            Self::Schemes => draw.schemes(&mut cluster, &mut mix),
            Self::Calm => draw.calm(&mut cluster, &mut mix),
            Self::Full => draw.full(&mut cluster, &mut mix),
            Self::LeaderCrashes => {
                cluster.servers = draw.one_of(&[3, 5, 5]);
                cluster.options.max_append_entries = Some(draw.one_of(&[1, 2]));
                cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(draw.one_of(&[10, 30])));
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
            Self::PowerLoss => {
                cluster.servers = draw.one_of(&[2, 3, 5]);
                cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(draw.one_of(&[40, 80])));
                cluster.disk.latency_ms = Time::of_ticks(draw.one_of(&[0, 2, 10]));
                mix.gap_ms = (1, 30);
                mix.leader_permille = 300;
                mix.gentle_crash_permille = 0;
                mix.weights =
                    vec![(Fault::Bounce, 6), (Fault::Timeout, 8), (Fault::Write, 3), (Fault::LateDuplicate, 1)];
            }
            Self::LateMessages => {
                cluster.servers = draw.one_of(&[3, 5]);
                cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(draw.one_of(&[20, 60])));
                cluster.options.max_append_entries = Some(draw.one_of(&[1, 3]));
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
            Self::LateSnapshots => {
                cluster.servers = draw.one_of(&[3, 3, 5]);
                cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(draw.one_of(&[20, 60])));
                cluster.options.compact_every = draw.one_of(&[Some(1), Some(2), Some(4)]);
                cluster.options.max_snapshot_chunk_bytes = draw.one_of(&[None, None, Some(20)]);
                mix.gap_ms = (1, 30);
                mix.late_ms = draw.one_of(&[30, 100, 300]);
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
            Self::Reconfiguration => {
                // Majorities of an even number and of one more or less can just miss each other.
                cluster.servers = draw.one_of(&[2, 3, 4, 4, 4]);
                cluster.spares = draw.one_of(&[1, 2, 3]);
                cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(draw.one_of(&[5, 20, 40])));
                cluster.options.compact_every = draw.one_of(&[None, None, Some(5)]);
                mix.gap_ms = draw.one_of(&[(1, 20), (5, 60)]);
                let replace = draw.one_of(&[0, 4]);
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
            Self::Reads => {
                cluster.servers = draw.one_of(&[2, 3, 5]);
                mix.gap_ms = (1, 40);
                mix.leader_permille = 700;
                mix.reads = draw.one_of(&[ReadName::ReadIndex, ReadName::ReadIndex, ReadName::Lease]);
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
        (mix, cluster)
    }
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

    fn cluster(&mut self, seed: u64) -> ClusterConfig {
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

    fn swarm(&mut self) -> FaultMix {
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

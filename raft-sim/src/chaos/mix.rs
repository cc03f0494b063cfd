//! What a seed draws: which faults, how often, on what cluster.

use crate::config::{ClusterConfig, DiskConfig, NetworkConfig, OptionsConfig};
use crate::random::Stream;
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
}

/// The character of the trouble: which mixes a seed draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Anything: each fault is in the mix of about half the seeds.
    Swarm,
    /// Leaders crash right after they appended, few replicas are reached, and others take over (§5.4.2, figure 8).
    LeaderCrashes,
    /// Servers lose power and come back at once, disks are slow, and many campaign at the same time.
    PowerLoss,
    /// Old messages come again, late.
    LateMessages,
}

impl Style {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Swarm, Self::LeaderCrashes, Self::PowerLoss, Self::LateMessages];

    pub(super) fn draw(self, seed: u64, stream: &mut Stream) -> (FaultMix, ClusterConfig) {
        let mut draw = Draw(stream);
        let mut cluster = draw.cluster(seed);
        let mut mix = draw.swarm();
        match self {
            Self::Swarm => {}
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
struct Draw<'a>(&'a mut Stream);

impl Draw<'_> {
    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
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
            disk: DiskConfig { latency_ms: Time::of_ticks(self.one_of(&[0, 0, 1, 5, 30])) },
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
        }
    }
}

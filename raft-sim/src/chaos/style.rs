//! The character of the trouble.

use serde::Serialize;

use super::mix::{Draw, FaultMix};
use crate::config::ClusterConfig;
use crate::random::Stream;

/// The character of the trouble: which mixes a seed draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
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
            Self::LeaderCrashes => draw.leader_crashes(&mut cluster, &mut mix),
            Self::PowerLoss => draw.power_loss(&mut cluster, &mut mix),
            Self::LateMessages => draw.late_messages(&mut cluster, &mut mix),
            Self::LateSnapshots => draw.late_snapshots(&mut cluster, &mut mix),
            Self::Reconfiguration => draw.reconfiguration(&mut cluster, &mut mix),
            Self::Reads => draw.reads(&mut cluster, &mut mix),
        }
        (mix, cluster)
    }
}

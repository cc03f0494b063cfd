//! What was measured, with names and units, for people and programs to read.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::document::{FromJson, invalid, one_of};
use crate::error::SimError;
use crate::limits::MAX_AMOUNT;
use crate::time::Time;

/// A number with three decimals. In JSON a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Amount(
    /// In thousandths.
    #[cfg_attr(feature = "ts", tsify(type = "number"))]
    pub u64,
);

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum MetricName {
    /// Acknowledged operations of clients per second; a total is the average of the run.
    Throughput,
    /// Acknowledged writes.
    Writes,
    /// Acknowledged reads and syncs.
    Reads,
    /// Requests that clients sent again.
    Retries,
    /// Requests with which clients turned to another server.
    Redirects,
    /// Median time from a call to its acknowledgement.
    LatencyP50,
    /// Time that 90 % of the acknowledged operations did not exceed.
    LatencyP90,
    /// Time that 99 % of the acknowledged operations did not exceed.
    LatencyP99,
    /// Longest time from a call to its acknowledgement.
    LatencyMax,
    /// Messages that servers sent.
    Messages,
    /// Entries that became known to be committed.
    Commits,
    /// Messages sent for each entry that became known to be committed.
    MessagesPerCommit,
    /// Longest chain of messages, one causing the next, from the call of a write to its acknowledgement; two are one round.
    MaxHops,
    /// Syncs that disks finished.
    Syncs,
    /// Most entries in one AppendEntries.
    MaxBatch,
    /// Average number of entries in AppendEntries that carry any.
    MeanBatch,
    /// Most entries that one sync made durable.
    MaxSyncBatch,
    /// Elections begun.
    Elections,
    /// Elections won.
    ElectionsWon,
    /// How often somebody else than before was elected.
    LeaderChanges,
    /// Time without a leader that could reach a majority of running voters over links that work.
    Downtime,
    /// Longest time without an acknowledgement while clients asked for something.
    LongestGap,
    /// Entries in a server's log.
    LogEntries,
    /// Bytes of the entries in a server's log.
    LogBytes,
    /// Bytes of a server's snapshot.
    SnapshotBytes,
    /// Bytes of the keys and values of a server's state machine.
    StateBytes,
    /// Most entries that a server knew to be committed and had not applied.
    MaxUnapplied,
    /// Most entries that a server's log held and that it did not know to be committed.
    MaxUncommitted,
}

impl MetricName {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Throughput,
        Self::Writes,
        Self::Reads,
        Self::Retries,
        Self::Redirects,
        Self::LatencyP50,
        Self::LatencyP90,
        Self::LatencyP99,
        Self::LatencyMax,
        Self::Messages,
        Self::Commits,
        Self::MessagesPerCommit,
        Self::MaxHops,
        Self::Syncs,
        Self::MaxBatch,
        Self::MeanBatch,
        Self::MaxSyncBatch,
        Self::Elections,
        Self::ElectionsWon,
        Self::LeaderChanges,
        Self::Downtime,
        Self::LongestGap,
        Self::LogEntries,
        Self::LogBytes,
        Self::SnapshotBytes,
        Self::StateBytes,
        Self::MaxUnapplied,
        Self::MaxUncommitted,
    ];

    /// The name: `latencyP99`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Writes => "writes",
            Self::Reads => "reads",
            Self::Retries => "retries",
            Self::Redirects => "redirects",
            Self::LatencyP50 => "latencyP50",
            Self::LatencyP90 => "latencyP90",
            Self::LatencyP99 => "latencyP99",
            Self::LatencyMax => "latencyMax",
            Self::Messages => "messages",
            Self::Commits => "commits",
            Self::MessagesPerCommit => "messagesPerCommit",
            Self::MaxHops => "maxHops",
            Self::Syncs => "syncs",
            Self::MaxBatch => "maxBatch",
            Self::MeanBatch => "meanBatch",
            Self::MaxSyncBatch => "maxSyncBatch",
            Self::Elections => "elections",
            Self::ElectionsWon => "electionsWon",
            Self::LeaderChanges => "leaderChanges",
            Self::Downtime => "downtime",
            Self::LongestGap => "longestGap",
            Self::LogEntries => "logEntries",
            Self::LogBytes => "logBytes",
            Self::SnapshotBytes => "snapshotBytes",
            Self::StateBytes => "stateBytes",
            Self::MaxUnapplied => "maxUnapplied",
            Self::MaxUncommitted => "maxUncommitted",
        }
    }

    /// The unit of a total. That of a series is the same, each second for what is counted.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Throughput => "operations/s",
            Self::Writes => "writes",
            Self::Reads => "reads",
            Self::Retries => "retries",
            Self::Redirects => "redirects",
            Self::LatencyP50
            | Self::LatencyP90
            | Self::LatencyP99
            | Self::LatencyMax
            | Self::Downtime
            | Self::LongestGap => "ms",
            Self::Messages | Self::MaxHops => "messages",
            Self::MessagesPerCommit => "messages/entry",
            Self::Syncs => "syncs",
            Self::Commits
            | Self::MaxBatch
            | Self::MeanBatch
            | Self::MaxSyncBatch
            | Self::LogEntries
            | Self::MaxUnapplied
            | Self::MaxUncommitted => "entries",
            Self::Elections | Self::ElectionsWon => "elections",
            Self::LeaderChanges => "changes",
            Self::LogBytes | Self::SnapshotBytes | Self::StateBytes => "bytes",
        }
    }

    /// Whether each server has its own.
    pub const fn is_of_server(self) -> bool {
        matches!(
            self,
            Self::LogEntries
                | Self::LogBytes
                | Self::SnapshotBytes
                | Self::StateBytes
                | Self::MaxUnapplied
                | Self::MaxUncommitted
        )
    }

    /// Whether a series shows how many there were each second.
    pub(super) const fn is_rate(self) -> bool {
        matches!(
            self,
            Self::Throughput
                | Self::Writes
                | Self::Reads
                | Self::Retries
                | Self::Redirects
                | Self::Messages
                | Self::Commits
                | Self::Syncs
                | Self::Elections
                | Self::ElectionsWon
                | Self::LeaderChanges
        )
    }
}

/// Everything that was measured of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct MetricsReport {
    /// How long a window is: longer than was asked for, if the run was long.
    #[cfg_attr(feature = "ts", tsify(type = "number"))]
    pub window_ms: Time,
    /// How much time was measured.
    #[cfg_attr(feature = "ts", tsify(type = "number"))]
    pub span_ms: Time,
    /// Over time.
    pub series: Vec<Series>,
    /// So far.
    pub totals: Vec<Total>,
}

/// One thing over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// What, such as `latencyP99`, or `messages.AppendEntries` for one kind.
    pub name: String,
    /// In which unit.
    pub unit: String,
    /// At which server, if each has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<u64>,
    /// The beginning of each window, in milliseconds, and the value in it. A window in which there was nothing to measure
    /// has no point.
    #[cfg_attr(feature = "ts", tsify(type = "[number, number][]"))]
    pub points: Vec<(Time, Amount)>,
}

/// One thing so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Total {
    /// What.
    pub name: MetricName,
    /// In which unit.
    pub unit: String,
    /// At which server, if each has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<u64>,
    /// How much.
    #[cfg_attr(feature = "ts", tsify(type = "number"))]
    pub value: Amount,
}

impl MetricsReport {
    /// The series as comma-separated values, a line for each point.
    pub fn to_csv(&self) -> String {
        let lines = self.series.iter().flat_map(|Series { name, unit, server, points }| {
            let server = server.map_or_else(String::new, |server| server.to_string());
            let line =
                move |(time, value): &(Time, Amount)| format!("{name},{unit},{server},{},{value}\n", Amount(time.0));
            points.iter().map(line)
        });
        core::iter::once("name,unit,server,time_ms,value\n".to_owned()).chain(lines).collect()
    }
}

impl Amount {
    /// So many wholes.
    pub const fn of(whole: u64) -> Self {
        Self(whole.saturating_mul(1_000))
    }

    /// A share, rounded down to a thousandth; 0 of nothing.
    pub(super) fn ratio(part: u64, whole: u64) -> Self {
        let exact = (u128::from(part) * 1_000).checked_div(whole.into()).unwrap_or_default();
        Self(u64::try_from(exact).unwrap_or(u64::MAX))
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_multiple_of(1_000) {
            return write!(f, "{}", self.0 / 1_000);
        }
        write!(f, "{}.{:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Time(self.0).serialize(serializer)
    }
}

impl FromJson for Amount {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let number = value.as_f64().filter(|number| (0.0..=MAX_AMOUNT).contains(number));
        let number = number.ok_or_else(|| invalid(format!("a number from 0 to {MAX_AMOUNT} is needed here")))?;
        Ok(Self((number * 1_000.0).round() as u64))
    }
}

impl FromJson for MetricName {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let names: Vec<_> = Self::ALL.iter().map(|name| (name.name(), *name)).collect();
        one_of(value, &names)
    }
}

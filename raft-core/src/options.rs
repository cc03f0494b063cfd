//! The numbers a driver chooses.

use thiserror::Error;

use crate::Ticks;

/// Timing and limits of one node. [`Options::default`] suits ticks of one millisecond on a local network.
///
/// ```
/// # use raft_core::{Options, OptionsError, Ticks};
/// // Ticks of 10 ms, servers far apart.
/// let options = Options {
///     heartbeat_interval: Ticks(20),
///     election_timeout_min: Ticks(100),
///     election_timeout_max: Ticks(200),
///     max_command_bytes: 64 << 10,
///     ..Options::default()
/// };
/// options.validate()?;
///
/// let too_long = Options { election_timeout_max: Ticks(Options::MAX_TIMEOUT.0 + 1), ..options };
/// assert!(matches!(too_long.validate(), Err(OptionsError::ElectionTimeoutRange { .. })));
/// let too_fast = Options { lease_drift_permille: Some(Options::MAX_DRIFT_PERMILLE + 1), ..options };
/// assert_eq!(too_fast.validate(), Err(OptionsError::DriftTooLarge { permille: 1_001 }));
/// # Ok::<(), OptionsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// Shortest election timeout. Also how long a heard leader is protected by its followers, and how long a leader
    /// holds on without hearing from a quorum.
    pub election_timeout_min: Ticks,
    /// Longest election timeout. Each wait is drawn uniformly from `election_timeout_min ..= election_timeout_max` (§5.2).
    pub election_timeout_max: Ticks,
    /// Time between heartbeats; less than half of `election_timeout_min`, so that one lost heartbeat is forgiven.
    pub heartbeat_interval: Ticks,
    /// Most entries in one `AppendEntries`.
    pub max_append_entries: usize,
    /// Most bytes of entries in one `AppendEntries`; a longer single entry still travels alone.
    pub max_append_bytes: usize,
    /// Most unacknowledged `AppendEntries` with entries to one follower.
    pub max_inflight_messages: usize,
    /// Most unacknowledged bytes of entries to one follower.
    pub max_inflight_bytes: usize,
    /// Most bytes of uncommitted entries at a leader; further proposals are refused.
    pub max_uncommitted_bytes: usize,
    /// Most bytes of one command.
    pub max_command_bytes: usize,
    /// Most bytes of entries handed out to be applied before [`crate::Node::on_applied`] must answer.
    pub max_apply_bytes: usize,
    /// Most bytes of the state machine in one `InstallSnapshot`.
    pub max_snapshot_chunk_bytes: usize,
    /// Most bytes of a snapshot, taken here or received.
    pub max_snapshot_bytes: usize,
    /// Most reads that wait for an answer at one server.
    pub max_pending_reads: usize,
    /// With a bound on the difference between the clocks of any two servers, in thousandths, a leader may answer reads
    /// from its lease (dissertation §6.4.1): a server that was restarted then grants no vote before the shortest election
    /// timeout is over. `None`: no leases.
    pub lease_drift_permille: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            election_timeout_min: Ticks(150),
            election_timeout_max: Ticks(300),
            heartbeat_interval: Ticks(50),
            max_append_entries: 1_024,
            max_append_bytes: 1 << 20,
            max_inflight_messages: 64,
            max_inflight_bytes: 8 << 20,
            max_uncommitted_bytes: 64 << 20,
            max_command_bytes: 8 << 20,
            max_apply_bytes: 1 << 20,
            max_snapshot_chunk_bytes: 64 << 10,
            max_snapshot_bytes: 256 << 20,
            max_pending_reads: 4_096,
            lease_drift_permille: None,
        }
    }
}

impl Options {
    /// Longest timeout that can be asked for: 24 days of milliseconds, far from any overflow.
    pub const MAX_TIMEOUT: Ticks = Ticks(1 << 31);

    /// Largest bound on clock drift with which a lease makes sense.
    pub const MAX_DRIFT_PERMILLE: u32 = 1_000;

    /// Checks that the numbers make sense together.
    pub fn validate(&self) -> Result<(), OptionsError> {
        if self.heartbeat_interval.0 == 0 {
            return Err(OptionsError::NoHeartbeat);
        }
        if self.election_timeout_min.0 <= self.heartbeat_interval.0.saturating_mul(2) {
            return Err(OptionsError::ElectionTimeoutTooShort {
                min: self.election_timeout_min,
                heartbeat: self.heartbeat_interval,
            });
        }
        if self.election_timeout_max < self.election_timeout_min || self.election_timeout_max > Self::MAX_TIMEOUT {
            return Err(OptionsError::ElectionTimeoutRange {
                min: self.election_timeout_min,
                max: self.election_timeout_max,
            });
        }
        let limits = [
            self.max_append_entries,
            self.max_append_bytes,
            self.max_inflight_messages,
            self.max_inflight_bytes,
            self.max_uncommitted_bytes,
            self.max_command_bytes,
            self.max_apply_bytes,
            self.max_snapshot_chunk_bytes,
            self.max_snapshot_bytes,
            self.max_pending_reads,
        ];
        if let Some(permille) = self.lease_drift_permille.filter(|&permille| permille > Self::MAX_DRIFT_PERMILLE) {
            return Err(OptionsError::DriftTooLarge { permille });
        }
        if limits.contains(&0) {
            return Err(OptionsError::ZeroLimit);
        }
        Ok(())
    }
}

/// Why [`Options`] are refused.
///
/// ```
/// # use raft_core::{Options, OptionsError};
/// let options = Options { max_append_entries: 0, ..Options::default() };
/// assert_eq!(options.validate(), Err(OptionsError::ZeroLimit));
/// assert_eq!(OptionsError::ZeroLimit.to_string(), "limits must be at least 1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OptionsError {
    /// A leader without heartbeats is deposed at once.
    #[error("the heartbeat interval must be at least one tick")]
    NoHeartbeat,
    /// One late heartbeat would start an election.
    #[error("the shortest election timeout ({min} ticks) must be more than twice the heartbeat interval ({heartbeat})")]
    ElectionTimeoutTooShort {
        /// The refused timeout.
        min: Ticks,
        /// The heartbeat interval.
        heartbeat: Ticks,
    },
    /// The range of election timeouts is empty or too long.
    #[error("election timeouts must be a range of at most 2^31 ticks, not {min} to {max}")]
    ElectionTimeoutRange {
        /// Lower end.
        min: Ticks,
        /// Upper end.
        max: Ticks,
    },
    /// With such clocks a lease is over before it begins.
    #[error("a clock drift of {permille} thousandths is too much for leases, at most 1000 make sense")]
    DriftTooLarge {
        /// The refused bound.
        permille: u32,
    },
    /// A limit of zero would stop the protocol.
    #[error("limits must be at least 1")]
    ZeroLimit,
}

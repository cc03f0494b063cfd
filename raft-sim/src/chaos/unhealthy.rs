//! Why a cluster did not pass its trial.

use std::fmt;

use super::Liveness;
use crate::checker::Violation;
use crate::condition::Condition;
use crate::conduct::Lapse;
use crate::judge::Level;

/// Why a cluster did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unhealthy {
    /// The checker found a contradiction.
    Violation(Violation),
    /// Nobody led in time after everything was healed.
    NoLeader,
    /// The logs were not equal in time.
    Diverged,
    /// A new write was not acknowledged in time.
    NoProgress,
    /// A write that a client was told had happened is not in this server's log.
    Forgotten {
        /// The server.
        server: u64,
        /// The command.
        command: String,
    },
    /// A write that a client was told had not happened is in this server's log.
    Undead {
        /// The server.
        server: u64,
        /// The command.
        command: String,
    },
    /// More than one member leads.
    ManyLeaders,
    /// A change of the membership has not ended in time.
    Unsettled,
    /// A client was not answered in time.
    Unresolved,
    /// A habit was broken.
    Lapse(Lapse),
    /// What clients saw cannot be explained.
    Unexplained {
        /// At which level.
        level: Level,
        /// What contradicts what.
        words: String,
    },
    /// A leader that a majority followed did not stay.
    Deposed {
        /// The leader.
        leader: u64,
        /// Its term.
        term: u64,
    },
    /// The checker's memory does not agree with the world, or the run does not end.
    Confused(String),
}

impl Unhealthy {
    /// The property that failed: `I5` of an invariant, `L1` of a liveness property, `C4` of a habit, `linearizable` and the like
    /// of what clients saw, `audit` when the checker's memory and the world do not agree.
    pub const fn property(&self) -> &'static str {
        match self {
            Self::Violation(violation) => violation.invariant.id(),
            Self::Lapse(lapse) => lapse.habit.id(),
            Self::Unexplained { level, .. } => level.name(),
            Self::Confused(_) => "audit",
            _ => match self.liveness() {
                Some(liveness) => liveness.id(),
                None => "",
            },
        }
    }

    /// What should have come true by then, where a condition says so.
    pub(crate) fn wanted(&self) -> Option<Condition> {
        match self.liveness()? {
            Liveness::OneLeader => Some(Condition::Leader { server: None, term: None }),
            Liveness::LogsEqual | Liveness::AcknowledgedEverywhere => Some(Condition::Converged),
            Liveness::ProposalsResolved | Liveness::ReconfigurationEnds | Liveness::LeaderStays => None,
        }
    }

    /// The liveness property that failed, if it is one.
    pub const fn liveness(&self) -> Option<Liveness> {
        match self {
            Self::NoLeader | Self::ManyLeaders => Some(Liveness::OneLeader),
            Self::Forgotten { .. } | Self::Undead { .. } => Some(Liveness::AcknowledgedEverywhere),
            Self::Diverged => Some(Liveness::LogsEqual),
            Self::NoProgress | Self::Unresolved => Some(Liveness::ProposalsResolved),
            Self::Unsettled => Some(Liveness::ReconfigurationEnds),
            Self::Deposed { .. } => Some(Liveness::LeaderStays),
            Self::Violation(_) | Self::Lapse(_) | Self::Unexplained { .. } | Self::Confused(_) => None,
        }
    }
}

impl fmt::Display for Unhealthy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::NoLeader => f.write_str("no leader within ten election timeouts after everything was healed"),
            Self::Diverged => f.write_str("the logs are not equal ten election timeouts after a write succeeded"),
            Self::NoProgress => f.write_str("no write succeeds within ten election timeouts"),
            Self::Forgotten { server, command } => write!(f, "S{server} lacks {command}, which was acknowledged"),
            Self::Undead { server, command } => write!(f, "S{server} has {command}, which was said to have failed"),
            Self::ManyLeaders => {
                f.write_str("more than one member leads ten election timeouts after all logs were equal")
            }
            Self::Unsettled => {
                f.write_str("the configuration is still joint ten election timeouts after a write succeeded")
            }
            Self::Unresolved => f.write_str("a client has no answer ten election timeouts after all logs were equal"),
            Self::Unexplained { level, words } => write!(f, "what clients saw is not {}: {words}", level.name()),
            Self::Lapse(Lapse { habit, fact, .. }) => write!(f, "{} ({}): {fact}", habit.name(), habit.id()),
            Self::Deposed { leader, term } => {
                write!(f, "S{leader}, leader of term {term}, does not stay although a majority can reach it")
            }
            Self::Confused(problem) => f.write_str(problem),
        }
    }
}

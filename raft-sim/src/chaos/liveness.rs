//! What must come true once everything is healed.

/// A liveness property of a healed cluster: it holds ten of the longest election timeouts later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Liveness {
    /// Exactly one server leads.
    OneLeader,
    /// Every acknowledged write is on every member that runs, and no refused one is.
    AcknowledgedEverywhere,
    /// The logs of all members are equal and committed.
    LogsEqual,
    /// A new write succeeds, and every operation of a client has ended.
    ProposalsResolved,
    /// A change of the membership is over: committed, not joint, its learners with the whole log.
    ReconfigurationEnds,
    /// Once a majority follows a leader, it stays, while others are cut off or frozen for good, and when they come back.
    LeaderStays,
}

impl Liveness {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [Self] = &[
        Self::OneLeader,
        Self::AcknowledgedEverywhere,
        Self::LogsEqual,
        Self::ProposalsResolved,
        Self::ReconfigurationEnds,
        Self::LeaderStays,
    ];

    /// The number: `L3`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OneLeader => "L1",
            Self::AcknowledgedEverywhere => "L2",
            Self::LogsEqual => "L3",
            Self::ProposalsResolved => "L4",
            Self::ReconfigurationEnds => "L5",
            Self::LeaderStays => "L6",
        }
    }

    /// Why it comes true, or where it is restricted.
    pub const fn why(self) -> &'static str {
        match self {
            Self::OneLeader => {
                "Random timeouts elect somebody, and who loses an election or the quorum steps down. Servers outside of the configuration are not asked."
            }
            Self::AcknowledgedEverywhere => {
                "The leader holds what is committed and sends it to every member, as entries or as a snapshot."
            }
            Self::LogsEqual => {
                "A leader repairs every log; with no new proposals all of it is committed. What snapshots cover is equal by their last entry."
            }
            Self::ProposalsResolved => {
                "The first entry of the leader's term commits all before it. Restricted: a client gives up after a while and counts as answered."
            }
            Self::ReconfigurationEnds => {
                "The leader that commits a joint configuration leaves it, whoever proposed it. Whether a learner is made a voter is up to the operator."
            }
            Self::LeaderStays => {
                "Voters that hear a leader refuse others their pre-votes, so nobody's term grows. Restricted: nobody knows a later term already, and nobody was asked to take over, because who was asked may campaign at any later time."
            }
        }
    }
}

//! The safeguards of Raft, each of which can be switched off to see what it is for.

use core::fmt;
use thiserror::Error;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $section:literal, $protects:literal;)*) => {
        /// One safeguard. Each has exactly one call site in this crate; switching it off removes that guard and nothing else.
        ///
        /// ```
        /// # use raft_core::Rule;
        /// for rule in Rule::ALL {
        ///     println!("{} ({}): {}", rule.name(), rule.section(), rule.protects());
        /// }
        /// assert_eq!(Rule::PersistVote.name(), "persist-vote");
        /// assert_eq!(Rule::PersistVote.section(), "§5.2");
        /// assert_eq!(Rule::PersistVote.protects(), "A server votes at most once per term, even across a restart.");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[repr(u8)]
        pub enum Rule { $($(#[$doc])* $variant,)* }

        impl Rule {
            /// All rules, in the order of the paper.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, as in documents and links: `commit-current-term-only`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Where the rule comes from.
            pub const fn section(self) -> &'static str {
                match self { $(Self::$variant => $section,)* }
            }

            /// What the rule protects, in one sentence.
            pub const fn protects(self) -> &'static str {
                match self { $(Self::$variant => $protects,)* }
            }
        }
    };
}

rules! {
    /// `voted_for` is written to disk. Without it a restarted server votes twice in one term.
    PersistVote = "persist-vote", "§5.2",
        "A server votes at most once per term, even across a restart.";
    /// `current_term` is written to disk. Without it a restarted server reuses a term that is already spent.
    PersistTerm = "persist-term", "§5.1",
        "A term number is never used twice.";
    /// Entries are on disk before they are acknowledged. Without it a power loss takes back what was promised.
    PersistLog = "persist-log", "§5.3",
        "An acknowledged entry survives a power loss.";
    /// A quorum is more than half. Without it half is enough, and two halves need not meet.
    Majority = "majority", "§5.2",
        "Any two quorums share a server.";
    /// Election timeouts are drawn at random. Without it everybody waits equally long and votes split for ever.
    RandomisedTimeout = "randomised-timeout", "§5.2",
        "Servers rarely become candidates at the same moment.";
    /// A new timeout is drawn for every wait. Without it two unlucky equal draws tie again and again.
    RedrawTimeout = "redraw-timeout", "§5.2",
        "A tie between two candidates is resolved by the next draw.";
    /// A server that sees a higher term becomes a follower. Without it the term is adopted and the role kept.
    StepDownOnHigherTerm = "step-down-on-higher-term", "§5.1",
        "A deposed leader stops acting as leader.";
    /// A candidate first asks whether it could win. Without it a server that was cut off returns with a huge term.
    PreVote = "pre-vote", "dissertation §9.6",
        "A server that cannot win an election does not disturb the leader.";
    /// A leader that hears from no quorum steps down. Without it an isolated leader believes for ever.
    CheckQuorum = "check-quorum", "dissertation §6.2",
        "A leader that reaches no quorum steps down within an election timeout.";
    /// Voters that hear a leader refuse candidates. Without it one confused server deposes a healthy leader.
    VoteStickiness = "vote-stickiness", "dissertation §4.2.3",
        "A leader that its followers hear is not deposed.";
    /// Votes go only to logs that are at least as up-to-date. Without it a leader may lack committed entries.
    ElectionRestriction = "election-restriction", "§5.4.1",
        "A leader holds every committed entry.";
    /// A follower appends only after an entry that it shares with the leader. Without it logs mix.
    ConsistencyCheck = "consistency-check", "§5.3",
        "Logs that agree in one entry agree in all before it.";
    /// A refusal names the conflicting term, so the leader skips it whole. Without it `next_index` goes back one by one.
    FastBackup = "fast-backup", "§5.3",
        "A diverged log is repaired with one probe per term, not per entry.";
    /// A follower removes entries only where they conflict. Without it a late, short message cuts the log.
    TruncateOnConflict = "truncate-on-conflict", "§5.3",
        "A delayed message does not remove entries that are already acknowledged.";
    /// A leader counts replicas only for entries of its own term. Without it a committed entry can be overwritten.
    CommitCurrentTermOnly = "commit-current-term-only", "§5.4.2",
        "What is committed stays, whoever leads next.";
    /// A new leader appends a blank entry. Without it older entries stay uncommitted until the next command.
    NoOp = "no-op", "§8",
        "A new leader commits what it inherited without waiting for a client.";
    /// Unacknowledged messages and uncommitted entries are bounded. Without it a slow follower's backlog grows for ever.
    FlowControl = "flow-control", "dissertation §10.2",
        "A slow follower does not make queues grow without bound.";
    /// A leader confirms that it still leads before it answers a read. Without it a deposed leader answers from the past.
    ReadIndex = "read-index", "dissertation §6.4",
        "A read sees every write that was acknowledged before it began.";
    /// Entries after a snapshot are kept where the log agrees with it. Without it acknowledged entries are dropped.
    RetainSuffix = "retain-suffix", "§7",
        "A late snapshot does not remove entries that are already acknowledged.";
    /// A change of several servers goes through C_old,new. Without it old and new majorities need not meet.
    JointConsensus = "joint-consensus", "§6",
        "At no time can two disjoint majorities decide.";
    /// A leader commits an entry of its term before it changes the configuration. Without it two leaders in turn can
    /// change it without knowing of each other.
    NoOpBeforeConfig = "no-op-before-config", "dissertation §4.1",
        "Only one change of the configuration is under way.";
    /// A server votes only once its log has caught up. Without it new servers block commitment, or take lost entries along.
    CatchUpBeforeVote = "catch-up-before-vote", "dissertation §4.2.1",
        "A new server does not weaken the cluster while it catches up.";
    /// A server keeps to its vote. Without it one liar is enough for two leaders: Raft trusts its servers.
    HonestNodes = "honest-nodes", "§5.2",
        "No server votes for two candidates in one term.";
}

/// Which safeguards are on. All, by default.
///
/// ```
/// # use raft_core::{Rule, Rules};
/// let rules = Rules::SAFE.without(Rule::PreVote).without(Rule::NoOp);
/// assert!(rules.has(Rule::Majority) && !rules.has(Rule::PreVote));
/// assert!(rules.off().eq([Rule::PreVote, Rule::NoOp]));
/// assert!(!rules.is_safe());
/// assert!(rules.with(Rule::PreVote).with(Rule::NoOp).is_safe());
/// assert_eq!(format!("{rules:?}"), "all rules but pre-vote, no-op");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rules {
    off: u32,
}

impl Rules {
    /// Raft as it should be.
    pub const SAFE: Self = Self { off: 0 };

    /// Whether `rule` is on.
    pub const fn has(self, rule: Rule) -> bool {
        self.off & (1 << rule as u8) == 0
    }

    /// These rules with `rule` switched off.
    #[must_use]
    pub const fn without(self, rule: Rule) -> Self {
        Self { off: self.off | (1 << rule as u8) }
    }

    /// These rules with `rule` switched on.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self { off: self.off & !(1 << rule as u8) }
    }

    /// Whether this is unmodified Raft.
    pub const fn is_safe(self) -> bool {
        self.off == 0
    }

    /// The rules that are off, in the order of [`Rule::ALL`].
    pub fn off(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().copied().filter(move |&rule| !self.has(rule))
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::SAFE
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all rules")?;
        self.off().enumerate().try_for_each(|(i, rule)| {
            f.write_str(if i == 0 { " but " } else { ", " })?;
            f.write_str(rule.name())
        })
    }
}

impl core::str::FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, UnknownRule> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name).ok_or(UnknownRule)
    }
}

/// No rule has this name.
///
/// ```
/// # use raft_core::{Rule, UnknownRule};
/// assert_eq!("no-op".parse(), Ok(Rule::NoOp));
/// assert_eq!("no-opp".parse::<Rule>(), Err(UnknownRule));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no rule has this name; see Rule::ALL for the names")]
pub struct UnknownRule;

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: switches are independent, and names find their rule again.
    #[test]
    fn each_switch_moves_alone() {
        for &rule in Rule::ALL {
            let rules = Rules::SAFE.without(rule);
            assert!(!rules.is_safe());
            assert!(rules.off().eq([rule]));
            assert_eq!(rules.with(rule), Rules::SAFE);
            assert_eq!(rule.name().parse(), Ok(rule));
        }
    }
}

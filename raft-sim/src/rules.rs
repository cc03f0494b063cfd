//! What can be switched off: the safeguards of Raft, and those of the servers around it.

use raft_core::{Rule, Rules};
use serde::Serialize;
use serde_json::Value;

use crate::document::FromJson;
use crate::error::{ErrorCode, SimError};

/// A habit of the servers around Raft. Without it Raft is still Raft, only slower or less available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorldRule {
    /// A snapshot shows the state of the moment in which it began, and the server goes on meanwhile (§7). Without it the
    /// server does nothing else until it is taken.
    CopyOnWrite,
    /// Writes that wait for the disk share one sync (dissertation §10.2). Without it each has its own, one after the other.
    GroupCommit,
    /// A command that a client repeats is carried out once, because the state machine remembers the client's last one
    /// (dissertation §6.3). Without it every copy in the log is carried out.
    ClientSessions,
    /// A server answers a session read only once it has applied what the client has seen elsewhere. Without it the client
    /// may see an older state than before.
    SessionGuarantee,
}

impl WorldRule {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::CopyOnWrite, Self::GroupCommit, Self::ClientSessions, Self::SessionGuarantee];

    /// The name: `copy-on-write`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CopyOnWrite => "copy-on-write",
            Self::GroupCommit => "group-commit",
            Self::ClientSessions => "client-sessions",
            Self::SessionGuarantee => "session-guarantee",
        }
    }

    /// Where the rule comes from.
    pub const fn section(self) -> &'static str {
        match self {
            Self::CopyOnWrite => "§7",
            Self::GroupCommit => "dissertation §10.2",
            Self::ClientSessions => "dissertation §6.3",
            Self::SessionGuarantee => "ZooKeeper (Hunt et al. 2010) §2.3",
        }
    }

    /// What the rule protects, in one sentence.
    pub const fn protects(self) -> &'static str {
        match self {
            Self::CopyOnWrite => "A server that takes a snapshot goes on answering.",
            Self::GroupCommit => "A slow disk does not make every entry wait for all before it.",
            Self::ClientSessions => "A command that a client repeats is carried out once.",
            Self::SessionGuarantee => "What a client reads never goes back, whichever server it asks.",
        }
    }
}

macro_rules! rule_names {
    (raft: $($rule:ident),*; world: $($world:ident),*;) => {
        /// The name of a rule in JSON, of either kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "ts", derive(tsify::Tsify))]
        #[serde(rename_all = "camelCase")]
        #[allow(missing_docs, reason = "the variants are documented where the rules are")]
        pub enum RuleName { $($rule,)* $($world,)* }

        impl RuleName {
            /// All of them, those of Raft first.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)* $(Self::$world,)*];

            /// The rule of Raft, or else that of the world.
            pub const fn rule(self) -> Result<Rule, WorldRule> {
                match self {
                    $(Self::$rule => Ok(Rule::$rule),)*
                    $(Self::$world => Err(WorldRule::$world),)*
                }
            }
        }

        impl From<Rule> for RuleName {
            fn from(rule: Rule) -> Self {
                match rule { $(Rule::$rule => Self::$rule,)* }
            }
        }

        impl From<WorldRule> for RuleName {
            fn from(rule: WorldRule) -> Self {
                match rule { $(WorldRule::$world => Self::$world,)* }
            }
        }
    };
}

rule_names!(
    raft: PersistVote, PersistTerm, PersistLog, Majority, RandomisedTimeout, RedrawTimeout, StepDownOnHigherTerm, PreVote,
        CheckQuorum, VoteStickiness, ElectionRestriction, ConsistencyCheck, FastBackup, TruncateOnConflict,
        CommitCurrentTermOnly, NoOp, FlowControl, ReadIndex, RetainSuffix, JointConsensus, NoOpBeforeConfig,
        CatchUpBeforeVote, HonestNodes;
    world: CopyOnWrite, GroupCommit, ClientSessions, SessionGuarantee;
);

impl RuleName {
    /// The name in words joined by hyphens: `no-op`.
    pub const fn name(self) -> &'static str {
        match self.rule() {
            Ok(rule) => rule.name(),
            Err(rule) => rule.name(),
        }
    }

    /// Where the rule comes from.
    pub const fn section(self) -> &'static str {
        match self.rule() {
            Ok(rule) => rule.section(),
            Err(rule) => rule.section(),
        }
    }

    /// What the rule protects, in one sentence.
    pub const fn protects(self) -> &'static str {
        match self.rule() {
            Ok(rule) => rule.protects(),
            Err(rule) => rule.protects(),
        }
    }
}

/// Which rules of both kinds are on. All, by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleSet {
    /// The safeguards of Raft.
    pub raft: Rules,
    // One bit for each rule of the world that is off.
    world_off: u8,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self { raft: Rules::SAFE, world_off: 0 }
    }
}

impl RuleSet {
    /// Whether a rule is on.
    pub fn has(self, rule: impl Into<RuleName>) -> bool {
        match rule.into().rule() {
            Ok(rule) => self.raft.has(rule),
            Err(rule) => self.world_off & (1 << rule as u8) == 0,
        }
    }

    /// These rules with one switched on or off.
    #[must_use]
    pub fn set(mut self, rule: RuleName, on: bool) -> Self {
        match rule.rule() {
            Ok(rule) => self.raft = if on { self.raft.with(rule) } else { self.raft.without(rule) },
            Err(rule) if on => self.world_off &= !(1 << rule as u8),
            Err(rule) => self.world_off |= 1 << rule as u8,
        }
        self
    }

    /// The rules that are off.
    pub fn off(self) -> impl Iterator<Item = RuleName> {
        RuleName::ALL.iter().copied().filter(move |&rule| !self.has(rule))
    }
}

impl FromJson for RuleName {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let name = value.as_str().unwrap_or_default();
        Self::ALL.iter().copied().find(|rule| camel_case(rule.name()) == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|rule| camel_case(rule.name())).collect();
            let message = format!("{value} is no rule; the rules are {}", known.join(", "));
            SimError::new(ErrorCode::UnknownRule, message)
        })
    }
}

fn camel_case(kebab: &str) -> String {
    let mut words = kebab.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let (head, tail) = word.split_at(1);
        name.push_str(&head.to_ascii_uppercase());
        name.push_str(tail);
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: rules of both kinds move alone, and every name is the one that JSON shows.
    #[test]
    fn each_switch_moves_alone() {
        assert_eq!(RuleName::ALL.len(), Rule::ALL.len() + WorldRule::ALL.len());
        for &name in RuleName::ALL {
            let rules = RuleSet::default().set(name, false);
            assert!(rules.off().eq([name]));
            assert_eq!(rules.raft.is_safe(), name.rule().is_err(), "only a rule of Raft modifies Raft");
            assert_eq!(rules.set(name, true), RuleSet::default());
            let json = serde_json::to_value(name).expect("a name is a string");
            assert_eq!(RuleName::from_json(&json), Ok(name));
        }
    }
}

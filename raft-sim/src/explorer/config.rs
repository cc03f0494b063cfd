//! What is explored, as data.

use litemap::LiteMap;

use raft_core::Rule;
use serde::Serialize;
use serde_json::Value;

use crate::action::{Action, Membership, ReadName};
use crate::checker::Invariant;
use crate::config::{ClusterConfig, NetworkConfig, OptionsConfig, SwitchedRules};
use crate::document::{self, FromJson, Object, invalid};
use crate::error::{ErrorCode, SimError};
use crate::limits::{
    MAX_EXPLORED_BUDGET, MAX_EXPLORED_SERVERS, MAX_EXPLORED_START, MAX_EXPLORED_STATES, MAX_SCENARIO_BYTES,
};
use crate::rules::{RuleName, RuleSet};

/// Rules about time. Nobody's time runs in an exploration: an election may come at any moment, which is more than any timer
/// would do, and so these rules are off unless they are switched on.
const ABOUT_TIME: [Rule; 4] = [Rule::RandomisedTimeout, Rule::PreVote, Rule::VoteStickiness, Rule::CheckQuorum];

/// I36 is about runs. I28 cannot be broken alone: servers tell clients only of what they have applied, and so a later leader
/// without it breaks I4, and another entry in its place I15.
const NOT_JUDGED: [Invariant; 2] = [Invariant::AckedDurability, Invariant::RestartEquivalence];

/// What is explored: a cluster, what may happen to it and how often, and what counts as a find.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ExplorerConfig {
    /// Number of servers that vote from the start, numbered from 1. With the spares at most 5.
    pub servers: usize,
    /// Number of servers besides, that belong to no cluster until they are added to one.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub spares: usize,
    /// Rules that are switched. Off by default are those about time: `randomised-timeout`, `pre-vote`, `vote-stickiness`
    /// and `check-quorum`.
    #[cfg_attr(feature = "ts", tsify(optional, type = "Partial<Record<RuleName, boolean>>"))]
    pub rules: LiteMap<RuleName, bool>,
    /// How often things may happen, and how large a state may become.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub bounds: Bounds,
    /// The changes of membership that may be asked of a leader.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub changes: Vec<Membership>,
    /// Disks take their time: the end of a sync is a thing that happens, and a crash before it loses what was written.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub slow_disks: bool,
    /// How reads are answered: `readIndex`, which is the default, or `lease`. No time passes here, so no lease runs out, and a
    /// server that has heard a leader protects it for ever, if the rule `vote-stickiness` is switched on.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub reads: ReadName,
    /// States that differ only in the names of servers count as one. On by default.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub symmetry: bool,
    /// Replies of terms that their receiver knows to be over are lost at once: they would be ignored whenever they came.
    /// On by default; has no effect with slow disks or without `persist-term`, where a term may come back.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub drop_stale: bool,
    /// The invariants that are looked at, by number (`I4`). By default all that [can be](crate::Explorer#what-is-judged).
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub invariants: Vec<String>,
    /// What happens first, and is not counted.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub start: Vec<Opening>,
}

/// One line of what happens before the exploration begins.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(untagged)]
pub enum Opening {
    /// Something is done: a timeout, heartbeat, delivery, drop, duplicate, proposal, read, crash, restart, snapshot, change of
    /// membership or transfer.
    Do(Action),
    /// Messages are delivered, oldest first, and disks finish, until nothing is on its way: `{"settle": true}`. Messages to
    /// crashed servers are lost.
    Settle {
        /// Always true.
        settle: bool,
    },
}

/// How often things may happen (each at most 15 times), and how large a state may become. States beyond are not visited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", default)]
pub struct Bounds {
    /// Election timeouts. Default 2.
    pub timeouts: u32,
    /// Heartbeats. Default 0.
    pub heartbeats: u32,
    /// Commands. Default 1.
    pub proposals: u32,
    /// Linearizable reads, at servers that believe to lead. Default 0.
    pub reads: u32,
    /// Crashes; a crashed server may restart at any time. Default 0.
    pub crashes: u32,
    /// Lost messages. Default 0: a message may just as well travel for ever.
    pub drops: u32,
    /// Duplicated messages. Default 0.
    pub duplicates: u32,
    /// Snapshots. Default 0.
    pub snapshots: u32,
    /// Changes of membership. Default 0.
    pub changes: u32,
    /// Hand-overs of leadership. Default 0.
    pub transfers: u32,
    /// Highest term. Default 255.
    pub terms: u32,
    /// Longest log, the part under a snapshot included. Default 255.
    pub entries: u32,
    /// Most messages in flight. Default 255.
    pub messages: u32,
    /// Most steps from the start. Default: as many as there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub depth: Option<u32>,
    /// Most states that are found, up to a block. Default and at most 50,000,000.
    pub states: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            timeouts: 2,
            heartbeats: 0,
            proposals: 1,
            reads: 0,
            crashes: 0,
            drops: 0,
            duplicates: 0,
            snapshots: 0,
            changes: 0,
            transfers: 0,
            terms: u8::MAX.into(),
            entries: u8::MAX.into(),
            messages: u8::MAX.into(),
            depth: None,
            states: MAX_EXPLORED_STATES,
        }
    }
}

impl Bounds {
    /// The bounds of what is counted, by name, in the order of [`super::moves::Count`].
    pub(super) const fn counts(&self) -> [(&'static str, u32); 10] {
        [
            ("timeouts", self.timeouts),
            ("heartbeats", self.heartbeats),
            ("proposals", self.proposals),
            ("reads", self.reads),
            ("crashes", self.crashes),
            ("drops", self.drops),
            ("duplicates", self.duplicates),
            ("snapshots", self.snapshots),
            ("changes", self.changes),
            ("transfers", self.transfers),
        ]
    }
}

impl ExplorerConfig {
    /// A cluster of `servers` with the default bounds.
    pub fn of(servers: usize) -> Self {
        Self {
            servers,
            spares: 0,
            rules: LiteMap::new(),
            bounds: Bounds::default(),
            changes: Vec::new(),
            slow_disks: false,
            reads: ReadName::ReadIndex,
            symmetry: true,
            drop_stale: true,
            invariants: Vec::new(),
            start: Vec::new(),
        }
    }

    /// The same with a rule switched off.
    #[must_use]
    pub fn without(mut self, rule: impl Into<RuleName>) -> Self {
        self.rules.insert(rule.into(), false);
        self
    }

    /// Reads a document; errors name the JSON path.
    pub fn parse(json: &str) -> Result<Self, SimError> {
        let config: Self = document::parse(json, MAX_SCENARIO_BYTES)?;
        config.validate()?;
        Ok(config)
    }

    /// Checks every number against its range.
    pub fn validate(&self) -> Result<(), SimError> {
        let refuse = |code, path: &str, message: String| Err(SimError::new(code, message).at(path));
        let total = self.servers.saturating_add(self.spares);
        if self.servers == 0 || total > MAX_EXPLORED_SERVERS {
            let message = format!("1 to {MAX_EXPLORED_SERVERS} servers can be explored, spares included, not {total}");
            return refuse(ErrorCode::TooManyServers, "servers", message);
        }
        for (name, count) in self.bounds.counts() {
            if count > MAX_EXPLORED_BUDGET {
                let message = format!("at most {MAX_EXPLORED_BUDGET} can be counted, not {count}");
                return refuse(ErrorCode::OutOfRange, &format!("bounds.{name}"), message);
            }
        }
        let (terms, entries, messages) = (self.bounds.terms, self.bounds.entries, self.bounds.messages);
        for (name, size) in [("terms", terms), ("entries", entries), ("messages", messages)] {
            if size > u8::MAX.into() {
                return refuse(ErrorCode::OutOfRange, &format!("bounds.{name}"), "at most 255 make sense".into());
            }
        }
        if self.bounds.states > MAX_EXPLORED_STATES {
            let message = format!("at most {MAX_EXPLORED_STATES} states are kept");
            return refuse(ErrorCode::OutOfRange, "bounds.states", message);
        }
        for (number, name) in self.invariants.iter().enumerate() {
            let message = match Invariant::ALL.iter().find(|invariant| invariant.id() == name) {
                None => format!("there is no invariant {name}"),
                Some(known) if NOT_JUDGED.contains(known) => format!("{name} is not judged in an exploration"),
                Some(_) => continue,
            };
            return refuse(ErrorCode::InvalidScenario, &format!("invariants[{number}]"), message);
        }
        if let Some(rule) = self.rules.keys().find(|rule| rule.rule().is_err()) {
            let message =
                "only rules of Raft itself decide what the nodes do; this one belongs to the world around them";
            return refuse(ErrorCode::InvalidScenario, &format!("rules.{}", document_name(*rule)), message.into());
        }
        if self.rule_set().has(Rule::RandomisedTimeout) {
            let message = "no time runs here, so nothing can be drawn".into();
            return refuse(ErrorCode::OutOfRange, "rules.randomisedTimeout", message);
        }
        if !matches!(self.reads, ReadName::ReadIndex | ReadName::Lease) {
            let message = "only linearizable reads can be judged: readIndex or lease";
            return refuse(ErrorCode::InvalidScenario, "reads", message.into());
        }
        if self.start.len() > MAX_EXPLORED_START {
            let message = format!("at most {MAX_EXPLORED_START} lines, not {}", self.start.len());
            return refuse(ErrorCode::TooLarge, "start", message);
        }
        let is_known = |id: &u64| (1..=total as u64).contains(id);
        let named = self.changes.iter().enumerate().map(|(at, change)| (format!("changes[{at}]"), change.servers()));
        let done = self.start.iter().enumerate().filter_map(|(at, line)| match line {
            Opening::Do(action) => Some((format!("start[{at}]"), action.named_servers())),
            Opening::Settle { .. } => None,
        });
        let done = done.map(|(path, named)| (path, named.into_iter().map(|(_, id)| id).collect::<Vec<_>>()));
        for (path, servers) in named.chain(done) {
            if let Some(stranger) = servers.iter().find(|id| !is_known(id)) {
                let message = format!("there is no server {stranger}; they are 1 to {total}");
                return refuse(ErrorCode::UnknownServer, &path, message);
            }
        }
        Ok(())
    }

    /// The rules that are on.
    pub(super) fn rule_set(&self) -> RuleSet {
        let quiet = ABOUT_TIME.iter().fold(RuleSet::default(), |rules, &rule| rules.set(rule.into(), false));
        self.rules.iter().fold(quiet, |rules, (&name, &on)| rules.set(name, on))
    }

    /// The invariants that are looked at.
    pub(super) fn watched(&self) -> Vec<Invariant> {
        let is_watched = |invariant: &Invariant| {
            self.invariants.is_empty() || self.invariants.iter().any(|name| invariant.id() == name)
        };
        let all = Invariant::ALL.iter().copied().filter(|invariant| !NOT_JUDGED.contains(invariant));
        all.filter(is_watched).collect()
    }

    /// The same cluster for a world: messages by hand, and timers out of the way.
    pub(super) fn cluster(&self) -> ClusterConfig {
        const NEVER_MS: u32 = 10_000_000;
        let rules = self.rule_set();
        ClusterConfig {
            servers: self.servers,
            spares: self.spares,
            seed: Some(1),
            rules: RuleName::ALL.iter().filter(|&&rule| !rules.has(rule)).map(|&rule| (rule, false)).collect(),
            options: OptionsConfig {
                election_timeout_ms: Some((NEVER_MS, NEVER_MS)),
                heartbeat_ms: Some(NEVER_MS / 4),
                lease_drift_permille: (self.reads == ReadName::Lease).then_some(0),
                ..OptionsConfig::default()
            },
            network: NetworkConfig { manual: true, ..NetworkConfig::default() },
            ..ClusterConfig::default()
        }
    }
}

/// A rule as documents write it.
fn document_name(rule: RuleName) -> String {
    serde_json::to_value(rule).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

impl FromJson for ExplorerConfig {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let config = Self {
            servers: object.required("servers")?,
            spares: object.or("spares", 0)?,
            rules: object.or("rules", SwitchedRules::default())?.0,
            bounds: object.or("bounds", Bounds::default())?,
            changes: object.or("changes", Vec::new())?,
            slow_disks: object.or("slowDisks", false)?,
            reads: object.or("reads", ReadName::ReadIndex)?,
            symmetry: object.or("symmetry", true)?,
            drop_stale: object.or("dropStale", true)?,
            invariants: object.or("invariants", Vec::new())?,
            start: object.or("start", Vec::new())?,
        };
        object.finish()?;
        Ok(config)
    }
}

impl FromJson for Bounds {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let (mut object, default) = (Object::new(value)?, Self::default());
        let bounds = Self {
            timeouts: object.or("timeouts", default.timeouts)?,
            heartbeats: object.or("heartbeats", default.heartbeats)?,
            proposals: object.or("proposals", default.proposals)?,
            reads: object.or("reads", default.reads)?,
            crashes: object.or("crashes", default.crashes)?,
            drops: object.or("drops", default.drops)?,
            duplicates: object.or("duplicates", default.duplicates)?,
            snapshots: object.or("snapshots", default.snapshots)?,
            changes: object.or("changes", default.changes)?,
            transfers: object.or("transfers", default.transfers)?,
            terms: object.or("terms", default.terms)?,
            entries: object.or("entries", default.entries)?,
            messages: object.or("messages", default.messages)?,
            depth: object.optional("depth")?,
            states: object.or("states", default.states)?,
        };
        object.finish()?;
        Ok(bounds)
    }
}

impl FromJson for Opening {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        if value.get("settle").is_none() {
            return Action::from_json(value).map(Self::Do);
        }
        let mut object = Object::new(value)?;
        let settle = object.required("settle")?;
        object.finish()?;
        if settle { Ok(Self::Settle { settle }) } else { Err(invalid("this can only be true").at("settle")) }
    }
}

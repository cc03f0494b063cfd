//! What a run starts from, as data.

use litemap::LiteMap;
use raft_core::{Options, Ticks};
use serde::Serialize;
use serde_json::Value;

use crate::client::{ClientsConfig, LoadConfig};
use crate::contrast::{Design, Unread};
use crate::document::{self, FromJson, Object, invalid};
use crate::error::{ErrorCode, SimError};
use crate::limits::{MAX_SCENARIO_BYTES, MAX_SEED, MAX_SERVERS};
use crate::rules::{RuleName, RuleSet};
use crate::time::Time;

/// A cluster and its world at the start of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ClusterConfig {
    /// Number of servers that vote from the start; they are numbered from 1. At least 1, and with the spares at most 25.
    pub servers: usize,
    /// Number of servers besides: they run with an empty log, belong to no cluster until they are added to one, and are
    /// numbered after the others.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub spares: usize,
    /// How the servers keep copies. Default: by Raft.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "Design | Design['type']"))]
    #[cfg_attr(test, schemars(default, schema_with = "crate::schema::design"))]
    pub design: Design,
    /// Seed of everything random: 0 to 2^53 - 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Rules that are switched; all others are on.
    #[serde(skip_serializing_if = "LiteMap::is_empty")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "Partial<Record<RuleName, boolean>>"))]
    #[cfg_attr(test, schemars(default, with = "std::collections::BTreeMap<RuleName, bool>"))]
    pub rules: LiteMap<RuleName, bool>,
    /// Timing and limits of the servers.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub options: OptionsConfig,
    /// The network.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub network: NetworkConfig,
    /// The disks.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub disk: DiskConfig,
    /// How clients talk to servers.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub clients: ClientsConfig,
    /// What clients ask for by themselves.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub load: LoadConfig,
    /// The checker does not look. Only for measuring what looking costs.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub unchecked: bool,
}

/// Timing and limits of the servers; see [`Options`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct OptionsConfig {
    /// Shortest and longest election timeout in ticks of one millisecond. Default 150 to 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub election_timeout_ms: Option<(u32, u32)>,
    /// Time between heartbeats in ticks of one millisecond. Default 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat_ms: Option<u32>,
    /// Most entries in one AppendEntries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_append_entries: Option<u32>,
    /// Most unacknowledged AppendEntries with entries to one follower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_inflight_messages: Option<u32>,
    /// Most bytes of uncommitted entries at a leader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_uncommitted_bytes: Option<u32>,
    /// Most bytes of a snapshot in one InstallSnapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_snapshot_chunk_bytes: Option<u32>,
    /// Leaders may answer reads from a lease if no two clocks differ by more than this many thousandths. Default: no leases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_drift_permille: Option<u32>,
    /// A server takes a snapshot when it has applied this many entries since the last one. Default: only when asked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compact_every: Option<u32>,
    /// How long it takes to take a snapshot. Default 0.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    #[cfg_attr(test, schemars(default))]
    pub snapshot_ms: Time,
}

/// The network. No fault by default.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, schemars(default))]
pub struct NetworkConfig {
    /// Shortest and longest time that a message travels. A range reorders messages. Default 10 to 20.
    #[cfg_attr(feature = "ts", tsify(optional, type = "[number, number]"))]
    pub latency_ms: (Time, Time),
    /// Messages out of a thousand that are lost.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub loss_permille: u32,
    /// Messages out of a thousand that arrive twice.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub duplicate_permille: u32,
    /// Messages arrive only when they are delivered by hand.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub manual: bool,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { latency_ms: (Time(10_000), Time(20_000)), loss_permille: 0, duplicate_permille: 0, manual: false }
    }
}

/// The disks. Instant by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, schemars(default))]
pub struct DiskConfig {
    /// Time from a write to its being durable. Writes that come meanwhile share the next one.
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub latency_ms: Time,
    /// Longest such time, if it varies: each sync draws its own, from `latencyMs` on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub max_latency_ms: Option<Time>,
}

impl DiskConfig {
    /// Shortest and longest time from a write to its being durable.
    pub(crate) fn range(&self) -> (Time, Time) {
        (self.latency_ms, self.max_latency_ms.unwrap_or(self.latency_ms))
    }
}

impl ClusterConfig {
    /// A cluster of `servers` with everything at its default.
    pub fn of(servers: usize, seed: u64) -> Self {
        Self { servers, seed: Some(seed), ..Self::default() }
    }

    /// The rules that are on.
    pub fn rules(&self) -> RuleSet {
        self.rules.iter().fold(RuleSet::default(), |rules, (&name, &on)| rules.set(name, on))
    }

    /// This cluster with one rule switched off.
    #[must_use]
    pub fn without(mut self, rule: impl Into<RuleName>) -> Self {
        self.rules.insert(rule.into(), false);
        self
    }

    /// Number of servers, spares included.
    pub const fn total(&self) -> usize {
        self.servers.saturating_add(self.spares)
    }

    /// The options of its nodes.
    pub fn options(&self) -> Options {
        let mut options = Options::default();
        let config = &self.options;
        if let Some((min, max)) = config.election_timeout_ms {
            options.election_timeout_min = Ticks(min.into());
            options.election_timeout_max = Ticks(max.into());
        }
        let set = |field: &mut usize, value: Option<u32>| {
            if let Some(value) = value {
                *field = value as usize;
            }
        };
        options.heartbeat_interval = config.heartbeat_ms.map_or(options.heartbeat_interval, |ms| Ticks(ms.into()));
        set(&mut options.max_append_entries, config.max_append_entries);
        set(&mut options.max_inflight_messages, config.max_inflight_messages);
        set(&mut options.max_uncommitted_bytes, config.max_uncommitted_bytes);
        set(&mut options.max_snapshot_chunk_bytes, config.max_snapshot_chunk_bytes);
        options.lease_drift_permille = config.lease_drift_permille;
        options
    }

    /// Checks every number against its range.
    pub fn validate(&self) -> Result<(), SimError> {
        let out_of_range = |path: &str, message: String| Err(SimError::new(ErrorCode::OutOfRange, message).at(path));
        if !(1..=MAX_SERVERS).contains(&self.servers) {
            let message = format!("a cluster has 1 to {MAX_SERVERS} servers, not {}", self.servers);
            return Err(SimError::new(ErrorCode::TooManyServers, message).at("servers"));
        }
        if self.total() > MAX_SERVERS {
            let message = format!("{} servers and {} spares are more than {MAX_SERVERS}", self.servers, self.spares);
            return Err(SimError::new(ErrorCode::TooManyServers, message).at("spares"));
        }
        if self.options.compact_every == Some(0) {
            return out_of_range("options.compactEvery", "a snapshot is taken after at least one entry".into());
        }
        if self.seed.is_some_and(|seed| seed > MAX_SEED) {
            return out_of_range("seed", format!("a seed is at most {MAX_SEED}"));
        }
        if self.network.latency_ms.0 > self.network.latency_ms.1 {
            return out_of_range("network.latencyMs", "the shortest latency is longer than the longest".into());
        }
        if self.disk.range().0 > self.disk.range().1 {
            return out_of_range("disk.maxLatencyMs", "the shortest latency is longer than the longest".into());
        }
        for (path, permille) in [
            ("network.lossPermille", self.network.loss_permille),
            ("network.duplicatePermille", self.network.duplicate_permille),
        ] {
            if permille > 1_000 {
                return out_of_range(path, format!("{permille} out of a thousand is more than all"));
            }
        }
        self.clients.validate()?;
        self.load.validate()?;
        self.design.validate(self.servers).map_err(|error| error.at("design"))?;
        self.options().validate().or_else(|error| out_of_range("options", error.to_string()))
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl ClusterConfig {
    /// Reads a cluster from JSON; errors name the path.
    pub fn parse(json: &str) -> Result<Self, SimError> {
        document::parse(json, MAX_SCENARIO_BYTES)
    }
}

impl FromJson for ClusterConfig {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let servers = object.required("servers")?;
        let design = object.optional::<Unread>("design")?.map_or(Ok(Design::Raft), |design| design.read(servers));
        let config = Self {
            servers,
            design: design.map_err(|error| error.at("design"))?,
            spares: object.or("spares", 0)?,
            seed: object.optional("seed")?,
            rules: object.or("rules", SwitchedRules::default())?.0,
            options: object.or("options", OptionsConfig::default())?,
            network: object.or("network", NetworkConfig::default())?,
            disk: object.or("disk", DiskConfig::default())?,
            clients: object.or("clients", ClientsConfig::default())?,
            load: object.or("load", LoadConfig::default())?,
            unchecked: object.or("unchecked", false)?,
        };
        object.finish()?;
        Ok(config)
    }
}

/// The rules that a document switches.
#[derive(Default)]
pub(crate) struct SwitchedRules(pub(crate) LiteMap<RuleName, bool>);

impl FromJson for SwitchedRules {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let switches = value.as_object().ok_or_else(|| invalid("an object of rule names is needed here"))?;
        let read = |(name, on): (&String, &Value)| {
            let rule = RuleName::from_json(&Value::String(name.clone()))?;
            Ok((rule, bool::from_json(on).map_err(|error| error.at(name))?))
        };
        switches.iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl FromJson for OptionsConfig {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let config = Self {
            election_timeout_ms: object.optional("electionTimeoutMs")?,
            heartbeat_ms: object.optional("heartbeatMs")?,
            max_append_entries: object.optional("maxAppendEntries")?,
            max_inflight_messages: object.optional("maxInflightMessages")?,
            max_uncommitted_bytes: object.optional("maxUncommittedBytes")?,
            max_snapshot_chunk_bytes: object.optional("maxSnapshotChunkBytes")?,
            lease_drift_permille: object.optional("leaseDriftPermille")?,
            compact_every: object.optional("compactEvery")?,
            snapshot_ms: object.or("snapshotMs", Time(0))?,
        };
        object.finish()?;
        Ok(config)
    }
}

impl FromJson for NetworkConfig {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let default = Self::default();
        let config = Self {
            latency_ms: object.or("latencyMs", default.latency_ms)?,
            loss_permille: object.or("lossPermille", default.loss_permille)?,
            duplicate_permille: object.or("duplicatePermille", default.duplicate_permille)?,
            manual: object.or("manual", default.manual)?,
        };
        object.finish()?;
        Ok(config)
    }
}

impl FromJson for DiskConfig {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let config =
            Self { latency_ms: object.or("latencyMs", Time(0))?, max_latency_ms: object.optional("maxLatencyMs")? };
        object.finish()?;
        Ok(config)
    }
}

//! How clients behave and what they ask for, as data.

use serde::Serialize;
use serde_json::Value;

use crate::action::ReadName;
use crate::document::{FromJson, Object, out_of_range};
use crate::error::SimError;
use crate::limits::{MAX_CLIENT_RETRIES, MAX_LOAD_CLIENTS, MAX_LOAD_KEYS, MAX_LOAD_PER_SECOND, MAX_LOAD_WEIGHT};
use crate::time::Time;

/// How clients talk to servers. By default at once: a client finds the leader without a detour and tries nothing twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, schemars(default))]
pub struct ClientsConfig {
    /// Shortest and longest time that a request or an answer travels between a client and a server. From 0 to 0 by default:
    /// a client knows who leads. Otherwise it asks the server that it believes to lead, follows the hint of a server that
    /// refuses, and turns to the next server after a silence.
    #[cfg_attr(feature = "ts", tsify(optional, type = "[number, number]"))]
    pub latency_ms: (Time, Time),
    /// How long a client waits for an answer, redirects included. At least 1 ms. Default 2,000.
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub timeout_ms: Time,
    /// How often a client sends a request again, in the same session, that was lost, refused or not answered in time. At
    /// most 1,000. Default 0: it is told that the outcome is unknown.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub retries: u32,
    /// How long it rests before that; twice as long each time, up to the timeout. Default 50.
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub backoff_ms: Time,
}

impl Default for ClientsConfig {
    fn default() -> Self {
        Self { latency_ms: (Time(0), Time(0)), timeout_ms: Time(2_000_000), retries: 0, backoff_ms: Time(50_000) }
    }
}

impl ClientsConfig {
    /// Whether requests and answers take time.
    pub(crate) const fn is_distant(&self) -> bool {
        self.latency_ms.1.0 > 0
    }

    /// How long a client rests after so many tries in vain. Never nothing, so that no two of them share a moment.
    pub(crate) fn rest(&self, tries: u32) -> Time {
        let longer = self.backoff_ms.0.saturating_mul(1 << tries.min(20));
        Time(longer.min(self.timeout_ms.0).max(Time::TICK_US))
    }

    /// Checks every number against its range.
    pub(crate) fn validate(&self) -> Result<(), SimError> {
        if self.latency_ms.0 > self.latency_ms.1 {
            return out_of_range("clients.latencyMs", "the shortest latency is longer than the longest");
        }
        if self.timeout_ms < Time::of_ticks(1) {
            return out_of_range("clients.timeoutMs", "a client waits at least 1 ms");
        }
        if self.retries > MAX_CLIENT_RETRIES {
            return out_of_range("clients.retries", format!("a client tries again at most {MAX_CLIENT_RETRIES} times"));
        }
        Ok(())
    }
}

/// What clients ask for by themselves. Nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, schemars(default))]
pub struct LoadConfig {
    /// An open loop: so many operations are called per simulated second, answered or not. 0 to 100,000.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub requests_per_second: f64,
    /// A closed loop: so many clients call one operation after the other, the next one when the last has ended. At most
    /// 1,000, and none in an open loop.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub clients: u32,
    /// How long a client of a closed loop waits before its next operation. It calls at most one in a millisecond.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub think_ms: Time,
    /// How often which operation is called. Default: puts alone.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub operations: OperationMix,
    /// Number of keys: 1 to 1,000. Default 8. A key that was appended to 256 times gives way to a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<u32>,
    /// What a server does before it answers a get. Session and local reads ask a server of the client's own, whoever leads.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub read_mode: ReadName,
    /// When it begins.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub start_ms: Time,
    /// When the last operation has been called. Default: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub end_ms: Option<Time>,
}

/// How often which operation is called, as weights: 0 to 1,000,000, at least one of them above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[cfg_attr(test, schemars(default))]
pub struct OperationMix {
    /// Reads of a key.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub get: u32,
    /// Sets a key to a new value.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub put: u32,
    /// Adds a new value to the end.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub append: u32,
    /// Sets a key to a new value if it has the one that a client of the load saw last.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub cas: u32,
    /// Unsets a key.
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub delete: u32,
}

impl Default for OperationMix {
    fn default() -> Self {
        Self { put: 1, ..Self::NONE }
    }
}

impl OperationMix {
    /// Nothing at all, to begin a mix with.
    pub const NONE: Self = Self { get: 0, put: 0, append: 0, cas: 0, delete: 0 };

    pub(crate) const fn weights(self) -> [u32; 5] {
        let Self { get, put, append, cas, delete } = self;
        [get, put, append, cas, delete]
    }
}

impl LoadConfig {
    /// An open loop of puts.
    pub fn open(requests_per_second: f64) -> Self {
        Self { requests_per_second, ..Self::default() }
    }

    /// A closed loop of so many clients.
    pub fn closed(clients: u32, operations: OperationMix) -> Self {
        Self { clients, operations, ..Self::default() }
    }

    /// Whether there is any.
    pub(crate) fn is_any(&self) -> bool {
        self.clients > 0 || self.requests_per_second > 0.0
    }

    /// Whether it is nothing but an open loop of puts.
    pub(crate) fn is_plain(&self) -> bool {
        self.clients == 0 && self.operations == OperationMix::default() && self.keys.is_none()
    }

    /// Whether operations may still be called at a time.
    pub(crate) fn lasts_until(&self, time: Time) -> bool {
        self.end_ms.is_none_or(|end| time <= end)
    }

    /// Checks every number against its range.
    pub(crate) fn validate(&self) -> Result<(), SimError> {
        if !(0.0..=MAX_LOAD_PER_SECOND).contains(&self.requests_per_second) {
            let message = format!("a load is 0 to {MAX_LOAD_PER_SECOND} requests per second");
            return out_of_range("load.requestsPerSecond", message);
        }
        if self.clients > MAX_LOAD_CLIENTS {
            return out_of_range("load.clients", format!("a load has at most {MAX_LOAD_CLIENTS} clients"));
        }
        if self.clients > 0 && self.requests_per_second > 0.0 {
            return out_of_range(
                "load.clients",
                "a load is an open loop (requestsPerSecond) or a closed one (clients)",
            );
        }
        if self.operations.weights().iter().any(|weight| *weight > MAX_LOAD_WEIGHT) {
            return out_of_range("load.operations", format!("a weight is at most {MAX_LOAD_WEIGHT}"));
        }
        if self.operations == OperationMix::NONE {
            return out_of_range("load.operations", "at least one weight is above 0");
        }
        if self.keys.is_some_and(|keys| !(1..=MAX_LOAD_KEYS).contains(&keys)) {
            return out_of_range("load.keys", format!("a load has 1 to {MAX_LOAD_KEYS} keys"));
        }
        if self.end_ms.is_some_and(|end| end < self.start_ms) {
            return out_of_range("load.endMs", "the load ends before it starts");
        }
        Ok(())
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl FromJson for ClientsConfig {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let default = Self::default();
        let config = Self {
            latency_ms: object.or("latencyMs", default.latency_ms)?,
            timeout_ms: object.or("timeoutMs", default.timeout_ms)?,
            retries: object.or("retries", default.retries)?,
            backoff_ms: object.or("backoffMs", default.backoff_ms)?,
        };
        object.finish()?;
        Ok(config)
    }
}

impl FromJson for LoadConfig {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let config = Self {
            requests_per_second: object.or("requestsPerSecond", 0.0)?,
            clients: object.or("clients", 0)?,
            think_ms: object.or("thinkMs", Time(0))?,
            operations: object.or("operations", OperationMix::default())?,
            keys: object.optional("keys")?,
            read_mode: object.or("readMode", ReadName::default())?,
            start_ms: object.or("startMs", Time(0))?,
            end_ms: object.optional("endMs")?,
        };
        object.finish()?;
        Ok(config)
    }
}

impl FromJson for OperationMix {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let mix = Self {
            get: object.or("get", 0)?,
            put: object.or("put", 0)?,
            append: object.or("append", 0)?,
            cas: object.or("cas", 0)?,
            delete: object.or("delete", 0)?,
        };
        object.finish()?;
        Ok(mix)
    }
}
